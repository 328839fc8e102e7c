// Runs a fuzz target without libFuzzer, so that every build does so: seeds, and mutations of them
// from a fixed seed.
//   NAME [RUNS]      the same inputs each time; prints the input on a crash
// A build with clang and TROUPE_FUZZ=ON links libFuzzer instead, which finds more and has no end.
#include "tests/fuzz/target.hpp"

#include <csignal>
#include <random>
#include <unistd.h>

namespace {

using generator = std::minstd_rand;

// The input under way, for the report of a crash.
std::string current;

extern "C" void report(int signal) {
  constexpr std::string_view what = "\nthe input was:\n";
  // Nothing but write() is safe here, and nothing can be done when it fails.
  if (write(STDERR_FILENO, what.data(), what.size()) < 0) _exit(1);
  if (write(STDERR_FILENO, current.data(), current.size()) < 0) _exit(1);
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

std::size_t below(generator& random, std::size_t bound) {
  return bound == 0 ? 0 : random() % bound;
}

// One change as a parser's enemies make them: bytes flipped, cut, doubled, or spliced in from
// another seed.
void mutate(std::string& text, const std::vector<std::string>& pool, generator& random) {
  static constexpr std::string_view sharp = "{}[]()\",:\\/-+.%&=!\n\t\0\xff 0e9";
  const auto at = below(random, text.size() + 1);
  const auto size = below(random, 8) + 1;
  switch (below(random, 6)) {
    case 0:
      if (at < text.size()) text[at] = static_cast<char>(random());
      break;
    case 1:
      text.insert(at, 1, sharp[below(random, sharp.size())]);
      break;
    case 2:
      text.erase(at, size);
      break;
    case 3:
      text.insert(at, text.substr(at, size * 4));
      break;
    case 4: {
      const auto& other = pool[below(random, pool.size())];
      text.insert(at, other.substr(below(random, other.size()), size * 4));
      break;
    }
    default:
      text.insert(at, std::string(below(random, 200), sharp[below(random, sharp.size())]));
  }
}

}  // namespace

int main(int argc, char** argv) {
  const int runs = argc > 1 ? std::atoi(argv[1]) : 50'000;
  for (const int fatal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL}) std::signal(fatal, report);
  const auto pool = seeds();
  for (const auto& seed : pool) fuzz(current = seed);
  generator random(1);
  for (int i = 0; i < runs; ++i) {
    current = pool[below(random, pool.size())];
    for (auto changes = below(random, 6) + 1; changes > 0; --changes) mutate(current, pool, random);
    fuzz(current);
  }
  std::printf("Done %d runs in all, none broken\n", runs);
}
