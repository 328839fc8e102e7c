#include "model/volumes/pod_volumes.hpp"

#include "model/volumes/csi_migration.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

std::vector<std::string> strings_of(const json& list) {
  std::vector<std::string> out;
  for (const json& one : list)
    if (one.is_string()) out.push_back(one.get<std::string>());
  return out;
}

bool is_true(const json& value) {
  return value.is_boolean() && value.get<bool>();
}

void take_disk(const json& volume, std::vector<pod_disk>& out) {
  if (const json& d = at(volume, {"gcePersistentDisk"}); d.is_object())
    out.push_back(
        {pod_disk::kind::gce, string_at(d, {"pdName"}), {}, is_true(at(d, {"readOnly"}))});
  if (const json& d = at(volume, {"awsElasticBlockStore"}); d.is_object())
    out.push_back({pod_disk::kind::aws, string_at(d, {"volumeID"}), {}, false});
  if (const json& d = at(volume, {"iscsi"}); d.is_object())
    out.push_back({pod_disk::kind::iscsi, string_at(d, {"iqn"}), {}, is_true(at(d, {"readOnly"}))});
  if (const json& d = at(volume, {"rbd"}); d.is_object())
    out.push_back({pod_disk::kind::rbd,
                   string_at(d, {"pool"}, "rbd") + "/" + string_at(d, {"image"}),
                   strings_of(at(d, {"monitors"})), is_true(at(d, {"readOnly"}))});
}

}  // namespace

bool conflict(const pod_disk& a, const pod_disk& b) {
  if (a.what != b.what || a.id != b.id) return false;
  if (a.what == pod_disk::kind::rbd &&
      std::find_first_of(a.monitors.begin(), a.monitors.end(), b.monitors.begin(),
                         b.monitors.end()) == a.monitors.end())
    return false;
  return !(a.read_only && b.read_only);
}

bool conflict(const std::vector<pod_disk>& some, const std::vector<pod_disk>& others) {
  return std::any_of(some.begin(), some.end(), [&](const pod_disk& a) {
    return std::any_of(others.begin(), others.end(),
                       [&](const pod_disk& b) { return conflict(a, b); });
  });
}

std::shared_ptr<const pod_volumes> pod_volumes_of(const json& volumes, std::string_view pod) {
  auto out = std::make_shared<pod_volumes>();
  for (const json& v : volumes) {
    if (auto name = string_at(v, {"persistentVolumeClaim", "claimName"}); !name.empty())
      out->claims.push_back(std::move(name));
    if (v.is_object() && v.contains("ephemeral"))
      out->claims.push_back(std::string(pod).append("-").append(string_at(v, {"name"})));
    take_disk(v, out->disks);
    if (const auto counted = counted_inline(v)) out->counted.push_back(text_of(*counted));
  }
  if (out->claims.empty() && out->disks.empty() && out->counted.empty()) return nullptr;
  return out;
}

bool may_have_claims(const object& pod) {
  return pod.says(word::persistent_volume_claim) || pod.says(word::ephemeral);
}

bool may_have_volumes(const object& pod) {
  return may_have_claims(pod) || pod.says(word::disk);
}

}  // namespace troupe::model
