#include "cli/commands/command.hpp"
#include "cli/commands/targets.hpp"
#include "model/json_read.hpp"
#include "model/patch/patch.hpp"

#include <ostream>

namespace troupe::cli {

using model::at;
using model::json;
using model::string_at;

namespace {

constexpr const char* last_applied = "kubectl.kubernetes.io/last-applied-configuration";
constexpr int attempts = 5;  ///< when somebody else writes at the same time

std::string dump(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// The manifest as it is sent: with its namespace, and with itself in the annotation that the next
/// apply compares with.
json annotated(json document, const std::string& ns) {
  if (!ns.empty()) document["metadata"]["namespace"] = ns;
  json& annotations = document["metadata"]["annotations"];
  if (!annotations.is_object()) annotations = json::object();
  annotations.erase(last_applied);
  const std::string text = dump(document) + "\n";
  annotations[last_applied] = text;
  return document;
}

/// What the last apply sent; null for objects that were made otherwise.
json original_of(const json& current) {
  const json& text = at(current, {"metadata", "annotations", last_applied});
  if (!text.is_string()) return nullptr;
  const json out = model::read_json(text.get<std::string>());
  return out.is_discarded() ? json() : out;
}

class applier {
 public:
  applier(session& s, const change_flags& flags) : s_(s), flags_(flags) {}

  void apply(const manifest& m) {
    const auto& kind = kind_of_manifest(s_, m);
    const std::string name = string_at(m.document, {"metadata", "name"});
    if (name.empty())
      throw command_failure("error: error when retrieving current configuration of: \"" + m.source +
                            "\": resource name may not be empty");
    const std::string ns = namespace_of(m, kind, s_, !flags_.ns.empty());
    const json modified = annotated(m.document, ns);
    for (int i = 1;; ++i) {
      try {
        return once(m, kind, ns, name, modified);
      } catch (const command_failure& e) {
        if (e.code != 409 || i == attempts) throw;
      }
    }
  }

 private:
  void once(const manifest& m, const model::kind_info& kind, const std::string& ns,
            const std::string& name, const json& modified) {
    const std::string query =
        std::string("?fieldManager=kubectl-client-side-apply&fieldValidation=Strict") +
        flags_.dry_run_query();
    const auto current = s_.find(path_of(kind, ns, name));
    if (!current && flags_.client_only()) return say(kind, "created", modified);
    if (!current)
      return say(kind, "created",
                 s_.send({"POST", path_of(kind, ns) + query, dump(modified)},
                         "error when creating \"" + m.source + "\""));
    const json original = original_of(*current);
    if (original.is_null())
      warn(s_.io(), "resource " + std::string(kind.plural) + "/" + name + " is missing the " +
                        last_applied +
                        " annotation which is required by troupe apply. It will be patched "
                        "automatically.");
    const json patch =
        kind.type ? model::three_way_strategic_patch(original, modified, *current, *kind.type)
                  : model::three_way_merge_patch(original, modified, *current);
    if (patch.empty()) return say(kind, "unchanged", *current);
    if (flags_.client_only())
      return say(kind, "configured",
                 patched_here(kind.type ? model::strategic_merge_patch(*current, patch, *kind.type)
                                        : model::merge_patch(*current, patch)));
    say(kind, "configured",
        s_.send(
            {"PATCH", path_of(kind, ns, name) + query, dump(patch),
             kind.type ? "application/strategic-merge-patch+json" : "application/merge-patch+json"},
            "error when applying patch:\n" + dump(patch) + "\nfor: \"" + m.source + "\""));
  }

  void say(const model::kind_info& kind, const char* what, const json& object) {
    show_change(s_, flags_, kind, object, what);
  }

  session& s_;
  const change_flags& flags_;
};

}  // namespace

void add_apply(CLI::App& app, const toolbox_ptr& tools) {
  auto& command = *app.add_subcommand("apply", "Make resources be as files say");
  auto flags = std::make_shared<change_flags>();
  add_common(command, *flags, false);
  add_files(command, flags->files);
  add_change_flags(command, *flags);
  run_as(command, tools, [tools, flags] {
    session s(tools->factory, tools->io, *flags);
    applier a(s, *flags);
    return do_each(s, read_manifests(flags->files, s.io()), [&](const manifest& m) { a.apply(m); });
  });
}

}  // namespace troupe::cli
