# libiuf, what programs in C and what can call C use of it, and what `cmake --install` leaves (docs/embedding.md).
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(IUF_C_API ${PROJECT_SOURCE_DIR}/src/c_api)
file(STRINGS ${IUF_C_API}/iuf.h IUF_ABI REGEX "^#define IUF_ABI_VERSION [0-9]+$")
string(REGEX MATCH "[0-9]+$" IUF_ABI "${IUF_ABI}")

# Nothing but iuf_* can be seen from outside, and no unloading: threads wait in the library until the process ends.
add_library(iuf_shared SHARED $<TARGET_OBJECTS:iuf_c_api>)
target_link_libraries(iuf_shared PRIVATE iuf_core)
target_include_directories(iuf_shared INTERFACE $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_link_options(iuf_shared PRIVATE -Wl,--version-script=${IUF_C_API}/iuf.map -Wl,-z,nodelete)
if(NOT IUF_SANITIZE)  # whose runtime the program brings
  target_link_options(iuf_shared PRIVATE -Wl,--no-undefined)
endif()
set_target_properties(iuf_shared PROPERTIES OUTPUT_NAME iuf EXPORT_NAME iuf VERSION ${IUF_ABI} SOVERSION ${IUF_ABI}
  LINK_DEPENDS ${IUF_C_API}/iuf.map)

install(TARGETS iuf_shared EXPORT iuf)
install(FILES ${IUF_C_API}/iuf.h ${IUF_C_API}/iuf.hpp TYPE INCLUDE)
set(IUF_PACKAGE ${CMAKE_INSTALL_LIBDIR}/cmake/iuf)
install(EXPORT iuf NAMESPACE iuf:: FILE iufConfig.cmake DESTINATION ${IUF_PACKAGE})
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/iufConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/iufConfigVersion.cmake DESTINATION ${IUF_PACKAGE})
# Its prefix is where the file lies, so that the installed tree can be moved.
file(RELATIVE_PATH IUF_PC_UP /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(${CMAKE_CURRENT_LIST_DIR}/iuf.pc.in ${CMAKE_CURRENT_BINARY_DIR}/iuf.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/iuf.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

# The program's own help as a manual page and as completions.
function(iuf_help_page option file folder)
  add_custom_command(OUTPUT ${file} COMMAND iuf help ${option} > ${file} DEPENDS iuf VERBATIM)
  set(IUF_HELP_PAGES ${IUF_HELP_PAGES} ${CMAKE_CURRENT_BINARY_DIR}/${file} PARENT_SCOPE)
  install(FILES ${CMAKE_CURRENT_BINARY_DIR}/${file} DESTINATION ${folder} RENAME ${ARGN})
endfunction()
iuf_help_page(--man iuf.1 ${CMAKE_INSTALL_MANDIR}/man1 iuf.1)
iuf_help_page(--bash iuf.bash ${CMAKE_INSTALL_DATADIR}/bash-completion/completions iuf)
iuf_help_page(--zsh iuf.zsh ${CMAKE_INSTALL_DATADIR}/zsh/site-functions _iuf)
add_custom_target(iuf_help_pages ALL DEPENDS ${IUF_HELP_PAGES})

install(FILES ${PROJECT_SOURCE_DIR}/LICENSE ${PROJECT_SOURCE_DIR}/README.md ${PROJECT_SOURCE_DIR}/CHANGELOG.md
  ${PROJECT_SOURCE_DIR}/weights/LICENSE.efficientnet_lite0 DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/docs ${PROJECT_SOURCE_DIR}/examples DESTINATION ${CMAKE_INSTALL_DOCDIR})
