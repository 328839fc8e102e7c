#include "model/scheduling/neighbourhood.hpp"

#include "model/pod_phase.hpp"
#include "model/scheduling/preemption.hpp"
#include "model/selector.hpp"
#include "model/volumes/csi_migration.hpp"
#include "model/volumes/pod_volumes.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

// Standing counts kept; of more, the one that was not asked for longest goes. A workload has one
// or two.
constexpr std::size_t most_questions = 4096;

// Read from the text: most pods have no such terms, and are not parsed for it.
bool may_have_terms(const object& pod) {
  return pod.says(word::pod_affinity) || pod.says(word::pod_anti_affinity);
}

bool about_namespaces(const std::vector<pod_matcher>& all) {
  return std::any_of(all.begin(), all.end(),
                     [](const auto& m) { return m.in_labelled.has_value(); });
}

}  // namespace

neighbourhood::neighbourhood()
    : known_([this](const std::string& ns) {
        const auto at = namespaces_.find(ns);
        return at == namespaces_.end() ? nullptr : &at->second;
      }) {}

void neighbourhood::counts::add(node_id node, std::int32_t change) {
  if (node >= by_node.size()) by_node.resize(node + 1);
  by_node[node] += change;
}

const string_pairs& neighbourhood::entry::labels() const {
  return object ? object->header().labels : placed->labels;
}

time_point neighbourhood::entry::started() const {
  if (!start) start = start_of(*object);
  return *start;
}

neighbourhood::node_id neighbourhood::id_of(const std::string& node) {
  const auto [at, fresh] = ids_.try_emplace(node, static_cast<node_id>(on_node_.size()));
  if (fresh) {
    on_node_.emplace_back();
    claims_on_.emplace_back();
    changes_on_.push_back(0);
  }
  return at->second;
}

void neighbourhood::put(const object_ptr& pod) {
  const auto& h = pod->header();
  if (has_ended(*pod)) return remove(h.key.ns, h.uid);
  const auto* node = find(h.fields, "spec.nodeName");
  if (!node || node->empty()) return;  // pending, and perhaps assumed to be on a node already
  pods& in = by_namespace_[h.key.ns];
  const auto [at, fresh] = in.try_emplace(h.uid);
  entry& e = at->second;
  const node_id id = id_of(*node);
  if (!fresh && e.node == id && e.living == !h.deleting && e.labels() == h.labels) {
    e.object = pod;  // the text of the terms of a pod does not change
    e.placed = nullptr;
    e.start.reset();
    ++changes_on_[id];
    return;
  }
  if (fresh) {
    ++size_;
    e.priority = priority_of(*pod);
  } else {
    count_out(e);
  }
  e.ns = h.key.ns;
  e.node = id;
  e.object = pod;
  e.placed = nullptr;
  e.start.reset();
  e.living = !h.deleting;
  count_in(e);
}

void neighbourhood::erase(pods& in, pods::iterator at) {
  count_out(at->second);
  in.erase(at);
  --size_;
}

void neighbourhood::remove(const std::string& ns, const std::string& uid) {
  const auto found = by_namespace_.find(ns);
  if (found == by_namespace_.end()) return;
  if (const auto at = found->second.find(uid); at != found->second.end()) erase(found->second, at);
  if (found->second.empty()) by_namespace_.erase(found);
}

void neighbourhood::clear_committed() {
  for (auto in = by_namespace_.begin(); in != by_namespace_.end();) {
    for (auto at = in->second.begin(); at != in->second.end();) {
      const auto next = std::next(at);
      if (at->second.object) erase(in->second, at);
      at = next;
    }
    in = in->second.empty() ? by_namespace_.erase(in) : std::next(in);
  }
}

