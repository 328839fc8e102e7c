#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

/// What a file of tests/fuzz defines: one parser, fed with anything.
void fuzz(std::string_view input);
/// Inputs to begin with, of every form the parser knows.
std::vector<std::string> seeds();

/// Ends the run, as a crash would, when a promise of the parser is broken.
inline void require(bool kept, const char* broken) {
  if (kept) return;
  std::fprintf(stderr, "broken: %s\n", broken);
  std::abort();
}
