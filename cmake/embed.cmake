# troupe_embed(target symbol files...): compiles the files' text, one after the other, into `target` as
# extern "C" char SYMBOL_begin[], SYMBOL_end[].
enable_language(ASM)
function(troupe_embed target symbol)
  set(assembly ${CMAKE_CURRENT_BINARY_DIR}/${symbol}.S)
  set(text ".section .rodata\n.global ${symbol}_begin\n.global ${symbol}_end\n${symbol}_begin:\n")
  foreach(file ${ARGN})
    string(APPEND text ".incbin \"${file}\"\n.byte 10\n")
  endforeach()
  string(APPEND text "${symbol}_end:\n.byte 0\n.section .note.GNU-stack,\"\",%progbits\n")
  file(GENERATE OUTPUT ${assembly} CONTENT "${text}")
  set_source_files_properties(${assembly} PROPERTIES GENERATED TRUE OBJECT_DEPENDS "${ARGN}")
  target_sources(${target} PRIVATE ${assembly})
endfunction()
