#include "model/validation/metadata.hpp"

#include "model/custom/kinds.hpp"
#include "model/label_names.hpp"
#include "model/validation/names.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

constexpr std::size_t most_annotation_bytes = 256u << 10;

using name_rule = std::string (*)(std::string_view);

name_rule rule_of(const kind_info& kind) {
  if (kind.resource == "namespaces" || kind.resource == "statefulsets.apps") return dns_label_fault;
  if (kind.resource == "services") return dns_1035_label_fault;
  // What has no rule of its own only has to be good for an address.
  for (const std::string_view free : {"events", "certificatesigningrequests.certificates.k8s.io",
                                      "apiservices.apiregistration.k8s.io"})
    if (kind.resource == free) return path_segment_fault;
  if (kind.group == "rbac.authorization.k8s.io") return path_segment_fault;
  return dns_subdomain_fault;
}

void validate_name(const kind_info& kind, const json& metadata, const field_path& path,
                   faults& out) {
  const name_rule rule = rule_of(kind);
  const auto name = text_of(metadata, "name");
  const auto generated = text_of(metadata, "generateName");
  if (!generated.empty())
    out.check(path.child("generateName"), generated, rule(as_prefix(generated)));
  if (name.empty() && generated.empty())
    out.required(path.child("name"), "name or generateName is required");
  else if (!name.empty())
    out.check(path.child("name"), name, rule(name));
}

void validate_namespace(const kind_info& kind, const json& metadata, const field_path& path,
                        faults& out) {
  const auto ns = text_of(metadata, "namespace");
  if (!kind.namespaced) {
    if (!ns.empty()) out.forbidden(path.child("namespace"), "not allowed on this type");
  } else if (ns.empty()) {
    out.required(path.child("namespace"));
  } else {
    out.check(path.child("namespace"), ns, dns_label_fault(ns));
  }
}

void validate_owners(const json& metadata, const field_path& path, faults& out) {
  const json* controller = nullptr;
  for (const json& owner : items_of(metadata, "ownerReferences")) {
    const auto api_version = text_of(owner, "apiVersion");
    if (api_version.empty() || api_version.ends_with('/'))
      out.invalid(path.child("apiVersion"), api_version, "version must not be empty");
    for (const char* name : {"kind", "name", "uid"})
      if (text_of(owner, name).empty()) out.invalid(path.child(name), "", "must not be empty");
    if (api_version == "v1" && text_of(owner, "kind") == "Event")
      out.invalid(path, owner, "/v1, Kind=Event is disallowed from being an owner");
    if (value_of(owner, "controller") != true) continue;
    if (controller)
      out.invalid(
          path, metadata["ownerReferences"],
          "Only one reference can have Controller set to true. Found \"true\" in references "
          "for " +
              std::string(text_of(*controller, "name")) + " and " +
              std::string(text_of(owner, "name")));
    controller = &owner;
  }
}

/// Kinds that apiextensions and kube-aggregator keep ask less of finalizers than Kubernetes' own.
bool takes_plain_finalizers(const kind_info& kind) {
  return kind.group == "apiextensions.k8s.io" || kind.group == "apiregistration.k8s.io" ||
         custom_of(kind);
}

void validate_finalizers(const kind_info& kind, const json& metadata, const field_path& path,
                         faults& out) {
  for (const json& finalizer : items_of(metadata, "finalizers")) {
    const auto name = as_text(finalizer);
    const std::string fault = qualified_name_fault(name);
    out.check(path, name, fault);
    if (fault.empty() && !takes_plain_finalizers(kind) && name.find('/') == name.npos &&
        name != "kubernetes" && name != "orphan" && name != "foregroundDeletion")
      out.invalid(path, name,
                  "name is neither a standard finalizer name nor is it fully qualified");
  }
  const auto& all = items_of(metadata, "finalizers");
  if (std::ranges::find(all, "orphan") != all.end() &&
      std::ranges::find(all, "foregroundDeletion") != all.end())
    out.invalid(path, all, "finalizer orphan and foregroundDeletion cannot be both set");
}

}  // namespace

void validate_annotations(const json& metadata, const field_path& path, faults& out) {
  std::size_t total = 0;
  for (const auto& [key, value] : members_of(metadata, "annotations")) {
    std::string lower = key;
    std::ranges::transform(lower, lower.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    out.check(path, key, qualified_name_fault(lower));
    total += key.size() + as_text(value).size();
  }
  if (total > most_annotation_bytes) out.too_long(path, most_annotation_bytes);
}

void validate_labels(const json::object_t& labels, const field_path& path, faults& out) {
  for (const auto& [key, value] : labels) {
    out.check(path, key, qualified_name_fault(key));
    const auto text = as_text(value);
    out.check(path, text, label_value_fault(text));
  }
}

void validate_metadata(const kind_info& kind, const json& metadata, faults& out) {
  const field_path path("metadata");
  validate_name(kind, metadata, path, out);
  validate_namespace(kind, metadata, path, out);
  validate_labels(members_of(metadata, "labels"), path.child("labels"), out);
  validate_annotations(metadata, path.child("annotations"), out);
  validate_owners(metadata, path.child("ownerReferences"), out);
  validate_finalizers(kind, metadata, path.child("finalizers"), out);
}

void validate_embedded_metadata(const json& metadata, const field_path& path, faults& out) {
  if (const auto generated = text_of(metadata, "generateName"); !generated.empty())
    out.check(path.child("generateName"), generated, path_segment_fault(generated));
  if (const auto name = text_of(metadata, "name"); !name.empty())
    out.check(path.child("name"), name, path_segment_fault(name));
  if (const auto ns = text_of(metadata, "namespace"); !ns.empty())
    out.check(path.child("namespace"), ns, dns_label_fault(ns));
  validate_labels(members_of(metadata, "labels"), path.child("labels"), out);
  validate_annotations(metadata, path.child("annotations"), out);
  validate_owners(metadata, path.child("ownerReferences"), out);
  for (const json& finalizer : items_of(metadata, "finalizers"))
    out.check(path.child("finalizers"), as_text(finalizer),
              qualified_name_fault(as_text(finalizer)));
}

void validate_metadata_update(const json& old, const json& metadata, faults& out) {
  const field_path path("metadata");
  for (const char* name : {"name", "namespace", "uid", "creationTimestamp", "deletionTimestamp",
                           "deletionGracePeriodSeconds"})
    if (const json& now = value_of(metadata, name); now != value_of(old, name))
      out.invalid(path.child(name), now, "field is immutable");
  if (value_of(old, "deletionTimestamp").is_null()) return;
  const auto& before = items_of(old, "finalizers");
  json added = json::array();
  for (const json& finalizer : items_of(metadata, "finalizers"))
    if (std::ranges::find(before, finalizer) == before.end()) added.push_back(finalizer);
  if (!added.empty())
    out.forbidden(path.child("finalizers"),
                  "no new finalizers can be added if the object is being deleted, found new "
                  "finalizers []string" +
                      std::string("{") + added.dump().substr(1, added.dump().size() - 2) + "}");
}

}  // namespace troupe::model
