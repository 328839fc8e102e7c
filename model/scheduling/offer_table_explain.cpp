#include "model/scheduling/explanation.hpp"
#include "model/scheduling/offer_table_scores.hpp"
#include "model/scheduling/scores.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

// Pods that are in the way, as far as they are named.
constexpr std::size_t most_named = 3;

std::string named(const std::vector<std::string>& pods) {
  std::string out;
  for (const auto& pod : pods) out += (out.empty() ? " (" : ", ") + pod;
  return out.empty() ? out : out + ")";
}

// What a plugin's refusal on account of volumes goes by, and what would lift it.
std::pair<const char*, const char*> volume_words(plugin by) {
  if (by == volume_restrictions)
    return {"a pod that is there has what it wants for itself",
            "no other pod with the same volumes"};
  if (by == node_volume_limits)
    return {"as many volumes as it takes of a driver are attached to the node",
            "fewer volumes of other pods on the node"};
  return {"its claims' volumes are not for this node", "volumes that reach the node"};
}

}  // namespace

/// Judges every node for one pod with the functions that a placement uses, and keeps what each of
/// them said.
class offer_table::account {
 public:
  account(offer_table& table, const pod_view& pod, const circumstances& given)
      : table_(table),
        pod_(pod),
        given_(given),
        taken_(table.is_taken(given)),
        around_(table.surroundings_of(pod, given)),
        names_(table.named_nodes(pod)) {}

  std::vector<node_account> take() {
    for (std::size_t row = 0; row < table_.size(); ++row) {
      node_account n;
      n.node = table_.names_[row];
      n.obstacles = obstacles_on(row);
      if (n.obstacles.empty()) feasible_.push_back(row);
      nodes_.push_back(std::move(n));
    }
    if (!feasible_.empty()) score();
    std::stable_sort(nodes_.begin(), nodes_.end(), [](const auto& a, const auto& b) {
      const bool x = a.obstacles.empty(), y = b.obstacles.empty();
      if (x != y) return x;
      return a.total != b.total ? a.total > b.total : a.node < b.node;
    });
    return std::move(nodes_);
  }

 private:
  std::vector<obstacle> obstacles_on(std::size_t row) const {
    const auto& node = *table_.views_[row];
    if (names_ && !names_->contains(node.name))
      return {{node_affinity, "node(s) didn't satisfy plugin(s) [NodeAffinity]", true,
               "wants a node by name, and not this one", "another name in the node affinity",
               "name", 0}};
    auto out = obstacles_of(pod_, node, table_.with_nominated(row, pod_), table_.rules_.filters);
    if (auto r = table_.volume_refusal(row, given_, taken_)) {
      const auto [figures, remedy] = volume_words(r->by);
      for (auto& reason : r->reasons)
        out.push_back({r->by, reason, r->unresolvable, figures, remedy, "volumes", 0});
    }
    for (auto& o : around_.objections_to(around_.key_of(row)))
      out.push_back(finished(std::move(o), node));
    if (auto r = table_.custom_refusal(row, pod_))
      out.push_back({r->by, r->reasons.front(), r->unresolvable, "a plugin of the profile says so",
                     "what the plugin asks for", "plugin", 0});
    return out;
  }

  // What only a look at the pods around tells: which domain it is, and who is in the way.
  obstacle finished(surroundings::objection o, const node_view& node) const {
    obstacle out{
        o.by, std::move(o.reason), o.unresolvable, std::move(o.figures), std::move(o.remedy),
        {},   o.shortfall};
    out.remedy_kind = out.remedy;
    const auto* domain = find(node.labels, o.label);
    if (!domain) return out;
    out.figures += " in " + o.label + "=" + *domain + named(in_the_way(o, *domain));
    out.remedy += " in " + o.label + "=" + *domain;
    return out;
  }

  std::vector<std::string> in_the_way(const surroundings::objection& o,
                                      const std::string& domain) const {
    std::vector<std::string> out;
    if (!o.own_terms && !o.terms_of_others) return out;
    for (std::size_t row = 0; row < table_.size(); ++row) {
      const auto* value = find(table_.views_[row]->labels, o.label);
      if (!value || *value != domain) continue;
      for (const auto* e : table_.pods_.pods_on(table_.ids_[row])) {
        if (!keeps_away(*e, o)) continue;
        const auto view = e->view();
        out.push_back(view->ns + "/" + view->name);
        if (out.size() == most_named) return out;
      }
    }
    return out;
  }

