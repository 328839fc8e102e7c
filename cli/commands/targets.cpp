#include "cli/commands/targets.hpp"

#include "cli/output/object_printer.hpp"
#include "model/api_path.hpp"

#include <ostream>

namespace troupe::cli {

using model::json;
using model::string_at;

namespace {

constexpr const char* nothing_chosen =
    "error: You must provide one or more resources by argument or filename.\n"
    "Example resource specifications include:\n   '-f rsrc.yaml'\n   '--filename=rsrc.json'\n"
    "   '<resource> <name>'\n   '<resource>'";

}  // namespace

void add_selectors(CLI::App& command, target_flags& flags) {
  command.add_option("-l,--selector", flags.labels, "The objects with these labels");
  command.add_option("--field-selector", flags.fields, "The objects with these fields");
  command.add_flag("--all", flags.all, "All objects of the kind in the namespace");
}

std::vector<target> targets_of(session& s, const target_flags& flags) {
  std::vector<target> out;
  if (!flags.files.empty()) {
    for (const manifest& m : read_manifests(flags.files, s.io())) {
      const auto& kind = kind_of_manifest(s, m);
      out.push_back({&kind, namespace_of(m, kind, s, !flags.ns.empty()),
                     string_at(m.document, {"metadata", "name"})});
    }
    return out;
  }
  if (flags.args.empty()) throw command_failure(nothing_chosen);
  for (const selection& w : selections_of(s, flags.args)) {
    if (!w.name.empty()) {
      out.push_back({w.kind, s.ns(), w.name});
      continue;
    }
    if (!flags.all && flags.labels.empty() && flags.fields.empty())
      throw command_failure("error: resource(s) were provided, but no name was specified");
    const std::string list = path_of(*w.kind, s.ns()) +
                             "?labelSelector=" + model::percent_encoded(flags.labels) +
                             "&fieldSelector=" + model::percent_encoded(flags.fields);
    for (const json& o : s.list(list))
      out.push_back(
          {w.kind, string_at(o, {"metadata", "namespace"}), string_at(o, {"metadata", "name"})});
  }
  return out;
}

void add_change_flags(CLI::App& command, change_flags& flags) {
  command.add_option("-o,--output", flags.output, "json, yaml, name, jsonpath=TEMPLATE");
  command
      .add_option("--dry-run", flags.dry_run,
                  "client: show what would be sent; server: let the server try without keeping it")
      ->check(CLI::IsMember({"none", "client", "server"}));
}

void show_change(session& s, const change_flags& flags, const model::kind_info& kind,
                 const json& object, const std::string& what) {
  if (!flags.output.empty()) {
    s.io().out << print_objects(flags.output, {object}, false);
    return;
  }
  s.io().out << display_name(kind, string_at(object, {"metadata", "name"})) << ' ' << what
             << (flags.dry_run == "client"   ? " (dry run)"
                 : flags.dry_run == "server" ? " (server dry run)"
                                             : "")
             << '\n';
}

json patched_here(model::patched result) {
  if (const auto* refused = std::get_if<model::status>(&result))
    throw command_failure("error: " + refused->message);
  return std::get<json>(std::move(result));
}

json send_patch(session& s, const change_flags& flags, const std::string& path, const json& patch,
                const std::string& type, const std::string& manager) {
  return s.send(
      {"PATCH", path + "?fieldManager=" + manager + flags.dry_run_query(),
       patch.dump(-1, ' ', false, json::error_handler_t::replace),
       "application/" + (type == "strategic" ? "strategic-merge" : type) + "-patch+json"});
}

}  // namespace troupe::cli
