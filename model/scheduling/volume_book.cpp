#include "model/scheduling/volume_book.hpp"

#include "model/scheduling/volume_zones.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

constexpr const char* claims_resource = "persistentvolumeclaims";
constexpr const char* volumes_resource = "persistentvolumes";
constexpr const char* classes_resource = "storageclasses.storage.k8s.io";
constexpr const char* csi_nodes_resource = "csinodes.storage.k8s.io";

}  // namespace

bool is_for_one_pod(const json& claim) {
  const json& modes = at(claim, {"spec", "accessModes"});
  return std::find(modes.begin(), modes.end(), "ReadWriteOncePod") != modes.end();
}

volume_book::claim::claim(object_ptr o) : object(std::move(o)) {
  const json document = object->parse();
  volume = string_at(document, {"spec", "volumeName"});
  storage_class = class_of_claim(document);
  bound = !volume.empty() && has_annotation(document, bind_completed);
  lost = string_at(document, {"status", "phase"}) == "Lost";
  for_one_pod = is_for_one_pod(document);
}

volume_book::volume::volume(object_ptr o, const json& document)
    : object(std::move(o)),
      facts(document),
      zoned(is_zoned(facts.labels)),
      counted(counted_persistent(at(document, {"spec"}), facts.labels).value_or(counted_volume{})) {
}

volume_book::storage_class::storage_class(object_ptr o)
    : object(std::move(o)),
      counted(counted_provisioned(string_at(object->parse(), {"provisioner"}))) {}

const std::vector<std::string>& volume_book::resources() {
  static const std::vector<std::string> all{claims_resource, volumes_resource, classes_resource,
                                            csi_nodes_resource};
  return all;
}

// --- what is put

void volume_book::put(const object_ptr& o) {
  const auto& key = o->key();
  if (key.resource == claims_resource)
    claims_.insert_or_assign(key.ns + "/" + key.name, claim(o));
  else if (key.resource == volumes_resource)
    put_volume(o);
  else if (key.resource == classes_resource)
    classes_.insert_or_assign(key.name, storage_class(o));
  else
    put_node(o);
}

void volume_book::remove(const object& o) {
  const auto& key = o.key();
  if (key.resource == claims_resource)
    claims_.erase(key.ns + "/" + key.name);
  else if (key.resource == volumes_resource)
    remove_volume(key.name);
  else if (key.resource == classes_resource)
    classes_.erase(key.name);
  else
    remove_node(key.name);
}

void volume_book::clear(std::string_view resource) {
  if (resource == claims_resource) claims_.clear();
  if (resource == classes_resource) classes_.clear();
  if (resource == volumes_resource) {
    free_.clear();
    reserved_.clear();
    volumes_.clear();
  }
  if (resource == csi_nodes_resource) {
    limits_.clear();
    all_limits_.clear();
    migrating_.clear();
  }
}

volume_book::shelf& volume_book::shelf_of(const volume_facts& v) {
  return v.claim.empty() ? free_[v.storage_class] : reserved_[v.claim];
}

void volume_book::put_volume(const object_ptr& o) {
  remove_volume(o->key().name);
  const auto at = volumes_.emplace(o->key().name, volume(o, o->parse())).first;
  shelf_of(at->second.facts)[at->first] = &at->second.facts;
}

void volume_book::remove_volume(const std::string& name) {
  const auto at = volumes_.find(name);
  if (at == volumes_.end()) return;
  const auto& facts = at->second.facts;
  auto& from = shelf_of(facts);
  from.erase(name);
  if (from.empty() && facts.claim.empty()) free_.erase(facts.storage_class);
  if (from.empty() && !facts.claim.empty()) reserved_.erase(facts.claim);
  volumes_.erase(at);
}

void volume_book::put_node(const object_ptr& o) {
  remove_node(o->key().name);
  auto& limits = limits_[o->key().name];
  const json document = o->parse();
  for (const json& d : at(document, {"spec", "drivers"}))
    if (const json& count = at(d, {"allocatable", "count"}); count.is_number_integer())
      limits[string_at(d, {"name"})] = count.get<std::int64_t>();
  for (const auto& [driver, limit] : limits) all_limits_[driver].insert(limit);
  if (migrates_portworx(document)) migrating_.insert(o->key().name);
}

void volume_book::remove_node(const std::string& name) {
  const auto at = limits_.find(name);
  if (at == limits_.end()) return;
  for (const auto& [driver, limit] : at->second) {
    const auto all = all_limits_.find(driver);
    all->second.erase(all->second.find(limit));
    if (all->second.empty()) all_limits_.erase(all);
  }
  limits_.erase(at);
  migrating_.erase(name);
}

// --- what is asked

const volume_book::claim* volume_book::find_claim(const std::string& text) const {
  const auto at = claims_.find(text);
  return at == claims_.end() ? nullptr : &at->second;
}

const volume_book::volume* volume_book::find_volume(const std::string& name) const {
  const auto at = volumes_.find(name);
  return at == volumes_.end() ? nullptr : &at->second;
}

const volume_book::storage_class* volume_book::find_class(const std::string& name) const {
  const auto at = classes_.find(name);
  return at == classes_.end() ? nullptr : &at->second;
}

volume_book::attachment volume_book::attachment_of(const std::string& text) const {
  if (const auto counted = counted_of(text)) return *counted;
  const auto at = claims_.find(text);
  if (at == claims_.end()) return {};
  const claim& c = at->second;
  const auto* v = c.volume.empty() ? nullptr : find_volume(c.volume);
  if (!v) return provisioned(c, at->first);
  return {v->counted.driver, v->counted.handle, v->counted.where_migrated};
}

// Of a claim whose volume is not there (yet).
volume_book::attachment volume_book::provisioned(const claim& c, const std::string& text) const {
  const auto* provided = find_class(c.storage_class);
  if (!provided) return {};
  return {provided->counted.driver, text, provided->counted.where_migrated};
}

std::vector<const volume_facts*> volume_book::volumes_for(const std::string& text,
                                                          const std::string& class_name) const {
  std::vector<const volume_facts*> out;
  if (const auto at = free_.find(class_name); at != free_.end())
    for (const auto& [name, facts] : at->second) out.push_back(facts);
  if (const auto at = reserved_.find(text); at != reserved_.end())
    for (const auto& [name, facts] : at->second)
      if (facts->storage_class == class_name) out.push_back(facts);
  return out;
}

const std::map<std::string, std::int64_t>* volume_book::limits_of(const std::string& node) const {
  const auto at = limits_.find(node);
  return at == limits_.end() ? nullptr : &at->second;
}

std::optional<std::int64_t> volume_book::least_limit(std::string_view driver) const {
  const auto at = all_limits_.find(driver);
  if (at == all_limits_.end()) return std::nullopt;
  return *at->second.begin();
}

}  // namespace troupe::model
