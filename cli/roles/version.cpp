#include "cli/roles/roles.hpp"

#include <cstdio>

namespace troupe::cli {

void add_version(CLI::App& app) {
  app.add_subcommand("version", "Print the version")->callback([] {
    std::printf("troupe %s (Kubernetes API v1.32)\n", TROUPE_VERSION);
  });
}

}  // namespace troupe::cli
