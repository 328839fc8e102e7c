#include "cli/commands/command.hpp"
#include "cli/commands/metadata_edit.hpp"
#include "cli/commands/taint_edit.hpp"
#include "cli/commands/targets.hpp"

namespace troupe::cli {

using model::json;

namespace {

struct taint_flags : change_flags {
  bool overwrite = false;
};

void check(const taint_flags& flags) {
  if (flags.args.empty())
    throw command_failure("error: one or more resources must be specified as <resource> <name>");
  if (kind_of(flags.args[0]).resource != "nodes")
    throw command_failure("error: invalid resource type " + flags.args[0] +
                          ", only node types are supported");
  if (flags.all && !flags.labels.empty())
    throw command_failure("error: setting 'all' parameter with a non empty selector is prohibited");
  if (!flags.all && flags.labels.empty() && flags.args.size() < 2)
    throw command_failure(
        "error: at least one resource name must be specified since 'all' parameter is not set");
}

int run(session& s, taint_flags flags) {
  auto [resources, changes] = split_changes(flags.args, "taint", true);
  flags.args = std::move(resources);
  if (!flags.args.empty() && changes.empty())
    throw command_failure("error: at least one taint update is required");
  const auto edit = parse_taint_edit(changes);
  check(flags);
  return do_each(s, targets_of(s, flags), [&](const target& t) {
    json node = s.get(t.path());
    auto [taints, outcome] = edit_taints(edit, node, flags.overwrite);
    // The whole list, and only if nobody else wrote meanwhile: a merge by key alone would keep a
    // key's other effects apart wrongly.
    const json patch = {
        {"metadata",
         {{"resourceVersion", model::string_at(node, {"metadata", "resourceVersion"})}}},
        {"spec", {{"taints", taints.empty() ? json() : taints}}}};
    if (flags.client_only()) {
      node["spec"]["taints"] = taints;
    } else {
      node = send_patch(s, flags, t.path(), patch, "merge", "kubectl-taint");
    }
    show_change(s, flags, *t.kind, node, outcome);
  });
}

}  // namespace

void add_taint(CLI::App& app, const toolbox_ptr& tools) {
  auto& command = *app.add_subcommand("taint", "Set or remove taints of nodes");
  auto flags = std::make_shared<taint_flags>();
  add_common(command, *flags, false);
  command.add_option("resources", flags->args,
                     "node NAME ..., then KEY=VALUE:EFFECT to set and KEY[:EFFECT]- to remove");
  command.add_option("-l,--selector", flags->labels, "The nodes with these labels");
  command.add_flag("--all", flags->all, "All nodes");
  command.add_flag("--overwrite", flags->overwrite, "Replace taints that are there already");
  add_change_flags(command, *flags);
  run_as(command, tools, [tools, flags] {
    session s(tools->factory, tools->io, *flags);
    return run(s, *flags);
  });
}

}  // namespace troupe::cli