  bool keeps_away(const neighbourhood::entry& e, const surroundings::objection& o) const {
    const auto& known = table_.pods_.namespaces();
    const auto any = [&](const std::vector<affinity_term>& terms, const std::string& ns,
                         const string_pairs& labels) {
      return std::any_of(terms.begin(), terms.end(), [&](const affinity_term& t) {
        return t.topology_key == o.label && t.who.matches(ns, labels, known);
      });
    };
    if (o.own_terms) return pod_.rules && any(pod_.rules->anti_affinity, e.ns, e.labels());
    const auto view = e.view();
    return view->rules && any(view->rules->anti_affinity, pod_.ns, pod_.labels);
  }

  struct range {
    std::int64_t lowest = INT64_MAX;
    std::int64_t highest = INT64_MIN;
    void add(std::int64_t raw) {
      lowest = std::min(lowest, raw);
      highest = std::max(highest, raw);
    }
  };

  // The scores that are normalised over all nodes where the pod may go.
  struct raw {
    std::vector<std::int64_t> affinity, taints, around;
    std::vector<std::optional<std::int64_t>> spread;
    std::int64_t most_affinity = 0, most_taints = 0;
    range around_range, spread_range;
  };

  raw raw_scores_of_feasible() const {
    raw out;
    surroundings::spread_weights weights(around_);
    std::vector<surroundings::key> keys;
    for (const auto row : feasible_) {
      const auto& node = *table_.views_[row];
      keys.push_back(around_.key_of(row));
      weights.add(keys.back(), 1);
      out.affinity.push_back(table_.preference(row, pod_));
      out.most_affinity = std::max(out.most_affinity, out.affinity.back());
      out.taints.push_back(intolerable_taints(pod_, node));
      out.most_taints = std::max(out.most_taints, out.taints.back());
      out.around.push_back(around_.affinity_score(keys.back()));
      out.around_range.add(out.around.back());
    }
    weights.finish();
    for (const auto& key : keys) {
      out.spread.push_back(weights.score(key));
      if (out.spread.back()) out.spread_range.add(*out.spread.back());
    }
    return out;
  }

  void score() {
    const auto r = raw_scores_of_feasible();
    std::int64_t highest = INT64_MIN;
    for (std::size_t i = 0; i < feasible_.size(); ++i) {
      auto& n = nodes_[feasible_[i]];
      n.scores = scores_of(feasible_[i], i, r);
      for (const auto& s : n.scores) n.total += s.score * s.weight;
      highest = std::max(highest, n.total);
    }
    for (const auto row : feasible_) nodes_[row].best = nodes_[row].total == highest;
  }

  std::vector<plugin_score> scores_of(std::size_t row, std::size_t i, const raw& r) const {
    std::int64_t spread = 0;
    if (around_.scores_spread() && r.spread[i])
      spread = normalized_spread(*r.spread[i], r.spread_range.lowest,
                                 std::max<std::int64_t>(0, r.spread_range.highest));
    const auto& weights = table_.rules_.weights;
    std::vector<plugin_score> out{
        {"NodeResourcesFit", table_.fit_of(row, pod_), weights.resources_fit},
        {"NodeResourcesBalancedAllocation", table_.balance_of(row, pod_),
         weights.balanced_allocation},
        {"ImageLocality",
         image_locality_score(
             table_.images_.bytes_on(*table_.views_[row], pod_.images, table_.size()),
             pod_.images.size()),
         weights.image_locality},
        {"NodeAffinity", normalized(r.affinity[i], r.most_affinity, false), weights.node_affinity},
        {"TaintToleration", normalized(r.taints[i], r.most_taints, true), weights.taint_toleration},
        {"InterPodAffinity",
         normalized_affinity(r.around[i], r.around_range.lowest, r.around_range.highest),
         weights.inter_pod_affinity},
        {"PodTopologySpread", spread, weights.topology_spread}};
    if (!table_.rules_.custom.empty())
      out.push_back({"plugins", table_.custom_score(row, pod_), 1});
    std::erase_if(out, [](const plugin_score& s) { return s.weight == 0; });
    return out;
  }

  offer_table& table_;
  const pod_view& pod_;
  const circumstances& given_;
  bool taken_;
  surroundings around_;
  std::optional<std::set<std::string>> names_;
  std::vector<node_account> nodes_;  // by row, until they are sorted
  std::vector<std::size_t> feasible_;
};

explanation offer_table::explain(const pod_view& pod, const circumstances& given) {
  explanation out;
  out.refusals = diagnose(pod, given);
  out.obstacle = out.refusals.obstacle;
  if (!out.obstacle.empty()) return out;
  out.nodes = account(*this, pod, given).take();
  for (const auto& n : out.nodes) out.feasible += n.obstacles.empty() ? 1 : 0;
  return out;
}

}  // namespace troupe::model
