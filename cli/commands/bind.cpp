#include "cli/commands/command.hpp"

#include <ostream>

namespace troupe::cli {

using model::json;

void add_bind(CLI::App& app, const toolbox_ptr& tools) {
  struct bind_flags : common_flags {
    std::string pod, node;
  };
  auto& command = *app.add_subcommand("bind", "Bind a pending pod to a node by hand");
  auto flags = std::make_shared<bind_flags>();
  add_common(command, *flags, false);
  command.add_option("pod", flags->pod, "The pod: NAME or pod/NAME")->required();
  command.add_option("node", flags->node, "The node: NAME or node/NAME")->required();
  run_as(command, tools, [tools, flags] {
    session s(tools->factory, tools->io, *flags);
    const std::string pod = bare_name(flags->pod), node = bare_name(flags->node);
    const json binding = {{"apiVersion", "v1"},
                          {"kind", "Binding"},
                          {"metadata", {{"name", pod}, {"namespace", s.ns()}}},
                          {"target", {{"apiVersion", "v1"}, {"kind", "Node"}, {"name", node}}}};
    s.send({"POST", path_of(kind_of("pods"), s.ns(), pod, "binding"), binding.dump()});
    s.io().out << "pod/" << pod << " bound to " << node << '\n';
    return 0;
  });
}

}  // namespace troupe::cli
