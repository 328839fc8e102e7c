#include "model/storage_protection.hpp"

#include "model/propagation.hpp"

namespace troupe::model {
namespace {

std::string ephemeral_claim(const json& pod, const json& volume) {
  return string_at(pod, {"metadata", "name"}) + "-" + string_at(volume, {"name"});
}

bool made_for(const json& claim, const json& pod) {
  for (const json& owner : at(claim, {"metadata", "ownerReferences"}))
    if (at(owner, {"controller"}) == true)
      return at(owner, {"uid"}) == at(pod, {"metadata", "uid"});
  return false;
}

bool is_shut_down(const json& pod) {
  return at(pod, {"metadata", "deletionTimestamp"}).is_string() &&
         at(pod, {"metadata", "deletionGracePeriodSeconds"}) == 0;
}

}  // namespace

void add_finalizer(json& object, std::string_view finalizer) {
  if (!has_finalizer(object, finalizer)) object["metadata"]["finalizers"].push_back(finalizer);
}

std::vector<std::string> claims_of_pod(const json& pod) {
  std::vector<std::string> out;
  for (const json& volume : at(pod, {"spec", "volumes"})) {
    if (auto claim = string_at(volume, {"persistentVolumeClaim", "claimName"}); !claim.empty())
      out.push_back(std::move(claim));
    if (volume.contains("ephemeral")) out.push_back(ephemeral_claim(pod, volume));
  }
  return out;
}

bool uses_claim(const json& pod, const json& claim) {
  // A pod that is not on a node yet will not be started with a claim that goes.
  if (string_at(pod, {"spec", "nodeName"}).empty()) return false;
  const auto name = string_at(claim, {"metadata", "name"});
  for (const json& volume : at(pod, {"spec", "volumes"})) {
    if (string_at(volume, {"persistentVolumeClaim", "claimName"}) == name) return true;
    if (volume.contains("ephemeral") && !is_shut_down(pod) &&
        ephemeral_claim(pod, volume) == name && made_for(claim, pod))
      return true;
  }
  return false;
}

protection judge_protection(const json& object, std::string_view finalizer, bool in_use) {
  const bool deleting = at(object, {"metadata", "deletionTimestamp"}).is_string();
  const bool has = has_finalizer(object, finalizer);
  if (deleting) return has && !in_use ? protection::release : protection::keep;
  return has ? protection::keep : protection::add;
}

}  // namespace troupe::model
