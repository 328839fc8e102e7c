# The CRI client's messages and stubs, generated from our own subset of the CRI definition (net/cri/runtime.proto).
if(NOT TARGET troupe_cri_proto)
  find_package(Protobuf REQUIRED)
  pkg_check_modules(grpc REQUIRED IMPORTED_TARGET grpc++)
  # Its -DNOMINMAX is for Windows, and would keep its users from the precompiled headers.
  set_target_properties(PkgConfig::grpc PROPERTIES INTERFACE_COMPILE_OPTIONS "")
  # gRPC comes as fifty shared libraries, which each start of the binary would have to find and relocate: a quarter of the
  # time of `troupe version`. Where the archives are installed they are linked in.
  set(grpc_archives "")
  foreach(library ${grpc_LINK_LIBRARIES} ${Protobuf_LIBRARIES})
    string(REGEX REPLACE "\\.so$" ".a" archive ${library})
    if(library MATCHES "/lib(grpc|gpr|upb|address_sorting|re2|absl_|protobuf)" AND EXISTS ${archive})
      list(APPEND grpc_archives ${archive})
    else()
      list(APPEND grpc_archives ${library})
    endif()
  endforeach()
  set_target_properties(PkgConfig::grpc PROPERTIES INTERFACE_LINK_LIBRARIES
    "-Wl,--start-group;${grpc_archives};-Wl,--end-group")
  find_program(GRPC_CPP_PLUGIN grpc_cpp_plugin REQUIRED)
  set(cri_proto ${CMAKE_SOURCE_DIR}/net/cri/runtime.proto)
  set(cri_out ${CMAKE_BINARY_DIR}/generated/net/cri)
  file(MAKE_DIRECTORY ${cri_out})
  add_custom_command(
    OUTPUT ${cri_out}/runtime.pb.cc ${cri_out}/runtime.pb.h ${cri_out}/runtime.grpc.pb.cc ${cri_out}/runtime.grpc.pb.h
    COMMAND protobuf::protoc --proto_path=${CMAKE_SOURCE_DIR}/net/cri --cpp_out=${cri_out} --grpc_out=${cri_out}
            --plugin=protoc-gen-grpc=${GRPC_CPP_PLUGIN} ${cri_proto}
    DEPENDS ${cri_proto} VERBATIM)
  add_library(troupe_cri_proto STATIC ${cri_out}/runtime.pb.cc ${cri_out}/runtime.grpc.pb.cc)
  target_include_directories(troupe_cri_proto SYSTEM PUBLIC ${CMAKE_BINARY_DIR}/generated ${cri_out})
  target_compile_options(troupe_cri_proto PRIVATE -w $<$<CONFIG:Release>:-O1>)
  target_link_libraries(troupe_cri_proto PUBLIC PkgConfig::grpc)
  target_include_directories(troupe_cri_proto SYSTEM PUBLIC ${Protobuf_INCLUDE_DIRS})
endif()
