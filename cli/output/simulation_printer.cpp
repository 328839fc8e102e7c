#include "cli/output/simulation_printer.hpp"

#include "cli/output/table_printer.hpp"
#include "model/scheduling/explanation.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>

namespace troupe::cli {

using model::json;

namespace {

using text_rows = std::vector<std::vector<std::string>>;
using share = model::utilisation::share;

constexpr std::size_t most_places = 4;
constexpr std::size_t most_listed = 10'000;
constexpr int bar_width = 30;

std::string bar(double fraction) {
  const auto full = static_cast<std::size_t>(
      std::lround(std::clamp(fraction, 0.0, 1.0) * static_cast<double>(bar_width)));
  return "[" + std::string(full, '#') + std::string(bar_width - full, '.') + "]";
}

std::string percent(double fraction) {
  char text[16];
  std::snprintf(text, sizeof text, "%.0f%%", fraction * 100);
  return text;
}

// Pods by node, the most first.
std::vector<std::pair<std::uint32_t, std::size_t>> by_node(const model::simulated_fate& f) {
  std::map<std::uint32_t, std::size_t> counts;
  for (const auto node : f.nodes)
    if (node != model::simulated_fate::nowhere) ++counts[node];
  std::vector<std::pair<std::uint32_t, std::size_t>> out(counts.begin(), counts.end());
  std::stable_sort(out.begin(), out.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  return out;
}

std::string places(const simulation_report& r,
                   const std::vector<std::pair<std::uint32_t, std::size_t>>& counts) {
  if (counts.empty()) return "none";
  if (counts.size() <= most_places) {
    std::string out;
    for (const auto& [node, n] : counts)
      out += (out.empty() ? "" : ", ") + r.nodes.at(node) +
             (n > 1 ? " (" + std::to_string(n) + ")" : "");
    return out;
  }
  const auto least = counts.back().second, highest = counts.front().second;
  return std::to_string(counts.size()) + " nodes, " +
         (least == highest ? std::to_string(least)
                           : std::to_string(least) + " to " + std::to_string(highest)) +
         " each";
}

std::string full_name(const model::simulated_pods& g) {
  return g.ns + "/" + g.name;
}

std::string workloads(const simulation_report& r) {
  text_rows lines{{"WORKLOAD", "PODS", "PLACED", "PLACES"}};
  for (std::size_t i = 0; i < r.groups.size(); ++i)
    lines.push_back({full_name(r.groups[i]), std::to_string(r.groups[i].count),
                     std::to_string(r.fates[i].placed), places(r, by_node(r.fates[i]))});
  return aligned(lines);
}

std::string pod_name(const model::simulated_pods& g, std::size_t i) {
  return g.count == 1 && g.base.back() != '-' ? g.base : g.base + std::to_string(i);
}

std::string pods(const simulation_report& r) {
  text_rows lines{{"NAMESPACE", "POD", "NODE"}};
  for (std::size_t g = 0; g < r.groups.size(); ++g)
    for (std::size_t i = 0; i < r.fates[g].nodes.size(); ++i) {
      const auto node = r.fates[g].nodes[i];
      lines.push_back({r.groups[g].ns, pod_name(r.groups[g], i),
                       node == model::simulated_fate::nowhere ? "<none>" : r.nodes.at(node)});
    }
  return aligned(lines);
}

std::string unplaced(const simulation_report& r) {
  std::string out;
  for (std::size_t i = 0; i < r.groups.size(); ++i) {
    const auto& f = r.fates[i];
    if (f.placed == r.groups[i].count) continue;
    out += "\n" + full_name(r.groups[i]) + ": " + std::to_string(r.groups[i].count - f.placed) +
           " of " + std::to_string(r.groups[i].count) + " fit nowhere: " + f.message + "\n";
    for (const auto& w : f.ways) {
      out += "  would fit with ";
      for (std::size_t n = 0; n < w.remedies.size(); ++n)
        out += (n == 0 ? "" : ", and ") + w.remedies[n];
      if (w.nodes > 1) out += " (or the like on " + std::to_string(w.nodes - 1) + " others)";
      out += "\n";
    }
  }
  return out;
}

std::string diagram(const simulation_report& r) {
  const auto width = static_cast<int>(bar_width) + 7;
  char text[160];
  std::snprintf(text, sizeof text, "\n%-8s %-*s %-*s %s\n", "ASKED", width, "BEFORE", width,
                "AFTER", "OF ALL NODES");
  std::string out = text;
  const auto line = [&](const char* name, const share& before, const share& after) {
    const auto amount = [&](std::int64_t n) { return model::amount_text(name, n); };
    std::snprintf(text, sizeof text, "%-8s %s %-4s %s %-4s ", name, bar(before.fraction()).c_str(),
                  percent(before.fraction()).c_str(), bar(after.fraction()).c_str(),
                  percent(after.fraction()).c_str());
    out.append(text).append(amount(after.used)).append(" of ").append(amount(after.of)) += '\n';
  };
  line("cpu", r.before.cpu, r.after.cpu);
  line("memory", r.before.memory, r.after.memory);
  line("pods", r.before.pods, r.after.pods);
  return out;
}

// How many nodes are how full: which of them are left to others.
std::string nodes_by_cpu(const simulation_report& r) {
  text_rows lines{{"CPU ASKED", "NODES BEFORE", "NODES AFTER", ""}};
  const auto all = static_cast<double>(std::max<std::size_t>(1, r.nodes.size()));
  for (std::size_t i = 0; i < r.after.nodes_by_cpu.size(); ++i) {
    if (r.before.nodes_by_cpu[i] + r.after.nodes_by_cpu[i] == 0) continue;
    const auto n = static_cast<double>(r.after.nodes_by_cpu[i]);
    lines.push_back({std::to_string(i * 10) + "-" + std::to_string(i * 10 + 10) + "%",
                     std::to_string(r.before.nodes_by_cpu[i]),
                     std::to_string(r.after.nodes_by_cpu[i]),
                     std::string(static_cast<std::size_t>(std::lround(n / all * bar_width)), '#')});
  }
  return "\n" + aligned(lines);
}

json json_of(const share& s, const char* resource) {
  return {{"asked", s.used}, {"of", s.of}, {"unit", std::string(resource)}};
}

json json_of(const model::utilisation& u) {
  return {{"cpu", json_of(u.cpu, "millicores")},
          {"memory", json_of(u.memory, "bytes")},
          {"pods", json_of(u.pods, "pods")},
          {"nodesByCpuTenth", u.nodes_by_cpu}};
}

}  // namespace

std::string simulation_text(const simulation_report& r, bool wide) {
  std::size_t all = 0, placed = 0;
  for (std::size_t i = 0; i < r.groups.size(); ++i) {
    all += r.groups[i].count;
    placed += r.fates[i].placed;
  }
  std::string out = std::to_string(placed) + " of " + std::to_string(all) +
                    " pods find a place on " + std::to_string(r.nodes.size()) + " nodes.\n\n";
  out += workloads(r);
  if (wide) out += "\n" + pods(r);
  return out + unplaced(r) + diagram(r) + nodes_by_cpu(r);
}

json simulation_json(const simulation_report& r) {
  json out{{"nodes", r.nodes.size()}, {"workloads", json::array()}};
  std::size_t all = 0;
  for (const auto& g : r.groups) all += g.count;
  for (std::size_t i = 0; i < r.groups.size(); ++i) {
    const auto& g = r.groups[i];
    const auto& f = r.fates[i];
    json w{{"name", g.name},
           {"namespace", g.ns},
           {"pods", g.count},
           {"placed", f.placed},
           {"podsByNode", json::object()}};
    for (const auto& [node, n] : by_node(f)) w["podsByNode"][r.nodes.at(node)] = n;
    if (!f.message.empty()) w["message"] = f.message;
    for (const auto& way : f.ways)
      w["waysIn"].push_back({{"node", way.node}, {"remedies", way.remedies}});
    if (all <= most_listed)
      for (std::size_t n = 0; n < f.nodes.size(); ++n)
        w["placements"].push_back({{"pod", pod_name(g, n)},
                                   {"node", f.nodes[n] == model::simulated_fate::nowhere
                                                ? json()
                                                : json(r.nodes.at(f.nodes[n]))}});
    out["workloads"].push_back(std::move(w));
  }
  out["before"] = json_of(r.before);
  out["after"] = json_of(r.after);
  return out;
}

}  // namespace troupe::cli
