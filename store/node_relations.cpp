#include "store/node_relations.hpp"

#include "model/kubelet/volumes.hpp"

namespace troupe::store {
namespace {

using model::at;
using model::json;
using model::string_at;

constexpr const char* pods = "pods";

std::string text_of(std::string_view resource, std::string_view ns, std::string_view name) {
  std::string out(resource);
  out += '/';
  out += ns;
  out += '/';
  return out += name;
}

std::vector<std::string> references_of(const json& pod) {
  const auto ns = string_at(pod, {"metadata", "namespace"});
  std::vector<std::string> out;
  const auto add = [&](const auto& references) {
    for (const auto& r : references) out.push_back(text_of(r.resource, ns, r.name));
  };
  add(model::kubelet::volume_references(pod));
  for (const char* list : {"initContainers", "containers", "ephemeralContainers"})
    for (const json& container : at(pod, {"spec", list}))
      add(model::kubelet::environment_references(container));
  for (const json& secret : at(pod, {"spec", "imagePullSecrets"}))
    out.push_back(text_of("secrets", ns, string_at(secret, {"name"})));
  out.push_back(text_of("serviceaccounts", ns, string_at(pod, {"spec", "serviceAccountName"})));
  return out;
}

std::string node_name(const model::object& pod) {
  for (const auto& [field, value] : pod.header().fields)
    if (field == "spec.nodeName") return value;
  return {};
}

std::string id_of(const model::object_key& key) {
  return key.ns + "/" + key.name;
}

}  // namespace

bool node_relations::related(std::string_view node, std::string_view resource, std::string_view ns,
                             std::string_view name) {
  if (resource == "persistentvolumes") {
    const auto volume = objects_->get({std::string(resource), "", std::string(name)});
    if (!volume) return false;
    const json document = volume->content();
    return related(node, "persistentvolumeclaims",
                   string_at(document, {"spec", "claimRef", "namespace"}),
                   string_at(document, {"spec", "claimRef", "name"}));
  }
  const std::lock_guard lock(mutex_);
  follow();
  const auto held = nodes_.find(std::string(node));
  return held != nodes_.end() && held->second.contains(text_of(resource, ns, name));
}

void node_relations::follow() {
  if (seen_ == 0) return reload();
  for (;;) {
    const auto batch = objects_->events(pods, seen_);
    if (batch.expired) return reload();
    seen_ = batch.version;
    if (batch.events.empty()) return;
    for (const auto& e : batch.events)
      if (e.type == event::kind::deleted)
        forget(id_of(e.object->key()));
      else
        put(*e.object);
  }
}

void node_relations::reload() {
  ++round_;
  const auto all = objects_->list(pods);
  for (const auto& o : all.objects) put(*o);
  std::vector<std::string> gone;
  for (const auto& [id, pod] : pods_)
    if (pod.round != round_) gone.push_back(id);
  for (const auto& id : gone) forget(id);
  seen_ = all.version;
}

// What a pod refers to does not change; only new ones are read.
void node_relations::put(const model::object& pod) {
  auto node = node_name(pod);
  if (node.empty()) return;
  auto id = id_of(pod.key());
  if (const auto known = pods_.find(id); known != pods_.end()) {
    if (known->second.uid == pod.header().uid) {
      known->second.round = round_;
      return;
    }
    forget(id);
  }
  pod_state state{pod.header().uid, std::move(node), references_of(pod.content()), round_};
  auto& counts = nodes_[state.node];
  for (const auto& reference : state.references) ++counts[reference];
  pods_.emplace(std::move(id), std::move(state));
}

void node_relations::forget(const std::string& id) {
  const auto found = pods_.find(id);
  if (found == pods_.end()) return;
  const auto node = nodes_.find(found->second.node);
  for (const auto& reference : found->second.references)
    if (const auto count = node->second.find(reference); --count->second == 0)
      node->second.erase(count);
  if (node->second.empty()) nodes_.erase(node);
  pods_.erase(found);
}

}  // namespace troupe::store
