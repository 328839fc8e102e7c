#include "model/scheduling/offer_table.hpp"

#include <algorithm>
#include <variant>

namespace troupe::model {
namespace {

constexpr const char* not_helpful = "Preemption is not helpful for scheduling";
constexpr const char* no_victims = "No preemption victims found for incoming pod";

}  // namespace

/// Tries nodes as they would be without their less important pods.
class offer_table::victim_search {
 public:
  victim_search(offer_table& table, const pod_view& pod,
                const std::vector<disruption_limit>& budgets, const circumstances& given,
                surroundings& around)
      : table_(table), pod_(pod), budgets_(budgets), given_(given), around_(around) {}

  /// The candidate, or what keeps the pod off the node all the same.
  std::variant<preemption_candidate, std::vector<std::string>> on(std::size_t row) {
    row_ = row;
    used_ = table_.with_nominated(row, pod_);
    gone_.clear();
    std::vector<victim> potential;
    for (const auto* e : table_.pods_.pods_on(table_.ids_[row]))
      if (e->priority < pod_.priority && e->object) {
        potential.push_back({e->object, e->priority, start_of(*e->object)});
        take(*e);
      }
    if (potential.empty()) return std::vector<std::string>{no_victims};
    auto refused = refusal_now();
    preemption_candidate out;
    if (!refused) out = keep_most(std::move(potential));
    for (auto& [uid, e] : gone_) around_.change(row_, *e, 1);
    if (refused) return std::move(refused->reasons);
    return out;
  }

 private:
  void take(const neighbourhood::entry& e) {
    used_.remove(*e.view());
    around_.change(row_, e, -1);
    gone_[e.object->header().uid] = &e;
  }
  void put_back(const std::string& uid) {
    const auto at = gone_.find(uid);
    used_.add(*at->second->view());
    around_.change(row_, *at->second, 1);
    gone_.erase(at);
  }

  std::optional<refusal> refusal_now() const {
    if (auto r = filter(pod_, *table_.views_[row_], used_, table_.rules_.filters)) return r;
    if (given_.volumes) {
      std::vector<const neighbourhood::entry*> there;
      for (const auto* e : table_.pods_.pods_on(table_.ids_[row_]))
        if (!e->object || !gone_.contains(e->object->header().uid)) there.push_back(e);
      if (auto r = given_.volumes->refusal_of(*table_.views_[row_], there, table_.rules_.filters))
        return r;
    }
    if (auto r = around_.refusal_of(around_.key_of(row_))) return r;
    return table_.custom_refusal(row_, pod_, used_);
  }

  // As many as fit beside the pod stay: first those that a budget guards, the most important ones
  // first.
  preemption_candidate keep_most(std::vector<victim> potential) {
    std::stable_sort(potential.begin(), potential.end(), more_important);
    auto [violating, others] = split_by_budgets(std::move(potential), budgets_);
    preemption_candidate out;
    out.node = table_.names_[row_];
    for (auto* list : {&violating, &others})
      for (auto& v : *list) {
        const auto uid = v.pod->header().uid;
        const auto* e = gone_.at(uid);
        put_back(uid);
        if (!refusal_now()) continue;
        take(*e);
        if (list == &violating) ++out.violations;
        out.victims.push_back(std::move(v));
      }
    std::stable_sort(out.victims.begin(), out.victims.end(), more_important);
    return out;
  }

