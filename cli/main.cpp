#include "cli/app.hpp"
#include "cli/client/edge_client.hpp"
#include "cli/commands/session.hpp"
#include "cli/completion/candidates.hpp"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <string_view>

// Read by jemalloc before main: an arena a core instead of four. Where the kernel makes huge pages
// of everything, as Debian's does, each arena that is touched is megabytes: 72 MiB idle become 50.
extern "C" const char* malloc_conf;
const char* malloc_conf = "percpu_arena:percpu";

namespace {

// Back to front, as CLI11 wants them; "-o=json" as kubectl's users write it is "-ojson" to CLI11.
std::vector<std::string> arguments(int argc, char** argv) {
  std::vector<std::string> out(argv + 1, argv + argc);
  for (std::string& a : out)
    if (a.size() > 3 && a[0] == '-' && a[1] != '-' && a[2] == '=') a.erase(2, 1);
  std::reverse(out.begin(), out.end());
  return out;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace troupe::cli;
  try {
    const auto app = make_app(connect_to_edge);
    // What the completion scripts call; half a command line is none that could be parsed.
    if (argc > 1 && std::string_view(argv[1]) == "__complete") {
      std::fputs(complete(*app, {argv + 2, argv + argc}, connect_to_edge).text().c_str(), stdout);
      return 0;
    }
    if (argc == 1) {
      std::fputs(app->help().c_str(), stdout);
      return 0;
    }
    try {
      app->parse(arguments(argc, argv));
    } catch (const CLI::ParseError& e) {
      return app->exit(e) == 0 ? 0 : 1;
    }
  } catch (const std::exception& e) {
    auto io = standard_console();
    tell(io, std::string("error: ") + e.what());
    return 1;
  }
  return 0;
}
