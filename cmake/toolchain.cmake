# Compiler, linker and sanitizer settings shared by every target.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_CXX_FLAGS_DEBUG "-O0 -g1")
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -DNDEBUG")
add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wno-missing-field-initializers -Werror)

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env
    CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 CCACHE_PCH_EXTSUM=1
    CCACHE_SLOPPINESS=time_macros,pch_defines,include_file_mtime,include_file_ctime ${CCACHE})
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    add_compile_options(-fpch-preprocess)  # ccache sees the precompiled header only so
  endif()
endif()
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()

set(TROUPE_SANITIZE "" CACHE STRING "sanitizers, as -fsanitize takes them")
if(TROUPE_SANITIZE)
  # CAF's headers bind references to null on purpose; -fno-sanitize=null keeps UBSan to our own faults.
  add_compile_options(-fsanitize=${TROUPE_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${TROUPE_SANITIZE})
  if(TROUPE_SANITIZE MATCHES undefined)
    add_compile_options(-fno-sanitize=null -fno-sanitize-recover=undefined)
  endif()
  if(CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    # Instrumented code hides from GCC what has been set; std::regex alone gets dozens of false warnings.
    add_compile_options(-Wno-maybe-uninitialized)
    if(TROUPE_SANITIZE MATCHES thread)
      add_compile_options(-Wno-tsan)  # asio has fences, which ThreadSanitizer does not follow
    endif()
  endif()
endif()

# troupe_exports(target): shared objects with controllers or plugins use the functions of the program that loads them.
function(troupe_exports target)
  set(list ${PROJECT_SOURCE_DIR}/cmake/exported.list)
  target_link_options(${target} PRIVATE LINKER:--dynamic-list=${list})
  set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS ${list})
endfunction()
