#include "model/scheduling/volume_book.hpp"

#include "model/json_text.hpp"
#include "model/pod_view.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

constexpr const char* claims = "persistentvolumeclaims";
constexpr const char* volumes = "persistentvolumes";
constexpr const char* classes = "storageclasses.storage.k8s.io";
constexpr const char* csi_nodes = "csinodes.storage.k8s.io";

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

std::string text_of(const std::string& ns, const std::string& name) {
  return ns + "/" + name;
}

// Of a pod on a node: read from the text whether it has volumes that count, for most have none.
std::shared_ptr<const pod_volumes> volumes_of(const neighbourhood::entry& e,
                                              bool (*may_have)(std::string_view)) {
  if (e.object && !may_have(e.object->bytes())) return nullptr;
  return e.view()->volumes;
}

bool is_ephemeral(const json& pod, const std::string& claim) {
  for (const json& v : at(pod, {"spec", "volumes"}))
    if (v.contains("ephemeral") &&
        string_at(pod, {"metadata", "name"}) + "-" + string_at(v, {"name"}) == claim)
      return true;
  return false;
}

// A volume's zone label may name several, with "__" between them.
bool holds_zone(std::string_view zones, std::string_view zone) {
  for (std::size_t i = 0;;) {
    const auto end = zones.find("__", i);
    if (zones.substr(i, end == zones.npos ? end : end - i) == zone) return true;
    if (end == zones.npos) return false;
    i = end + 2;
  }
}

bool zone_conflict(const volume_facts& volume, const node_view& node) {
  static constexpr std::pair<const char*, const char*> keys[] = {
      {"topology.kubernetes.io/zone", "failure-domain.beta.kubernetes.io/zone"},
      {"topology.kubernetes.io/region", "failure-domain.beta.kubernetes.io/region"}};
  const auto of = [](const string_pairs& labels, const auto& key) {
    const auto* value = find(labels, key.first);
    return value ? value : find(labels, key.second);
  };
  if (std::none_of(std::begin(keys), std::end(keys),
                   [&](const auto& key) { return of(node.labels, key) != nullptr; }))
    return false;  // a cluster without zones
  for (const auto& key : keys) {
    const auto* wanted = of(volume.labels, key);
    const auto* have = of(node.labels, key);
    if (wanted && (!have || !holds_zone(*wanted, *have))) return true;
  }
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

}  // namespace

bool is_for_one_pod(const json& claim) {
  const json& modes = at(claim, {"spec", "accessModes"});
  return std::find(modes.begin(), modes.end(), "ReadWriteOncePod") != modes.end();
}

// --- the book

const std::vector<std::string>& volume_book::resources() {
  static const std::vector<std::string> all{claims, volumes, classes, csi_nodes};
  return all;
}

void volume_book::put(const object_ptr& o) {
  const auto& key = o->key();
  if (key.resource == claims) {
    claims_[text_of(key.ns, key.name)] = o;
  } else if (key.resource == volumes) {
    volumes_.insert_or_assign(key.name, volume{o, volume_facts(*o)});
  } else if (key.resource == classes) {
    classes_[key.name] = o;
  } else {
    const json document = o->parse();
    csi_node n{o, {}};
    for (const json& d : at(document, {"spec", "drivers"}))
      if (const json& count = at(d, {"allocatable", "count"}); count.is_number_integer())
        n.limits[string_at(d, {"name"})] = count.get<std::int64_t>();
    csi_nodes_[key.name] = std::move(n);
  }
}

void volume_book::remove(const object& o) {
  const auto& key = o.key();
  if (key.resource == claims)
    claims_.erase(text_of(key.ns, key.name));
  else if (key.resource == volumes)
    volumes_.erase(key.name);
  else if (key.resource == classes)
    classes_.erase(key.name);
  else
    csi_nodes_.erase(key.name);
}

void volume_book::clear(std::string_view resource) {
  if (resource == claims) claims_.clear();
  if (resource == volumes) volumes_.clear();
  if (resource == classes) classes_.clear();
  if (resource == csi_nodes) csi_nodes_.clear();
}

const object_ptr* volume_book::claim(const std::string& ns, const std::string& name) const {
  const auto at = claims_.find(text_of(ns, name));
  return at == claims_.end() ? nullptr : &at->second;
}

json volume_book::storage_class(const std::string& name) const {
  const auto at = classes_.find(name);
  return at == classes_.end() ? json() : at->second->parse();
}

std::pair<std::string, std::string> volume_book::attachment(const std::string& ns,
                                                            const std::string& name) const {
  const auto* found = claim(ns, name);
  if (!found) return {};
  const json document = (*found)->parse();
  if (const auto bound = string_at(document, {"spec", "volumeName"}); !bound.empty()) {
    const auto at = volumes_.find(bound);
    if (at == volumes_.end()) return {};
    const json csi = model::at(at->second.object->parse(), {"spec", "csi"});
    return {string_at(csi, {"driver"}), string_at(csi, {"volumeHandle"})};
  }
  return {string_at(storage_class(class_of_claim(document)), {"provisioner"}), text_of(ns, name)};
}

// --- the demand

