#include "cli/output/explanation_printer.hpp"

#include "cli/output/table_printer.hpp"

#include <algorithm>
#include <map>

namespace troupe::cli {

using model::json;

namespace {

using text_rows = std::vector<std::vector<std::string>>;

// How much is shown unless all is asked for.
constexpr std::size_t most_scored = 10;
constexpr std::size_t most_ways = 5;

std::string count(std::size_t n, const char* what) {
  return std::to_string(n) + " " + what + (n == 1 ? "" : "s");
}

template <class List>
std::string joined(const List& parts, const char* mark) {
  std::string out;
  for (const auto& part : parts) out += (out.empty() ? "" : mark) + std::string(part);
  return out;
}

std::string wants_of(const model::pod_view& pod) {
  std::vector<std::string> parts;
  const auto add = [&](const std::string& name, std::int64_t amount) {
    if (amount > 0) parts.push_back(name + " " + model::amount_text(name, amount));
  };
  add("cpu", pod.requests.cpu);
  add("memory", pod.requests.memory);
  add("ephemeral-storage", pod.requests.ephemeral);
  for (const auto& [name, amount] : pod.requests.extended) add(name, amount);
  return parts.empty() ? "nothing in particular" : joined(parts, ", ");
}

std::vector<std::string> best_of(const model::explanation& e) {
  std::vector<std::string> out;
  for (const auto& n : e.nodes)
    if (n.best) out.push_back(n.node);
  return out;
}

std::string few(const std::vector<std::string>& names) {
  constexpr std::size_t most = 5;
  if (names.size() <= most) return joined(names, ", ");
  return joined(std::vector(names.begin(), names.begin() + most), ", ") + " and " +
         std::to_string(names.size() - most) + " more";
}

std::string verdict(const pod_account& a) {
  const auto& e = a.why;
  if (!e.obstacle.empty()) return "no node is looked at: " + e.obstacle;
  const auto all = count(e.nodes.size(), "node");
  std::string out = e.feasible == 0 ? "fits on none of " + all
                                    : "fits on " + std::to_string(e.feasible) + " of " + all +
                                          "; best: " + few(best_of(e));
  if (a.node.empty()) return out;
  for (std::size_t i = 0; i < e.nodes.size(); ++i) {
    const auto& n = e.nodes[i];
    if (n.node != a.node) continue;
    if (!n.obstacles.empty()) return out + "; " + n.node + " would refuse it now";
    std::size_t better = 0;
    for (const auto& o : e.nodes) better += o.obstacles.empty() && o.total > n.total ? 1 : 0;
    return out + "; " + n.node + " has " + std::to_string(n.total) + " points, " +
           (better == 0 ? "none has more" : count(better, "node") + " more");
  }
  return out + "; " + a.node + " is no node any more";
}

std::string head(const pod_account& a) {
  text_rows lines{
      {"Pod:", a.pod.ns + "/" + a.pod.name},
      {"Scheduler:", a.pod.scheduler_name + ", priority " + std::to_string(a.pod.priority)},
      {"Judged by:", a.rules},
      {"Wants:", wants_of(a.pod)},
      {"Node:", a.node.empty() ? "none yet" : a.node}};
  if (!a.pod.nominated_node.empty()) lines.push_back({"Promised:", a.pod.nominated_node});
  if (!a.standing.empty()) lines.push_back({"Waits:", a.standing});
  if (!a.last_word.empty()) lines.push_back({"Last said:", a.last_word});
  lines.push_back({a.node.empty() ? "Now:" : "Again now:", verdict(a)});
  return aligned(lines);
}

// The plugins whose scores are shown: all, or those that tell nodes apart.
std::vector<std::size_t> columns_of(const model::explanation& e, bool all) {
  std::vector<std::size_t> out;
  const auto& first = e.nodes.front().scores;
  for (std::size_t i = 0; i < first.size(); ++i)
    if (all || std::any_of(e.nodes.begin(), e.nodes.end(), [&](const auto& n) {
          return n.obstacles.empty() && n.scores[i].score != first[i].score;
        }))
      out.push_back(i);
  return out;
}

std::string scores(const model::explanation& e, bool wide) {
  const auto columns = columns_of(e, wide);
  text_rows lines{{"NODE", "TOTAL"}};
  const auto name = [](const model::plugin_score& s) {
    return std::string(s.plugin) + (s.weight == 1 ? "" : " x" + std::to_string(s.weight));
  };
  for (const auto i : columns) lines[0].push_back(name(e.nodes.front().scores[i]));
  for (const auto& n : e.nodes) {
    if (!n.obstacles.empty() || (!wide && lines.size() > most_scored)) break;
    lines.push_back({n.node + (n.best ? " *" : ""), std::to_string(n.total)});
    for (const auto i : columns) lines.back().push_back(std::to_string(n.scores[i].score));
  }
  std::string out = aligned(lines);
  if (lines.size() - 1 < e.feasible)
    out += "... and " + count(e.feasible - (lines.size() - 1), "node") + " more (-o wide)\n";
  std::vector<std::string> same;
  const auto& first = e.nodes.front().scores;
  for (std::size_t i = 0; i < first.size(); ++i)
    if (std::find(columns.begin(), columns.end(), i) == columns.end())
      same.push_back(name(first[i]) + " " + std::to_string(first[i].score));
  if (!same.empty()) out += "The same for all: " + joined(same, ", ") + "\n";
  return out;
}

std::string refused_in_groups(const model::explanation& e) {
  struct group {
    std::size_t nodes = 0;
    std::size_t alone = 0;  // nodes that have nothing else against it
    const model::obstacle* closest = nullptr;
    std::string node;
  };
  std::map<std::pair<model::plugin, std::string>, group> groups;
  for (const auto& n : e.nodes)
    for (const auto& o : n.obstacles) {
      auto& g = groups[{o.by, o.reason}];
      ++g.nodes;
      if (n.obstacles.size() == 1) ++g.alone;
      if (g.closest && g.closest->shortfall <= o.shortfall) continue;
      g.closest = &o;
      g.node = n.node;
    }
  text_rows lines{{"REFUSED BY", "NODES", "BY IT ALONE", "REASON", "CLOSEST"}};
  for (const auto& [key, g] : groups)
    lines.push_back({std::string(model::plugin_name(key.first)), std::to_string(g.nodes),
                     std::to_string(g.alone), key.second, g.node + ": " + g.closest->figures});
  return aligned(lines);
}

std::string refused_one_by_one(const model::explanation& e) {
  text_rows lines{{"NODE", "REFUSED BY", "REASON", "FIGURES"}};
  for (const auto& n : e.nodes)
    for (const auto& o : n.obstacles)
      lines.push_back({&o == &n.obstacles.front() ? n.node : "",
                       std::string(model::plugin_name(o.by)), o.reason, o.figures});
  return aligned(lines);
}

std::string help(const pod_account& a) {
  std::string out;
  const auto ways = model::ways_in(a.why, most_ways);
  if (!ways.empty()) out += "It would fit with any one of these:\n";
  for (const auto& w : ways)
    out += "  " + joined(w.remedies, ", and ") +
           (w.nodes > 1 ? " (or the like on " + count(w.nodes - 1, "other node") + ")" : "") + "\n";
  if (a.preemption.chosen) {
    const auto& c = *a.preemption.chosen;
    std::vector<std::string> victims;
    for (const auto& v : c.victims)
      victims.push_back(v.pod->key().ns + "/" + v.pod->key().name + " (priority " +
                        std::to_string(v.priority) + ")");
    out += "Preemption would take from " + c.node + ": " + joined(victims, ", ") + "\n";
    if (c.violations > 0)
      out += "  against the disruption budgets of " + count(c.violations, "pod") + "\n";
  } else if (!a.preemption.message.empty()) {
    out += "Preemption: " + a.preemption.message + "\n";
  }
  return out;
}

json json_of(const model::node_account& n) {
  json out{{"node", n.node}, {"fits", n.obstacles.empty()}};
  for (const auto& o : n.obstacles)
    out["obstacles"].push_back({{"plugin", model::plugin_name(o.by)},
                                {"reason", o.reason},
                                {"figures", o.figures},
                                {"remedy", o.remedy},
                                {"unresolvable", o.unresolvable}});
  if (!n.obstacles.empty()) return out;
  out["total"] = n.total;
  out["best"] = n.best;
  for (const auto& s : n.scores)
    out["scores"].push_back({{"plugin", s.plugin}, {"score", s.score}, {"weight", s.weight}});
  return out;
}

}  // namespace

std::string explanation_text(const pod_account& a, bool wide) {
  std::string out = head(a);
  const auto& e = a.why;
  if (e.nodes.empty()) return out;
  if (e.feasible > 0) out += "\n" + scores(e, wide);
  if (e.feasible < e.nodes.size())
    out += "\n" + (wide ? refused_one_by_one(e) : refused_in_groups(e));
  if (e.feasible > 0) return out;
  return out + "\n" + help(a);
}

json explanation_json(const pod_account& a) {
  const auto& e = a.why;
  json out{{"pod", {{"namespace", a.pod.ns}, {"name", a.pod.name}, {"uid", a.pod.uid}}},
           {"schedulerName", a.pod.scheduler_name},
           {"priority", a.pod.priority},
           {"feasible", e.feasible},
           {"nodes", json::array()}};
  const auto set = [&](const char* name, const std::string& value) {
    if (!value.empty()) out[name] = value;
  };
  set("judgedBy", a.rules);
  set("nodeName", a.node);
  set("nominatedNodeName", a.pod.nominated_node);
  set("waits", a.standing);
  set("lastSaid", a.last_word);
  set("obstacle", e.obstacle);
  if (e.feasible == 0) out["message"] = e.refusals.message(a.preemption.message);
  for (const auto& n : e.nodes) out["nodes"].push_back(json_of(n));
  if (e.feasible > 0) return out;
  for (const auto& w : model::ways_in(e, most_ways))
    out["waysIn"].push_back({{"node", w.node}, {"remedies", w.remedies}, {"nodes", w.nodes}});
  if (!a.preemption.chosen) return out;
  json& p = out["preemption"];
  p = {{"node", a.preemption.chosen->node},
       {"violations", a.preemption.chosen->violations},
       {"victims", json::array()}};
  for (const auto& v : a.preemption.chosen->victims)
    p["victims"].push_back(
        {{"namespace", v.pod->key().ns}, {"name", v.pod->key().name}, {"priority", v.priority}});
  return out;
}

}  // namespace troupe::cli
