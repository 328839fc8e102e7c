#include "cli/bench/bench.hpp"
#include "cli/client/edge_client.hpp"
#include "cli/commands/commands.hpp"
#include "cli/flag_errors.hpp"
#include "cli/roles/roles.hpp"

#include <cstdio>
#include <exception>

int main(int argc, char** argv) {
  CLI::App app{"A Kubernetes-compatible control plane made of actors.", "troupe"};
  app.failure_message(troupe::cli::flag_failure);
  troupe::cli::add_commands(app, troupe::cli::connect_to_edge);
  troupe::cli::add_up(app);
  troupe::cli::add_node(app);
  troupe::cli::add_token(app);
  troupe::cli::add_kubeconfig(app);
  troupe::cli::add_version(app);
  troupe::cli::add_bench(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : 1;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "error: %s\n", e.what());
    return 1;
  }
  return 0;
}
