#pragma once

#include "model/scheduling/filters.hpp"
#include "model/scheduling/neighbourhood.hpp"
#include "model/scheduling/profile.hpp"
#include "model/scheduling/topology.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace troupe::model {

/// What kube-scheduler's InterPodAffinity and PodTopologySpread say of pods that are alike (same
/// rules, namespace and labels), placed one after the other: the pod's rules about others, and the
/// others' about it. Nodes of which they say the same share a key; a placement changes the key of
/// its own node alone.
class surroundings {
 public:
  using key = std::vector<std::int64_t>;

  struct table {
    neighbourhood& pods;
    topology& domains;
    std::span<const topology::node_view_ptr> nodes;  ///< by row
    std::span<const neighbourhood::node_id> ids;     ///< by row
  };
  /// `spread`: the pod's constraints, or the profile's default ones; those of Kubernetes
  /// (`system_default`) do not demand that a node has all the labels.
  surroundings(const pod_view& pod, std::span<const spread_constraint> spread, bool system_default,
               const profile& rules, const table& rows);

  key key_of(std::size_t row) const;
  /// What the filters say of the nodes of a key.
  bool admits(const key& k) const;
  std::optional<refusal> refusal_of(const key& k) const;
  /// All that they say, with the figures that they go by; the first is refusal_of().
  struct objection {
    plugin by = inter_pod_affinity;
    std::string reason;
    bool unresolvable = false;
    std::string figures;  ///< what there is, before " in LABEL=VALUE" where the node has the label
    std::string remedy;   ///< what would have to be there
    std::string label;    ///< the topology key
    double shortfall = 0;
    bool own_terms = false;        ///< by the pod's own anti-affinity
    bool terms_of_others = false;  ///< by that of pods that are there
  };
  std::vector<objection> objections_to(const key& k) const;

  /// InterPodAffinity's score before normalisation.
  std::int64_t affinity_score(const key& k) const;
  /// PodTopologySpread's score weighs a constraint by the number of domains that feasible nodes are
  /// in: shown all keys with feasible nodes, it gives scores (before normalisation; none for nodes
  /// that it ignores).
  class spread_weights {
   public:
    explicit spread_weights(const surroundings& of);
    void add(const key& k, std::size_t nodes);
    void finish();
    std::optional<std::int64_t> score(const key& k) const;

   private:
    bool ignores(const key& k) const;
    const surroundings& of_;
    std::size_t nodes_ = 0;
    std::vector<std::vector<bool>> seen_;  // by constraint and domain, the absent one first
    std::vector<std::size_t> domains_;
    std::vector<double> weights_;
  };
  /// Whether they may refuse any node at all.
  bool restricts() const {
    return !(hard_.empty() && affinity_.empty() && anti_.empty() && others_anti_.empty());
  }
  bool scores_affinity() const { return !scores_.empty(); }
  bool scores_spread() const { return !soft_.empty(); }

  /// One more such pod is there.
  void placed(std::size_t row);
  /// A pod comes to the node (1) or goes (-1): what the filters say is right again, not the scores.
  void change(std::size_t row, const neighbourhood::entry& pod, std::int64_t by);

 private:
  /// Pods (or weights of terms) counted by the domains of a label.
  struct tally {
    std::shared_ptr<const topology::column> column;
    bool by_row = false;  // each row counts for itself, and its count stands in its key
    std::vector<std::int64_t> counts;  // by domain or row
    std::int64_t self = 0;             // what one more pod adds
    std::vector<bool> counted;         // rows whose pods count; empty: all
    std::string label;
  };
  struct constraint {
    std::size_t tally = 0;
    const spread_constraint* wants = nullptr;
    bool selects_itself = false;
    std::map<std::int64_t, std::size_t> levels;  // required: count to how many domains have it
  };

  std::size_t tally_of(std::vector<std::size_t>& list, const std::string& label, const table& rows);
  void add_counts(tally& t, const neighbourhood::counts& counts, std::int64_t weight,
                  const table& rows);
  void read_own_terms(const pod_view& pod, const table& rows);
  void read_own_preferences(const pod_view& pod, const table& rows);
  void read_terms_of_others(const pod_view& pod, const table& rows);
  void read_spread(const pod_view& pod, const table& rows, std::span<const spread_constraint> all,
                   bool required);
  std::vector<bool> counted_rows(const pod_view& pod, const spread_constraint& c,
                                 const std::vector<std::size_t>& columns, const table& rows) const;
  /// Nothing when the node has no such label.
  std::optional<std::int64_t> count_at(std::size_t which, const key& k) const;
  std::int64_t least(const constraint& c) const;
  void bump(std::size_t which, std::size_t row, std::int64_t by);
  bool affinity_holds(const key& k) const;
  // Each filter's answer.
  std::optional<refusal> spread_refusal(const constraint& c, const key& k) const;
  std::optional<refusal> affinity_refusal(const key& k) const;
  static refusal anti_affinity_refusal();
  static refusal others_refusal();

  const pod_view* pod_;
  const namespace_labels* known_;
  std::vector<tally> tallies_;
  std::vector<std::size_t> affinity_, anti_, others_anti_, scores_;
  std::int64_t affinity_total_ = 0;
  bool meets_own_affinity_ = false;
  std::vector<constraint> hard_, soft_;
  bool all_labels_ = true;
  bool filters_company_ = true;  // InterPodAffinity does
  bool scores_company_ = true;
  std::int64_t hard_weight_ = 1;
};

}  // namespace troupe::model
