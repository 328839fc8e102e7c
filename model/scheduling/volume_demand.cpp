#include "model/scheduling/volume_demand.hpp"

#include "model/pod_view.hpp"
#include "model/scheduling/volume_zones.hpp"
#include "model/selector.hpp"
#include "model/volumes/match.hpp"

#include <algorithm>
#include <limits>

namespace troupe::model {
namespace {

constexpr const char* host_label = "kubernetes.io/hostname";
constexpr const char* no_provisioner = "kubernetes.io/no-provisioner";

constexpr const char* lost_volume =
    "node(s) unavailable due to one or more pvc(s) bound to non-existent pv(s)";
constexpr const char* wrong_node = "node(s) had volume node affinity conflict";
constexpr const char* nothing_to_bind = "node(s) didn't find available persistent volumes to bind";
constexpr const char* wrong_zone = "node(s) had no available volume zone";
constexpr const char* disk_conflict = "node(s) had no available disk";
constexpr const char* claim_conflict =
    "node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode";
constexpr const char* too_many = "node(s) exceed max volume count";

bool is_ephemeral(const json& pod, const std::string& claim) {
  for (const json& v : at(pod, {"spec", "volumes"}))
    if (v.contains("ephemeral") &&
        string_at(pod, {"metadata", "name"}) + "-" + string_at(v, {"name"}) == claim)
      return true;
  return false;
}

bool allows_topology(const json& storage_class, const node_view& node) {
  const json& terms = at(storage_class, {"allowedTopologies"});
  if (terms.empty()) return true;
  return std::any_of(terms.begin(), terms.end(), [&](const json& term) {
    const json& all = at(term, {"matchLabelExpressions"});
    return std::all_of(all.begin(), all.end(), [&](const json& e) {
      const auto* have = find(node.labels, string_at(e, {"key"}));
      const json& values = at(e, {"values"});
      return have && std::find(values.begin(), values.end(), *have) != values.end();
    });
  });
}

quantity size_of(const json& claim) {
  return quantity::parse(string_at(claim, {"spec", "resources", "requests", "storage"}))
      .value_or(quantity());
}

// The only hosts that reach a free volume, if it says so: that of a local one does.
const std::vector<std::string>* hosts_of(const volume_facts& v) {
  if (!v.claim.empty() || !v.nodes || v.nodes->size() != 1) return nullptr;
  const auto& wanted = v.nodes->front().labels;
  const auto at = std::find_if(wanted.begin(), wanted.end(), [](const requirement& r) {
    return r.op == requirement::operation::in && r.key == host_label;
  });
  return at == wanted.end() ? nullptr : &at->values;
}

bool has_conflicting_disk(const neighbourhood::entry& e, const std::vector<pod_disk>& disks) {
  if (e.object && !e.object->says(word::disk)) return false;
  const auto volumes = e.view()->volumes;
  return volumes && conflict(disks, volumes->disks);
}

}  // namespace

volume_demand::volume_demand(const object& pod, const volume_book& book) : book_(&book) {
  const auto view = pod.view<pod_view>();
  if (!view->volumes) return;
  ns_ = pod.key().ns;
  volumes_ = view->volumes;
  obstacle_ = take_claims(pod);
  std::stable_sort(waiting_.begin(), waiting_.end(),
                   [](const auto& a, const auto& b) { return b.size < a.size; });
  count_attachments();
}

// Returns what keeps the pod off all nodes; a claim that is missing says more than one that nobody
// has bound.
std::string volume_demand::take_claims(const object& pod) {
  std::string unbound;
  for (const auto& name : volumes_->claims) {
    const auto text = ns_ + "/" + name;
    const auto* claim = book_->find_claim(text);
    if (!claim)
      return is_ephemeral(pod.content(), name)
                 ? "waiting for ephemeral volume controller to create the persistentvolumeclaim "
                   "\"" +
                       name + "\""
                 : "persistentvolumeclaim \"" + name + "\" not found";
    if (claim->for_one_pod) exclusive_.push_back(text);
    if (claim->lost)
      return "persistentvolumeclaim \"" + name + "\" bound to non-existent persistentvolume \"" +
             claim->volume + "\"";
    if (claim->object->header().deleting)
      return "persistentvolumeclaim \"" + name + "\" is being deleted";
    if (claim->bound) {
      bound_.push_back(book_->find_volume(claim->volume));
      continue;
    }
    const auto* found = book_->find_class(claim->storage_class);
    json storage_class = found ? found->object->parse() : json();
    if (!claim->volume.empty() ||
        string_at(storage_class, {"volumeBindingMode"}) != "WaitForFirstConsumer")
      unbound = "pod has unbound immediate PersistentVolumeClaims";
    else
      wait_for(*claim, std::move(storage_class));
  }
  return unbound;
}

void volume_demand::wait_for(const volume_book::claim& claim, json storage_class) {
  waiting w;
  w.claim = claim.object;
  w.document = claim.object->parse();
  w.size = size_of(w.document);
  w.selected = string_at(w.document, {"metadata", "annotations", selected_node});
  w.provisions = string_at(storage_class, {"provisioner"}) != no_provisioner;
  w.storage_class = std::move(storage_class);
  const auto& key = claim.object->key();
  w.candidates =
      matches(w.document, book_->volumes_for(key.ns + "/" + key.name, claim.storage_class));
  sort_by_host(w);
  waiting_.push_back(std::move(w));
}

// --- binding

// A node need not look at the volumes of all the others.
void volume_demand::sort_by_host(waiting& w) {
  for (std::size_t i = 0; i < w.candidates.size(); ++i) {
    const auto* hosts = hosts_of(*w.candidates[i]);
    if (hosts)
      for (const auto& host : *hosts) w.of_host[host].push_back(i);
    else
      w.of_more.push_back(i);
  }
}

// What other claims of the pod do not get.
const volume_facts* volume_demand::match(const waiting& w, const node_view& node,
                                         const std::vector<choice>& earlier) {
  if (!w.selected.empty()) return nullptr;
  const auto may_have = [&](std::size_t i) {
    const auto* v = w.candidates[i];
    // One that is reserved for the claim is its volume, wherever that may be.
    return (!v->claim.empty() || v->reaches(node)) &&
           std::none_of(earlier.begin(), earlier.end(),
                        [&](const choice& c) { return c.volume == v; });
  };
  auto best = w.candidates.size();
  const auto take_first = [&](const std::vector<std::size_t>& list) {
    const auto at = std::find_if(list.begin(), list.end(), may_have);
    if (at != list.end()) best = std::min(best, *at);
  };
  take_first(w.of_more);
  if (const auto* host = find(node.labels, host_label))
    if (const auto at = w.of_host.find(*host); at != w.of_host.end()) take_first(at->second);
  return best == w.candidates.size() ? nullptr : w.candidates[best];
}

std::optional<std::vector<volume_demand::choice>> volume_demand::choose(
    const node_view& node) const {
  std::vector<choice> out;
  for (const auto& w : waiting_) {
    if (!w.selected.empty() && w.selected != node.name) return std::nullopt;
    const auto* found = match(w, node, out);
    if (found ? !found->reaches(node) : !w.provisions || !allows_topology(w.storage_class, node))
      return std::nullopt;
    out.push_back({&w, found});
  }
  return out;
}

std::optional<refusal> volume_demand::binding_refusal(const node_view& node) const {
  refusal r{volume_binding, {}, true};
  for (const auto* v : bound_) {
    if (!v) return refusal{volume_binding, {lost_volume}, true};
    if (v->facts.reaches(node)) continue;
    r.reasons.emplace_back(wrong_node);
    break;
  }
  if (!waiting_.empty() && !choose(node)) r.reasons.emplace_back(nothing_to_bind);
  if (r.reasons.empty()) return std::nullopt;
  return r;
}

std::vector<std::pair<object_ptr, json>> volume_demand::reservations(const node_view& node) const {
  std::vector<std::pair<object_ptr, json>> out;
  const auto chosen = choose(node);
  if (!chosen) return out;
  for (const auto& c : *chosen) {
    if (!c.volume) {
      if (has_annotation(c.claim->document, selected_node)) continue;
      json claim = c.claim->document;
      claim["metadata"]["annotations"][selected_node] = node.name;
      out.emplace_back(c.claim->claim, std::move(claim));
    } else if (c.volume->claim.empty()) {
      const auto& stored = book_->find_volume(c.volume->name)->object;
      json volume = stored->parse();
      volume["spec"]["claimRef"] = {{"apiVersion", "v1"},
                                    {"kind", "PersistentVolumeClaim"},
                                    {"namespace", ns_},
                                    {"name", c.claim->claim->key().name},
                                    {"uid", c.claim->claim->header().uid},
                                    {"resourceVersion", std::to_string(c.claim->claim->version())}};
      volume["metadata"]["annotations"][bound_by_controller] = "yes";
      out.emplace_back(stored, std::move(volume));
    }
  }
  return out;
}

// --- attaching

void volume_demand::count_attachments() {
  std::int64_t handles = 0, least = std::numeric_limits<std::int64_t>::max();
  const auto count = [&](const std::string& text) {
    const auto a = book_->attachment_of(text);
    const auto limit = book_->least_limit(a.driver);
    if (!limit) return;
    attaches_[a.driver].push_back({a.handle, a.where_migrated});
    ++handles;
    least = std::min(least, *limit);
  };
  for (const auto& name : volumes_->claims) count(ns_ + "/" + name);
  for (const auto& text : volumes_->counted) count(text);
  least_room_ = least - handles;
}

std::set<std::string_view> volume_demand::attached(
    const std::string& node, std::string_view driver,
    std::span<const neighbourhood::claim_use> there) const {
  std::set<std::string_view> handles;
  const bool migrates = book_->migrates(node);
  for (const auto& use : there)
    if (const auto a = book_->attachment_of(*use.claim);
        a.driver == driver && (migrates || !a.where_migrated))
      handles.insert(a.handle);
  return handles;
}

// Which claims are attached is looked at only where there are so many that it may matter.
bool volume_demand::has_room(const node_view& node,
                             std::span<const neighbourhood::claim_use> there) const {
  if (attaches_.empty() || static_cast<std::int64_t>(there.size()) <= least_room_) return true;
  const auto* limits = book_->limits_of(node.name);
  return !limits || std::all_of(limits->begin(), limits->end(), [&](const auto& limit) {
    const auto wanted = attaches_.find(limit.first);
    if (wanted == attaches_.end()) return true;
    const auto& handles = wanted->second;
    if (static_cast<std::int64_t>(there.size() + handles.size()) <= limit.second) return true;
    auto all = attached(node.name, limit.first, there);
    const auto before = all.size();
    const bool migrates = book_->migrates(node.name);
    for (const auto& h : handles)
      if (migrates || !h.where_migrated) all.insert(h.text);
    return all.size() == before || static_cast<std::int64_t>(all.size()) <= limit.second;
  });
}

// --- all together

bool volume_demand::meets_its_disks(std::span<const neighbourhood::entry* const> there) const {
  return volumes_ && !volumes_->disks.empty() &&
         std::any_of(there.begin(), there.end(),
                     [&](const auto* e) { return has_conflicting_disk(*e, volumes_->disks); });
}

std::optional<refusal> volume_demand::refusal_of(const node_view& node, const occupancy& there,
                                                 const filter_rules& rules) const {
  if (rules.has(volume_restrictions) && meets_its_disks(there.pods))
    return refusal{volume_restrictions, {disk_conflict}, false};
  if (rules.has(volume_restrictions) && there.taken)
    return refusal{volume_restrictions, {claim_conflict}, false};
  if (rules.has(node_volume_limits) && !has_room(node, there.claims))
    return refusal{node_volume_limits, {too_many}, false};
  if (rules.has(volume_binding))
    if (auto r = binding_refusal(node)) return r;
  if (!rules.has(volume_zone)) return std::nullopt;
  for (const auto* v : bound_)
    if (v && v->zoned && zone_conflict(v->facts.labels, node))
      return refusal{volume_zone, {wrong_zone}, true};
  return std::nullopt;
}

}  // namespace troupe::model
