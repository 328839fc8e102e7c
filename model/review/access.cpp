#include "model/review/kinds.hpp"
#include "model/validation/path.hpp"

namespace troupe::model {
namespace {

/// What is asked about, as the request that it would be.
request_info request_of(const json& spec) {
  request_info info;
  if (const json& path = at(spec, {"nonResourceAttributes"}); path.is_object()) {
    info.path = string_at(path, {"path"});
    info.verb = string_at(path, {"verb"});
    return info;
  }
  const json& what = at(spec, {"resourceAttributes"});
  info.is_resource = true;
  info.verb = string_at(what, {"verb"});
  info.group = string_at(what, {"group"});
  info.version = string_at(what, {"version"});
  info.resource = string_at(what, {"resource"});
  info.subresource = string_at(what, {"subresource"});
  info.name = string_at(what, {"name"});
  info.ns = string_at(what, {"namespace"});
  return info;
}

std::vector<std::string> groups_of(const json& spec) {
  std::vector<std::string> out;
  for (const json& group : items_of(spec, "groups")) out.emplace_back(as_text(group));
  return out;
}

void validate(const json& document, bool self, bool local, faults& out) {
  const field_path path("spec");
  const json& spec = value_of(document, "spec");
  const bool resource = value_of(spec, "resourceAttributes").is_object();
  const bool other = value_of(spec, "nonResourceAttributes").is_object();
  if (resource && other)
    out.invalid(path.child("nonResourceAttributes"), value_of(spec, "nonResourceAttributes"),
                "cannot be specified in combination with resourceAttributes");
  if (!resource && !other)
    out.invalid(path.child("resourceAttributes"), value_of(spec, "resourceAttributes"),
                "exactly one of nonResourceAttributes or resourceAttributes must be specified");
  if (!self && text_of(spec, "user").empty() && items_of(spec, "groups").empty())
    out.invalid(path.child("user"), "", "at least one of user or group must be specified");
  json metadata = value_of(document, "metadata");
  if (metadata.is_object()) metadata.erase("managedFields");
  if (local && metadata.is_object()) metadata.erase("namespace");
  if (!metadata.empty())
    out.invalid(field_path("metadata"),
                local ? "must be empty except for namespace" : "must be empty");
  if (!local) return;
  const field_path attributes = path.child("resourceAttributes");
  const auto ns = text_of(value_of(spec, "resourceAttributes"), "namespace");
  if (resource && ns != string_at(document, {"metadata", "namespace"}))
    out.invalid(attributes.child("namespace"), ns, "must match metadata.namespace");
  if (other)
    out.invalid(path.child("nonResourceAttributes"), value_of(spec, "nonResourceAttributes"),
                "disallowed on this kind of request");
}

}  // namespace

std::optional<status> review_access(const review_request& r, json& document) {
  const bool self = r.kind.kind == "SelfSubjectAccessReview";
  const bool local = r.kind.namespaced;
  if (local) document["metadata"]["namespace"] = r.ns;
  faults found;
  validate(document, self, local, found);
  if (!found.empty()) return invalid(r.kind.group, r.kind.kind, "", found.take());
  const json& spec = document["spec"];
  const std::string name = string_at(spec, {"user"});
  const auto groups = groups_of(spec);
  const subject who = self ? subject{r.asker.name, r.asker.groups} : subject{name, groups};
  const opinion o = r.rights.decide(who, request_of(spec));
  document["status"] = {{"allowed", o.allowed}};
  if (!o.reason.empty()) document["status"]["reason"] = o.reason;
  return std::nullopt;
}

}  // namespace troupe::model
