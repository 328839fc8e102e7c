#include "model/scheduling/offer_table.hpp"
#include "model/scheduling/pod_group.hpp"
#include "model/volumes/pod_volumes.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

constexpr const char* not_helpful = "Preemption is not helpful for scheduling";
constexpr const char* no_victims = "No preemption victims found for incoming pod";
// Kinds of pods that are remembered.
constexpr std::size_t most_memories = 4;

}  // namespace

/// What was found of the nodes for pods of one kind, each true until something changes there.
struct offer_table::victim_memory {
  static constexpr std::uint64_t never = UINT64_MAX;
  struct finding {
    std::uint64_t stamp = never;  // when
    bool resolvable = false;      // it is worth a search
    bool searched = false;
    std::vector<std::string> reasons;  // nobody's going helps
    preemption_candidate candidate;    // without victims: the pod fits, after all
  };
  std::string kind;
  std::vector<std::pair<std::uint64_t, std::int64_t>> budgets;  // version, and what they allow
  std::vector<finding> rows;
};

/// Tries nodes as they would be without their less important pods.
class offer_table::victim_search {
 public:
  victim_search(offer_table& table, const pod_view& pod,
                const std::vector<disruption_limit>& budgets, const circumstances& given,
                surroundings& around)
      : table_(table),
        pod_(pod),
        gang_(pod_group_of(pod.ns, pod.labels)),
        budgets_(budgets),
        given_(given),
        around_(around) {}

  /// The candidate, or what keeps the pod off the node all the same.
  void look(std::size_t row, victim_memory::finding& out) {
    row_ = row;
    used_ = table_.with_nominated(row, pod_);
    gone_.clear();
    out.searched = true;
    std::vector<victim> potential;
    for (const auto* e : table_.pods_.pods_on(table_.ids_[row]))
      if (e->priority < pod_.priority && e->object && !is_fellow(*e)) {
        potential.push_back({e->object, e->priority, e->started()});
        take(*e);
      }
    if (potential.empty()) {
      out.reasons = {no_victims};
      return;
    }
    if (auto refused = refusal_now())
      out.reasons = std::move(refused->reasons);
    else
      out.candidate = keep_most(std::move(potential));
    for (const auto* e : gone_) around_.change(row_, *e, 1);
  }

 private:
  using entry = neighbourhood::entry;

  bool is_fellow(const entry& e) const {
    return !gang_.empty() && pod_group_of(e.ns, e.labels()) == gang_;
  }
  void take(const entry& e) {
    used_.remove(*e.view());
    around_.change(row_, e, -1);
    gone_.push_back(&e);
  }
  const entry& put_back(const object& pod) {
    const auto at = std::find_if(gone_.begin(), gone_.end(),
                                 [&](const entry* e) { return e->object.get() == &pod; });
    const entry& e = **at;
    gone_.erase(at);
    used_.add(*e.view());
    around_.change(row_, e, 1);
    return e;
  }

  std::optional<refusal> refusal_now() const {
    if (auto r = filter(pod_, *table_.views_[row_], used_, table_.rules_.filters)) return r;
    if (given_.volumes) {
      std::vector<const entry*> there;
      for (const auto* e : table_.pods_.pods_on(table_.ids_[row_]))
        if (std::find(gone_.begin(), gone_.end(), e) == gone_.end()) there.push_back(e);
      const auto claims = claims_left();
      if (auto r = given_.volumes->refusal_of(*table_.views_[row_], {there, claims, is_taken()},
                                              table_.rules_.filters))
        return r;
    }
    if (auto r = around_.refusal_of(around_.key_of(row_))) return r;
    return table_.custom_refusal(row_, pod_, used_);
  }

  // Of the claims of those that are tried without.
  template <class F>
  void each_claim_gone(F f) const {
    for (const auto* e : gone_)
      if (const auto volumes = e->view()->volumes; volumes) {
        for (const auto& name : volumes->claims) f(e->ns + "/" + name);
        for (const auto& volume : volumes->counted) f(volume);
      }
  }

