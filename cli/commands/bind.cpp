#include "cli/commands/command.hpp"

#include <ostream>

namespace troupe::cli {

using model::json;

namespace {

struct bind_flags : common_flags {
  std::string pod, node;
};

struct cordon_flags : common_flags {
  std::vector<std::string> nodes;
};

/// "node1" or "node/node1".
std::string bare_name(const std::string& argument) {
  const auto slash = argument.find('/');
  return slash == std::string::npos ? argument : argument.substr(slash + 1);
}

int cordon(session& s, const std::vector<std::string>& nodes, bool closed) {
  const auto& kind = kind_of("nodes");
  int failed = 0;
  for (const std::string& argument : nodes) {
    const std::string name = bare_name(argument);
    try {
      const json node = s.get(path_of(kind, "", name));
      const bool is = model::at(node, {"spec", "unschedulable"}) == true;
      if (is != closed) {
        const json patch = {{"spec", {{"unschedulable", closed ? json(true) : json()}}}};
        s.send({"PATCH", path_of(kind, "", name), patch.dump(),
                "application/strategic-merge-patch+json"});
      }
      s.io().out << "node/" << name << (is == closed ? " already " : " ")
                 << (closed ? "cordoned\n" : "uncordoned\n");
    } catch (const command_failure& e) {
      s.io().err << e.what() << '\n';
      failed = 1;
    }
  }
  return failed;
}

}  // namespace

void add_bind(CLI::App& app, const toolbox_ptr& tools) {
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

void add_cordon(CLI::App& app, const toolbox_ptr& tools) {
  for (const bool closed : {true, false}) {
    auto& command = *app.add_subcommand(
        closed ? "cordon" : "uncordon",
        closed ? "Mark nodes as taking no new pods" : "Mark nodes as taking pods again");
    auto flags = std::make_shared<cordon_flags>();
    add_common(command, *flags, false);
    command.add_option("nodes", flags->nodes, "The nodes")->required();
    run_as(command, tools, [tools, flags, closed] {
      session s(tools->factory, tools->io, *flags);
      return cordon(s, flags->nodes, closed);
    });
  }
}

}  // namespace troupe::cli
