#include "model/scheduling/offer_table_scores.hpp"
#include "model/scheduling/scores.hpp"

#include <algorithm>
#include <optional>
#include <unordered_map>

namespace troupe::model {
namespace {

struct key_hash {
  std::size_t operator()(const std::vector<std::int64_t>& key) const {
    std::size_t h = key.size();
    for (const auto part : key) h = (h ^ static_cast<std::size_t>(part)) * 0x9E3779B97F4A7C15u;
    return h ^ (h >> 32);
  }
};

// The range of a raw score among feasible nodes.
struct range {
  std::int64_t lowest = INT64_MAX;
  std::int64_t highest = INT64_MIN;
  void add(std::int64_t raw) {
    lowest = std::min(lowest, raw);
    highest = std::max(highest, raw);
  }
};

}  // namespace

/// A pass of pods whose places depend on other pods. Nodes for which all rules and all scores that
/// are normalised come out the same make a class: what a placement does to other nodes it does to
/// classes, and the best node of a class is on top of its heap. So a pod costs the number of
/// classes, not of nodes.
class offer_table::ruled_pass {
 public:
  ruled_pass(offer_table& table, const pod_view& pod, const circumstances& given,
             random_source* random)
      : table_(table),
        pod_(pod),
        random_(random),
        around_(table.surroundings_of(pod, given)),
        raw_(table.judge(pod, given)) {
    for (const std::size_t row : raw_.feasible) add(row);
  }

  /// The best node's row, which is taken out until it is put back; nothing when none will do.
  std::optional<std::size_t> take() {
    std::size_t best = classes_.size();
    std::int64_t highest = 0;
    for (const auto i : score_classes()) {
      const auto total = classes_[i].score + classes_[i].heap.front().score;
      if (best == classes_.size() || total > highest ||
          (total == highest && wins(classes_[i].heap.front(), classes_[best].heap.front()))) {
        best = i;
        highest = total;
      }
    }
    if (best == classes_.size()) return std::nullopt;
    auto& heap = classes_[best].heap;
    std::pop_heap(heap.begin(), heap.end());
    const auto row = heap.back().row;
    heap.pop_back();
    return row;
  }

  /// The pod is on that node now.
  void placed(std::size_t row) {
    around_.placed(row);
    if (table_.fits(row, pod_)) add(row);
  }

  /// All rows that share the highest score.
  std::vector<std::size_t> best() {
    std::vector<std::size_t> rows;
    std::int64_t highest = INT64_MIN;  // weights may be negative
    for (const auto i : score_classes())
      for (const auto& c : classes_[i].heap) {
        const auto total = classes_[i].score + c.score;
        if (total > highest) rows.clear(), highest = total;
        if (total == highest) rows.push_back(c.row);
      }
    return rows;
  }

  /// All rows with their scores.
  std::vector<std::pair<std::size_t, std::int64_t>> all() {
    std::vector<std::pair<std::size_t, std::int64_t>> rows;
    for (const auto i : score_classes())
      for (const auto& c : classes_[i].heap) rows.emplace_back(c.row, classes_[i].score + c.score);
    return rows;
  }

 private:
  struct node_class {
    surroundings::key key;
    std::int64_t affinity = 0;  // raw, of the node's own labels
    std::int64_t taints = 0;
    std::vector<candidate> heap;
    std::int64_t pods_around = 0;
    std::optional<std::int64_t> spread;
    std::int64_t score = 0;
  };

  static bool wins(const candidate& a, const candidate& b) {
    return a.pods != b.pods ? a.pods < b.pods : a.tie > b.tie;
  }

  void add(std::size_t row) {
    auto key = around_.key_of(row);
    const auto affinity = raw_.affinity.empty() ? 0 : raw_.affinity[row];
    const auto taints = raw_.taints.empty() ? 0 : raw_.taints[row];
    auto whole = key;
    whole.push_back(affinity);
    whole.push_back(taints);
    const auto [at, fresh] = by_key_.try_emplace(std::move(whole), classes_.size());
    if (fresh) classes_.push_back({std::move(key), affinity, taints, {}, 0, {}, 0});
    auto& heap = classes_[at->second].heap;
    heap.push_back({table_.own_score(row, pod_, raw_), table_.taken_[row].pods,
                    random_ ? random_->next() : 0, row});
    std::push_heap(heap.begin(), heap.end());
  }

