#include "model/volumes/binding.hpp"

namespace troupe::model {
namespace {

constexpr const char* beta_provisioner = "volume.beta.kubernetes.io/storage-provisioner";
constexpr const char* no_provisioner = "kubernetes.io/no-provisioner";

void annotate(json& object, const char* name, const std::string& value) {
  object["metadata"]["annotations"][name] = value;
}

/// The claim in a phase, with what it has got of a volume. Null when it says so already.
json in_phase(const json& claim, const char* phase, const json& volume) {
  json out = claim;
  json& status = out["status"];
  status["phase"] = phase;
  status.erase("accessModes");
  if (volume.is_null()) {
    status.erase("capacity");
  } else {
    if (const auto& modes = at(volume, {"spec", "accessModes"}); !modes.is_null())
      status["accessModes"] = modes;
    // What a bound claim got is changed by resizing alone.
    if (string_at(claim, {"status", "phase"}) != "Bound" || !status.contains("capacity"))
      status["capacity"] = at(volume, {"spec", "capacity"});
  }
  return out == claim ? json() : out;
}

claim_step to_phase(const json& claim, const char* phase, const json& volume = nullptr) {
  claim_step out;
  out.claim = in_phase(claim, phase, volume);
  out.status = true;
  return out;
}

claim_step pending(const json& claim, remark why) {
  auto out = to_phase(claim, "Pending");
  out.remarks.push_back(std::move(why));
  return out;
}

claim_step lost(const json& claim, remark why) {
  auto out = to_phase(claim, "Lost");
  if (!out.claim.is_null()) out.remarks.push_back(std::move(why));
  return out;
}

json reference_to_claim(const json& claim) {
  return {{"apiVersion", "v1"},
          {"kind", "PersistentVolumeClaim"},
          {"namespace", at(claim, {"metadata", "namespace"})},
          {"name", at(claim, {"metadata", "name"})},
          {"uid", at(claim, {"metadata", "uid"})},
          {"resourceVersion", at(claim, {"metadata", "resourceVersion"})}};
}

claim_step step_of_bound(const json& claim, const claim_surroundings& around) {
  const json& volume = around.named_volume;
  if (string_at(claim, {"spec", "volumeName"}).empty())
    return lost(claim, {"ClaimLost",
                        "Bound claim has lost reference to PersistentVolume. Data on the volume "
                        "is lost!",
                        true});
  if (volume.is_null())
    return lost(claim,
                {"ClaimLost",
                 "Bound claim has lost its PersistentVolume. Data on the volume is lost!", true});
  const json& ref = at(volume, {"spec", "claimRef"});
  if (!ref.is_null() && at(ref, {"uid"}) != at(claim, {"metadata", "uid"}))
    return lost(claim,
                {"ClaimMisbound",
                 "Two claims are bound to the same volume, this one is bound incorrectly", true});
  return bind_claim(volume, claim);
}

/// The user has chosen the volume.
claim_step step_of_named(const json& claim, const claim_surroundings& around) {
  const json& volume = around.named_volume;
  if (volume.is_null()) return to_phase(claim, "Pending");
  const volume_facts facts(volume);
  if (facts.claim.empty()) {
    if (const auto why = mismatch(facts, claim); !why.empty())
      return pending(claim,
                     {"VolumeMismatch",
                      "Cannot bind to requested volume \"" + facts.name + "\": " + why, true});
    return bind_claim(volume, claim);
  }
  if (is_bound_to(facts, claim)) return bind_claim(volume, claim);
  return pending(
      claim,
      {"FailedBinding", "volume \"" + facts.name + "\" already bound to a different claim.", true});
}

remark waiting_for_consumer(const std::vector<std::string>& pods) {
  if (pods.empty())
    return {"WaitForFirstConsumer", "waiting for first consumer to be created before binding"};
  std::string names;
  for (const auto& p : pods) names += (names.empty() ? "" : ",") + p;
  return {"WaitForPodScheduled", (pods.size() > 1 ? "waiting for pods " : "waiting for pod ") +
                                     names + " to be scheduled"};
}

/// Asks the class's provisioner for a volume.
claim_step provision(const json& claim, const claim_surroundings& around, bool delayed) {
  const auto name = class_of_claim(claim);
  if (around.storage_class.is_null())
    return pending(claim, {"ProvisioningFailed",
                           "storageclass.storage.k8s.io \"" + name + "\" not found", true});
  const auto provisioner = string_at(around.storage_class, {"provisioner"});
  if (provisioner.starts_with("kubernetes.io/"))
    return pending(claim, {"ProvisioningFailed", "no provisionable volume plugin matched", true});
  json asked = claim;
  if (delayed && !has_annotation(claim, selected_node))
    annotate(asked, selected_node, around.consumer_node->name);
  annotate(asked, storage_provisioner, provisioner);
  annotate(asked, beta_provisioner, provisioner);
  auto out = pending(
      claim,
      {"ExternalProvisioning",
       "Waiting for a volume to be created either by the external provisioner '" + provisioner +
           "' or manually by the system administrator. If volume creation is delayed, "
           "please verify that the provisioner is running and correctly registered."});
  if (asked != claim) {
    out.claim = std::move(asked);
    out.status = false;
  }
  return out;
}

/// Any volume will do.
claim_step step_of_free(const json& claim, const claim_surroundings& around) {
  const bool delayed =
      string_at(around.storage_class, {"volumeBindingMode"}) == "WaitForFirstConsumer";
  const node_view* node = delayed ? around.consumer_node.get() : nullptr;
  const auto* found = find_match(claim, around.volumes, node);
  // Only what was bound to it by somebody else is taken before it is known where it is needed.
  if (found && delayed && !node && !is_bound_to(*found, claim)) found = nullptr;
  if (found) {
    claim_step out;
    out.chosen = found->name;
    return out;
  }
  const auto name = class_of_claim(claim);
  if (at(claim, {"spec", "storageClassName"}).is_null() && name.empty() &&
      !around.default_class.empty()) {
    claim_step out;
    out.claim = claim;
    out.claim["spec"]["storageClassName"] = around.default_class;
    return out;
  }
  if (delayed && !has_annotation(claim, selected_node) &&
      (!node || string_at(around.storage_class, {"provisioner"}) == no_provisioner))
    return pending(claim, waiting_for_consumer(around.waiting_pods));
  if (!name.empty()) return provision(claim, around, delayed);
  return pending(claim,
                 {"FailedBinding",
                  "no persistent volumes available for this claim and no storage class is set"});
}

volume_step volume_in_phase(const json& volume, const char* phase, time_point now,
                            const std::string& message = {}) {
  volume_step out;
  json next = volume;
  json& status = next["status"];
  if (string_at(volume, {"status", "phase"}) != phase)
    status["lastPhaseTransitionTime"] = to_rfc3339(now);
  status["phase"] = phase;
  status.erase("message");
  if (!message.empty()) status["message"] = message;
  if (next == volume) return out;
  out.volume = std::move(next);
  out.status = true;
  return out;
}

/// The claim is gone: Released, then what the policy says.
volume_step reclaim(const json& volume, time_point now) {
  const auto phase = string_at(volume, {"status", "phase"});
  if (phase != "Released" && phase != "Failed") return volume_in_phase(volume, "Released", now);
  if (string_at(volume, {"spec", "persistentVolumeReclaimPolicy"}) != "Delete" ||
      at(volume, {"metadata", "deletionTimestamp"}).is_string())
    return {};
  const bool host_path = !at(volume, {"spec", "hostPath"}).is_null();
  if (has_annotation(volume, provisioned_by) || !at(volume, {"spec", "csi"}).is_null())
    return {};  // its provisioner's
  volume_step out;
  if (host_path) {
    out.remove = true;
    return out;
  }
  const std::string why = "error getting deleter volume plugin for volume \"" +
                          string_at(volume, {"metadata", "name"}) +
                          "\": no deletable volume plugin matched";
  out = volume_in_phase(volume, "Failed", now, why);
  if (!out.volume.is_null()) out.remarks.push_back({"VolumeFailedDelete", why, true});
  return out;
}

/// The claim has got another volume.
volume_step unbind(const json& volume) {
  volume_step out;
  out.volume = volume;
  json& spec = out.volume["spec"];
  if (has_annotation(volume, bound_by_controller)) {
    spec.erase("claimRef");
    json& annotations = out.volume["metadata"]["annotations"];
    annotations.erase(bound_by_controller);
    if (annotations.empty()) out.volume["metadata"].erase("annotations");
  } else {
    spec["claimRef"].erase("uid");  // it stays meant for that claim
  }
  return out;
}

}  // namespace

claim_step bind_claim(const json& volume, const json& claim) {
  // First the volume gets its claim, then the claim its volume and status.
  claim_step out;
  const auto name = string_at(volume, {"metadata", "name"});
  const volume_facts facts(volume);
  if (!is_bound_to(facts, claim) || facts.claim_uid.empty()) {
    out.volume = volume;
    if (!is_bound_to(facts, claim)) annotate(out.volume, bound_by_controller, "yes");
    out.volume["spec"]["claimRef"] = reference_to_claim(claim);
    return out;
  }
  const bool named = string_at(claim, {"spec", "volumeName"}) == name;
  if (named && has_annotation(claim, bind_completed)) return to_phase(claim, "Bound", volume);
  out.claim = claim;
  if (!named) {
    out.claim["spec"]["volumeName"] = name;
    annotate(out.claim, bound_by_controller, "yes");
  }
  annotate(out.claim, bind_completed, "yes");
  return out;
}

claim_step next_claim_step(const json& claim, const claim_surroundings& around) {
  if (has_annotation(claim, bind_completed)) return step_of_bound(claim, around);
  if (!string_at(claim, {"spec", "volumeName"}).empty()) return step_of_named(claim, around);
  return step_of_free(claim, around);
}

volume_step next_volume_step(const json& volume, const json& claim, time_point now) {
  const json& ref = at(volume, {"spec", "claimRef"});
  const auto uid = string_at(ref, {"uid"});
  if (ref.is_null() || uid.empty()) return volume_in_phase(volume, "Available", now);
  if (claim.is_null() || string_at(claim, {"metadata", "uid"}) != uid) return reclaim(volume, now);
  const auto named = string_at(claim, {"spec", "volumeName"});
  if (named.empty()) return {};  // the claim's next step takes it
  if (named == string_at(volume, {"metadata", "name"}))
    return volume_in_phase(volume, "Bound", now);
  if (has_annotation(volume, provisioned_by) &&
      string_at(volume, {"spec", "persistentVolumeReclaimPolicy"}) == "Delete")
    return reclaim(volume, now);
  return unbind(volume);
}

}  // namespace troupe::model
