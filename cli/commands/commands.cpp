#include "cli/commands/commands.hpp"

#include "cli/commands/command.hpp"

#include <iostream>
#include <unistd.h>

namespace troupe::cli {

console standard_console() {
  console out{std::cin, std::cout, std::cerr, isatty(STDERR_FILENO) == 1};
  out.out_terminal = isatty(STDOUT_FILENO) == 1;
  out.colour = default_colour();
  return out;
}

void add_common(CLI::App& command, common_flags& flags, bool all_namespaces) {
  command.add_option("-n,--namespace", flags.ns, "The namespace");
  command.add_option("--kubeconfig", flags.kubeconfig, "The kubeconfig file to connect with");
  command.add_option("--color", flags.colour, "Colours: on terminals (auto), always or never")
      ->check(CLI::IsMember({"auto", "always", "never"}));
  if (all_namespaces)
    command.add_flag("-A,--all-namespaces", flags.all_namespaces, "All namespaces");
}

void add_files(CLI::App& command, std::vector<std::string>& files) {
  command.add_option("-f,--filename", files, "Files, directories or -")->allow_extra_args(false);
}

void run_as(CLI::App& command, const toolbox_ptr& tools, std::function<int()> body) {
  command.callback([tools, body = std::move(body)] {
    int code = 1;
    try {
      code = body();
    } catch (const command_failure& f) {
      tell(tools->io, f.what());
    } catch (const std::exception& e) {
      tell(tools->io, std::string("error: ") + e.what());
    }
    tools->io.out.flush();
    if (code != 0) throw CLI::RuntimeError(code);
  });
}

void add_commands(CLI::App& app, client_factory factory, console io) {
  const auto tools = std::make_shared<toolbox>(toolbox{std::move(factory), std::move(io)});
  // With one command at most, "events" in `get events` is a kind and no second command.
  app.require_subcommand(1);
  // In the order of the help.
  for (auto* add : {add_get, add_describe, add_why, add_simulate, add_logs, add_events, add_top,
                    add_api, add_create, add_apply, add_patch, add_label, add_scale, add_delete,
                    add_bind, add_cordon, add_drain, add_taint, add_completion})
    add(app, tools);
}

}  // namespace troupe::cli
