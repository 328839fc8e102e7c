#pragma once

// kube-scheduler 1.32's decisions, plainly: every filter and score over all nodes and all pods, by
// the documents, for one pod at a time. Slow, and meant to be read beside Kubernetes'
// documentation.

#include "model/scheduling/filters.hpp"
#include "model/scheduling/profile.hpp"
#include "model/scheduling/scores.hpp"
#include "tests/unit/scheduling/oracle_volumes.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace troupe::model::oracle {

// --- topology spread

inline json constraints(const cluster& c, const json& pod, bool hard) {
  const json& own = at(pod, {"spec", "topologySpreadConstraints"});
  json out = json::array();
  for (const json& s : own.empty() ? c.default_spread : own)
    if ((string_at(s, {"whenUnsatisfiable"}) == "DoNotSchedule") == hard) out.push_back(s);
  return out;
}

inline json spread_selector(const json& s, const json& pod) {
  json selector = at(s, {"labelSelector"});
  for (const json& key : at(s, {"matchLabelKeys"}))
    if (const json& v = at(pod, {"metadata", "labels", key.get<std::string>()}); v.is_string())
      selector["matchExpressions"].push_back({{"key", key}, {"operator", "In"}, {"values", {v}}});
  return selector;
}

inline bool is_included(const json& s, const json& pod, const json& node) {
  const pod_view p(pod);
  const node_view n(node);
  if (string_at(s, {"nodeAffinityPolicy"}, "Honor") == "Honor" && !selected_by_affinity(p, n))
    return false;
  return string_at(s, {"nodeTaintsPolicy"}, "Ignore") != "Honor" || !untolerated_taint(p, n);
}

inline std::int64_t matching_on(const cluster& c, const json& s, const json& pod,
                                const json& node) {
  const json selector = spread_selector(s, pod);
  if (!selector.is_null() && at(selector, {"matchLabels"}).empty() &&
      at(selector, {"matchExpressions"}).empty())
    return 0;
  std::int64_t n = 0;
  for (const auto& p : c.pods)
    if (p.node == name(node) && ns(p.document) == ns(pod) &&
        at(p.document, {"metadata", "deletionTimestamp"}).is_null() &&
        selects(selector, labels(p.document)))
      ++n;
  return n;
}

inline bool has_keys(const json& all, const json& node) {
  return std::all_of(all.begin(), all.end(), [&](const json& s) {
    return label(node, s.at("topologyKey").get<std::string>()).has_value();
  });
}

inline std::optional<refusal> spread_filter(const cluster& c, const json& pod, const json& node) {
  const json hard = constraints(c, pod, true);
  for (const json& s : hard) {
    const auto key = s.at("topologyKey").get<std::string>();
    const auto mine = label(node, key);
    if (!mine)
      return refusal{pod_topology_spread,
                     {"node(s) didn't match pod topology spread constraints (missing required "
                      "label)"},
                     true};
    std::map<std::string, std::int64_t> domains;
    for (const json& n : c.nodes)
      if (has_keys(hard, n) && is_included(s, pod, n))
        domains[*label(n, key)] += matching_on(c, s, pod, n);
    std::int64_t least = INT32_MAX;
    for (const auto& [value, n] : domains) least = std::min(least, n);
    if (static_cast<std::int64_t>(domains.size()) < s.value("minDomains", 1)) least = 0;
    const auto itself = selects(spread_selector(s, pod), labels(pod)) ? 1 : 0;
    const auto there = domains.contains(*mine) ? domains[*mine] : 0;
    if (there + itself - least > s.at("maxSkew").get<std::int64_t>())
      return refusal{
          pod_topology_spread, {"node(s) didn't match pod topology spread constraints"}, false};
  }
  return std::nullopt;
}

