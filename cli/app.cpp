#include "cli/app.hpp"

#include "cli/bench/bench.hpp"
#include "cli/flag_errors.hpp"
#include "cli/help.hpp"
#include "cli/roles/roles.hpp"

namespace troupe::cli {

std::unique_ptr<CLI::App> make_app(client_factory factory, console io) {
  auto app =
      std::make_unique<CLI::App>("A Kubernetes-compatible control plane made of actors.", "troupe");
  app->failure_message(flag_failure);
  add_up(*app);
  add_node(*app);
  add_token(*app);
  add_kubeconfig(*app);
  add_bench(*app);
  add_commands(*app, std::move(factory), std::move(io));
  add_version(*app);
  add_help(*app);
  return app;
}

}  // namespace troupe::cli
