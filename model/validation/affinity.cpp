#include "model/label_names.hpp"
#include "model/validation/label_selector.hpp"
#include "model/validation/names.hpp"
#include "model/validation/pod.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

constexpr const char* required_list = "requiredDuringSchedulingIgnoredDuringExecution";
constexpr const char* preferred_list = "preferredDuringSchedulingIgnoredDuringExecution";

/// Values of terms that are only preferred may be anything.
void validate_node_requirement(const json& term, bool preferred, const field_path& path,
                               faults& out) {
  const auto op = text_of(term, "operator");
  const auto& values = items_of(term, "values");
  const field_path values_path = path.child("values");
  if (op == "In" || op == "NotIn") {
    if (values.empty())
      out.required(values_path, "must be specified when `operator` is 'In' or 'NotIn'");
  } else if (op == "Exists" || op == "DoesNotExist") {
    if (!values.empty())
      out.forbidden(values_path,
                    "may not be specified when `operator` is 'Exists' or 'DoesNotExist'");
  } else if (op == "Gt" || op == "Lt") {
    if (values.size() != 1)
      out.required(values_path, "must be specified single value when `operator` is 'Lt' or 'Gt'");
  } else {
    out.invalid(path.child("operator"), op, "not a valid selector operator");
  }
  const auto key = text_of(term, "key");
  out.check(path.child("key"), key, qualified_name_fault(key));
  if (preferred) return;
  for (std::size_t i = 0; i < values.size(); ++i)
    out.check(values_path.index(i), as_text(values[i]), label_value_fault(as_text(values[i])));
}

void validate_node_term(const json& term, bool preferred, const field_path& path, faults& out) {
  const field_path expressions = path.child("matchExpressions");
  const auto& requirements = items_of(term, "matchExpressions");
  for (std::size_t i = 0; i < requirements.size(); ++i)
    validate_node_requirement(requirements[i], preferred, expressions.index(i), out);
  const field_path fields_path = path.child("matchFields");
  const auto& fields = items_of(term, "matchFields");
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const field_path here = fields_path.index(i);
    const auto op = text_of(fields[i], "operator");
    if (op != "In" && op != "NotIn")
      out.invalid(here.child("operator"), op, "not a valid selector operator");
    else if (items_of(fields[i], "values").size() != 1)
      out.required(here.child("values"),
                   "must be only one value when `operator` is 'In' or 'NotIn' for node field "
                   "selector");
    const auto key = text_of(fields[i], "key");
    if (key != "metadata.name") {
      out.invalid(here.child("key"), key, "not a valid field selector key");
      continue;
    }
    const field_path values_path = here.child("values");
    const auto& names = items_of(fields[i], "values");
    for (std::size_t j = 0; j < names.size(); ++j)
      out.check(values_path.index(j), as_text(names[j]), dns_subdomain_fault(as_text(names[j])));
  }
}

void validate_weight(const json& term, const field_path& path, faults& out) {
  const auto weight = integer_of(term, "weight");
  if (weight < 1 || weight > 100)
    out.invalid(path.child("weight"), weight, "must be in the range 1-100");
}

void validate_node_affinity(const json& affinity, const field_path& path, faults& out) {
  if (const json& needed = value_of(affinity, required_list); needed.is_object())
    validate_node_selector(needed, path.child(required_list), out);
  const field_path preferred_path = path.child(preferred_list);
  const auto& preferred = items_of(affinity, preferred_list);
  for (std::size_t i = 0; i < preferred.size(); ++i) {
    const field_path here = preferred_path.index(i);
    validate_weight(preferred[i], here, out);
    validate_node_term(value_of(preferred[i], "preference"), true, here.child("preference"), out);
  }
}

void validate_label_keys(const json& keys, const json& selector, const field_path& path,
                         faults& out) {
  if (!keys.is_array() || keys.empty()) return;
  if (!selector.is_object())
    return out.forbidden(path, "must not be specified when labelSelector is not set");
  for (std::size_t i = 0; i < keys.size(); ++i)
    out.check(path.index(i), as_text(keys[i]), qualified_name_fault(as_text(keys[i])));
}

