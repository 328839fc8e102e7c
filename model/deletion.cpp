#include "model/deletion.hpp"

#include "model/validation/path.hpp"

#include <algorithm>
#include <array>

namespace troupe::model {
namespace {

bool non_empty_array(const json& value) {
  return value.is_array() && !value.empty();
}

bool held_back(const kind_info& kind, const json& object) {
  if (non_empty_array(at(object, {"metadata", "finalizers"}))) return true;
  return kind.resource == "namespaces" && non_empty_array(at(object, {"spec", "finalizers"}));
}

std::int64_t integer_at(const json& value, std::initializer_list<std::string_view> path,
                        std::int64_t fallback) {
  const json& found = at(value, path);
  return found.is_number_integer() ? found.get<std::int64_t>() : fallback;
}

// Seconds that the object gets to end by itself.
std::int64_t grace_of(const kind_info& kind, const json& object, const delete_options& options) {
  if (kind.resource != "pods") return 0;
  if (string_at(object, {"spec", "nodeName"}).empty()) return 0;
  const std::string phase = string_at(object, {"status", "phase"});
  if (phase == "Succeeded" || phase == "Failed") return 0;
  const auto grace =
      options.grace.value_or(integer_at(object, {"spec", "terminationGracePeriodSeconds"}, 30));
  return grace < 0 ? 1 : grace;
}

void mark(json& object, std::int64_t grace, time_point now) {
  json& meta = object["metadata"];
  meta["deletionTimestamp"] = to_rfc3339(now + std::chrono::seconds(grace));
  meta["deletionGracePeriodSeconds"] = grace;
  if (const auto g = integer_at(meta, {"generation"}, 0); g > 0) meta["generation"] = g + 1;
}

std::optional<status> check(const object_key& key, const json& object,
                            const delete_options& options) {
  const std::string uid = string_at(object, {"metadata", "uid"});
  if (!options.if_uid.empty() && options.if_uid != uid)
    return conflict(key, "Precondition failed: UID in precondition: " + options.if_uid +
                             ", UID in object meta: " + uid);
  const std::string version = string_at(object, {"metadata", "resourceVersion"});
  if (!options.if_version.empty() && options.if_version != version)
    return conflict(key, "Precondition failed: ResourceVersion in precondition: " +
                             options.if_version + ", ResourceVersion in object meta: " + version);
  return std::nullopt;
}

// A second delete may only shorten the grace of the first.
deletion again(const kind_info& kind, const json& object, const delete_options& options) {
  const auto had = integer_at(object, {"metadata", "deletionGracePeriodSeconds"}, 0);
  const auto began = from_rfc3339(string_at(object, {"metadata", "deletionTimestamp"}));
  if (kind.resource != "pods" || held_back(kind, object) || !began)
    return {held_back(kind, object) ? deletion::action::pending : deletion::action::remove, {}};
  if (had == 0) return {deletion::action::remove, {}};
  if (!options.grace || *options.grace >= had) return {deletion::action::pending, {}};
  const auto grace = *options.grace < 0 ? 1 : *options.grace;
  if (grace == 0) return {deletion::action::remove, {}};
  deletion d{deletion::action::mark, object};
  d.object["metadata"]["deletionTimestamp"] =
      to_rfc3339(*began - std::chrono::seconds(had - grace));
  d.object["metadata"]["deletionGracePeriodSeconds"] = grace;
  return d;
}

// As metav1's ValidateDeleteOptions.
std::vector<cause> faults_of(const json& options) {
  constexpr std::array<std::string_view, 4> policies{"Foreground", "Background", "Orphan", "nil"};
  constexpr std::array<std::string_view, 1> stages{"All"};
  faults f;
  if (const json& policy = at(options, {"propagationPolicy"}); !policy.is_null()) {
    const field_path path("propagationPolicy");
    const auto given = as_text(policy);
    if (!at(options, {"orphanDependents"}).is_null())
      f.invalid(path, policy, "orphanDependents and deletionPropagation cannot be both set");
    else if (std::find(policies.begin(), policies.end() - 1, given) == policies.end() - 1)
      f.not_supported(path, given, policies);
  }
  for (const json& stage : items_of(options, "dryRun"))
    if (stage != "All") f.not_supported(field_path("dryRun"), as_text(stage), stages);
  return f.take();
}

}  // namespace

std::variant<delete_options, status> delete_options_of(const json& body) {
  delete_options o;
  if (body.is_null()) return o;
  if (!body.is_object()) return bad_request("DeleteOptions must be an object");
  if (const json& grace = at(body, {"gracePeriodSeconds"}); grace.is_number_integer())
    o.grace = grace.get<std::int64_t>();
  else if (!grace.is_null())
    return bad_request("gracePeriodSeconds must be an integer");
  if (auto causes = faults_of(body); !causes.empty())
    return invalid("meta.k8s.io", "DeleteOptions", "", std::move(causes));
  o.if_uid = string_at(body, {"preconditions", "uid"});
  o.if_version = string_at(body, {"preconditions", "resourceVersion"});
  return o;
}

std::variant<deletion, status> decide_deletion(const kind_info& kind, const object_key& key,
                                               const json& object, const delete_options& options,
                                               time_point now) {
  if (auto bad = check(key, object, options)) return *bad;
  if (at(object, {"metadata", "deletionTimestamp"}).is_string())
    return again(kind, object, options);
  const auto grace = grace_of(kind, object, options);
  if (grace == 0 && !held_back(kind, object)) return deletion{};
  deletion d{deletion::action::mark, object};
  mark(d.object, grace, now);
  if (kind.resource == "namespaces") d.object["status"]["phase"] = "Terminating";
  return d;
}

bool may_vanish(const kind_info& kind, const json& object) {
  return at(object, {"metadata", "deletionTimestamp"}).is_string() && !held_back(kind, object) &&
         integer_at(object, {"metadata", "deletionGracePeriodSeconds"}, 0) == 0;
}

}  // namespace troupe::model