void neighbourhood::assume(const pod_ptr& pod, const std::string& node) {
  const auto [at, fresh] = by_namespace_[pod->ns].try_emplace(pod->uid);
  if (!fresh) {
    if (at->second.object) return;
    count_out(at->second);
  } else {
    ++size_;
  }
  entry& e = at->second;
  e.ns = pod->ns;
  e.node = id_of(node);
  e.placed = pod;
  e.living = !pod->deleting;
  e.priority = pod->priority;
  count_in(e);
}

void neighbourhood::forget(const std::string& ns, const std::string& uid) {
  const auto found = by_namespace_.find(ns);
  if (found == by_namespace_.end()) return;
  const auto at = found->second.find(uid);
  if (at != found->second.end() && !at->second.object) remove(ns, uid);
}

void neighbourhood::set_namespace(const std::string& name, const string_pairs& labels) {
  auto& have = namespaces_[name];
  if (have == labels) return;
  have = labels;
  drop_questions_about_namespaces();
}

void neighbourhood::remove_namespace(const std::string& name) {
  if (namespaces_.erase(name) > 0) drop_questions_about_namespaces();
}

void neighbourhood::clear_namespaces() {
  namespaces_.clear();
  drop_questions_about_namespaces();
}

void neighbourhood::drop_questions_about_namespaces() {
  std::erase_if(questions_, [&](const auto& q) {
    if (!about_namespaces(q.second->all)) return false;
    question_index_.remove(q.second->all.front(), q.second.get());
    return true;
  });
}

// --- counting

void neighbourhood::count_in(entry& e) {
  auto& on = on_node_[e.node];
  e.slot = on.size();
  on.push_back(&e);
  ++changes_on_[e.node];
  ++priorities_[e.priority];
  tally(e, 1);
}

void neighbourhood::count_out(entry& e) {
  auto& on = on_node_[e.node];
  on[e.slot] = on.back();
  on[e.slot]->slot = e.slot;
  on.pop_back();
  ++changes_on_[e.node];
  if (const auto at = priorities_.find(e.priority); --at->second == 0) priorities_.erase(at);
  tally(e, -1);
}

bool neighbourhood::answers(const question& q, const std::string& ns, const string_pairs& labels,
                            bool living) const {
  return (living || !q.living) && std::all_of(q.all.begin(), q.all.end(), [&](const auto& m) {
           return m.matches(ns, labels, known_);
         });
}

void neighbourhood::tally(const entry& e, std::int32_t change) {
  const auto& labels = e.labels();
  question_index_.each(e.ns, labels, [&](question& q) {
    if (answers(q, e.ns, labels, e.living)) q.answer->add(e.node, change);
  });
  if (e.object ? may_have_terms(*e.object) : e.placed->rules != nullptr) tally_terms(e, change);
  if (e.object ? may_have_volumes(*e.object) : e.placed->volumes != nullptr)
    tally_claims(e, change);
}

void neighbourhood::add_claim(node_id node, const std::string& claim) {
  const auto at = users_.try_emplace(claim).first;
  ++at->second;
  auto& here = claims_on_[node];
  const auto use = std::find_if(here.begin(), here.end(),
                                [&](const claim_use& u) { return u.claim == &at->first; });
  if (use == here.end())
    here.push_back({&at->first, 1});
  else
    ++use->pods;
}

void neighbourhood::remove_claim(node_id node, const std::string& claim) {
  const auto at = users_.find(claim);
  if (at == users_.end()) return;
  auto& here = claims_on_[node];
  const auto use = std::find_if(here.begin(), here.end(),
                                [&](const claim_use& u) { return u.claim == &at->first; });
  if (--use->pods == 0) {
    *use = here.back();
    here.pop_back();
  }
  if (--at->second == 0) users_.erase(at);
}

void neighbourhood::tally_claims(const entry& e, std::int32_t change) {
  const auto view = e.view();
  if (!view->volumes) return;
  const auto tally_one = [&](const std::string& claim) {
    if (change > 0)
      add_claim(e.node, claim);
    else
      remove_claim(e.node, claim);
  };
  for (const auto& name : view->volumes->claims) tally_one(e.ns + "/" + name);
  for (const auto& volume : view->volumes->counted) tally_one(volume);
}

