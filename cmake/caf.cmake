# Debian's libcaf-dev ships neither a CMake package nor pkg-config files, so the targets are made here.
find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED)
find_path(CAF_INCLUDE_DIR caf/actor_system.hpp REQUIRED)
foreach(component core io openssl)
  find_library(CAF_LIB_${component} caf_${component} REQUIRED)
  add_library(caf::${component} UNKNOWN IMPORTED)
  set_target_properties(caf::${component} PROPERTIES
    IMPORTED_LOCATION "${CAF_LIB_${component}}"
    INTERFACE_INCLUDE_DIRECTORIES "${CAF_INCLUDE_DIR}")
endforeach()
target_link_libraries(caf::core INTERFACE Threads::Threads)
target_link_libraries(caf::io INTERFACE caf::core)
target_link_libraries(caf::openssl INTERFACE caf::io OpenSSL::SSL)
