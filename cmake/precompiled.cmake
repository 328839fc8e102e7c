# Precompiled headers: what nearly every file includes is parsed once, by what a target is made of. JSON alone is two of
# the three seconds of a small file. A set is compiled by one target and shared by all that name it.
set(troupe_value_headers <algorithm> <array> <charconv> <chrono> <cstdint> <functional> <map> <memory> <optional> <set>
  <span> <string> <string_view> <unordered_map> <utility> <variant> <vector> <nlohmann/json.hpp>)

set(troupe_library_versions "")
foreach(header ${CAF_INCLUDE_DIR}/caf/config.hpp /usr/include/nlohmann/json.hpp /usr/include/gtest/gtest.h)
  if(EXISTS ${header})
    file(SHA256 ${header} digest)
    list(APPEND troupe_library_versions ${digest})
  endif()
endforeach()

# troupe_precompile(name LINK libs... HEADERS headers...): the set NAME.
function(troupe_precompile name)
  cmake_parse_arguments(PCH "" "" "LINK;HEADERS" ${ARGN})
  # CONFIGURE leaves a file alone that would become the same: writing it would have everything built again.
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/precompiled/${name}.cpp CONTENT "" @ONLY)
  add_library(troupe_precompiled_${name} OBJECT ${CMAKE_BINARY_DIR}/precompiled/${name}.cpp)
  target_link_libraries(troupe_precompiled_${name} PRIVATE ${PCH_LINK})
  if(name MATCHES tests)
    target_compile_options(troupe_precompiled_${name} PRIVATE -O0)  # as in tests/CMakeLists.txt
  endif()
  target_precompile_headers(troupe_precompiled_${name} PRIVATE ${PCH_HEADERS})
  # Without this ccache would read the whole 100 to 200 MB for every file that it compiles or finds: what the set was
  # made of stands for it.
  file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/CMakeFiles/troupe_precompiled_${name}.dir/cmake_pch.hxx.gch.sum @ONLY
    CONTENT "${PCH_HEADERS} ${CMAKE_CXX_COMPILER_VERSION} ${CMAKE_BUILD_TYPE} ${TROUPE_SANITIZE} ${troupe_library_versions}")
endfunction()

troupe_precompile(values LINK nlohmann_json::nlohmann_json HEADERS ${troupe_value_headers})
troupe_precompile(actors LINK nlohmann_json::nlohmann_json caf::io
  HEADERS ${troupe_value_headers} <caf/all.hpp>)
troupe_precompile(value_tests LINK nlohmann_json::nlohmann_json GTest::gmock
  HEADERS ${troupe_value_headers} <gmock/gmock.h> <gtest/gtest.h>)
troupe_precompile(actor_tests LINK nlohmann_json::nlohmann_json GTest::gmock caf::io
  HEADERS ${troupe_value_headers} <gmock/gmock.h> <gtest/gtest.h> <caf/all.hpp> <caf/scheduler/test_coordinator.hpp>)

# troupe_use_precompiled(target values|actors|value_tests|actor_tests)
function(troupe_use_precompiled target name)
  target_precompile_headers(${target} REUSE_FROM troupe_precompiled_${name})
endfunction()
