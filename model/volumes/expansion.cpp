#include "model/volumes/expansion.hpp"

#include "model/volumes/host_path.hpp"

namespace troupe::model {
namespace {

quantity amount_in(const json& value) {
  if (!value.is_string()) return {};
  return quantity::parse(value.get_ref<const std::string&>()).value_or(quantity());
}

const json& asked_by(const json& claim) {
  return at(claim, {"spec", "resources", "requests", "storage"});
}

bool is_bound(const json& claim) {
  return string_at(claim, {"status", "phase"}) == "Bound";
}

// A condition of the way there.
bool is_of_resize(const json& condition) {
  const auto type = string_at(condition, {"type"});
  return type == "Resizing" || type == "FileSystemResizePending" ||
         type == "ControllerResizeError" || type == "NodeResizeError";
}

}  // namespace

std::string refuse_growth(const json& old, const json& claim, const json& storage_class) {
  if (amount_in(asked_by(claim)) <= amount_in(asked_by(old))) return {};
  if (!is_bound(old)) return "Only bound persistent volume claims can be expanded";
  const auto name = class_of_claim(claim);
  if (name.empty() || name != class_of_claim(old) ||
      at(storage_class, {"allowVolumeExpansion"}) != true)
    return "only dynamically provisioned pvc can be resized and the storageclass that provisions "
           "the pvc must support resize";
  return {};
}

bool wants_more(const json& claim) {
  return is_bound(claim) && at(claim, {"metadata", "deletionTimestamp"}).is_null() &&
         amount_in(asked_by(claim)) > amount_in(at(claim, {"status", "capacity", "storage"}));
}

expansion_step next_expansion_step(const json& claim, const json& volume) {
  expansion_step out;
  if (!is_bound_to(volume_facts(volume), claim)) return out;
  if (string_at(volume, {"metadata", "annotations", provisioned_by}) != host_path_provisioner) {
    out.remarks.push_back(
        {"ExternalExpanding", "waiting for an external controller to expand this PVC"});
    return out;
  }
  const json& asked = asked_by(claim);
  if (amount_in(at(volume, {"spec", "capacity", "storage"})) < amount_in(asked)) {
    out.volume = volume;
    out.volume["spec"]["capacity"]["storage"] = asked;
    return out;
  }
  out.claim = claim;
  json& status = out.claim["status"];
  status["capacity"]["storage"] = asked;
  json conditions = json::array();
  for (const json& c : at(claim, {"status", "conditions"}))
    if (!is_of_resize(c)) conditions.push_back(c);
  status["conditions"] = std::move(conditions);
  std::string text = "ExpandVolume succeeded for volume ";
  text += string_at(claim, {"metadata", "namespace"}) + "/";
  text += string_at(claim, {"metadata", "name"});
  out.remarks.push_back({"VolumeResizeSuccessful", std::move(text)});
  return out;
}

}  // namespace troupe::model
