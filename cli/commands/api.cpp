#include "cli/commands/command.hpp"
#include "cli/output/table_printer.hpp"
#include "model/api_path.hpp"
#include "model/describe/explain.hpp"

#include <algorithm>
#include <ostream>

namespace troupe::cli {

using model::at;
using model::json;
using model::string_at;

namespace {

struct resource_row {
  std::string name, short_names, group, api_version, kind, verbs, categories;
  bool namespaced = false;
  std::string full_name() const { return group.empty() ? name : name + "." + group; }
};

struct resources_flags : common_flags {
  std::string output, verbs, categories, sort_by;
  std::optional<bool> namespaced;
  bool no_headers = false;
  std::optional<std::string> only_group;
};

std::string joined(const json& texts) {
  std::string out;
  for (const auto& t : texts) out += (out.empty() ? "" : ",") + t.get<std::string>();
  return out;
}

/// The served versions of each group: the preferred one first.
std::vector<std::string> preferred_versions(session& s) {
  std::vector<std::string> out{"v1"};
  const json listed = s.get("/apis");
  for (const auto& group : at(listed, {"groups"}))
    out.push_back(string_at(group, {"preferredVersion", "groupVersion"}));
  return out;
}

bool holds_all(const std::string& list, const std::string& wanted) {
  for (const auto& word : split(wanted, ','))
    if (("," + list + ",").find("," + word + ",") == std::string::npos) return false;
  return true;
}

bool wanted(const resource_row& row, const resources_flags& flags) {
  return (!flags.namespaced || *flags.namespaced == row.namespaced) &&
         (!flags.only_group || *flags.only_group == row.group) &&
         holds_all(row.verbs, flags.verbs) && holds_all(row.categories, flags.categories);
}

std::vector<resource_row> rows_of(session& s, const resources_flags& flags) {
  std::vector<resource_row> out;
  for (const auto& version : preferred_versions(s)) {
    const auto slash = version.find('/');
    const json listed = s.get(model::version_path(version));
    for (const auto& r : at(listed, {"resources"})) {
      resource_row row{string_at(r, {"name"}),
                       joined(at(r, {"shortNames"})),
                       slash == std::string::npos ? "" : version.substr(0, slash),
                       version,
                       string_at(r, {"kind"}),
                       joined(at(r, {"verbs"})),
                       joined(at(r, {"categories"})),
                       at(r, {"namespaced"}) == true};
      const bool subresource = row.name.find('/') != std::string::npos;
      if (!subresource && wanted(row, flags)) out.push_back(std::move(row));
    }
  }
  std::stable_sort(out.begin(), out.end(), [&](const resource_row& a, const resource_row& b) {
    if (flags.sort_by == "kind") return a.kind < b.kind;
    if (flags.sort_by == "name") return a.name < b.name;
    return std::tie(a.group, a.name) < std::tie(b.group, b.name);
  });
  return out;
}

void print(session& s, const std::vector<resource_row>& rows, const resources_flags& flags) {
  if (flags.output == "name") {
    for (const auto& row : rows) s.io().out << row.full_name() << '\n';
    return;
  }
  const bool wide = flags.output == "wide";
  std::vector<std::vector<std::string>> lines;
  if (!flags.no_headers) {
    lines.push_back({"NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND"});
    if (wide) lines[0].insert(lines[0].end(), {"VERBS", "CATEGORIES"});
  }
  for (const auto& row : rows) {
    lines.push_back(
        {row.name, row.short_names, row.api_version, row.namespaced ? "true" : "false", row.kind});
    if (wide) lines.back().insert(lines.back().end(), {row.verbs, row.categories});
  }
  std::vector<std::size_t> widths;
  s.io().out << aligned(lines, widths);
}

void print_versions(session& s) {
  std::vector<std::string> versions;
  const json core = s.get("/api");
  for (const auto& v : at(core, {"versions"})) versions.push_back(v.get<std::string>());
  const json listed = s.get("/apis");
  for (const auto& group : at(listed, {"groups"}))
    for (const auto& v : at(group, {"versions"}))
      versions.push_back(string_at(v, {"groupVersion"}));
  std::sort(versions.begin(), versions.end());
  for (const auto& v : versions) s.io().out << v << '\n';
}

void explain(session& s, const std::string& what, const std::string& api_version, bool recursive) {
  auto path = split(what, '.');
  if (path.empty())
    throw command_failure("error: You must specify the type of resource to explain");
  const auto* kind = &kind_of(s, path[0]);
  path.erase(path.begin());
  if (!api_version.empty()) {
    const auto slash = api_version.find('/');
    const std::string group = slash == std::string::npos ? "" : api_version.substr(0, slash);
    const std::string version = api_version.substr(slash == std::string::npos ? 0 : slash + 1);
    const auto plural = std::string(kind->plural);
    kind = model::schema::instance().by_plural(group, version, plural);
    if (!kind) kind = s.served().by_argument(plural + "." + version + "." + group);
    if (!kind)
      throw command_failure("error: couldn't find resource for \"" + api_version +
                            ", Resource=" + what.substr(0, what.find('.')) + "\"");
  }
  const json document = s.get("/openapi/v3" + model::version_path(kind->api_version()));
  try {
    const auto text = model::explain(document, std::string(kind->group), std::string(kind->version),
                                     std::string(kind->kind), path, recursive);
    if (!text) throw command_failure("error: the server does not describe " + what);
    s.io().out << *text;
  } catch (const std::invalid_argument& e) {
    throw command_failure(std::string("error: ") + e.what());
  }
}

void add_resources(CLI::App& app, const toolbox_ptr& tools) {
  auto& command = *app.add_subcommand("api-resources", "List the kinds that the cluster serves");
  auto flags = std::make_shared<resources_flags>();
  add_common(command, *flags, false);
  command.add_option("-o,--output", flags->output, "wide or name")
      ->check(CLI::IsMember({"wide", "name"}));
  command.add_option("--api-group", flags->only_group, "Only those of this group; \"\": core");
  command.add_option("--namespaced", flags->namespaced, "Only those in namespaces, or not in them");
  command.add_option("--verbs", flags->verbs, "Only those with these verbs: list,watch");
  command.add_option("--categories", flags->categories, "Only those of these categories: all");
  command.add_option("--sort-by", flags->sort_by, "name or kind")
      ->check(CLI::IsMember({"name", "kind"}));
  command.add_flag("--no-headers", flags->no_headers, "Leave out the header line");
  run_as(command, tools, [tools, flags] {
    session s(tools->factory, tools->io, *flags);
    print(s, rows_of(s, *flags), *flags);
    return 0;
  });
}

}  // namespace

void add_api(CLI::App& app, const toolbox_ptr& tools) {
  add_resources(app, tools);

  auto& versions = *app.add_subcommand("api-versions", "List the API versions that are served");
  auto common = std::make_shared<common_flags>();
  add_common(versions, *common, false);
  run_as(versions, tools, [tools, common] {
    session s(tools->factory, tools->io, *common);
    print_versions(s);
    return 0;
  });

  struct explain_flags : common_flags {
    std::string what, api_version;
    bool recursive = false;
  };
  auto& command = *app.add_subcommand("explain", "Show the fields of a kind");
  auto flags = std::make_shared<explain_flags>();
  add_common(command, *flags, false);
  command.add_option("field", flags->what, "KIND or KIND.FIELD.FIELD")->required();
  command.add_option("--api-version", flags->api_version, "In this version: apps/v1");
  command.add_flag("--recursive", flags->recursive,
                   "The fields of fields too, without their texts");
  run_as(command, tools, [tools, flags] {
    session s(tools->factory, tools->io, *flags);
    explain(s, flags->what, flags->api_version, flags->recursive);
    return 0;
  });
}

}  // namespace troupe::cli