inline std::vector<std::int64_t> spread_scores(const cluster& c, const json& pod,
                                               const std::vector<json>& feasible) {
  const json soft = constraints(c, pod, false);
  std::vector<std::int64_t> out(feasible.size(), 0);
  if (soft.empty()) return out;
  const bool all_keys =
      !at(pod, {"spec", "topologySpreadConstraints"}).empty() || !c.rules.system_spread_defaults;
  std::vector<bool> ignored(feasible.size(), false);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < feasible.size(); ++i) {
    ignored[i] = all_keys && !has_keys(soft, feasible[i]);
    kept += ignored[i] ? 0 : 1;
  }
  std::vector<double> raw(feasible.size(), 0);
  for (const json& s : soft) {
    const auto key = s.at("topologyKey").get<std::string>();
    const bool host = key == "kubernetes.io/hostname";
    std::set<std::string> domains;
    for (std::size_t i = 0; i < feasible.size(); ++i)
      if (!ignored[i]) domains.insert(label(feasible[i], key).value_or(""));
    const double weight = std::log(static_cast<double>((host ? kept : domains.size()) + 2));
    for (std::size_t i = 0; i < feasible.size(); ++i) {
      const auto mine = label(feasible[i], key);
      if (ignored[i] || !mine) continue;
      std::int64_t n = 0;
      if (host)
        n = matching_on(c, s, pod, feasible[i]);
      else
        for (const json& other : c.nodes)
          if (label(other, key) == mine && (!all_keys || has_keys(soft, other)) &&
              is_included(s, pod, other))
            n += matching_on(c, s, pod, other);
      raw[i] +=
          static_cast<double>(n) * weight + static_cast<double>(s.at("maxSkew").get<int>() - 1);
    }
  }
  std::int64_t least = INT64_MAX, most = 0;
  for (std::size_t i = 0; i < feasible.size(); ++i)
    if (!ignored[i]) {
      least = std::min(least, static_cast<std::int64_t>(std::llround(raw[i])));
      most = std::max(most, static_cast<std::int64_t>(std::llround(raw[i])));
    }
  for (std::size_t i = 0; i < feasible.size(); ++i)
    if (!ignored[i])
      out[i] = most == 0
                   ? 100
                   : 100 * (most + least - static_cast<std::int64_t>(std::llround(raw[i]))) / most;
  return out;
}

// --- inter-pod affinity

inline std::optional<refusal> affinity_filter(const cluster& c, const json& pod, const json& node) {
  const json& wanted = terms(pod, "podAffinity", required);
  const auto meets_all = [&](const json& other) {
    return std::all_of(wanted.begin(), wanted.end(),
                       [&](const json& t) { return means(c, pod, t, other); });
  };
  bool labelled = true, found = true, any = false;
  for (const json& t : wanted) {
    const auto key = t.at("topologyKey").get<std::string>();
    labelled = labelled && label(node, key);
    bool here = false;
    for (const auto& p : c.pods) {
      const json* on = node_of(c, p);
      if (!on || !meets_all(p.document)) continue;
      any = any || label(*on, key);
      here = here || together(*on, node, key);
    }
    found = found && here;
  }
  if (!wanted.empty() && (!labelled || (!found && (any || !meets_all(pod)))))
    return refusal{inter_pod_affinity, {"node(s) didn't match pod affinity rules"}, true};
  for (const json& t : terms(pod, "podAntiAffinity", required))
    for (const auto& p : c.pods)
      if (const json* on = node_of(c, p);
          on && means(c, pod, t, p.document) && together(*on, node, t.at("topologyKey")))
        return refusal{inter_pod_affinity, {"node(s) didn't match pod anti-affinity rules"}, false};
  for (const auto& p : c.pods)
    for (const json& t : terms(p.document, "podAntiAffinity", required))
      if (const json* on = node_of(c, p);
          on && means(c, p.document, t, pod) && together(*on, node, t.at("topologyKey")))
        return refusal{inter_pod_affinity,
                       {"node(s) didn't satisfy existing pods anti-affinity rules"},
                       false};
  return std::nullopt;
}

inline std::int64_t affinity_raw(const cluster& c, const json& pod, const json& node) {
  if (c.rules.ignores_preferences_of_others && terms(pod, "podAffinity", preferred).empty() &&
      terms(pod, "podAntiAffinity", preferred).empty())
    return 0;
  std::int64_t sum = 0;
  for (const auto& p : c.pods) {
    const json* on = node_of(c, p);
    if (!on) continue;
    const auto weigh = [&](const json& owner, const json& other, const char* kind, int sign) {
      for (const json& w : terms(owner, kind, preferred)) {
        const json& t = w.at("podAffinityTerm");
        if (means(c, owner, t, other) && together(*on, node, t.at("topologyKey")))
          sum += sign * w.at("weight").get<std::int64_t>();
      }
    };
    weigh(pod, p.document, "podAffinity", 1);
    weigh(pod, p.document, "podAntiAffinity", -1);
    weigh(p.document, pod, "podAffinity", 1);
    weigh(p.document, pod, "podAntiAffinity", -1);
    for (const json& t : terms(p.document, "podAffinity", required))
      if (means(c, p.document, t, pod) && together(*on, node, t.at("topologyKey")))
        sum += c.rules.hard_pod_affinity_weight;
  }
  return sum;
}

// --- all together

inline std::optional<refusal> filter(const cluster& c, const json& pod, const json& node) {
  const auto& rules = c.rules.filters;
  if (auto r = model::filter(pod_view(pod), node_view(node), used(c, node), rules)) return r;
  if (auto r = volume_filter(c, pod, node)) return r;
  if (rules.enabled & pod_topology_spread)
    if (auto r = spread_filter(c, pod, node)) return r;
  if (rules.enabled & inter_pod_affinity) return affinity_filter(c, pod, node);
  return std::nullopt;
}

