#include "model/validation/workload.hpp"

#include "model/go_text.hpp"
#include "model/validation/label_selector.hpp"
#include "model/validation/pod.hpp"

namespace troupe::model {

void validate_kept_template(const json& tmpl, const field_path& path, std::string_view owner,
                            faults& out) {
  validate_pod_template(tmpl, path, out);
  validate_kept_pods(tmpl, path, owner, out);
}

void validate_kept_pods(const json& tmpl, const field_path& path, std::string_view owner,
                        faults& out) {
  const json& spec = value_of(tmpl, "spec");
  const field_path spec_path = path.child("spec");
  if (const auto policy = text_of(spec, "restartPolicy"); policy != "Always")
    out.not_supported(spec_path.child("restartPolicy"), policy, {"Always"});
  if (!value_of(spec, "activeDeadlineSeconds").is_null())
    out.forbidden(spec_path.child("activeDeadlineSeconds"),
                  "activeDeadlineSeconds in " + std::string(owner) + " is not Supported");
}

void validate_own_selector(const json& selector, const field_path& path, std::string_view owner,
                           faults& out) {
  if (!selector.is_object()) return out.required(path);
  validate_label_selector(selector, path, out);
  if (is_empty_selector(selector))
    out.invalid(path, go_label_selector(selector),
                "empty selector is invalid for " + std::string(owner));
}

void validate_selects_template(const json& selector, const json& tmpl, const field_path& spec_path,
                               faults& out) {
  if (selector.is_object() && is_empty_selector(selector)) return;
  const json& labels = at(tmpl, {"metadata", "labels"});
  const selection found = select_labels(selector, labels);
  if (!found.valid) {
    out.invalid(spec_path.child("selector"), go_label_selector(selector), "invalid label selector");
  } else if (!found.selects) {
    const field_path template_path = spec_path.child("template");
    const field_path metadata_path = template_path.child("metadata");
    out.invalid(metadata_path.child("labels"), go_string_map(labels),
                "`selector` does not match template `labels`");
  }
}

void validate_counters(const json& object, const field_path& path,
                       std::span<const char* const> names, faults& out) {
  for (const char* name : names) out.nonnegative(path.child(name), value_of(object, name));
}

void validate_replica_counters(const json& status, const field_path& path,
                               std::span<const char* const> bounded, std::string_view ready,
                               faults& out) {
  const std::int64_t all = integer_of(status, "replicas");
  for (const char* name : bounded)
    if (integer_of(status, name) > all)
      out.invalid(path.child(name), integer_of(status, name),
                  "cannot be greater than status.replicas");
  if (integer_of(status, "availableReplicas") > integer_of(status, "readyReplicas"))
    out.invalid(path.child("availableReplicas"), integer_of(status, "availableReplicas"),
                "cannot be greater than " + std::string(ready));
}

void validate_collisions(const json& old_status, const json& status, const field_path& path,
                         faults& out) {
  const json& before = value_of(old_status, "collisionCount");
  if (before.is_number_integer() && integer_of(status, "collisionCount", -1) < before)
    out.invalid(path.child("collisionCount"), integer_of(status, "collisionCount"),
                "cannot be decremented");
}

}  // namespace troupe::model