  // The claims of the pods that stay on the node.
  std::vector<neighbourhood::claim_use> claims_left() const {
    auto uses = table_.pods_.claims_on(table_.ids_[row_]);
    each_claim_gone([&](const std::string& claim) {
      for (auto& use : uses)
        if (*use.claim == claim) --use.pods;
    });
    std::erase_if(uses, [](const auto& use) { return use.pods == 0; });
    return uses;
  }

  // A pod that stays, here or elsewhere, has a claim that one alone may have.
  bool is_taken() const {
    const auto& exclusive = given_.volumes->exclusive();
    return std::any_of(exclusive.begin(), exclusive.end(), [&](const std::string& claim) {
      auto users = table_.pods_.users_of(claim);
      each_claim_gone([&](const std::string& gone) { users -= gone == claim ? 1 : 0; });
      return users > 0;
    });
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
        const entry& e = put_back(*v.pod);
        if (!refusal_now()) continue;
        take(e);
        if (list == &violating) ++out.violations;
        out.victims.push_back(std::move(v));
      }
    std::stable_sort(out.victims.begin(), out.victims.end(), more_important);
    return out;
  }

  offer_table& table_;
  const pod_view& pod_;
  const std::string gang_;
  const std::vector<disruption_limit>& budgets_;
  const circumstances& given_;
  surroundings& around_;
  std::size_t row_ = 0;
  usage used_;
  std::vector<const entry*> gone_;
};

// What filters say of a node goes by the pod's signature, and whom it may preempt by its priority.
offer_table::victim_memory& offer_table::memory_of(const pod_view& pod,
                                                   const std::vector<disruption_limit>& budgets) {
  const auto kind =
      std::to_string(pod.priority) + '\n' + pod_group_of(pod.ns, pod.labels) + '\n' + pod.signature;
  std::vector<std::pair<std::uint64_t, std::int64_t>> versions;
  for (const auto& b : budgets) versions.emplace_back(b.version, b.allowed);
  const auto at = std::find_if(memories_.begin(), memories_.end(), [&](const auto& m) {
    return m->kind == kind && m->budgets == versions;
  });
  if (at != memories_.end()) {
    std::rotate(at, at + 1, memories_.end());
  } else {
    if (memories_.size() >= most_memories) memories_.erase(memories_.begin());
    memories_.push_back(std::make_shared<victim_memory>());
    memories_.back()->kind = kind;
    memories_.back()->budgets = std::move(versions);
  }
  return *memories_.back();
}

bool offer_table::may_be_helped(std::size_t row, const pod_view& pod, const circumstances& given,
                                bool taken, const surroundings& around) const {
  auto r = nominated_.empty() ? filter(pod, *views_[row], used_[row], rules_.filters)
                              : filter(pod, *views_[row], with_nominated(row, pod), rules_.filters);
  if (!r) r = volume_refusal(row, given, taken);
  if (!r) r = around.refusal_of(around.key_of(row));
  if (!r) r = custom_refusal(row, pod);
  return r && !r->unresolvable;
}