inline std::int64_t image_score(const cluster& c, const json& pod, const json& node) {
  const pod_view p(pod);
  const node_view mine(node);
  std::int64_t bytes = 0;
  for (const auto& image : p.images) {
    std::size_t nodes = 0;
    for (const json& n : c.nodes)
      for (const auto& [have, size] : node_view(n).images) nodes += have == image ? 1 : 0;
    for (const auto& [have, size] : mine.images)
      if (have == image)
        bytes += static_cast<std::int64_t>(
            static_cast<double>(size) *
            (static_cast<double>(nodes) / static_cast<double>(c.nodes.size())));
  }
  const std::int64_t least = 23LL << 20, most = (1000LL << 20) * static_cast<int>(p.images.size());
  return p.images.empty() ? 0 : 100 * (std::clamp(bytes, least, most) - least) / (most - least);
}

/// What a resource is asked for and what there is; nothing when it does not count.
inline std::optional<std::pair<double, double>> share_of(const std::string& resource,
                                                         const usage& with_pod, const pod_view& p,
                                                         const node_view& n, bool nonzero) {
  const auto& r = with_pod.requested;
  std::pair<std::int64_t, std::int64_t> out;
  if (resource == "cpu")
    out = {nonzero ? with_pod.nonzero_cpu : r.cpu, n.allocatable.cpu};
  else if (resource == "memory")
    out = {nonzero ? with_pod.nonzero_memory : r.memory, n.allocatable.memory};
  else if (resource == "ephemeral-storage")
    out = {r.ephemeral, n.allocatable.ephemeral};
  else if (p.requests.extended_amount(resource) > 0)
    out = {r.extended_amount(resource), n.allocatable.extended_amount(resource)};
  if (out.second == 0) return std::nullopt;
  return out;
}

/// The piecewise linear function, whole numbers all the way.
inline int shape_at(const std::vector<utilization_point>& shape, int x) {
  if (x <= shape.front().utilization) return static_cast<int>(shape.front().score);
  for (std::size_t i = 1; i < shape.size(); ++i)
    if (x <= shape[i].utilization) {
      const auto &a = shape[i - 1], &b = shape[i];
      return static_cast<int>(a.score + (b.score - a.score) * (x - a.utilization) /
                                            (b.utilization - a.utilization));
    }
  return static_cast<int>(shape.back().score);
}

inline std::int64_t fit(const profile& rules, const usage& u, const pod_view& p,
                        const node_view& n) {
  double sum = 0, weights = 0;
  for (const auto& r : rules.fit.resources) {
    const auto share = share_of(r.name, u, p, n, true);
    if (!share) continue;
    const auto [asked, all] = *share;
    double score = 0;
    switch (rules.fit.strategy) {
      case scoring_strategy::least_allocated:
        score = asked > all ? 0 : std::floor((all - asked) * 100 / all);
        break;
      case scoring_strategy::most_allocated:
        score = std::floor(std::min(asked, all) * 100 / all);
        break;
      case scoring_strategy::requested_to_capacity_ratio:
        score = shape_at(rules.fit.shape, asked > all ? 100 : static_cast<int>(asked * 100 / all));
        if (score <= 0) continue;
    }
    sum += score * static_cast<double>(r.weight);
    weights += static_cast<double>(r.weight);
  }
  if (weights == 0) return 0;
  const bool rounds = rules.fit.strategy == scoring_strategy::requested_to_capacity_ratio;
  return static_cast<std::int64_t>(rounds ? std::round(sum / weights) : std::floor(sum / weights));
}

inline std::int64_t balance(const profile& rules, const usage& u, const pod_view& p,
                            const node_view& n) {
  std::vector<double> fractions;
  for (const auto& r : rules.balanced)
    if (const auto share = share_of(r.name, u, p, n, false))
      fractions.push_back(std::min(1.0, share->first / share->second));
  double deviation = 0;
  if (fractions.size() == 2) {
    deviation = std::abs(fractions[0] - fractions[1]) / 2;
  } else if (fractions.size() > 2) {
    double mean = 0, squares = 0;
    for (const double f : fractions) mean += f;
    mean /= static_cast<double>(fractions.size());
    for (const double f : fractions) squares += (f - mean) * (f - mean);
    deviation = std::sqrt(squares / static_cast<double>(fractions.size()));
  }
  return static_cast<std::int64_t>((1 - deviation) * 100);
}

inline std::int64_t resource_score(const cluster& c, const json& pod, const json& node) {
  const pod_view p(pod);
  const node_view n(node);
  usage u = used(c, node);
  u.add(p);
  return c.rules.weights.resources_fit * fit(c.rules, u, p, n) +
         c.rules.weights.balanced_allocation * balance(c.rules, u, p, n);
}