/// The selector has been given the terms of matchLabelKeys: a key that comes twice was also the
/// user's.
void validate_merged_keys(const json& keys, const json& selector, const field_path& path,
                          faults& out) {
  name_set seen;
  for (const auto& [key, value] : members_of(selector, "matchLabels")) seen.insert(key);
  for (const json& term : items_of(selector, "matchExpressions")) {
    const auto key = text_of(term, "key");
    if (seen.insert(key).second || !keys.is_array()) continue;
    const auto found = std::find(keys.begin(), keys.end(), json(key));
    if (found != keys.end())
      out.invalid(path.index(static_cast<std::size_t>(found - keys.begin())), key,
                  "exists in both matchLabelKeys and labelSelector");
  }
}

void validate_pod_term(const json& term, const field_path& path, faults& out) {
  const json& selector = value_of(term, "labelSelector");
  validate_label_selector(selector, path.child("labelSelector"), out);
  validate_label_selector(value_of(term, "namespaceSelector"), path.child("namespaceSelector"),
                          out);
  for (const json& ns : items_of(term, "namespaces"))
    out.check(path.child("namespace"), as_text(ns), dns_label_fault(as_text(ns)));
  const json& match = value_of(term, "matchLabelKeys");
  const json& mismatch = value_of(term, "mismatchLabelKeys");
  const field_path match_path = path.child("matchLabelKeys");
  validate_label_keys(match, selector, match_path, out);
  validate_label_keys(mismatch, selector, path.child("mismatchLabelKeys"), out);
  validate_merged_keys(match, selector, path, out);
  for (std::size_t i = 0; i < match.size(); ++i)
    if (std::find(mismatch.begin(), mismatch.end(), match[i]) != mismatch.end())
      out.invalid(match_path.index(i), match[i],
                  "exists in both matchLabelKeys and mismatchLabelKeys");
  const auto topology = text_of(term, "topologyKey");
  if (topology.empty()) out.required(path.child("topologyKey"), "can not be empty");
  out.check(path.child("topologyKey"), topology, qualified_name_fault(topology));
}

void validate_pod_affinity(const json& affinity, const field_path& path, faults& out) {
  const field_path required_path = path.child(required_list);
  const auto& needed = items_of(affinity, required_list);
  for (std::size_t i = 0; i < needed.size(); ++i)
    validate_pod_term(needed[i], required_path.index(i), out);
  const field_path preferred_path = path.child(preferred_list);
  const auto& preferred = items_of(affinity, preferred_list);
  for (std::size_t i = 0; i < preferred.size(); ++i) {
    const field_path here = preferred_path.index(i);
    validate_weight(preferred[i], here, out);
    validate_pod_term(value_of(preferred[i], "podAffinityTerm"), here.child("podAffinityTerm"),
                      out);
  }
}

}  // namespace

void validate_node_selector(const json& selector, const field_path& path, faults& out) {
  const field_path terms_path = path.child("nodeSelectorTerms");
  const auto& terms = items_of(selector, "nodeSelectorTerms");
  if (terms.empty()) out.required(terms_path, "must have at least one node selector term");
  for (std::size_t i = 0; i < terms.size(); ++i)
    validate_node_term(terms[i], false, terms_path.index(i), out);
}

void validate_affinity(const json& affinity, const field_path& path, faults& out) {
  if (!affinity.is_object()) return;
  validate_node_affinity(value_of(affinity, "nodeAffinity"), path.child("nodeAffinity"), out);
  validate_pod_affinity(value_of(affinity, "podAffinity"), path.child("podAffinity"), out);
  validate_pod_affinity(value_of(affinity, "podAntiAffinity"), path.child("podAntiAffinity"), out);
}

}  // namespace troupe::model
