#include "model/admission/admit.hpp"

#include "model/admission.hpp"
#include "model/admission/default_classes.hpp"
#include "model/admission/limit_ranger.hpp"
#include "model/admission/pod_security.hpp"
#include "model/service_account_admission.hpp"
#include "model/volumes/expansion.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

constexpr const char* priority_classes = "priorityclasses.scheduling.k8s.io";

// A PriorityClass, made once a version.
struct priority_view {
  explicit priority_view(const object& o) {
    const json document = o.parse();
    is_default = at(document, {"globalDefault"}) == true;
    const json& number = at(document, {"value"});
    if (number.is_number_integer()) value = number.get<std::int64_t>();
  }
  bool is_default = false;
  std::int64_t value = 0;
};

// Of several defaults the lowest counts: two may have been made at once.
object_ptr default_priority_class(const cluster_view& cluster) {
  object_ptr best;
  for (const auto& o : cluster.list(priority_classes, {})) {
    const auto view = o->view<priority_view>();
    if (view->is_default && (!best || view->value < best->view<priority_view>()->value)) best = o;
  }
  return best;
}

void choose_priority_class(json& spec, const cluster_view& cluster) {
  if (!string_at(spec, {"priorityClassName"}).empty()) return;
  if (const auto best = default_priority_class(cluster))
    spec["priorityClassName"] = best->key().name;
}

// Priority: there is one default.
std::optional<status> refuse_second_default(const admission_request& r, const json& priority) {
  if (at(priority, {"globalDefault"}) != true) return std::nullopt;
  const auto standing = default_priority_class(r.cluster);
  if (!standing || standing->key().name == r.key.name) return std::nullopt;
  return forbidden(r.key, "PriorityClass " + standing->key().name +
                              " is already marked as default. Only one default can exist");
}

std::optional<status> admit_pod_first(const admission_request& r, json& pod,
                                      random_source& random) {
  if (!at(pod, {"spec"}).is_object()) return std::nullopt;  // validation says what is missing
  default_by_limit_ranges(pod, r.cluster.list("limitranges", r.key.ns));
  if (r.accounts)
    if (auto bad = admit_service_account(r.key, pod, r.cluster.get, random)) return bad;
  choose_priority_class(pod["spec"], r.cluster);
  return std::nullopt;
}

std::optional<status> check_security(const admission_request& r, const json& object,
                                     admission_notes& notes) {
  if (r.key.resource == "namespaces") {
    if (auto causes = check_security_labels(object); !causes.empty())
      return invalid("", "Namespace", r.key.name, std::move(causes));
    if (const auto before = r.cluster.get(r.key)) {
      const auto now = encode(r.key.resource, object).header.labels;
      if (now != before->header().labels)
        for (auto& warning : warn_of_existing(r.key, before->header().labels, now,
                                              r.cluster.list("pods", r.key.name)))
          notes.warnings.push_back(std::move(warning));
    }
    return std::nullopt;
  }
  const auto ns = r.key.ns.empty() ? nullptr : r.cluster.get({"namespaces", "", r.key.ns});
  if (!ns) return std::nullopt;
  auto verdict = judge_security(r.key, object, ns->header().labels);
  for (auto& warning : verdict.warnings) notes.warnings.push_back(std::move(warning));
  notes.audit_annotations.merge(verdict.audit_annotations);
  return std::move(verdict.refused);
}

// Of what PodSecurity looks at nothing else of a pod can change.
bool runs_something_else(const json& old, const json& pod) {
  const auto differ = [&](const char* list) {
    const json& before = at(old, {"spec", list});
    const json& now = at(pod, {"spec", list});
    return !std::equal(
        now.begin(), now.end(), before.begin(), before.end(), [](const json& a, const json& b) {
          return at(a, {"name"}) == at(b, {"name"}) && at(a, {"image"}) == at(b, {"image"});
        });
  };
  return differ("containers") || differ("initContainers") || differ("ephemeralContainers");
}

// PersistentVolumeClaimResize.
std::optional<status> admit_growth(const admission_request& r, const json& claim) {
  const auto before = r.cluster.get(r.key);
  if (!before) return std::nullopt;
  const auto storage_class =
      r.cluster.get({"storageclasses.storage.k8s.io", {}, class_of_claim(claim)});
  auto why = refuse_growth(before->parse(), claim, storage_class ? storage_class->parse() : json());
  if (why.empty()) return std::nullopt;
  return forbidden(r.key, std::move(why));
}

}  // namespace

std::optional<status> admit_changes(const admission_request& r, json& object,
                                    random_source& random) {
  const auto& resource = r.key.resource;
  // In a namespace that is not there nothing else is worth saying.
  const bool placed = r.key.ns.empty() || r.cluster.get({"namespaces", "", r.key.ns});
  if (resource == "pods" && placed)
    if (auto bad = admit_pod_first(r, object, random)) return bad;
  if (auto bad = admit_create(r.kind, object, r.cluster.get)) return bad;
  if (resource == "persistentvolumeclaims") choose_storage_class(object, r.cluster);
  if (resource == "ingresses.networking.k8s.io") choose_ingress_class(object, r.cluster);
  if (resource == "pods" && at(object, {"spec"}).is_object())
    return apply_runtime_class(r.key, object, r.cluster);
  return std::nullopt;
}

std::optional<status> admit_valid(const admission_request& r, const json& object,
                                  admission_notes& notes) {
  if (r.key.resource == "pods" || r.key.resource == "persistentvolumeclaims")
    if (auto bad = check_limit_ranges(r.key, object, r.cluster.list("limitranges", r.key.ns)))
      return bad;
  if (r.key.resource == priority_classes) return refuse_second_default(r, object);
  return check_security(r, object, notes);
}

std::optional<status> admit_update(const admission_request& r, const json& old, const json& object,
                                   admission_notes& notes) {
  if (r.key.resource == "persistentvolumeclaims") return admit_growth(r, object);
  if (r.key.resource == priority_classes) return refuse_second_default(r, object);
  if (r.key.resource == "pods" && !runs_something_else(old, object)) return std::nullopt;
  return check_security(r, object, notes);
}

}  // namespace troupe::model
