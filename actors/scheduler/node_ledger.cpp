#include "actors/scheduler/node_ledger.hpp"

#include "model/json_text.hpp"
#include "model/pod_phase.hpp"
#include "model/volumes/pod_volumes.hpp"

#include <algorithm>
#include <tuple>

namespace troupe::scheduler {
namespace {

// A kubelet has taken it. Looked for in the text: of all pods that are there at a start.
bool taken(const model::object& pod) {
  return model::mentions(pod.text_of(model::part::status), "\"startTime\"");
}

}  // namespace

void node_ledger::set_node(model::object_ptr node) {
  auto view = node ? node->view<model::node_view>() : nullptr;
  if (!view != !view_ || (view && !view->same_for_scheduling(*view_))) ++version_;
  node_ = std::move(node);
  view_ = std::move(view);
}

void node_ledger::count(entry& e, bool counted) {
  if (e.counted == counted) return;
  e.counted = counted;
  ++version_;
  if (counted)
    used_.add(*e.view);
  else
    used_.remove(*e.view);
}

bool node_ledger::meets_its_disks(const model::pod_view& pod) const {
  if (!pod.volumes || pod.volumes->disks.empty()) return false;
  return std::any_of(pods_.begin(), pods_.end(), [&](const auto& other) {
    const entry& e = other.second;
    return e.counted && e.view->volumes &&
           model::conflict(pod.volumes->disks, e.view->volumes->disks);
  });
}

std::optional<model::refusal> node_ledger::reserve(pod_view_ptr pod,
                                                   const model::filter_rules& rules) {
  if (pods_.contains(pod->uid)) return std::nullopt;
  if (!view_) return model::refusal{model::node_name, {"node is gone"}, true};
  if (auto refused = model::filter(*pod, *view_, used_, rules)) return refused;
  if (rules.has(model::volume_restrictions) && meets_its_disks(*pod))
    return model::refusal{model::volume_restrictions, {"node(s) had no available disk"}, false};
  entry& e = pods_[pod->uid];
  e.counted = false;
  e.judged = true;
  e.view = std::move(pod);
  count(e, true);
  return std::nullopt;
}

void node_ledger::release(const std::string& uid) {
  const auto at = pods_.find(uid);
  if (at == pods_.end() || at->second.object) return;
  count(at->second, false);
  pods_.erase(at);
}

bool node_ledger::commit(const model::object_ptr& pod) {
  auto [at, fresh] = pods_.try_emplace(pod->header().uid);
  entry& e = at->second;
  if (e.object && e.object->version() >= pod->version()) return false;
  if (fresh) {
    e.counted = false;
    e.judged = taken(*pod);
    e.view = pod->view<model::pod_view>();
  }
  e.object = pod;
  count(e, !model::has_ended(*pod) && !e.objection);
  return true;
}

const model::node_objection* node_ledger::objection(const std::string& uid) {
  const auto at = pods_.find(uid);
  if (at == pods_.end()) return nullptr;
  if (!at->second.judged) judge();
  const auto& objection = at->second.objection;
  return objection ? &*objection : nullptr;
}

// Each is held against those that are there and those of these before it.
void node_ledger::judge() {
  if (!view_) return;
  std::vector<entry*> waiting;
  auto others = used_;
  for (auto& [uid, e] : pods_) {
    if (e.judged || !e.object) continue;
    e.judged = true;
    if (!e.counted || e.object->header().deleting) continue;
    waiting.push_back(&e);
    others.remove(*e.view);
  }
  std::sort(waiting.begin(), waiting.end(), [](const entry* a, const entry* b) {
    return std::tie(a->view->created, a->view->uid) < std::tie(b->view->created, b->view->uid);
  });
  for (entry* e : waiting) {
    e->objection = model::admission_objection(*e->view, *view_, others);
    if (e->objection)
      count(*e, false);
    else
      others.add(*e->view);
  }
}

bool node_ledger::remove(const std::string& uid) {
  const auto at = pods_.find(uid);
  if (at == pods_.end()) return false;
  count(at->second, false);
  pods_.erase(at);
  return true;
}

std::vector<model::object_ptr> node_ledger::bound() const {
  std::vector<model::object_ptr> out;
  for (const auto& [uid, e] : pods_)
    if (e.object) out.push_back(e.object);
  return out;
}

}  // namespace troupe::scheduler
