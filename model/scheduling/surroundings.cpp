#include "model/scheduling/surroundings.hpp"

#include "model/scheduling/scores.hpp"

#include <algorithm>
#include <cmath>

namespace troupe::model {
namespace {

constexpr const char* hostname = "kubernetes.io/hostname";
// In a key: the node has no such label.
constexpr std::int64_t absent = INT64_MIN;

constexpr const char* spread_reason = "node(s) didn't match pod topology spread constraints";
constexpr const char* affinity_reason = "node(s) didn't match pod affinity rules";
constexpr const char* anti_affinity_reason = "node(s) didn't match pod anti-affinity rules";
constexpr const char* others_reason = "node(s) didn't satisfy existing pods anti-affinity rules";

using concern = neighbourhood::concern;

}  // namespace

surroundings::surroundings(const pod_view& pod, std::span<const spread_constraint> spread,
                           bool system_default, const profile& rules, const table& rows)
    : pod_(&pod),
      known_(&rows.pods.namespaces()),
      all_labels_(!system_default),
      filters_company_(rules.filters.has(inter_pod_affinity)),
      scores_company_(rules.weights.inter_pod_affinity != 0),
      hard_weight_(rules.hard_pod_affinity_weight) {
  const bool prefers =
      pod.rules && !(pod.rules->preferred.empty() && pod.rules->preferred_anti.empty());
  if (rules.ignores_preferences_of_others && !prefers) scores_company_ = false;
  if (rules.filters.has(pod_topology_spread)) read_spread(pod, rows, spread, true);
  if (rules.weights.topology_spread != 0) read_spread(pod, rows, spread, false);
  if (pod.rules && filters_company_) read_own_terms(pod, rows);
  if (pod.rules && scores_company_) read_own_preferences(pod, rows);
  if (rows.pods.has_terms()) read_terms_of_others(pod, rows);
}

// The tally of a list (of one use) that goes by the label.
std::size_t surroundings::tally_of(std::vector<std::size_t>& list, const std::string& label,
                                   const table& rows) {
  auto column = rows.domains.of(label, rows.nodes);
  for (const auto i : list)
    if (tallies_[i].column == column) return i;
  tally t;
  t.by_row = column->one_each();
  t.counts.resize(t.by_row ? rows.nodes.size() : column->rows.size());
  t.column = std::move(column);
  t.label = label;
  tallies_.push_back(std::move(t));
  list.push_back(tallies_.size() - 1);
  return list.back();
}

void surroundings::add_counts(tally& t, const neighbourhood::counts& counts, std::int64_t weight,
                              const table& rows) {
  for (std::size_t row = 0; row < rows.ids.size(); ++row) {
    const auto n = counts.on(rows.ids[row]);
    const auto domain = t.column->domain[row];
    if (n == 0 || domain < 0 || (!t.counted.empty() && !t.counted[row])) continue;
    t.counts[t.by_row ? row : static_cast<std::size_t>(domain)] += weight * n;
  }
}

void surroundings::read_own_terms(const pod_view& pod, const table& rows) {
  const auto& known = rows.pods.namespaces();
  const auto itself = [&](const affinity_term& t) {
    return t.who.matches(pod.ns, pod.labels, known);
  };
  const auto& rules = *pod.rules;
  std::vector<const pod_matcher*> all;
  for (const auto& t : rules.affinity) all.push_back(&t.who);
  if (!all.empty()) {
    meets_own_affinity_ = std::all_of(rules.affinity.begin(), rules.affinity.end(), itself);
    const auto counts = rows.pods.count(all, false);
    for (const auto& t : rules.affinity) {
      const auto i = tally_of(affinity_, t.topology_key, rows);
      add_counts(tallies_[i], *counts, 1, rows);
      tallies_[i].self += meets_own_affinity_ ? 1 : 0;
    }
    for (const auto i : affinity_)
      for (const auto n : tallies_[i].counts) affinity_total_ += n;
  }
  for (const auto& t : rules.anti_affinity) {
    const auto i = tally_of(anti_, t.topology_key, rows);
    add_counts(tallies_[i], *rows.pods.count({&t.who}, false), 1, rows);
    if (!itself(t)) continue;
    tallies_[i].self += 1;
    tallies_[tally_of(others_anti_, t.topology_key, rows)].self += 1;
  }
}

void surroundings::read_own_preferences(const pod_view& pod, const table& rows) {
  const auto& known = rows.pods.namespaces();
  const auto itself = [&](const affinity_term& t) {
    return t.who.matches(pod.ns, pod.labels, known);
  };
  const auto& rules = *pod.rules;
  // What the pod prefers counts for it and, as what a pod of its kind that is there already
  // prefers, once more.
  const auto prefer = [&](const std::vector<affinity_term>& terms, std::int64_t sign) {
    for (const auto& t : terms) {
      const auto i = tally_of(scores_, t.topology_key, rows);
      add_counts(tallies_[i], *rows.pods.count({&t.who}, false), sign * t.weight, rows);
      if (itself(t)) tallies_[i].self += 2 * sign * t.weight;
    }
  };
  prefer(rules.preferred, 1);
  prefer(rules.preferred_anti, -1);
  for (const auto& t : rules.affinity)
    if (itself(t)) tallies_[tally_of(scores_, t.topology_key, rows)].self += hard_weight_;
}

void surroundings::read_terms_of_others(const pod_view& pod, const table& rows) {
  for (const auto* t : rows.pods.terms_about(pod.ns, pod.labels)) {
    const bool required = t->kind == concern::anti_affinity;
    if (!(required ? filters_company_ : scores_company_)) continue;
    const auto i = tally_of(required ? others_anti_ : scores_, t->term.topology_key, rows);
    std::int64_t weight = required ? 1 : t->term.weight;
    if (t->kind == concern::affinity) weight = hard_weight_;
    if (t->kind == concern::preferred_anti) weight = -weight;
    add_counts(tallies_[i], t->pods, weight, rows);
  }
}

// Nodes count that have all the labels and, as far as the constraint says so, that the pod's node
// affinity selects and whose taints it tolerates.
std::vector<bool> surroundings::counted_rows(const pod_view& pod, const spread_constraint& c,
                                             const std::vector<std::size_t>& columns,
                                             const table& rows) const {
  std::vector<bool> out(rows.nodes.size(), true);
  const bool selective = c.honors_affinity && (!pod.node_selector.empty() || pod.required);
  for (std::size_t row = 0; row < out.size(); ++row) {
    bool counted = true;
    if (c.required || all_labels_)
      for (const auto i : columns) counted = counted && tallies_[i].column->domain[row] >= 0;
    if (counted && selective) counted = selected_by_affinity(pod, *rows.nodes[row]);
    if (counted && c.honors_taints) counted = !untolerated_taint(pod, *rows.nodes[row]);
    out[row] = counted;
  }
  return out;
}

void surroundings::read_spread(const pod_view& pod, const table& rows,
                               std::span<const spread_constraint> all, bool required) {
  auto& list = required ? hard_ : soft_;
  std::vector<std::size_t> columns;
  for (const auto& c : all) {
    if (c.required != required) continue;
    std::vector<std::size_t> own;  // constraints share no tally: they count differently
    constraint k;
    k.tally = tally_of(own, c.topology_key, rows);
    k.wants = &c;
    k.selects_itself = c.who.matches(pod.ns, pod.labels, rows.pods.namespaces());
    columns.push_back(k.tally);
    list.push_back(std::move(k));
  }
  for (auto& k : list) {
    tally& t = tallies_[k.tally];
    if (!required && k.wants->topology_key == hostname) {  // the node's own pods, as they are
      t.by_row = true;
      t.counts.assign(rows.nodes.size(), 0);
    } else {
      t.counted = counted_rows(pod, *k.wants, columns, rows);
    }
    if (k.wants->counts) {
      add_counts(t, *rows.pods.count({&k.wants->who}, true), 1, rows);
      t.self = k.selects_itself ? 1 : 0;
    }
    if (!required) continue;
    std::vector<bool> there(t.counts.size());
    for (std::size_t row = 0; row < rows.nodes.size(); ++row)
      if (t.counted[row])
        there[t.by_row ? row : static_cast<std::size_t>(t.column->domain[row])] = true;
    for (std::size_t i = 0; i < there.size(); ++i)
      if (there[i]) ++k.levels[t.counts[i]];
  }
}

surroundings::key surroundings::key_of(std::size_t row) const {
  key k(tallies_.size());
  for (std::size_t i = 0; i < tallies_.size(); ++i) {
    const tally& t = tallies_[i];
    const auto domain = t.column->domain[row];
    k[i] = domain < 0 ? absent : t.by_row ? t.counts[row] : domain;
  }
  return k;
}

std::optional<std::int64_t> surroundings::count_at(std::size_t which, const key& k) const {
  if (k[which] == absent) return std::nullopt;
  const auto& t = tallies_[which];
  return t.by_row ? k[which] : t.counts[static_cast<std::size_t>(k[which])];
}

std::int64_t surroundings::least(const constraint& c) const {
  std::size_t domains = 0;
  for (const auto& [count, n] : c.levels) domains += n;
  if (static_cast<std::int64_t>(domains) < c.wants->min_domains || domains == 0) return 0;
  return c.levels.begin()->first;
}

bool surroundings::affinity_holds(const key& k) const {
  bool all = true;
  for (const auto i : affinity_) {
    const auto n = count_at(i, k);
    if (!n) return false;
    all = all && *n > 0;
  }
  // The first pod of a group that wants to be among its own.
  return all || (affinity_total_ == 0 && meets_own_affinity_);
}

std::optional<refusal> surroundings::spread_refusal(const constraint& c, const key& k) const {
  const auto n = count_at(c.tally, k);
  if (!n)
    return refusal{
        pod_topology_spread, {std::string(spread_reason) + " (missing required label)"}, true};
  if (*n + (c.selects_itself ? 1 : 0) - least(c) > c.wants->max_skew)
    return refusal{pod_topology_spread, {spread_reason}, false};
  return std::nullopt;
}

std::optional<refusal> surroundings::affinity_refusal(const key& k) const {
  if (affinity_holds(k)) return std::nullopt;
  return refusal{inter_pod_affinity, {affinity_reason}, true};
}

refusal surroundings::anti_affinity_refusal() {
  return {inter_pod_affinity, {anti_affinity_reason}, false};
}

refusal surroundings::others_refusal() {
  return {inter_pod_affinity, {others_reason}, false};
}

std::optional<refusal> surroundings::refusal_of(const key& k) const {
  for (const auto& c : hard_)
    if (auto r = spread_refusal(c, k)) return r;
  if (auto r = affinity_refusal(k)) return r;
  for (const auto i : anti_)
    if (count_at(i, k).value_or(0) > 0) return anti_affinity_refusal();
  for (const auto i : others_anti_)
    if (count_at(i, k).value_or(0) > 0) return others_refusal();
  return std::nullopt;
}

bool surroundings::admits(const key& k) const {
  for (const auto& c : hard_) {
    const auto n = count_at(c.tally, k);
    if (!n || *n + (c.selects_itself ? 1 : 0) - least(c) > c.wants->max_skew) return false;
  }
  const auto none = [&](const std::vector<std::size_t>& list) {
    return std::all_of(list.begin(), list.end(),
                       [&](std::size_t i) { return count_at(i, k).value_or(0) <= 0; });
  };
  return affinity_holds(k) && none(anti_) && none(others_anti_);
}

std::int64_t surroundings::affinity_score(const key& k) const {
  std::int64_t sum = 0;
  for (const auto i : scores_) sum += count_at(i, k).value_or(0);
  return sum;
}

void surroundings::bump(std::size_t which, std::size_t row, std::int64_t by) {
  tally& t = tallies_[which];
  const auto domain = t.column->domain[row];
  if (by == 0 || domain < 0 || (!t.counted.empty() && !t.counted[row])) return;
  auto& n = t.counts[t.by_row ? row : static_cast<std::size_t>(domain)];
  for (auto& c : hard_) {
    if (c.tally != which) continue;
    if (const auto level = c.levels.find(n); --level->second == 0) c.levels.erase(level);
    ++c.levels[n + by];
  }
  n += by;
  if (std::find(affinity_.begin(), affinity_.end(), which) != affinity_.end())
    affinity_total_ += by;
}

void surroundings::placed(std::size_t row) {
  for (std::size_t i = 0; i < tallies_.size(); ++i) bump(i, row, tallies_[i].self);
}

void surroundings::change(std::size_t row, const neighbourhood::entry& pod, std::int64_t by) {
  if (tallies_.empty()) return;
  const auto& labels = pod.labels();
  const auto bump_label = [&](const std::vector<std::size_t>& list, const affinity_term& t) {
    for (const auto i : list)
      if (tallies_[i].label == t.topology_key) bump(i, row, by);
  };
  for (const auto& c : hard_)
    if (c.wants->counts && pod.living && c.wants->who.matches(pod.ns, labels, *known_))
      bump(c.tally, row, by);
  if (const auto& own = pod_->rules; own && filters_company_) {
    const auto means = [&](const affinity_term& t) {
      return t.who.matches(pod.ns, labels, *known_);
    };
    if (std::all_of(own->affinity.begin(), own->affinity.end(), means))
      for (const auto& t : own->affinity) bump_label(affinity_, t);
    for (const auto& t : own->anti_affinity)
      if (means(t)) bump_label(anti_, t);
  }
  if (others_anti_.empty()) return;
  if (const auto view = pod.view(); view->rules)
    for (const auto& t : view->rules->anti_affinity)
      if (t.who.matches(pod_->ns, pod_->labels, *known_)) bump_label(others_anti_, t);
}

// --- the weights of soft constraints

surroundings::spread_weights::spread_weights(const surroundings& of)
    : of_(of), seen_(of.soft_.size()), domains_(of.soft_.size()), weights_(of.soft_.size()) {
  for (std::size_t i = 0; i < of.soft_.size(); ++i)
    seen_[i].resize(of.tallies_[of.soft_[i].tally].column->rows.size() + 1);
}

bool surroundings::spread_weights::ignores(const key& k) const {
  return of_.all_labels_ && std::any_of(of_.soft_.begin(), of_.soft_.end(),
                                        [&](const auto& c) { return k[c.tally] == absent; });
}

void surroundings::spread_weights::add(const key& k, std::size_t nodes) {
  if (ignores(k)) return;
  nodes_ += nodes;
  for (std::size_t i = 0; i < of_.soft_.size(); ++i) {
    const auto which = of_.soft_[i].tally;
    const bool missing = k[which] == absent;
    if (of_.tallies_[which].by_row && !missing) {
      domains_[i] += nodes;
      continue;
    }
    const auto place = missing ? 0 : static_cast<std::size_t>(k[which] + 1);
    if (!seen_[i][place]) ++domains_[i];
    seen_[i][place] = true;
  }
}

void surroundings::spread_weights::finish() {
  for (std::size_t i = 0; i < weights_.size(); ++i) {
    const auto size = of_.soft_[i].wants->topology_key == hostname ? nodes_ : domains_[i];
    weights_[i] = std::log(static_cast<double>(size + 2));
  }
}

std::optional<std::int64_t> surroundings::spread_weights::score(const key& k) const {
  if (ignores(k)) return std::nullopt;
  double sum = 0;
  for (std::size_t i = 0; i < weights_.size(); ++i)
    if (const auto n = of_.count_at(of_.soft_[i].tally, k))
      sum += static_cast<double>(*n) * weights_[i] +
             static_cast<double>(of_.soft_[i].wants->max_skew - 1);
  return static_cast<std::int64_t>(std::round(sum));
}

}  // namespace troupe::model