  // Scores the classes that the rules admit, and returns them.
  std::vector<std::size_t> score_classes() {
    const auto& weights_of = table_.rules_.weights;
    std::vector<std::size_t> open;
    range around, spread;
    std::int64_t affinity = 0, taints = 0;
    surroundings::spread_weights weights(around_);
    for (std::size_t i = 0; i < classes_.size(); ++i) {
      auto& c = classes_[i];
      if (c.heap.empty() || !around_.admits(c.key)) continue;
      open.push_back(i);
      weights.add(c.key, c.heap.size());
      c.pods_around = around_.affinity_score(c.key);
      around.add(c.pods_around);
      affinity = std::max(affinity, c.affinity);
      taints = std::max(taints, c.taints);
    }
    weights.finish();
    for (const auto i : open) {
      classes_[i].spread = weights.score(classes_[i].key);
      if (classes_[i].spread) spread.add(*classes_[i].spread);
    }
    for (const auto i : open) {
      auto& c = classes_[i];
      c.score = weights_of.inter_pod_affinity *
                normalized_affinity(c.pods_around, around.lowest, around.highest);
      if (around_.scores_spread() && c.spread)
        c.score +=
            weights_of.topology_spread *
            normalized_spread(*c.spread, spread.lowest, std::max<std::int64_t>(0, spread.highest));
      if (!raw_.affinity.empty())
        c.score += weights_of.node_affinity * normalized(c.affinity, affinity, false);
      if (!raw_.taints.empty())
        c.score += weights_of.taint_toleration * normalized(c.taints, taints, true);
    }
    return open;
  }

  offer_table& table_;
  const pod_view& pod_;
  random_source* random_;
  surroundings around_;
  raw_scores raw_;
  std::vector<node_class> classes_;
  std::unordered_map<surroundings::key, std::size_t, key_hash> by_key_;
};

surroundings offer_table::surroundings_of(const pod_view& pod, const circumstances& given) {
  const bool own = pod.rules && !pod.rules->spread.empty();
  return surroundings(pod, own ? std::span(pod.rules->spread) : given.spread,
                      !own && rules_.system_spread_defaults, rules_,
                      {pods_, domains_, views_, ids_});
}

std::vector<std::string> offer_table::place_ruled(std::span<const pod_view_ptr> pods,
                                                  random_source& random,
                                                  const circumstances& given) {
  std::vector<std::string> chosen(pods.size());
  ruled_pass pass(*this, *pods.front(), given, &random);
  for (std::size_t i = 0; i < pods.size(); ++i) {
    const auto row = pass.take();
    if (!row) break;
    chosen[i] = names_[*row];
    assume(*row, pods[i]);
    pass.placed(*row);
  }
  return chosen;
}

std::vector<std::string> offer_table::best(const pod_view& pod, const circumstances& given) {
  std::vector<std::string> names;
  for (const auto row : ruled_pass(*this, pod, given, nullptr).best()) names.push_back(names_[row]);
  return names;
}

std::vector<std::pair<std::string, std::int64_t>> offer_table::ranked(const pod_view& pod,
                                                                      const circumstances& given) {
  std::vector<std::pair<std::string, std::int64_t>> out;
  for (const auto& [row, score] : ruled_pass(*this, pod, given, nullptr).all())
    out.emplace_back(names_[row], score);
  return out;
}

bool offer_table::is_taken(const circumstances& given) const {
  if (!given.volumes) return false;
  const auto& exclusive = given.volumes->exclusive();
  return std::any_of(exclusive.begin(), exclusive.end(),
                     [&](const auto& claim) { return pods_.users_of(claim) > 0; });
}

std::optional<refusal> offer_table::volume_refusal(std::size_t row, const circumstances& given,
                                                   bool taken) const {
  if (!given.volumes) return std::nullopt;
  if (rules_.filters.has(volume_binding) && !given.volumes->obstacle().empty())
    return refusal{volume_binding, {given.volumes->obstacle()}, true};
  const auto id = ids_[row];
  return given.volumes->refusal_of(*views_[row], {pods_.pods_on(id), pods_.claims_on(id), taken},
                                   rules_.filters);
}

diagnosis offer_table::diagnose(const pod_view& pod, const circumstances& given) {
  diagnosis d;
  d.nodes = size();
  const auto names = named_nodes(pod);
  if (names && names->empty()) {
    d.obstacle = "pod affinity terms conflict";
    d.refused_by = node_affinity;
  } else if (rules_.filters.has(volume_binding) && given.volumes &&
             !given.volumes->obstacle().empty()) {
    d.obstacle = given.volumes->obstacle();
    d.refused_by = volume_binding;
  }
  if (!d.obstacle.empty()) {
    d.unresolvable = size();
    return d;
  }
  const auto around = surroundings_of(pod, given);
  const bool taken = is_taken(given);
  for (std::size_t row = 0; row < size(); ++row) {
    if (names && !names->contains(names_[row])) {
      d.add({node_affinity, {"node(s) didn't satisfy plugin(s) [NodeAffinity]"}, true});
      continue;
    }
    auto r = filter(pod, *views_[row], nominated_.empty() ? used_[row] : with_nominated(row, pod),
                    rules_.filters);
    if (!r) r = volume_refusal(row, given, taken);
    if (!r) r = around.refusal_of(around.key_of(row));
    if (!r) r = custom_refusal(row, pod);
    if (r) d.add(*r);
  }
  // Kubernetes counts all nodes, also in the case (a race alone) that one would now do.
  d.nodes = size();
  return d;
}

}  // namespace troupe::model
