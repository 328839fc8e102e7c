#include "model/deletion.hpp"

#include "model/custom/kinds.hpp"
#include "model/json_text.hpp"
#include "model/validation/path.hpp"

#include <algorithm>
#include <array>

namespace troupe::model {
namespace {

bool non_empty_array(const json& value) {
  return value.is_array() && !value.empty();
}

bool finalizers_left(const json& object) {
  return non_empty_array(at(object, {"metadata", "finalizers"}));
}

// A namespace's contents hold it back, too.
bool contents_left(const kind_info& kind, const json& object) {
  return kind.resource == "namespaces" && non_empty_array(at(object, {"spec", "finalizers"}));
}

std::int64_t integer_at(const json& value, std::initializer_list<std::string_view> path,
                        std::int64_t fallback) {
  const json& found = at(value, path);
  return found.is_number_integer() ? found.get<std::int64_t>() : fallback;
}

// Seconds that a pod gets to end by itself.
std::int64_t grace_of(const json& object, const delete_options& options) {
  if (string_at(object, {"spec", "nodeName"}).empty()) return 0;
  const std::string phase = string_at(object, {"status", "phase"});
  if (phase == "Succeeded" || phase == "Failed") return 0;
  const auto grace =
      options.grace.value_or(integer_at(object, {"spec", "terminationGracePeriodSeconds"}, 30));
  return grace < 0 ? 1 : grace;
}

// Begins the deletion, or moves its end. A pod that has to go at once is marked, too, when a
// finalizer holds it.
void mark(json& object, std::int64_t grace, time_point end) {
  json& meta = object["metadata"];
  const bool first = !at(meta, {"deletionTimestamp"}).is_string();
  meta["deletionTimestamp"] = to_rfc3339(end);
  meta["deletionGracePeriodSeconds"] = grace;
  if (const auto g = integer_at(meta, {"generation"}, 0); first && g > 0)
    meta["generation"] = g + 1;
}

std::optional<status> check(const kind_info& kind, const object_key& key, const json& object,
                            const delete_options& options) {
  // The registry names the kind where all others name the resource; namespaces have checks, and
  // words, of their own.
  const bool ns = kind.resource == "namespaces";
  const object_key shown{
      ns ? key.resource
         : std::string(kind.kind) + (kind.group.empty() ? "" : "." + std::string(kind.group)),
      key.ns, key.name};
  auto mismatch = [&](const char* what, const std::string& wanted, const std::string& had,
                      const char* hint) {
    const std::string field = what;
    return conflict(shown, ns ? "Precondition failed: " + field + " in precondition: " + wanted +
                                    ", " + field + " in object meta: " + had
                              : "the " + field + " in the precondition (" + wanted +
                                    ") does not match the " + field + " in record (" + had +
                                    "). The object might have been " + hint);
  };
  const std::string uid = string_at(object, {"metadata", "uid"});
  if (!options.if_uid.empty() && options.if_uid != uid)
    return mismatch("UID", options.if_uid, uid, "deleted and then recreated");
  const std::string version = string_at(object, {"metadata", "resourceVersion"});
  if (!options.if_version.empty() && options.if_version != version)
    return mismatch("ResourceVersion", options.if_version, version, "modified");
  return std::nullopt;
}

// A pod's grace: none is left over, it runs already, or it begins or gets shorter (and is then in
// the object).
enum class grace_state : std::uint8_t { over, running, set };

grace_state set_grace(const kind_info& kind, json& object, const delete_options& options,
                      time_point now) {
  if (kind.resource != "pods") return grace_state::over;
  const auto end = from_rfc3339(string_at(object, {"metadata", "deletionTimestamp"}));
  if (!end) {
    const auto grace = grace_of(object, options);
    mark(object, grace, now + std::chrono::seconds(grace));
    return grace > 0 ? grace_state::set : grace_state::over;
  }
  // A second delete may only shorten the grace of the first.
  const auto had = integer_at(object, {"metadata", "deletionGracePeriodSeconds"}, 0);
  if (had == 0) return grace_state::over;
  if (!options.grace) return grace_state::running;
  const auto grace = *options.grace < 0 ? 1 : *options.grace;
  if (grace >= had) return grace_state::running;
  mark(object, grace, *end - std::chrono::seconds(had - grace));
  return grace > 0 ? grace_state::set : grace_state::over;
}

deletion end_namespace(json object, const delete_options& options, time_point now) {
  deletion d{deletion::action::mark, std::move(object)};
  d.object["metadata"]["deletionTimestamp"] = to_rfc3339(now);
  d.object["status"]["phase"] = "Terminating";
  set_asked_finalizers(d.object, options.dependents);
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
  o.dependents.policy = string_at(body, {"propagationPolicy"});
  if (const json& orphan = at(body, {"orphanDependents"}); orphan.is_boolean())
    o.dependents.orphan = orphan.get<bool>();
  else if (!orphan.is_null())
    return bad_request("orphanDependents must be a boolean");
  o.dry_run = non_empty_array(at(body, {"dryRun"}));
  o.if_uid = string_at(body, {"preconditions", "uid"});
  o.if_version = string_at(body, {"preconditions", "resourceVersion"});
  return o;
}

std::variant<deletion, status> decide_deletion(const kind_info& kind, const object_key& key,
                                               json object, const delete_options& options,
                                               time_point now) {
  if (auto bad = check(kind, key, object, options)) return *bad;
  const bool begun = at(object, {"metadata", "deletionTimestamp"}).is_string();
  if (kind.resource == "namespaces" && !begun)
    return end_namespace(std::move(object), options, now);
  if (contents_left(kind, object)) return deletion{deletion::action::pending, {}};
  const json before = at(object, {"metadata"});
  deletion d{deletion::action::mark, std::move(object)};
  const auto grace = set_grace(kind, d.object, options, now);
  if (grace == grace_state::running) return deletion{deletion::action::pending, {}};
  set_dependents_finalizers(kind, d.object, options.dependents);
  if (grace == grace_state::over) {
    if (!finalizers_left(d.object)) return deletion{};
    const auto end = from_rfc3339(string_at(d.object, {"metadata", "deletionTimestamp"}));
    mark(d.object, 0, end && *end < now ? *end : now);
  }
  if (at(d.object, {"metadata"}) == before) return deletion{deletion::action::pending, {}};
  return d;
}

bool goes_at_once(const kind_info& kind, const object& stored, const delete_options& options) {
  const bool ends_slowly = kind.resource == "pods" || kind.resource == "namespaces" ||
                           kind.resource == definitions_resource;
  return !ends_slowly && options.if_uid.empty() && options.if_version.empty() &&
         !stored.header().deleting && leaves_dependents(kind, options.dependents) &&
         !mentions(stored.bytes(), "\"finalizers\"");
}

bool may_vanish(const kind_info& kind, const json& object) {
  return at(object, {"metadata", "deletionTimestamp"}).is_string() && !finalizers_left(object) &&
         !contents_left(kind, object) &&
         integer_at(object, {"metadata", "deletionGracePeriodSeconds"}, 0) == 0;
}

}  // namespace troupe::model