  offer_table& table_;
  const pod_view& pod_;
  const std::vector<disruption_limit>& budgets_;
  const circumstances& given_;
  surroundings& around_;
  std::size_t row_ = 0;
  usage used_;
  std::unordered_map<std::string, const neighbourhood::entry*> gone_;
};

preemption offer_table::preempt(const pod_view& pod, const std::vector<disruption_limit>& budgets,
                                random_source& random, const circumstances& given) {
  preemption out;
  if (!rules_.preemption.enabled) return out;
  if (pod.preemption_policy == "Never") {
    out.message = "not eligible due to preemptionPolicy=Never.";
    return out;
  }
  auto around = surroundings_of(pod, given);
  std::vector<std::size_t> rows;  // where it might help
  for (std::size_t row = 0; row < size(); ++row) {
    auto r = filter(pod, *views_[row], with_nominated(row, pod), rules_.filters);
    if (!r) r = volume_refusal(row, given);
    if (!r) r = around.refusal_of(around.key_of(row));
    if (!r) r = custom_refusal(row, pod);
    if (r && !r->unresolvable) rows.push_back(row);
    if (r && !r->unresolvable && names_[row] == pod.nominated_node)
      for (const auto* e : pods_.pods_on(ids_[row]))
        if (e->priority < pod.priority && e->object && ends_by_preemption(*e->object)) {
          out.message = "not eligible due to a terminating pod on the nominated node.";
          return out;
        }
  }
  std::map<std::string, std::size_t> reasons;
  if (size() > rows.size()) reasons[not_helpful] = size() - rows.size();
  if (!pods_.has_below(pod.priority)) {
    if (!rows.empty()) reasons[no_victims] = rows.size();
    out.message = no_nodes_message(size(), reasons);
    return out;
  }
  victim_search search(*this, pod, budgets, given, around);
  std::vector<preemption_candidate> candidates;
  bool unguarded = false;  // a candidate violates no budget
  const auto& wanted = rules_.preemption;
  const std::size_t enough =
      std::max(wanted.least_candidates, rows.size() * wanted.candidates_percentage / 100);
  const std::size_t offset = rows.empty() ? 0 : random.below(rows.size());
  for (std::size_t i = 0; i < rows.size() && !(unguarded && candidates.size() >= enough); ++i) {
    auto found = search.on(rows[(offset + i) % rows.size()]);
    if (auto* why = std::get_if<std::vector<std::string>>(&found)) {
      for (const auto& reason : *why) ++reasons[reason];
      continue;
    }
    auto& c = std::get<preemption_candidate>(found);
    if (c.victims.empty()) continue;  // it fits, after all: a race
    unguarded = unguarded || c.violations == 0;
    candidates.push_back(std::move(c));
  }
  if (candidates.empty())
    out.message = no_nodes_message(size(), reasons);
  else
    out.chosen = pick_candidate(candidates);
  return out;
}

// --- promises of room

void offer_table::nominate(const pod_view_ptr& pod, const std::string& node) {
  forget_nomination(pod->uid);
  nominations_[pod->uid] = node;
  nominated_[node].push_back(pod);
}

void offer_table::forget_nomination(const std::string& uid) {
  const auto at = nominations_.find(uid);
  if (at == nominations_.end()) return;
  const auto list = nominated_.find(at->second);
  std::erase_if(list->second, [&](const auto& p) { return p->uid == uid; });
  if (list->second.empty()) nominated_.erase(list);
  nominations_.erase(at);
}

void offer_table::forget_nominations() {
  nominations_.clear();
  nominated_.clear();
}

std::vector<pod_view_ptr> offer_table::nominated_below(const std::string& node,
                                                       std::int32_t priority) const {
  std::vector<pod_view_ptr> out;
  if (const auto at = nominated_.find(node); at != nominated_.end())
    for (const auto& p : at->second)
      if (p->priority < priority) out.push_back(p);
  return out;
}

usage offer_table::with_nominated(std::size_t row, const pod_view& pod) const {
  usage u = used_[row];
  if (const auto at = nominated_.find(names_[row]); at != nominated_.end())
    for (const auto& p : at->second)
      if (p->priority >= pod.priority && p->uid != pod.uid) u.add(*p);
  return u;
}

bool offer_table::place_on(const pod_view_ptr& pod, const std::string& node,
                           const circumstances& given) {
  const auto at = rows_.find(node);
  if (at == rows_.end()) return false;
  const auto row = at->second;
  if (!fits(row, *pod) || static_filter(*pod, *views_[row], rules_.filters) ||
      volume_refusal(row, given) || custom_refusal(row, *pod))
    return false;
  if (is_ruled(*pod) || !given.spread.empty()) {
    const auto around = surroundings_of(*pod, given);
    if (!around.admits(around.key_of(row))) return false;
  }
  assume(row, pod);
  return true;
}

}  // namespace troupe::model
