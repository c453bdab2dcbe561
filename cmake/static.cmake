# For `make bundle`, where the system has every library as an archive, too (Debian's -dev packages do): iuf_static, the
# program in one file that needs nothing but the kernel, and iuf_portable, libiuf.so for every Linux from glibc 2.28 on.
set(IUF_ARCHIVES)
set(IUF_ARCHIVES_MISSING)
function(iuf_archive name)
  find_library(IUF_ARCHIVE_${name} lib${name}.a PATH_SUFFIXES openblas-openmp openblas-pthread)
  mark_as_advanced(IUF_ARCHIVE_${name})
  if(IUF_ARCHIVE_${name})
    set(IUF_ARCHIVES ${IUF_ARCHIVES} ${IUF_ARCHIVE_${name}} PARENT_SCOPE)
  else()
    set(IUF_ARCHIVES_MISSING ${IUF_ARCHIVES_MISSING} lib${name}.a PARENT_SCOPE)
  endif()
endfunction()
foreach(name lapacke openblas)
  iuf_archive(${name})
endforeach()
if(TIFF::TIFF IN_LIST IUF_FORMAT_LIBRARIES)
  foreach(name tiff Lerc deflate zstd lzma webp)
    iuf_archive(${name})
  endforeach()
elseif(WebP IN_LIST IUF_FORMAT_LIBRARIES)
  iuf_archive(webp)
endif()
foreach(name png jpeg z)
  iuf_archive(${name})
endforeach()
# Of the compiler.
foreach(name gfortran quadmath gomp)
  execute_process(COMMAND ${CMAKE_CXX_COMPILER} -print-file-name=lib${name}.a OUTPUT_VARIABLE archive
    OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(EXISTS "${archive}")
    list(APPEND IUF_ARCHIVES ${archive})
  else()
    list(APPEND IUF_ARCHIVES_MISSING lib${name}.a)
  endif()
endforeach()

if(IUF_ARCHIVES_MISSING OR IUF_SANITIZE)
  message(STATUS "No program in one file: ${IUF_ARCHIVES_MISSING} ${IUF_SANITIZE}")
else()
  add_executable(iuf_static $<TARGET_OBJECTS:iuf>)
  if(TIFF::TIFF IN_LIST IUF_FORMAT_LIBRARIES)
    target_sources(iuf_static PRIVATE ${PROJECT_SOURCE_DIR}/bundle/left_out_jbig.c)
  endif()
  add_dependencies(iuf_static iuf_core iuf_http iuf_no_mqtt)
  set_target_properties(iuf_static PROPERTIES LINKER_LANGUAGE CXX LINK_DEPENDS
    "$<TARGET_FILE:iuf_core>;$<TARGET_FILE:iuf_http>;$<TARGET_FILE:iuf_no_mqtt>")
  target_link_options(iuf_static PRIVATE -static -s -Wl,-Map=iuf_static.map
    $<TARGET_PROPERTY:iuf_core,INTERFACE_LINK_OPTIONS>)
  target_link_libraries(iuf_static PRIVATE $<TARGET_FILE:iuf_http> $<TARGET_FILE:iuf_no_mqtt> $<TARGET_FILE:iuf_core>
    -Wl,--start-group ${IUF_ARCHIVES} -Wl,--end-group)
  # For the licences in the bundle and its bill of materials, beside the map above: archives, and what is headers alone.
  string(REPLACE ";" "\n" archives "${IUF_ARCHIVES}")
  file(CONFIGURE OUTPUT iuf_static.archives CONTENT "${archives}\n")
  set(headers nlohmann/json.hpp CLI/CLI.hpp)
  if(Boost_FOUND)
    list(APPEND headers boost/version.hpp)
  endif()
  set(paths "")
  foreach(header ${headers})
    find_file(IUF_HEADER_${header} ${header} HINTS ${Boost_INCLUDE_DIRS} REQUIRED)
    mark_as_advanced(IUF_HEADER_${header})
    string(APPEND paths "${IUF_HEADER_${header}}\n")
  endforeach()
  file(CONFIGURE OUTPUT iuf_static.headers CONTENT "${paths}")
endif()

if(TARGET iuf_static AND CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64")
  # All inside but glibc, the unwinder, of which a process has one, and OpenMP, whose archive fits into programs alone.
  set(own ${PROJECT_SOURCE_DIR}/bundle/glibc_2.28.S)
  if(TIFF::TIFF IN_LIST IUF_FORMAT_LIBRARIES)
    list(APPEND own ${PROJECT_SOURCE_DIR}/bundle/left_out_jbig.c)
  endif()
  file(STRINGS ${PROJECT_SOURCE_DIR}/bundle/glibc_2.28.S wrapped REGEX "^(__wrap_[a-z_]+:|  (older|status) )")
  list(TRANSFORM wrapped REPLACE "^(__wrap_|  older |  status )([a-z0-9_]+).*" "-Wl,--wrap=\\2")
  set(inside ${IUF_ARCHIVES})
  list(FILTER inside EXCLUDE REGEX "/libgomp\\.a$")
  add_library(iuf_portable SHARED $<TARGET_OBJECTS:iuf_c_api> ${own})
  add_dependencies(iuf_portable iuf_core)
  set_target_properties(iuf_portable PROPERTIES LINKER_LANGUAGE CXX OUTPUT_NAME iuf VERSION ${IUF_ABI}
    SOVERSION ${IUF_ABI} LIBRARY_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/portable
    LINK_DEPENDS "${IUF_C_API}/iuf.map;$<TARGET_FILE:iuf_core>")
  target_link_options(iuf_portable PRIVATE -s -fopenmp -static-libstdc++ ${wrapped} -Wl,-z,nodelete
    -Wl,--gc-sections  # Fortran's input and output, which fits into programs alone and is not used
    -Wl,--version-script=${IUF_C_API}/iuf.map -Wl,--no-undefined
    $<TARGET_PROPERTY:iuf_core,INTERFACE_LINK_OPTIONS>)
  # Before glibc 2.34 threads were a library of their own.
  target_link_libraries(iuf_portable PRIVATE $<TARGET_FILE:iuf_core> -Wl,--start-group ${inside} -Wl,--end-group
    -Wl,--push-state,--no-as-needed -l:libpthread.so.0 -Wl,--pop-state)
endif()
