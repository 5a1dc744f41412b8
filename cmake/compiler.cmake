# Flags of every target of ours; warnings are errors.
find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  # Without this it does not cache what uses a precompiled header.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE_PROGRAM})
endif()

add_library(weir_flags INTERFACE)
target_compile_options(weir_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Werror)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 reports these two falsely inside std::string and boost containers at -O2.
  target_compile_options(weir_flags INTERFACE -Wno-restrict -Wno-maybe-uninitialized)
else()
  # librdkafka's macros are such expressions.
  target_compile_options(weir_flags INTERFACE -Wno-gnu-statement-expression-from-macro-expansion)
endif()
target_include_directories(weir_flags INTERFACE $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>)
if(WEIR_MUTANTS)
  target_compile_definitions(weir_flags INTERFACE WEIR_MUTANTS=1)
endif()
if(WEIR_ADVERSE)
  target_compile_definitions(weir_flags INTERFACE WEIR_ADVERSE=1)
endif()
if(WEIR_SANITIZE)
  string(REPLACE "," ";" sanitizers "${WEIR_SANITIZE}")
  foreach(sanitizer IN LISTS sanitizers)
    add_compile_options(-fsanitize=${sanitizer})
    add_link_options(-fsanitize=${sanitizer})
  endforeach()
  # A third of what compiling takes. A null pointer and most objects of a wrong type end the process without them, too, and
  # x86 reads what is not aligned.
  if(NOT WEIR_SANITIZE_ALL)
    add_compile_options(-fno-sanitize=null,alignment,vptr)
  endif()
  # What UBSan finds is a failure, not a remark.
  add_compile_options(-fno-omit-frame-pointer -fno-sanitize-recover=all)
  # TSan cannot follow fences; g++ warns where a header of Boost has one.
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(weir_flags INTERFACE -Wno-tsan)
  endif()
  # TSan of g++ 12 refuses the addresses that newer kernels give to programs, unless they are not drawn at random.
  execute_process(COMMAND setarch --addr-no-randomize true RESULT_VARIABLE refused OUTPUT_QUIET ERROR_QUIET)
  if("thread" IN_LIST sanitizers AND refused EQUAL 0)
    set(WEIR_TEST_LAUNCHER setarch --addr-no-randomize)
  endif()
endif()
if(WEIR_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
