# `cmake --install` gives a user's project `find_package(weir)` and the target `weir::weir`: all libraries, and the
# headers under their names in this tree ("operators/pipeline.h").
include(CMakePackageConfigHelpers)

# Headers that include other people's libraries serve our sources only. tests/style holds all others free of them.
set(WEIR_PRIVATE_HEADERS
  connectors/kafka/kafka_admin.h
  connectors/kafka/kafka_client.h
  connectors/kafka/kafka_consumer.h
  connectors/kafka/kafka_errors.h
  connectors/kafka/kafka_group.h
  connectors/kafka/kafka_producer.h
  state/rocksdb_file_system.h
  state/rocksdb_sorted_file.h)

add_library(weir INTERFACE)
target_link_libraries(weir INTERFACE weir_environment)
add_library(weir::weir ALIAS weir)

set(libraries)
get_property(all_libraries GLOBAL PROPERTY WEIR_LIBRARIES)
foreach(library IN LISTS all_libraries)
  get_target_property(folder ${library} SOURCE_DIR)
  if(NOT folder MATCHES "^${PROJECT_SOURCE_DIR}/tests/")
    list(APPEND libraries ${library})
  endif()
endforeach()
install(TARGETS weir ${libraries} EXPORT weir
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT weir)
install(EXPORT weir FILE weir-targets.cmake NAMESPACE weir:: DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/weir
  COMPONENT weir)

set(private)
foreach(header IN LISTS WEIR_PRIVATE_HEADERS)
  list(APPEND private PATTERN ${header} EXCLUDE)
endforeach()
foreach(folder runtime state operators connectors environment)
  install(DIRECTORY ${PROJECT_SOURCE_DIR}/${folder} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/weir COMPONENT weir
    FILES_MATCHING PATTERN "*.h" ${private})
endforeach()

configure_package_config_file(cmake/weir-config.cmake.in ${PROJECT_BINARY_DIR}/weir-config.cmake
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/weir)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/weir-config-version.cmake
  VERSION ${PROJECT_VERSION} COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/weir-config.cmake ${PROJECT_BINARY_DIR}/weir-config-version.cmake
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/weir COMPONENT weir)