volume_demand::volume_demand(const object& pod, const volume_book& book) : book_(&book) {
  const auto view = pod.view<pod_view>();
  if (!view->volumes) return;
  ns_ = pod.key().ns;
  names_ = view->volumes->claims;
  disks_ = view->volumes->disks;
  if (names_.empty()) return;
  const json document = pod.content();
  for (const auto& name : names_) {
    const auto* found = book.claim(ns_, name);
    if (!found) {
      obstacle_ = is_ephemeral(document, name)
                      ? "waiting for ephemeral volume controller to create the "
                        "persistentvolumeclaim \"" +
                            name + "\""
                      : "persistentvolumeclaim \"" + name + "\" not found";
      return;
    }
    json claim = (*found)->parse();
    if (is_for_one_pod(claim)) exclusive_.push_back(text_of(ns_, name));
    const auto volume = string_at(claim, {"spec", "volumeName"});
    if (string_at(claim, {"status", "phase"}) == "Lost")
      obstacle_ = "persistentvolumeclaim \"" + name +
                  "\" bound to non-existent persistentvolume \"" + volume + "\"";
    else if ((*found)->header().deleting)
      obstacle_ = "persistentvolumeclaim \"" + name + "\" is being deleted";
    if (!obstacle_.empty()) return;
    if (!volume.empty() && has_annotation(claim, bind_completed)) {
      bound_.push_back(volume);
      continue;
    }
    json storage_class = book.storage_class(class_of_claim(claim));
    if (!volume.empty() ||
        string_at(storage_class, {"volumeBindingMode"}) != "WaitForFirstConsumer") {
      obstacle_ = "pod has unbound immediate PersistentVolumeClaims";
      continue;  // a claim that is missing says more
    }
    waiting w{*found, std::move(claim), std::move(storage_class), {}};
    for (const auto& [key, v] : book.volumes_)
      if (v.facts.storage_class == class_of_claim(w.document)) w.candidates.push_back(&v.facts);
    waiting_.push_back(std::move(w));
  }
  std::stable_sort(waiting_.begin(), waiting_.end(), [](const auto& a, const auto& b) {
    return size_of(b.document) < size_of(a.document);
  });
}

std::optional<std::vector<volume_demand::choice>> volume_demand::choose(
    const node_view& node) const {
  std::vector<choice> out;
  std::set<const volume_facts*> taken;
  for (const auto& w : waiting_) {
    const auto selected = string_at(w.document, {"metadata", "annotations", selected_node});
    if (!selected.empty() && selected != node.name) return std::nullopt;
    std::vector<const volume_facts*> left;
    for (const auto* v : w.candidates)
      if (!taken.contains(v)) left.push_back(v);
    const auto* match = selected.empty() ? find_match(w.document, left, &node) : nullptr;
    if (match && !match->reaches(node)) return std::nullopt;  // it is bound to the claim already
    const auto provisioner = string_at(w.storage_class, {"provisioner"});
    if (!match && (provisioner == no_provisioner || !allows_topology(w.storage_class, node)))
      return std::nullopt;
    taken.insert(match);
    out.push_back({&w, match});
  }
  return out;
}

bool volume_demand::has_room(const node_view& node,
                             std::span<const neighbourhood::entry* const> there) const {
  const auto limits = book_->csi_nodes_.find(node.name);
  if (limits == book_->csi_nodes_.end() || limits->second.limits.empty()) return true;
  std::map<std::string, std::set<std::string>> attached, wanted;  // by driver
  for (const auto* e : there)
    if (const auto volumes = volumes_of(*e, may_have_claims))
      for (const auto& name : volumes->claims) {
        auto [driver, handle] = book_->attachment(e->ns, name);
        attached[driver].insert(handle);
      }
  for (const auto& name : names_) {
    auto [driver, handle] = book_->attachment(ns_, name);
    if (!attached[driver].contains(handle)) wanted[driver].insert(handle);
  }
  return std::all_of(
      limits->second.limits.begin(), limits->second.limits.end(), [&](const auto& limit) {
        const auto more = wanted[limit.first].size();
        return more == 0 ||
               static_cast<std::int64_t>(attached[limit.first].size() + more) <= limit.second;
      });
}

bool volume_demand::meets_its_disks(std::span<const neighbourhood::entry* const> there) const {
  if (disks_.empty()) return false;
  return std::any_of(there.begin(), there.end(), [&](const auto* e) {
    const auto volumes = volumes_of(*e, may_have_disks);
    return volumes && conflict(disks_, volumes->disks);
  });
}

std::optional<refusal> volume_demand::refusal_of(const node_view& node,
                                                 std::span<const neighbourhood::entry* const> there,
                                                 bool taken, const filter_rules& rules) const {
  if (rules.has(volume_restrictions) && meets_its_disks(there))
    return refusal{volume_restrictions, {disk_conflict}, false};
  if (rules.has(volume_restrictions) && taken)
    return refusal{volume_restrictions, {claim_conflict}, false};
  if (rules.has(node_volume_limits) && !has_room(node, there))
    return refusal{node_volume_limits, {too_many}, false};
  if (rules.has(volume_binding))
    if (auto r = binding_refusal(node)) return r;
  if (!rules.has(volume_zone)) return std::nullopt;
  for (const auto& name : bound_)
    if (const auto at = book_->volumes_.find(name);
        at != book_->volumes_.end() && zone_conflict(at->second.facts, node))
      return refusal{volume_zone, {wrong_zone}, true};
  return std::nullopt;
}

std::optional<refusal> volume_demand::binding_refusal(const node_view& node) const {
  refusal r{volume_binding, {}, true};
  for (const auto& name : bound_) {
    const auto at = book_->volumes_.find(name);
    if (at == book_->volumes_.end()) return refusal{volume_binding, {lost_volume}, true};
    if (at->second.facts.reaches(node)) continue;
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
      const auto& stored = book_->volumes_.at(c.volume->name).object;
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

}  // namespace troupe::model
