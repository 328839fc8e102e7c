#include "cli/commands/command.hpp"
#include "cli/output/object_printer.hpp"
#include "cli/output/table_printer.hpp"
#include "model/api_path.hpp"
#include "model/describe/describe.hpp"
#include "model/table/event_summary.hpp"

#include <algorithm>
#include <ostream>

namespace troupe::cli {

using model::json;
using model::string_at;

namespace {

struct events_flags : common_flags {
  std::string about, types, output;
  bool no_headers = false;
};

std::string last_time(const json& event) {
  for (const auto& path : {std::initializer_list<std::string_view>{"series", "lastObservedTime"},
                           {"lastTimestamp"},
                           {"eventTime"}})
    if (auto t = string_at(event, path); !t.empty()) return t;
  return string_at(event, {"metadata", "creationTimestamp"});
}

bool wanted(const json& event, const events_flags& flags) {
  const std::string type = string_at(event, {"type"});
  return flags.types.empty() ||
         ("," + flags.types + ",").find("," + type + ",") != std::string::npos;
}

std::vector<std::string> row_of(const json& event, bool namespaces, model::time_point now) {
  std::vector<std::string> row;
  if (namespaces) row.push_back(string_at(event, {"metadata", "namespace"}));
  row.push_back(model::event_interval(event, now));
  row.push_back(string_at(event, {"type"}));
  row.push_back(string_at(event, {"reason"}));
  row.push_back(string_at(event, {"involvedObject", "kind"}) + "/" +
                string_at(event, {"involvedObject", "name"}));
  row.push_back(harmless(model::summarize_event(event, now).message));
  return row;
}

int run(session& s, const events_flags& flags) {
  for (const auto& type : split(flags.types, ','))
    if (type != "Normal" && type != "Warning")
      throw command_failure("error: valid --types are Normal or Warning");
  std::string target = path_of(kind_of("events"), s.ns());
  if (!flags.about.empty()) {
    const auto about = selections_of(s, {flags.about});
    if (about.size() != 1 || about[0].name.empty())
      throw command_failure("error: --for must be in resource/name form");
    target += "?fieldSelector=" +
              model::percent_encoded("involvedObject.kind=" + std::string(about[0].kind->kind) +
                                     ",involvedObject.name=" + about[0].name);
  }
  std::vector<json> events = s.list(target);
  std::erase_if(events, [&](const json& e) { return !wanted(e, flags); });
  std::stable_sort(events.begin(), events.end(),
                   [](const json& a, const json& b) { return last_time(a) < last_time(b); });
  if (prints_objects(flags.output)) {
    // kubectl reads events into Go's type, whose eventTime is always written.
    for (json& e : events) e.emplace("eventTime", nullptr);
    s.io().out << print_objects(flags.output, std::move(events), true);
    return 0;
  }
  if (events.empty()) {
    s.io().err << (s.ns().empty() ? "No events found.\n"
                                  : "No events found in " + s.ns() + " namespace.\n");
    return 0;
  }
  std::vector<std::vector<std::string>> rows;
  if (!flags.no_headers) {
    rows.push_back({"LAST SEEN", "TYPE", "REASON", "OBJECT", "MESSAGE"});
    if (s.ns().empty()) rows[0].insert(rows[0].begin(), "NAMESPACE");
  }
  for (const json& e : events) rows.push_back(row_of(e, s.ns().empty(), s.now()));
  std::vector<std::size_t> widths;
  const std::set<std::size_t> types{s.ns().empty() ? 2u : 1u};
  s.io().out << aligned(rows, widths, s.io().paints_out() ? types : std::set<std::size_t>());
  return 0;
}

}  // namespace

void add_events(CLI::App& app, const toolbox_ptr& tools) {
  auto& command = *app.add_subcommand("events", "List events, oldest first");
  auto flags = std::make_shared<events_flags>();
  add_common(command, *flags, true);
  command.add_option("--for", flags->about, "Only events about this: pod/NAME");
  command.add_option("--types", flags->types, "Only these types: Normal,Warning");
  command.add_option("-o,--output", flags->output, "json, yaml, name, jsonpath=TEMPLATE");
  command.add_flag("--no-headers", flags->no_headers, "Leave out the header line");
  run_as(command, tools, [tools, flags] {
    session s(tools->factory, tools->io, *flags);
    return run(s, *flags);
  });
}

}  // namespace troupe::cli
