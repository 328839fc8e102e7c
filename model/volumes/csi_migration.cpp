#include "model/volumes/csi_migration.hpp"

#include "model/selector.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace troupe::model {
namespace {

constexpr std::string_view unspecified = "UNSPECIFIED";
constexpr const char* migrated_plugins = "storage.alpha.kubernetes.io/migrated-plugins";
constexpr std::string_view portworx_plugin = "kubernetes.io/portworx-volume";

struct migrated_plugin {
  std::string_view plugin;
  std::string_view source;  // the field of a volume
  std::string_view id;      // what of it names the volume
  std::string_view driver;
};
constexpr std::array<migrated_plugin, 5> counted_plugins{{
    {"kubernetes.io/aws-ebs", "awsElasticBlockStore", "volumeID", "ebs.csi.aws.com"},
    {"kubernetes.io/gce-pd", "gcePersistentDisk", "pdName", "pd.csi.storage.gke.io"},
    {"kubernetes.io/azure-disk", "azureDisk", "diskURI", "disk.csi.azure.com"},
    {"kubernetes.io/cinder", "cinder", "volumeID", "cinder.csi.openstack.org"},
    {portworx_plugin, "portworxVolume", "volumeID", "pxd.portworx.com"},
}};
// Migrated too, but never counted.
constexpr std::array<std::string_view, 2> uncounted_plugins{"kubernetes.io/azure-file",
                                                            "kubernetes.io/vsphere-volume"};

// "aws://ZONE/vol-1" is vol-1; nothing of what is no volume of AWS.
std::string ebs_id(const std::string& id) {
  if (!id.starts_with("aws://")) return id;
  const auto path = id.find('/', 6);
  if (path == std::string::npos) return {};
  const auto from = id.find_first_not_of('/', path);
  if (from == std::string::npos) return {};
  auto name = id.substr(from, id.find_last_not_of('/') + 1 - from);
  if (!name.starts_with("vol-") || name.find('/') != std::string::npos) return {};
  return name;
}

// "us-central1" of "us-central1-a"; nothing of what is no zone of Google's.
std::string region_of(const std::string& zone) {
  const auto last = zone.rfind('-');
  if (std::count(zone.begin(), zone.end(), '-') != 2) return {};
  return zone.substr(0, last);
}

std::vector<std::string> zones_of(const string_pairs& labels) {
  const auto* said = find(labels, "topology.kubernetes.io/zone");
  if (!said || said->empty()) said = find(labels, "failure-domain.beta.kubernetes.io/zone");
  std::vector<std::string> out;
  for (std::size_t from = 0; said && !said->empty();) {
    const auto end = said->find("__", from);
    out.push_back(said->substr(from, end - from));
    if (end == std::string::npos) break;
    from = end + 2;
  }
  return out;
}

// Nothing: its zones are in several regions.
std::string gce_handle(const std::string& disk, const std::vector<std::string>& zones) {
  const std::string project = std::string("projects/").append(unspecified);
  if (zones.size() <= 1)
    return project + "/zones/" + (zones.empty() ? std::string(unspecified) : zones[0]) + "/disks/" +
           disk;
  const auto region = region_of(zones[0]);
  const bool same = std::all_of(zones.begin(), zones.end(),
                                [&](const auto& zone) { return region_of(zone) == region; });
  return region.empty() || !same ? std::string()
                                 : project + "/regions/" + region + "/disks/" + disk;
}

std::optional<counted_volume> counted_source(const json& volume, const string_pairs& labels) {
  for (const auto& p : counted_plugins) {
    const json& source = at(volume, {p.source});
    if (!source.is_object()) continue;
    auto handle = string_at(source, {p.id});
    if (p.source == "awsElasticBlockStore") handle = ebs_id(handle);
    if (p.source == "gcePersistentDisk") handle = gce_handle(handle, zones_of(labels));
    if (handle.empty()) return std::nullopt;
    return counted_volume{std::string(p.driver), std::move(handle), p.plugin == portworx_plugin};
  }
  return std::nullopt;
}

}  // namespace

std::optional<counted_volume> counted_inline(const json& volume) {
  return counted_source(volume, {});
}

std::optional<counted_volume> counted_persistent(const json& spec, const string_pairs& labels) {
  if (const json& csi = at(spec, {"csi"}); csi.is_object())
    return counted_volume{string_at(csi, {"driver"}), string_at(csi, {"volumeHandle"})};
  return counted_source(spec, labels);
}

counted_volume counted_provisioned(std::string_view provisioner) {
  for (const auto& p : counted_plugins)
    if (p.plugin == provisioner) return {std::string(p.driver), {}, p.plugin == portworx_plugin};
  const bool uncounted = std::find(uncounted_plugins.begin(), uncounted_plugins.end(),
                                   provisioner) != uncounted_plugins.end();
  return {uncounted ? std::string() : std::string(provisioner), {}, false};
}

std::string text_of(const counted_volume& v) {
  return (v.where_migrated ? "?" : ":") + v.driver + "/" + v.handle;
}

std::optional<counted_text> counted_of(std::string_view text) {
  if (!text.starts_with(':') && !text.starts_with('?')) return std::nullopt;
  const auto slash = text.find('/');
  return counted_text{text.substr(1, slash - 1), text.substr(slash + 1), text.front() == '?'};
}

bool migrates_portworx(const json& csi_node) {
  const auto said = "," + string_at(csi_node, {"metadata", "annotations", migrated_plugins}) + ",";
  return said.find(std::string(",").append(portworx_plugin).append(",")) != std::string::npos;
}

}  // namespace troupe::model
