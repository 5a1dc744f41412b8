# How tests become ctest tests. A plain build has one ctest test a gtest case, of the labels given. The others have one a
# program: the adverse build of all of them, labelled `adverse`; a sanitizer build, labelled `sanitizer`, of those that
# are worth it: label unit or contract, and whatever says SANITIZED.
include(GoogleTest)

# Half of what compiling a test took was reading GoogleTest. Every test still includes what it uses.
# (A program, since what is compiled for one differs from what is compiled for a library.)
file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/test_headers.cc CONTENT "int main() {}\n")
add_executable(weir_test_headers EXCLUDE_FROM_ALL ${PROJECT_BINARY_DIR}/test_headers.cc)
target_link_libraries(weir_test_headers PRIVATE weir_flags GTest::gmock)
target_compile_features(weir_test_headers PRIVATE cxx_std_20)
target_compile_options(weir_test_headers PRIVATE -fpch-preprocess)   # ccache asks for it
target_precompile_headers(weir_test_headers PRIVATE <gmock/gmock.h> <gtest/gtest.h>)

# All test programs; what a sanitizer build and the adverse one are built for.
add_custom_target(weir_test_programs)

# Expensive shares start late and problems of the cheap ones are seen early. tools/test runs them in this order, too.
set(WEIR_COST_cheap 4000)
set(WEIR_COST_sanitizer 3000)
set(WEIR_COST_adverse 2500)
set(WEIR_COST_simulation 2000)
set(WEIR_COST_broker 1000)

set(WEIR_SANITIZER_ENVIRONMENT
  "ASAN_OPTIONS=detect_stack_use_after_return=1"
  "LSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/tests/sanitizers/leak.supp:print_suppressions=0"
  "UBSAN_OPTIONS=print_stacktrace=1"
  "TSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/tests/sanitizers/thread.supp:second_deadlock_stack=1")

function(weir_cost_of labels result)
  set(cost ${WEIR_COST_cheap})
  foreach(label sanitizer simulation broker)
    if(label IN_LIST labels)
      set(cost ${WEIR_COST_${label}})
      break()
    endif()
  endforeach()
  set(${result} ${cost} PARENT_SCOPE)
endfunction()

# One test program from all *_test.cc of a folder (recursively):
# weir_tests(name FOLDER dir LABELS l... [SANITIZED] [SINGLE_THREADED] [SLOW_SANITIZED] [MAKES_CLIENTS] [DEPENDS ours...]
#            [LINKS theirs...] [TIMEOUT s] [PROCESSORS n] [FIXTURE ctest-fixture])
# SINGLE_THREADED: nothing in it starts a thread; the thread sanitizer sees it only where WEIR_SANITIZE_ALL is on.
# SLOW_SANITIZED: it takes minutes under a sanitizer, which sees it only where WEIR_SANITIZE_ALL is on.
# MAKES_CLIENTS: of librdkafka, without a broker.
# PROCESSORS: of the 4 slots that tools/test has on two cores; 2 for what keeps a core busy.
function(weir_tests name)
  cmake_parse_arguments(ARG "SANITIZED;SINGLE_THREADED;SLOW_SANITIZED;MAKES_CLIENTS" "FOLDER;TIMEOUT;FIXTURE;PROCESSORS"
    "LABELS;DEPENDS;LINKS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${ARG_FOLDER}/*_test.cc)
  if(NOT sources)
    return()
  endif()
  if(WEIR_SANITIZE AND NOT ARG_SANITIZED AND NOT ARG_LABELS MATCHES "unit|contract")
    return()
  endif()
  # librdkafka is not built with TSan, and starts its threads by a call that TSan does not know: a client ends the process.
  if(WEIR_SANITIZE STREQUAL "thread" AND (ARG_MAKES_CLIENTS OR "broker" IN_LIST ARG_LABELS))
    return()
  endif()
  if(WEIR_SANITIZE STREQUAL "thread" AND ARG_SINGLE_THREADED AND NOT WEIR_SANITIZE_ALL)
    return()
  endif()
  if(WEIR_SANITIZE AND ARG_SLOW_SANITIZED AND NOT WEIR_SANITIZE_ALL)
    return()
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 60)
  endif()
  if(NOT ARG_PROCESSORS)
    set(ARG_PROCESSORS 1)
  endif()
  weir_compile_alone(${sources})
  add_executable(${name} ${sources})
  target_link_libraries(${name} PRIVATE weir_flags ${ARG_DEPENDS} ${ARG_LINKS} GTest::gmock_main)
  target_precompile_headers(${name} REUSE_FROM weir_test_headers)
  # g++ 12 knows no system headers in a precompiled one, and reports these falsely inside std::string.
  target_compile_options(${name} PRIVATE -fpch-preprocess -Wno-stringop-overflow -Wno-array-bounds)
  # A quarter less time to compile, for code that runs for milliseconds. The libraries under test are optimised in full.
  if(ARG_LABELS MATCHES "unit|contract")
    target_compile_options(${name} PRIVATE $<$<CONFIG:Release>:-O1>)
  endif()
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/tests)
  add_dependencies(weir_test_programs ${name})
  if(WEIR_SANITIZE)
    string(REGEX REPLACE ",.*" "" sanitizer "${WEIR_SANITIZE}")
    weir_whole_program(${name} ${sanitizer} sanitizer 300 "${WEIR_SANITIZER_ENVIRONMENT}" "${ARG_FIXTURE}")
    return()
  endif()
  if(WEIR_ADVERSE)
    # What the full lists find, the plain build finds; here a draw must do.
    weir_whole_program(${name} adverse adverse 900 "WEIR_TEST_FULL=0" "${ARG_FIXTURE}")
    return()
  endif()
  weir_cost_of("${ARG_LABELS}" cost)
  gtest_discover_tests(${name} DISCOVERY_TIMEOUT 60 PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT}
    COST ${cost} PROCESSORS ${ARG_PROCESSORS} FIXTURES_REQUIRED "${ARG_FIXTURE}")