/// The names of the nodes with the highest score; none when the pod fits nowhere.
inline std::set<std::string> best(const cluster& c, const json& pod) {
  std::vector<json> feasible;
  for (const json& n : c.nodes)
    if (!oracle::filter(c, pod, n)) feasible.push_back(n);
  const auto spread = spread_scores(c, pod, feasible);
  const pod_view p(pod);
  const auto& weights = c.rules.weights;
  std::vector<std::int64_t> around, prefers, taints;
  for (const json& n : feasible) {
    around.push_back(affinity_raw(c, pod, n));
    prefers.push_back(preferred_affinity(p.preferred, node_view(n)) +
                      preferred_affinity(c.rules.added_preferences, node_view(n)));
    taints.push_back(intolerable_taints(p, node_view(n)));
  }
  std::set<std::string> names;
  std::int64_t highest = INT64_MIN;
  for (std::size_t i = 0; i < feasible.size(); ++i) {
    const auto low = *std::min_element(around.begin(), around.end());
    const auto high = *std::max_element(around.begin(), around.end());
    std::int64_t total = resource_score(c, pod, feasible[i]) +
                         weights.image_locality * image_score(c, pod, feasible[i]);
    if (high > low)
      total += weights.inter_pod_affinity *
               static_cast<std::int64_t>(100.0 * (static_cast<double>(around[i] - low) /
                                                  static_cast<double>(high - low)));
    total += weights.topology_spread * spread[i];
    total += weights.node_affinity *
             normalized(prefers[i], *std::max_element(prefers.begin(), prefers.end()), false);
    total += weights.taint_toleration *
             normalized(taints[i], *std::max_element(taints.begin(), taints.end()), true);
    if (total > highest) names.clear(), highest = total;
    if (total == highest) names.insert(name(feasible[i]));
  }
  return names;
}

/// Why it fits nowhere.
inline diagnosis diagnose(const cluster& c, const json& pod) {
  diagnosis d;
  for (const json& n : c.nodes)
    if (auto r = oracle::filter(c, pod, n)) d.add(*r);
  d.nodes = c.nodes.size();
  return d;
}

// --- preemption

struct budget {
  std::string ns;
  json selector;
  std::int64_t allowed = 0;
};

inline std::int64_t priority(const json& pod) {
  return at(pod, {"spec", "priority"}).get<int>();
}
inline std::string start(const json& pod) {
  return string_at(pod, {"status", "startTime"});
}
inline bool matters_more(const json& a, const json& b) {
  return priority(a) != priority(b) ? priority(a) > priority(b) : start(a) < start(b);
}

struct candidate {
  std::string node;
  std::vector<json> victims;  // the most important first
  std::int64_t violations = 0;

  /// What candidates are compared by, the lower the better.
  std::vector<std::int64_t> harm() const {
    std::int64_t sum = 0;
    std::string earliest = start(victims.front());
    for (const json& v : victims) {
      sum += priority(v) + (1LL << 31);
      if (priority(v) == priority(victims.front())) earliest = std::min(earliest, start(v));
    }
    const auto late = from_rfc3339(earliest)->time_since_epoch().count();
    return {violations, priority(victims.front()), sum, static_cast<std::int64_t>(victims.size()),
            -late};
  }
};

/// What would have to go from a node; nothing when that would not help.
inline std::optional<candidate> preempt_on(cluster c, const json& pod, const json& node,
                                           const std::vector<budget>& budgets) {
  const auto refused = oracle::filter(c, pod, node);
  if (!refused || refused->unresolvable) return std::nullopt;
  std::vector<json> potential;
  std::erase_if(c.pods, [&](const placed_pod& p) {
    if (p.node != name(node) || priority(p.document) >= priority(pod)) return false;
    potential.push_back(p.document);
    return true;
  });
  if (potential.empty() || oracle::filter(c, pod, node)) return std::nullopt;
  std::stable_sort(potential.begin(), potential.end(), matters_more);
  std::vector<json> guarded, free;
  auto left = budgets;
  for (const json& v : potential) {
    bool violates = false;
    for (auto& b : left)
      if (b.ns == ns(v) && !labels(v).empty() && !b.selector.empty() &&
          selects(b.selector, labels(v)))
        violates = --b.allowed < 0 || violates;
    (violates ? guarded : free).push_back(v);
  }
  candidate out{name(node), {}, 0};
  for (const auto* list : {&guarded, &free})
    for (const json& v : *list) {
      c.pods.push_back({v, name(node)});
      if (!oracle::filter(c, pod, node)) continue;
      c.pods.pop_back();
      out.victims.push_back(v);
      out.violations += list == &guarded ? 1 : 0;
    }
  std::stable_sort(out.victims.begin(), out.victims.end(), matters_more);
  return out;
}

}  // namespace troupe::model::oracle
