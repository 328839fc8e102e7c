#include "cli/commands/command.hpp"
#include "cli/output/table_printer.hpp"
#include "model/api_path.hpp"
#include "model/quantity.hpp"

#include <algorithm>
#include <map>
#include <ostream>

namespace troupe::cli {

using model::json;
using model::quantity;
using model::string_at;

namespace {

constexpr const char* metrics = "/apis/metrics.k8s.io/v1beta1/";

struct top_flags : common_flags {
  std::string name, labels, sort_by;
  bool containers = false, no_headers = false;
};

// What one line tells of.
struct measured {
  std::vector<std::string> names;
  std::int64_t cpu = 0;     // thousandths of a core
  std::int64_t memory = 0;  // bytes

  void add(const json& usage) {
    if (const auto q = quantity::parse(string_at(usage, {"cpu"}))) cpu += q->milli_value();
    if (const auto q = quantity::parse(string_at(usage, {"memory"}))) memory += q->value();
  }
};

using lines = std::vector<measured>;
using usage_table = std::vector<std::vector<std::string>>;

std::string cpu_text(const measured& m) {
  return std::to_string(m.cpu) + "m";
}
std::string memory_text(const measured& m) {
  return std::to_string(m.memory >> 20) + "Mi";
}

std::vector<json> read(session& s, const std::string& path, const top_flags& flags) {
  if (!flags.name.empty()) return {s.get(path + "/" + bare_name(flags.name))};
  return s.list(flags.labels.empty()
                    ? path
                    : path + "?labelSelector=" + model::percent_encoded(flags.labels));
}

void sort(lines& all, const top_flags& flags) {
  if (!flags.sort_by.empty() && flags.sort_by != "cpu" && flags.sort_by != "memory")
    throw command_failure("error: --sort-by accepts only cpu or memory");
  std::stable_sort(all.begin(), all.end(), [&flags](const measured& a, const measured& b) {
    if (flags.sort_by == "cpu") return a.cpu > b.cpu;
    if (flags.sort_by == "memory") return a.memory > b.memory;
    return a.names < b.names;
  });
}

int print(session& s, const top_flags& flags, usage_table rows, std::vector<std::string> head) {
  if (!flags.no_headers) rows.insert(rows.begin(), std::move(head));
  std::vector<std::size_t> widths;
  s.io().out << aligned(rows, widths, {});
  return 0;
}

int top_nodes(session& s, const top_flags& flags) {
  std::map<std::string, json> allocatable;
  for (const json& node : s.list("/api/v1/nodes"))
    allocatable[string_at(node, {"metadata", "name"})] = model::at(node, {"status", "allocatable"});
  lines all;
  for (const json& one : read(s, std::string(metrics) + "nodes", flags)) {
    all.push_back({{string_at(one, {"metadata", "name"})}, 0, 0});
    all.back().add(model::at(one, {"usage"}));
  }
  if (all.empty()) throw command_failure("error: metrics not available yet");
  sort(all, flags);
  usage_table rows;
  const auto share = [](std::int64_t used, std::int64_t of) {
    return of > 0 ? std::to_string(used * 100 / of) + "%" : std::string("<unknown>");
  };
  for (const auto& m : all) {
    measured has;
    has.add(allocatable[m.names[0]]);
    rows.push_back({m.names[0], cpu_text(m), share(m.cpu, has.cpu), memory_text(m),
                    share(m.memory, has.memory)});
  }
  return print(s, flags, std::move(rows),
               {"NAME", "CPU(cores)", "CPU(%)", "MEMORY(bytes)", "MEMORY(%)"});
}

int top_pods(session& s, const top_flags& flags) {
  const bool everywhere = s.ns().empty();
  lines all;
  const auto path = metrics + (everywhere ? std::string("pods") : "namespaces/" + s.ns() + "/pods");
  for (const json& pod : read(s, path, flags)) {
    std::vector<std::string> names;
    if (everywhere) names.push_back(string_at(pod, {"metadata", "namespace"}));
    names.push_back(string_at(pod, {"metadata", "name"}));
    if (!flags.containers) all.push_back({names, 0, 0});
    for (const json& container : model::at(pod, {"containers"})) {
      if (flags.containers) {
        all.push_back({names, 0, 0});
        all.back().names.push_back(string_at(container, {"name"}));
      }
      all.back().add(model::at(container, {"usage"}));
    }
  }
  if (all.empty())
    throw command_failure(everywhere ? "No resources found"
                                     : "No resources found in " + s.ns() + " namespace.");
  sort(all, flags);
  usage_table rows;
  for (const auto& m : all) {
    auto row = m.names;
    row.insert(row.end(), {cpu_text(m), memory_text(m)});
    rows.push_back(std::move(row));
  }
  std::vector<std::string> head;
  if (everywhere) head.emplace_back("NAMESPACE");
  if (flags.containers)
    head.insert(head.end(), {"POD", "NAME"});
  else
    head.emplace_back("NAME");
  head.insert(head.end(), {"CPU(cores)", "MEMORY(bytes)"});
  return print(s, flags, std::move(rows), std::move(head));
}

void add_kind(CLI::App& top, const toolbox_ptr& tools, const char* name, const char* also,
              const char* about, bool pods) {
  auto& command = *top.add_subcommand(name, about);
  command.alias(also);
  auto flags = std::make_shared<top_flags>();
  add_common(command, *flags, pods);
  command.add_option("name", flags->name, "Only this one");
  command.add_option("-l,--selector", flags->labels, "Only those with these labels");
  command.add_option("--sort-by", flags->sort_by, "The most first: cpu or memory");
  command.add_flag("--no-headers", flags->no_headers, "Leave out the header line");
  if (pods) command.add_flag("--containers", flags->containers, "A line a container");
  run_as(command, tools, [tools, flags, pods] {
    session s(tools->factory, tools->io, *flags);
    return pods ? top_pods(s, *flags) : top_nodes(s, *flags);
  });
}

}  // namespace

void add_top(CLI::App& app, const toolbox_ptr& tools) {
  auto& command = *app.add_subcommand("top", "Show what nodes and pods use");
  command.require_subcommand(1);
  add_kind(command, tools, "node", "nodes", "Show what nodes use", false);
  add_kind(command, tools, "pod", "pods", "Show what pods use", true);
}

}  // namespace troupe::cli
