#include "model/disruption_budget.hpp"

#include "model/custom/fields.hpp"
#include "model/custom/owners.hpp"
#include "model/disruption.hpp"
#include "model/schema.hpp"
#include "model/validation/int_or_percent.hpp"

#include <map>

namespace troupe::model {
namespace {

/// An owner's number of pods, or why there is none to be had.
struct scale_answer {
  std::string uid;  ///< of what was found; empty: nothing
  std::int64_t replicas = 0;
  std::string failure;
};

scale_answer scale_of_owner(const json& owner) {
  const json& replicas = at(owner, {"spec", "replicas"});
  return {string_at(owner, {"metadata", "uid"}),
          replicas.is_number_integer() ? replicas.get<std::int64_t>() : 1,
          {}};
}

/// Where controllers are found.
struct scale_sources {
  const object_lookup& lookup;
  const custom_kinds& custom;
};

/// The object that a reference means; null when it is not there.
json referred(const owner_reference& owner, const object_key& dependent, const scale_sources& in) {
  const object_ptr found = in.lookup(owner_key(owner, dependent, in.custom));
  return found && found->header().uid == owner.uid ? found->parse() : json();
}

/// By the paths of the kind's scale subresource, in the version that the owner is named in.
scale_answer scale_of_custom(const owner_reference& owner, const object_key& key,
                             const object_key& dependent, const scale_sources& in) {
  const auto slash = owner.api_version.find('/');
  const auto kind = in.custom.by_kind(owner.api_version.substr(0, slash),
                                      owner.api_version.substr(slash + 1), owner.kind);
  const auto* version = kind ? custom_of(*kind.kind) : nullptr;
  if (!version || version->spec_replicas.empty())
    return {{}, 0, key.resource + " does not implement the scale subresource"};
  const json found = referred(owner, dependent, in);
  if (found.is_null()) return {};
  const json* replicas = value_at(found, version->spec_replicas);
  if (!replicas || !replicas->is_number_integer())
    return {{},
            0,
            "Internal error occurred: the spec replicas field \"." + version->spec_replicas +
                "\" does not exist"};
  return {owner.uid, replicas->get<std::int64_t>(), {}};
}

const json& controller_reference(const json& object) {
  static const json none;
  for (const json& owner : at(object, {"metadata", "ownerReferences"}))
    if (at(owner, {"controller"}) == true) return owner;
  return none;
}

/// Those of a ReplicaSet that a Deployment manages are the Deployment's.
scale_answer find_scale(const owner_reference& owner, const object_key& dependent,
                        const scale_sources& in) {
  const object_key key = owner_key(owner, dependent, in.custom);
  if (key.resource.empty())
    return {{},
            0,
            "no matches for kind \"" + owner.kind + "\" in version \"" + owner.api_version + "\""};
  const auto* kind = schema::instance().by_resource(key.resource);
  if (!kind) return scale_of_custom(owner, key, dependent, in);
  if (!kind->subresource("scale"))
    return {{}, 0, key.resource + " does not implement the scale subresource"};
  const json found = referred(owner, dependent, in);
  if (found.is_null()) return {};
  const json& above = controller_reference(found);
  if (owner.kind != "ReplicaSet" || string_at(above, {"kind"}) != "Deployment")
    return scale_of_owner(found);
  owner_reference next;
  next.api_version = string_at(above, {"apiVersion"});
  next.kind = "Deployment";
  next.name = string_at(above, {"name"});
  next.uid = string_at(above, {"uid"});
  const json deployment = referred(next, dependent, in);
  return deployment.is_null() ? scale_answer{} : scale_of_owner(deployment);
}

struct counted {
  std::int64_t expected = 0;
  std::int64_t desired = 0;
  bool unmanaged = false;
  std::string failure;
};

/// The sum of the scales of all controllers of the pods.
counted expected_scale(const std::string& ns, const std::vector<const guarded_pod*>& pods,
                       const scale_sources& in) {
  counted out;
  std::map<std::string, std::string> seen;  // uid of a controller to the one that counts
  std::map<std::string, std::int64_t> scales;
  for (const guarded_pod* pod : pods) {
    if (!pod->controller) {
      out.unmanaged = true;
      continue;
    }
    if (seen.contains(pod->controller->uid)) continue;
    auto found = find_scale(*pod->controller, {"pods", ns, pod->name}, in);
    out.failure = std::move(found.failure);
    if (out.failure.empty() && found.uid.empty())
      out.failure = "found no controllers for pod \"" + pod->name + "\"";
    if (!out.failure.empty()) return out;
    seen[pod->controller->uid] = found.uid;
    scales[found.uid] = found.replicas;
  }
  for (const auto& [uid, replicas] : scales) out.expected += replicas;
  return out;
}

counted count_expected(const json& budget, const std::vector<const guarded_pod*>& pods,
                       const scale_sources& in) {
  const auto ns = string_at(budget, {"metadata", "namespace"});
  if (const json& most = at(budget, {"spec", "maxUnavailable"}); !most.is_null()) {
    auto out = expected_scale(ns, pods, in);
    out.desired = std::max<std::int64_t>(0, out.expected - scaled_value(most, out.expected, true));
    return out;
  }
  const json& least = at(budget, {"spec", "minAvailable"});
  if (least.is_string()) {
    auto out = expected_scale(ns, pods, in);
    out.desired = scaled_value(least, out.expected, true);
    return out;
  }
  if (least.is_null()) return {};
  return {static_cast<std::int64_t>(pods.size()), number_or_percent(least), false, {}};
}

/// metav1.LabelSelector as %v prints it.
std::string selector_text(const json& selector) {
  if (selector.is_null()) return "nil";
  std::string out = "&LabelSelector{MatchLabels:map[string]string{";
  for (const auto& [key, value] : at(selector, {"matchLabels"}).items())
    out += key + ": " + value.get<std::string>() + ",";
  out += "},MatchExpressions:[]LabelSelectorRequirement{";
  for (const json& e : at(selector, {"matchExpressions"})) {
    std::string values;
    for (const json& v : at(e, {"values"}))
      values += (values.empty() ? "" : " ") + v.get<std::string>();
    out += "LabelSelectorRequirement{Key:" + string_at(e, {"key"}) +
           ",Operator:" + string_at(e, {"operator"}) + ",Values:[" + values + "],},";
  }
  return out + "},}";
}

void remark_on(const json& budget, const counted& count, bool none, budget_decision& out) {
  if (none) out.remarks.push_back({"NoPods", "No matching pods found"});
  if (!count.failure.empty())
    out.remarks.push_back({"CalculateExpectedPodCountFailed",
                           "Failed to calculate the number of expected pods: " + count.failure,
                           true});
  else if (count.unmanaged)
    out.remarks.push_back(
        {"UnmanagedPods",
         "Pods selected by this PodDisruptionBudget (selector: " +
             selector_text(at(budget, {"spec", "selector"})) +
             ") were found to be unmanaged. As a result, the status of the PDB cannot be "
             "calculated correctly, which may result in undefined behavior. To account for these "
             "pods please set \".spec.minAvailable\" field of the PDB to an integer value.",
         true});
}

/// The evictions that are still to be carried out.
json disrupted_pods(const json& budget, const std::vector<const guarded_pod*>& pods, time_point now,
                    budget_decision& out) {
  json kept = json::object();
  const json& disrupted = at(budget, {"status", "disruptedPods"});
  for (const guarded_pod* pod : pods) {
    if (pod->deleting) continue;
    const auto since = from_rfc3339(string_at(disrupted, {pod->name}));
    if (!since) continue;
    const auto overdue = *since + disruption_timeout;
    if (overdue < now) {
      out.lingered.push_back(pod->name);
      continue;
    }
    out.recheck = out.recheck ? std::min(*out.recheck, overdue) : overdue;
    kept[pod->name] = at(disrupted, {pod->name});
  }
  return kept;
}

}  // namespace

guarded_pod::guarded_pod(const object& pod)
    : name(pod.key().name), deleting(pod.header().deleting), controller(controller_of(pod)) {
  const json document = pod.content();
  for (const json& c : at(document, {"status", "conditions"}))
    if (string_at(c, {"type"}) == "Ready") ready = string_at(c, {"status"}) == "True";
}

bool guarded_pod::operator==(const guarded_pod& o) const {
  const auto uid = [](const guarded_pod& p) { return p.controller ? p.controller->uid : ""; };
  return name == o.name && ready == o.ready && deleting == o.deleting && uid(*this) == uid(o);
}

budget_decision decide_budget(const json& budget, const std::vector<const guarded_pod*>& pods,
                              const object_lookup& lookup, const custom_kinds& custom,
                              time_point now) {
  budget_decision out;
  json next = budget;
  json& status = next["status"];
  if (!status.is_object()) status = json::object();
  const auto count = count_expected(budget, pods, {lookup, custom});
  remark_on(budget, count, pods.empty(), out);
  if (!count.failure.empty()) {
    status["disruptionsAllowed"] = 0;
    set_disruption_allowed(next, "SyncFailed", now, count.failure);
    out.status = std::move(status);
    return out;
  }
  json disrupted = disrupted_pods(budget, pods, now, out);
  std::int64_t healthy = 0;
  for (const guarded_pod* pod : pods)
    if (pod->ready && !pod->deleting && !disrupted.contains(pod->name)) ++healthy;
  const auto allowed =
      count.expected > 0 ? std::max<std::int64_t>(0, healthy - count.desired) : std::int64_t{0};
  status["currentHealthy"] = healthy;
  status["desiredHealthy"] = count.desired;
  status["expectedPods"] = count.expected;
  status["disruptionsAllowed"] = allowed;
  status["observedGeneration"] = at(budget, {"metadata", "generation"});
  status.erase("disruptedPods");
  if (!disrupted.empty()) status["disruptedPods"] = std::move(disrupted);
  json before = at(budget, {"status"});
  if (before.is_object()) before.erase("conditions");
  json counts = status;
  counts.erase("conditions");
  if (counts != before || !says_disruption_allowed(budget, allowed > 0))
    set_disruption_allowed(next, allowed > 0 ? "SufficientPods" : "InsufficientPods", now, "");
  out.status = std::move(status);
  return out;
}

stale_disruption judge_disruption_target(const json& pod, time_point now) {
  const auto phase = string_at(pod, {"status", "phase"});
  if (phase == "Succeeded" || phase == "Failed" ||
      at(pod, {"metadata", "deletionTimestamp"}).is_string())
    return {};
  for (const json& c : at(pod, {"status", "conditions"})) {
    if (string_at(c, {"type"}) != "DisruptionTarget" || string_at(c, {"status"}) != "True" ||
        string_at(c, {"reason"}) == "TerminationByKubelet")
      continue;
    const auto since = from_rfc3339(string_at(c, {"lastTransitionTime"}));
    if (!since || *since + disruption_timeout <= now) return {true, std::nullopt};
    return {false, *since + disruption_timeout};
  }
  return {};
}

}  // namespace troupe::model
