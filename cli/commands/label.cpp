#include "cli/commands/command.hpp"
#include "cli/commands/metadata_edit.hpp"
#include "cli/commands/targets.hpp"

#include <ostream>

namespace troupe::cli {

using model::at;
using model::json;
using model::string_at;

namespace {

struct edit_flags : change_flags {
  std::string resource_version;
  bool overwrite = false, list = false;
};

void check(const metadata_map& map, const edit_flags& flags, const metadata_edit& edit) {
  if (flags.list && !flags.output.empty())
    throw command_failure("error: --list and --output may not be specified together");
  if (flags.all && !flags.labels.empty())
    throw command_failure("error: cannot set --all and --selector at the same time");
  if (flags.all && !flags.fields.empty())
    throw command_failure("error: cannot set --all and --field-selector at the same time");
  if (flags.args.empty() && flags.files.empty())
    throw command_failure(
        "error: one or more resources must be specified as <resource> <name> or "
        "<resource>/<name>");
  if (edit.set.empty() && edit.remove.empty() && !flags.list)
    throw command_failure("error: at least one " + std::string(map.noun) + " update is required");
}

class editor {
 public:
  editor(session& s, const metadata_map& map, const edit_flags& flags, const metadata_edit& edit)
      : s_(s), map_(map), flags_(flags), edit_(edit) {}

  int run() {
    const auto targets = targets_of(s_, flags_);
    if (targets.size() != 1 && !edit_.resource_version.empty())
      throw command_failure("error: --resource-version may only be used with a single resource");
    return do_each(s_, targets, [&](const target& t) { edit_one(t, targets.size() == 1); });
  }

 private:
  void edit_one(const target& t, bool alone) {
    const json before = s_.get(t.path());
    const json patch = metadata_patch(map_, edit_, before);
    if (flags_.list) return list(patched_here(model::merge_patch(before, patch)), alone);
    if (map_.label && !flags_.client_only())
      for (const auto& key : edit_.remove)
        if (!at(before, {"metadata", map_.field, key}).is_string())
          s_.io().out << map_.noun << " \"" << key << "\" not found.\n";
    json after;
    if (flags_.client_only() || patch.empty()) {
      after = patched_here(model::merge_patch(before, patch));
    } else {
      after =
          send_patch(s_, flags_, t.path(), patch, "merge", std::string("kubectl-") + map_.command);
    }
    show_change(s_, flags_, *t.kind, after, metadata_outcome(map_, edit_, before, after));
  }

  void list(const json& object, bool alone) {
    if (!alone) {
      const std::string version = string_at(object, {"apiVersion"});
      const auto slash = version.find('/');
      s_.io().out << "Listing " << map_.field << " for " << string_at(object, {"kind"}) << '.'
                  << (slash == std::string::npos ? "" : version.substr(0, slash)) << '/'
                  << string_at(object, {"metadata", "name"}) << ":\n";
    }
    const json& values = at(object, {"metadata", map_.field});
    if (!values.is_object()) return;
    for (const auto& [key, value] : values.items())
      s_.io().out << (alone ? "" : " ") << key << '=' << value.get<std::string>() << '\n';
  }

  session& s_;
  const metadata_map& map_;
  const edit_flags& flags_;
  const metadata_edit& edit_;
};

void add_editor(CLI::App& app, const toolbox_ptr& tools, const metadata_map& map,
                const char* help) {
  auto& command = *app.add_subcommand(map.command, help);
  auto flags = std::make_shared<edit_flags>();
  add_common(command, *flags, true);
  command.add_option("resources", flags->args,
                     "Kinds and names, then KEY=VALUE to set and KEY- to remove");
  add_files(command, flags->files);
  add_selectors(command, *flags);
  add_change_flags(command, *flags);
  command.add_flag("--overwrite", flags->overwrite, "Replace values that are there already");
  command.add_flag("--list", flags->list, "Show them");
  command.add_option("--resource-version", flags->resource_version,
                     "Only if this is the object's version");
  run_as(command, tools, [tools, flags, &map] {
    session s(tools->factory, tools->io, *flags);
    auto [resources, changes] = split_changes(flags->args, map.noun);
    edit_flags own = *flags;
    own.args = std::move(resources);
    metadata_edit edit = parse_metadata_edit(map, changes);
    edit.overwrite = flags->overwrite;
    edit.resource_version = flags->resource_version;
    check(map, own, edit);
    return editor(s, map, own, edit).run();
  });
}

}  // namespace

void add_label(CLI::App& app, const toolbox_ptr& tools) {
  add_editor(app, tools, label_map, "Set or remove labels of resources");
  add_editor(app, tools, annotation_map, "Set or remove annotations of resources");
}

}  // namespace troupe::cli