endfunction()

function(weir_whole_program name build label timeout environment fixture)
  set(cost ${WEIR_COST_${label}})
  set(slots 2)
  if(fixture)
    # It waits for a broker most of its time: first, and beside the others.
    math(EXPR cost "${cost} + 1")
    set(slots 1)
  endif()
  add_test(NAME "${build}: ${name}" COMMAND ${WEIR_TEST_LAUNCHER} $<TARGET_FILE:${name}> --gtest_brief=1)
  set_tests_properties("${build}: ${name}" PROPERTIES LABELS ${label} COST ${cost} PROCESSORS ${slots}
    TIMEOUT ${timeout} ENVIRONMENT "${environment}" FIXTURES_REQUIRED "${fixture}")
endfunction()

# One ctest test from a Python program below tests/: weir_script_test(name PATH file LABELS l... [ARGUMENTS a...]
# [TIMEOUT s] [PROCESSORS n]). It gets its arguments, nothing else; only the plain build has them.
function(weir_script_test name)
  cmake_parse_arguments(ARG "" "PATH" "" ${ARGN})
  weir_command_test(${name} ${CMAKE_CURRENT_SOURCE_DIR}/${ARG_PATH} ${ARG_UNPARSED_ARGUMENTS})
endfunction()

# The same from one of our programs: weir_program_test(name target LABELS ...).
function(weir_program_test name program)
  weir_command_test(${name} $<TARGET_FILE:${program}> ${ARGN})
endfunction()

function(weir_command_test name command)
  cmake_parse_arguments(ARG "" "TIMEOUT;PROCESSORS" "LABELS;ARGUMENTS" ${ARGN})
  if(WEIR_SANITIZE OR WEIR_ADVERSE)
    return()
  endif()
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 60)
  endif()
  if(NOT ARG_PROCESSORS)
    set(ARG_PROCESSORS 1)
  endif()
  weir_cost_of("${ARG_LABELS}" cost)
  add_test(NAME ${name} COMMAND ${command} ${ARG_ARGUMENTS})
  set_tests_properties(${name} PROPERTIES
    LABELS "${ARG_LABELS}" TIMEOUT ${ARG_TIMEOUT} COST ${cost} PROCESSORS ${ARG_PROCESSORS})
endfunction()
