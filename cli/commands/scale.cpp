#include "cli/commands/command.hpp"
#include "cli/commands/targets.hpp"

namespace troupe::cli {

using model::at;
using model::json;

namespace {

struct scale_flags : change_flags {
  int replicas = -1;
  int current = -1;  ///< only if there are so many; -1: any
};

void scale(session& s, const scale_flags& flags, const target& t) {
  if (!t.kind->subresource("scale"))
    throw command_failure("error: " + std::string(t.kind->plural) + " cannot be scaled");
  json scale = s.get(t.path("scale"));
  const json& now = at(scale, {"spec", "replicas"});
  if (flags.current >= 0 && now != flags.current)
    throw command_failure("error: Expected replicas to be " + std::to_string(flags.current) +
                          ", was " + (now.is_null() ? "0" : now.dump()));
  json patch = {{"spec", {{"replicas", flags.replicas}}}};
  if (flags.current >= 0)
    patch["metadata"]["resourceVersion"] = at(scale, {"metadata", "resourceVersion"});
  if (flags.client_only())
    scale = patched_here(model::merge_patch(scale, patch));
  else
    scale = send_patch(s, flags, t.path("scale"), patch, "merge", "kubectl-scale");
  show_change(s, flags, *t.kind, scale, "scaled");
}

}  // namespace

void add_scale(CLI::App& app, const toolbox_ptr& tools) {
  auto& command = *app.add_subcommand("scale", "Set how many replicas there should be");
  auto flags = std::make_shared<scale_flags>();
  add_common(command, *flags, false);
  command.add_option("resources", flags->args, "Kind and name: deployment NAME | statefulset/NAME");
  add_files(command, flags->files);
  add_selectors(command, *flags);
  command.add_option("--replicas", flags->replicas, "How many")
      ->required()
      ->check(CLI::Range(0, 1 << 30));
  command.add_option("--current-replicas", flags->current, "Only if there are so many now");
  add_change_flags(command, *flags);
  run_as(command, tools, [tools, flags] {
    session s(tools->factory, tools->io, *flags);
    return do_each(s, targets_of(s, *flags), [&](const target& t) { scale(s, *flags, t); });
  });
}

}  // namespace troupe::cli
