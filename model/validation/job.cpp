#include "model/go_text.hpp"
#include "model/validation/job_spec.hpp"
#include "model/validation/kinds.hpp"
#include "model/validation/label_selector.hpp"
#include "model/validation/names.hpp"
#include "model/validation/workload.hpp"

#include <utility>

namespace troupe::model {
namespace {

const json& labels_of(const json& job) {
  return at(job, {"spec", "template", "metadata", "labels"});
}

void validate_label(const json& labels, const char* key, std::string_view value,
                    const field_path& path, faults& out) {
  const std::string must = "must be '" + std::string(value) + "'";
  if (!labels.is_object() || !labels.contains(key))
    out.required(path.key(key), must);
  else if (text_of(labels, key) != value)
    out.invalid(path.key(key), go_string_map(labels), must);
}

/// The labels and the selector that the server made are still what it would make.
void validate_generated(const json& job, bool prefixed, faults& out) {
  const json& spec = value_of(job, "spec");
  const json& selector = value_of(spec, "selector");
  if (value_of(spec, "manualSelector") == true || !selector.is_object()) return;
  const auto name = text_of(value_of(job, "metadata"), "name");
  const auto uid = text_of(value_of(job, "metadata"), "uid");
  const field_path root("metadata");
  if (uid.empty()) out.required(root.child("uid"));
  const field_path spec_path("spec");
  const field_path template_path = spec_path.child("template");
  const field_path metadata_path = template_path.child("metadata");
  const field_path path = metadata_path.child("labels");
  const std::pair<const char*, std::string_view> generated[] = {
      {"controller-uid", uid},
      {"job-name", name},
      {"batch.kubernetes.io/controller-uid", uid},
      {"batch.kubernetes.io/job-name", name}};
  json expected = json::object();
  for (const auto& [key, value] : generated) {
    if (!prefixed && std::string_view(key).starts_with("batch")) continue;
    validate_label(labels_of(job), key, value, path, out);
    expected[key] = value;
  }
  if (const selection found = select_labels(selector, expected); found.valid && !found.selects)
    out.invalid(spec_path.child("selector"), go_label_selector(selector),
                "`selector` not auto-generated");
}

/// The pods of an Indexed Job are named after it and their index.
void validate_pod_names(const json& job, faults& out) {
  const json& spec = value_of(job, "spec");
  const auto completions = integer_of(spec, "completions");
  if (text_of(spec, "completionMode") != "Indexed" || completions <= 0) return;
  const auto name = text_of(value_of(job, "metadata"), "name");
  const std::string longest = std::string(name) + "-" + std::to_string(completions - 1);
  const field_path path("metadata");
  if (!dns_label_fault(longest).empty())
    out.invalid(path.child("name"), name,
                "will not able to create pod with invalid DNS label: " + longest);
}

void validate(const json& job, bool prefixed, faults& out) {
  const field_path path("spec");
  const json& spec = value_of(job, "spec");
  const json& selector = value_of(spec, "selector");
  validate_generated(job, prefixed, out);
  validate_job_spec(spec, path, out);
  if (selector.is_object())
    validate_label_selector(selector, path.child("selector"), out);
  else
    out.required(path.child("selector"));
  if (select_labels(selector, nullptr).valid)
    validate_selects_template(selector, value_of(spec, "template"), path, out);
  validate_pod_names(job, out);
}

/// Completions of an Indexed Job may change together with its parallelism.
void validate_completions(const json& old, const json& spec, const field_path& spec_path,
                          faults& out) {
  const json& now = value_of(spec, "completions");
  const field_path path = spec_path.child("completions");
  if (now == value_of(old, "completions")) return;
  if (text_of(spec, "completionMode") != "Indexed")
    out.invalid(path, now, "field is immutable");
  else if (!now.is_null() && now != value_of(spec, "parallelism"))
    out.invalid(path, now, "can only be modified in tandem with spec.parallelism");
}

void take(const json& from, json& to, const char* name) {
  if (const json& value = value_of(from, name); !value.is_null())
    to[name] = value;
  else if (to.is_object())
    to.erase(name);
}

/// A suspended Job that never ran may have it changed where its pods may go.
bool same_but_placement(json old, const json& now) {
  json& spec = old["spec"];
  const json& now_spec = value_of(now, "spec");
  for (const char* name : {"nodeSelector", "tolerations", "schedulingGates"})
    take(now_spec, spec, name);
  for (const char* name : {"annotations", "labels"})
    take(value_of(now, "metadata"), old["metadata"], name);
  const json& affinity = value_of(now_spec, "affinity");
  if (affinity.is_object() || spec.contains("affinity")) {
    take(affinity, spec["affinity"], "nodeAffinity");
    if (spec["affinity"].empty() && affinity.is_null()) spec.erase("affinity");
  }
  if (old["metadata"].empty() && !now.contains("metadata")) old.erase("metadata");
  return old == now;
}

void validate_template_update(const json& old, const json& job, const field_path& path,
                              faults& out) {
  const json& before = at(old, {"spec", "template"});
  const json& now = at(job, {"spec", "template"});
  if (before == now) return;
  const bool may_move = at(old, {"spec", "suspend"}) == true &&
                        at(old, {"status", "startTime"}).is_null() && before.is_object();
  if (!may_move || !same_but_placement(before, now))
    out.invalid(path.child("template"), now, "field is immutable");
}

}  // namespace

void validate_job(const json& job, faults& out) {
  validate(job, true, out);
}

void validate_job_update(const json& old, const json& job, faults& out) {
  const json& had = labels_of(old);
  const bool prefixed = had.is_object() && had.contains("batch.kubernetes.io/job-name") &&
                        had.contains("batch.kubernetes.io/controller-uid");
  validate(job, prefixed, out);
  const field_path path("spec");
  const json& before = value_of(old, "spec");
  const json& now = value_of(job, "spec");
  validate_completions(before, now, path, out);
  if (const json& selector = value_of(now, "selector"); selector != value_of(before, "selector"))
    out.invalid(path.child("selector"), go_label_selector(selector), "field is immutable");
  validate_template_update(old, job, path, out);
  for (const char* name :
       {"completionMode", "podFailurePolicy", "backoffLimitPerIndex", "managedBy", "successPolicy"})
    if (const json& value = value_of(now, name); value != value_of(before, name))
      out.invalid(path.child(name), value, "field is immutable");
}

}  // namespace troupe::model