const std::vector<neighbourhood::claim_use>& neighbourhood::claims_on(node_id node) const {
  static const std::vector<claim_use> none;
  return node < claims_on_.size() ? claims_on_[node] : none;
}

std::size_t neighbourhood::users_of(const std::string& claim) const {
  const auto at = users_.find(claim);
  return at == users_.end() ? 0 : at->second;
}

void neighbourhood::tally_terms(const entry& e, std::int32_t change) {
  const auto view = e.view();
  if (!view->rules) return;
  for (const auto& t : view->rules->affinity) tally_term(concern::affinity, t, e.node, change);
  for (const auto& t : view->rules->anti_affinity)
    tally_term(concern::anti_affinity, t, e.node, change);
  for (const auto& t : view->rules->preferred) tally_term(concern::preferred, t, e.node, change);
  for (const auto& t : view->rules->preferred_anti)
    tally_term(concern::preferred_anti, t, e.node, change);
}

void neighbourhood::tally_term(concern kind, const affinity_term& t, node_id node,
                               std::int32_t change) {
  const auto key = std::to_string(static_cast<int>(kind)) + ' ' + std::to_string(t.weight) + ' ' +
                   t.topology_key + ' ' + t.who.text;
  auto& have = terms_[key];
  if (!have) {
    have = std::make_unique<standing_term>();
    have->kind = kind;
    have->term = t;
    term_index_.add(have->term.who, have.get());
  }
  have->pods.add(node, change);
  have->total = static_cast<std::size_t>(static_cast<std::int64_t>(have->total) + change);
  if (have->total > 0) return;
  term_index_.remove(have->term.who, have.get());
  terms_.erase(key);
}

std::shared_ptr<const neighbourhood::counts> neighbourhood::count(
    const std::vector<const pod_matcher*>& all, bool living) {
  std::string key(living ? "living" : "all");
  for (const auto* m : all) key.append("\f").append(m->text);
  if (questions_.size() >= most_questions && !questions_.contains(key)) drop_oldest();
  auto& q = questions_[key];
  if (!q) {
    q = std::make_unique<question>();
    for (const auto* m : all) q->all.push_back(*m);
    q->living = living;
    q->answer = std::make_shared<counts>();
    answer_first(*q);
    question_index_.add(q->all.front(), q.get());
  }
  q->used = ++asked_;
  return q->answer;
}

void neighbourhood::answer_first(question& q) const {
  const auto look = [&](const pods& in) {
    for (const auto& [uid, e] : in)
      if (answers(q, e.ns, e.labels(), e.living)) q.answer->add(e.node, 1);
  };
  const auto& first = q.all.front();
  if (first.in_labelled) {
    for (const auto& [ns, in] : by_namespace_) look(in);
    return;
  }
  for (const auto& ns : first.namespaces)
    if (const auto at = by_namespace_.find(ns); at != by_namespace_.end()) look(at->second);
}

void neighbourhood::drop_oldest() {
  const auto oldest = std::min_element(
      questions_.begin(), questions_.end(),
      [](const auto& a, const auto& b) { return a.second->used < b.second->used; });
  question_index_.remove(oldest->second->all.front(), oldest->second.get());
  questions_.erase(oldest);
}

std::vector<const neighbourhood::standing_term*> neighbourhood::terms_about(
    const std::string& ns, const string_pairs& labels) const {
  std::vector<const standing_term*> out;
  if (terms_.empty()) return out;
  term_index_.each(ns, labels, [&](const standing_term& t) {
    if (t.term.who.matches(ns, labels, known_)) out.push_back(&t);
  });
  return out;
}

const std::vector<const neighbourhood::entry*>& neighbourhood::pods_on(node_id node) const {
  static const std::vector<const entry*> none;
  return node < on_node_.size() ? on_node_[node] : none;
}

}  // namespace troupe::model
