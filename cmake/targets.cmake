# One library a folder: weir_library(name DEPENDS ours... LINKS theirs...)
# compiles every *.cc of the calling folder.
function(weir_library name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LINKS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  if(sources)
    weir_compile_alone(${sources})
    add_library(${name} STATIC ${sources})
    set(scope PUBLIC)
    target_link_libraries(${name} PRIVATE ${ARG_LINKS})
    target_link_libraries(${name} PRIVATE $<BUILD_INTERFACE:weir_flags>)
  else()
    add_library(${name} INTERFACE)
    set(scope INTERFACE)
    target_link_libraries(${name} INTERFACE ${ARG_LINKS})
  endif()
  add_library(weir::${name} ALIAS ${name})
  target_link_libraries(${name} ${scope} ${ARG_DEPENDS} Boost::headers Threads::Threads)
  target_include_directories(${name} ${scope}
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}> $<INSTALL_INTERFACE:include/weir>)
  target_compile_features(${name} ${scope} cxx_std_20)
  set_property(GLOBAL APPEND PROPERTY WEIR_LIBRARIES ${name})
endfunction()

# One program: weir_program(name source... DEPENDS ours... LINKS theirs...)
function(weir_program name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LINKS" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE weir_flags ${ARG_DEPENDS} ${ARG_LINKS})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
endfunction()

# Unity builds (the sanitizer and adverse presets): these sources, or all of a folder, have names of their own scope in
# common with another source of their folder, or are slow enough to be compiled beside it.
set(WEIR_COMPILED_ALONE
  connectors/file/file_connector.cc
  connectors/file/line_buffer.cc
  runtime/engine/engine_checkpoint.cc
  state/rocksdb_sorted_file.cc
  state/run_file.cc
  tests/contract/operators/
  tests/fault/
  tests/integration/
  tests/unit/checkpoint/recovery_plan_test.cc
  tests/unit/checkpoint/retention_test.cc
  tests/unit/engine/test_job_test.cc
  tests/unit/engine/threaded_engine_test.cc
  tests/unit/environment/job_runner_test.cc
  tests/unit/environment/job_time_test.cc
  tests/unit/environment/operator_harness_test.cc
  tests/unit/environment/testing_guide_test.cc
  tests/unit/format/json_decoder_test.cc
  tests/unit/join/
  tests/unit/operators/bad_functions_test.cc
  tests/unit/operators/connect_test.cc
  tests/unit/operators/decimal_aggregates_test.cc
  tests/unit/operators/joins_job_test.cc
  tests/unit/operators/process_test.cc
  tests/unit/operators/process_timers_test.cc
  tests/unit/operators/woken_splits_job_test.cc
  tests/unit/reflect/key_codec_test.cc
  tests/unit/reflect/schema_test.cc
  tests/unit/state/ordered_model_test.cc
  tests/unit/state/other_parallelism_test.cc
  tests/unit/state/slice_model_test.cc
  tests/unit/window/window_results_test.cc)
function(weir_compile_alone)
  foreach(source IN LISTS ARGN)
    file(RELATIVE_PATH path ${PROJECT_SOURCE_DIR} ${source})
    foreach(alone IN LISTS WEIR_COMPILED_ALONE)
      string(FIND ${path} ${alone} at)
      if(at EQUAL 0)
        set_source_files_properties(${source} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
      endif()
    endforeach()
  endforeach()
endfunction()