preemption offer_table::preempt(const pod_view& pod, const std::vector<disruption_limit>& budgets,
                                random_source& random, const circumstances& given, bool all) {
  preemption out;
  if (!rules_.preemption.enabled) return out;
  if (pod.preemption_policy == "Never") {
    out.message = "not eligible due to preemptionPolicy=Never.";
    return out;
  }
  auto around = surroundings_of(pod, given);
  // What depends on more than the node and its pods is looked at anew.
  const bool lasting = !given.volumes && rules_.custom.empty() && !around.restricts();
  victim_memory passing;
  victim_memory& memory = lasting ? memory_of(pod, budgets) : passing;
  memory.rows.resize(size());
  const bool taken = is_taken(given);
  const auto* promised = promised_node(pod);
  std::vector<std::size_t> rows;  // where it might help
  for (std::size_t row = 0; row < size(); ++row) {
    auto& f = memory.rows[row];
    // Room that has been promised to the pod itself is taken from others of its kind alone.
    const bool own = promised && *promised == names_[row];
    if (const auto stamp = own ? victim_memory::never : stamp_of(row); own || f.stamp != stamp) {
      f = {};
      f.stamp = stamp;
      f.resolvable = may_be_helped(row, pod, given, taken, around);
    }
    if (f.resolvable) rows.push_back(row);
    if (f.resolvable && own && awaits_room(pod)) {
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
  std::vector<const preemption_candidate*> candidates;
  bool unguarded = false;  // a candidate violates no budget
  const auto& wanted = rules_.preemption;
  const std::size_t enough =
      std::max(wanted.least_candidates, rows.size() * wanted.candidates_percentage / 100);
  const std::size_t offset = rows.empty() ? 0 : random.below(rows.size());
  for (std::size_t i = 0; i < rows.size() && !(unguarded && candidates.size() >= enough); ++i) {
    const auto row = rows[(offset + i) % rows.size()];
    auto& f = memory.rows[row];
    if (!f.searched) search.look(row, f);
    for (const auto& reason : f.reasons) ++reasons[reason];
    if (f.candidate.victims.empty()) continue;  // it helps nobody, or it fits after all: a race
    unguarded = unguarded || f.candidate.violations == 0;
    candidates.push_back(&f.candidate);
  }
  if (candidates.empty())
    out.message = no_nodes_message(size(), reasons);
  else
    out.chosen = pick_candidate(candidates);
  if (all)
    for (const auto* c : candidates) out.candidates.push_back(*c);
  return out;
}

// --- several at once

void offer_table::count_victim(const victim& v, bool there) {
  const auto& h = v.pod->header();
  const auto row = rows_.at(*find(h.fields, "spec.nodeName"));
  if (there) {
    used_[row].add(*v.pod->view<pod_view>());
    pods_.put(v.pod);
  } else {
    used_[row].remove(*v.pod->view<pod_view>());
    pods_.remove(h.key.ns, h.uid);
  }
  refresh(row);
}

joint_preemption offer_table::preempt_together(std::span<const member> pods, std::size_t least,
                                               const std::vector<disruption_limit>& budgets,
                                               random_source& random) {
  joint_preemption out;
  std::map<std::string, std::string> promises;  // that stand while nothing is decided
  for (const auto& m : pods)
    if (const auto at = nominations_.find(m.pod->uid); at != nominations_.end())
      promises.insert(*at);
  auto left = budgets;
  for (std::size_t i = 0; i < pods.size() && out.parts.size() + (pods.size() - i) >= least; ++i) {
    const auto& m = pods[i];
    joint_preemption::part p{i, place({&m.pod, 1}, random, m.given).front(), {}};
    if (p.node.empty() && out.parts.size() < least) {
      auto found = preempt(*m.pod, left, random, m.given);
      out.message = std::move(found.message);
      if (!found.chosen) continue;
      for (const auto& v : found.chosen->victims) {
        count_victim(v, false);
        charge(left, *v.pod);
      }
      p.victims = std::move(found.chosen->victims);
      if (place_on(m.pod, found.chosen->node, m.given)) p.node = found.chosen->node;
    }
    if (!p.node.empty() || !p.victims.empty()) out.parts.push_back(std::move(p));
  }
  // All as it was.
  for (const auto& p : out.parts) {
    forget(pods[p.pod].pod->uid);
    for (const auto& v : p.victims) count_victim(v, true);
  }
  for (const auto& m : pods)
    if (const auto at = promises.find(m.pod->uid); at != promises.end())
      nominate(m.pod, at->second);
  std::erase_if(out.parts, [](const auto& p) { return p.node.empty(); });
  if (out.parts.size() < least) out.parts.clear();
  return out;
}

}  // namespace troupe::model
