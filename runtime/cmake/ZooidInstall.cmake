#   `cmake --install`: headers, libraries, the command, and what other projects find them by. Modules install themselves
#   (zooid_add_actor). Nothing in it names the place of installation: it can be moved as a whole.
include (CMakePackageConfigHelpers)

set (ZOOID_PACKAGE_DIR "${CMAKE_INSTALL_LIBDIR}/cmake/zooid")

install (TARGETS zooid RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}")
install (TARGETS zooid_core zooid_node EXPORT zooidTargets LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}")
install (EXPORT zooidTargets NAMESPACE zooid:: DESTINATION "${ZOOID_PACKAGE_DIR}")
install (DIRECTORY "${CMAKE_CURRENT_LIST_DIR}/../include/zooid" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" FILES_MATCHING PATTERN "*.h")

configure_package_config_file ("${CMAKE_CURRENT_LIST_DIR}/zooidConfig.cmake.in" "${CMAKE_CURRENT_BINARY_DIR}/zooidConfig.cmake"
    INSTALL_DESTINATION "${ZOOID_PACKAGE_DIR}")
write_basic_package_version_file ("${CMAKE_CURRENT_BINARY_DIR}/zooidConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install (FILES "${CMAKE_CURRENT_BINARY_DIR}/zooidConfig.cmake" "${CMAKE_CURRENT_BINARY_DIR}/zooidConfigVersion.cmake"
    "${CMAKE_CURRENT_LIST_DIR}/ZooidModule.cmake" DESTINATION "${ZOOID_PACKAGE_DIR}")

file (RELATIVE_PATH ZOOID_PREFIX_FROM_PC "/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/")
string (REGEX REPLACE "/$" "" ZOOID_PREFIX_FROM_PC "${ZOOID_PREFIX_FROM_PC}")
configure_file ("${CMAKE_CURRENT_LIST_DIR}/zooid.pc.in" "${CMAKE_CURRENT_BINARY_DIR}/zooid.pc" @ONLY)
install (FILES "${CMAKE_CURRENT_BINARY_DIR}/zooid.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
