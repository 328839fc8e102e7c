#include "model/volumes/ephemeral.hpp"

namespace troupe::model {

std::vector<json> ephemeral_claims(const json& pod) {
  std::vector<json> out;
  const auto name = string_at(pod, {"metadata", "name"});
  for (const json& volume : at(pod, {"spec", "volumes"})) {
    const json& wanted = at(volume, {"ephemeral", "volumeClaimTemplate"});
    if (!wanted.is_object()) continue;
    json claim = {{"apiVersion", "v1"}, {"kind", "PersistentVolumeClaim"}};
    json& metadata = claim["metadata"];
    metadata = {{"name", name + "-" + string_at(volume, {"name"})},
                {"namespace", at(pod, {"metadata", "namespace"})}};
    for (const char* field : {"labels", "annotations"})
      if (const auto& given = at(wanted, {"metadata", field}); given.is_object())
        metadata[field] = given;
    metadata["ownerReferences"].push_back(json({{"apiVersion", "v1"},
                                                {"kind", "Pod"},
                                                {"name", name},
                                                {"uid", at(pod, {"metadata", "uid"})},
                                                {"controller", true},
                                                {"blockOwnerDeletion", true}}));
    claim["spec"] = at(wanted, {"spec"});
    out.push_back(std::move(claim));
  }
  return out;
}

}  // namespace troupe::model
