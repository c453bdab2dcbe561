# cmake -DCMAKE_TOOLCHAIN_FILE=cmake/aarch64.cmake -DIUF_SYSROOT=FOLDER: builds for aarch64 with Debian's cross compiler
# and the libraries that cmake/aarch64_sysroot.sh put into the folder. What is built runs under qemu-aarch64.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES IUF_SYSROOT)
if(NOT IS_DIRECTORY "${IUF_SYSROOT}/usr/include")
  message(FATAL_ERROR "IUF_SYSROOT=\"${IUF_SYSROOT}\" holds no libraries: make it with cmake/aarch64_sysroot.sh")
endif()
set(CMAKE_FIND_ROOT_PATH ${IUF_SYSROOT})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
# What the libraries need themselves.
set(libraries ${IUF_SYSROOT}/usr/lib/aarch64-linux-gnu)
string(CONCAT CMAKE_EXE_LINKER_FLAGS_INIT "-Wl,-rpath-link,${libraries}:${libraries}/openblas-openmp:"
  "${IUF_SYSROOT}/lib/aarch64-linux-gnu")
set(CMAKE_SHARED_LINKER_FLAGS_INIT ${CMAKE_EXE_LINKER_FLAGS_INIT})
set(CMAKE_SKIP_RPATH ON)  # the emulator looks below the folder
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64 -L ${IUF_SYSROOT})
