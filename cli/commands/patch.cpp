#include "cli/commands/command.hpp"
#include "cli/commands/targets.hpp"

#include <fstream>
#include <iterator>

namespace troupe::cli {

using model::json;

namespace {

struct patch_flags : change_flags {
  std::string patch, file, subresource;
  std::string type = "strategic";
};

std::string text_of(const patch_flags& flags) {
  if (!flags.patch.empty() && !flags.file.empty())
    throw command_failure("error: cannot specify --patch and --patch-file together");
  if (flags.patch.empty() && flags.file.empty())
    throw command_failure(
        "error: must specify --patch or --patch-file containing the contents of the patch");
  if (flags.file.empty()) return flags.patch;
  std::ifstream in(flags.file, std::ios::binary);
  if (!in)
    throw command_failure("error: unable to read patch file: open " + flags.file +
                          ": no such file or directory");
  return {std::istreambuf_iterator<char>(in), {}};
}

json parse_patch(const std::string& text) {
  auto parsed = model::parse_documents(text);
  if (parsed.size() == 1 && parsed[0]) return std::move(parsed[0].value);
  throw command_failure("error: unable to parse \"" + text + "\": " +
                        (parsed.empty() || parsed[0] ? "one patch is needed" : parsed[0].error));
}

json try_patch(const json& object, const json& patch, const patch_flags& flags,
               const model::kind_info& kind) {
  if (flags.type == "strategic" && !kind.type)
    throw command_failure("error: strategic merge patch is not supported for " +
                          kind.api_version() + ", Kind=" + std::string(kind.kind) +
                          " locally, try --type merge");
  return patched_here(flags.type == "json" ? model::json_patch(object, patch)
                      : flags.type == "merge"
                          ? model::merge_patch(object, patch)
                          : model::strategic_merge_patch(object, patch, *kind.type));
}

int run(session& s, const patch_flags& flags) {
  const json patch = parse_patch(text_of(flags));
  return do_each(s, targets_of(s, flags), [&](const target& t) {
    const std::string path = t.path(flags.subresource);
    const json before = s.get(path);
    const json after = flags.client_only()
                           ? try_patch(before, patch, flags, *t.kind)
                           : send_patch(s, flags, path, patch, flags.type, "kubectl-patch");
    show_change(s, flags, *t.kind, after, before == after ? "patched (no change)" : "patched");
  });
}

}  // namespace

void add_patch(CLI::App& app, const toolbox_ptr& tools) {
  auto& command = *app.add_subcommand("patch", "Change fields of resources");
  auto flags = std::make_shared<patch_flags>();
  add_common(command, *flags, false);
  command.add_option("resources", flags->args, "Kind and name: pod NAME | pod/NAME ...");
  add_files(command, flags->files);
  command.add_option("-p,--patch", flags->patch, "The patch, as JSON or YAML");
  command.add_option("--patch-file", flags->file, "A file with the patch");
  command.add_option("--type", flags->type, "How it is meant: strategic, merge or json")
      ->check(CLI::IsMember({"strategic", "merge", "json"}));
  command.add_option("--subresource", flags->subresource, "Of the subresource: status, scale");
  add_change_flags(command, *flags);
  run_as(command, tools, [tools, flags] {
    session s(tools->factory, tools->io, *flags);
    return run(s, *flags);
  });
}

}  // namespace troupe::cli
