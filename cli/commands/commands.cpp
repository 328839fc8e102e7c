#include "cli/commands/commands.hpp"

#include "cli/commands/command.hpp"

#include <iostream>
#include <unistd.h>

namespace troupe::cli {

console standard_console() {
  return {std::cin, std::cout, std::cerr, isatty(STDERR_FILENO) == 1};
}

void add_common(CLI::App& command, common_flags& flags, bool all_namespaces) {
  command.add_option("-n,--namespace", flags.ns, "The namespace");
  command.add_option("--kubeconfig", flags.kubeconfig, "The kubeconfig file to connect with");
  if (all_namespaces)
    command.add_flag("-A,--all-namespaces", flags.all_namespaces, "All namespaces");
}

void run_as(CLI::App& command, const toolbox_ptr& tools, std::function<int()> body) {
  command.callback([tools, body = std::move(body)] {
    int code = 1;
    try {
      code = body();
    } catch (const command_failure& f) {
      tools->io.err << f.what() << '\n';
    } catch (const std::exception& e) {
      tools->io.err << "error: " << e.what() << '\n';
    }
    tools->io.out.flush();
    if (code != 0) throw CLI::RuntimeError(code);
  });
}

void add_commands(CLI::App& app, client_factory factory, console io) {
  const auto tools = std::make_shared<toolbox>(toolbox{std::move(factory), std::move(io)});
  // With one command at most, "events" in `get events` is a kind and no second command.
  app.require_subcommand(1);
  add_get(app, tools);
  add_describe(app, tools);
  add_create(app, tools);
  add_apply(app, tools);
  add_delete(app, tools);
  add_logs(app, tools);
  add_bind(app, tools);
  add_cordon(app, tools);
  add_events(app, tools);
  add_completion(app, tools);
}

}  // namespace troupe::cli
