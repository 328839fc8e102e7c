#include "model/volumes/attachment.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

constexpr const char* keeping_annotation = "volumes.kubernetes.io/keep-terminated-pod-volumes";
constexpr std::string_view attachment_prefix = "csi-";
constexpr std::size_t digest_digits = 64;

bool several_nodes(const json& modes) {
  return std::any_of(modes.begin(), modes.end(), [](const json& mode) {
    return mode == "ReadWriteMany" || mode == "ReadOnlyMany";
  });
}

bool nothing_runs(const json& pod) {
  const json& containers = at(pod, {"status", "containerStatuses"});
  return std::none_of(containers.begin(), containers.end(), [](const json& c) {
    return at(c, {"state", "terminated"}).is_null() && at(c, {"state", "waiting"}).is_null();
  });
}

bool is_mounted(const json& node, std::string_view reported) {
  const json& used = at(node, {"status", "volumesInUse"});
  return std::any_of(used.begin(), used.end(), [&](const json& volume) {
    if (!volume.is_string()) return false;
    const std::string_view name = volume.get_ref<const std::string&>();
    return reported.ends_with('^') ? name.starts_with(reported) : name == reported;
  });
}

bool is_out_of_service(const json& node) {
  const json& taints = at(node, {"spec", "taints"});
  return std::any_of(taints.begin(), taints.end(), [](const json& t) {
    return string_at(t, {"key"}) == "node.kubernetes.io/out-of-service";
  });
}

bool is_ready(const json& node) {
  const json& conditions = at(node, {"status", "conditions"});
  return std::any_of(conditions.begin(), conditions.end(), [](const json& c) {
    return string_at(c, {"type"}) == "Ready" && string_at(c, {"status"}) == "True";
  });
}

std::string about_volume(const char* what, const std::string& volume, const std::string& more) {
  std::string out = what;
  out += " for volume " + in_quotes(volume) + " ";
  return out + more;
}

}  // namespace

std::string attachable_volume::reported() const {
  std::string out = "kubernetes.io/csi/";
  out += driver;
  out += '^';
  return out + handle;
}

std::optional<attachable_volume> attachable(const json& volume, const json& driver) {
  const json& source = at(volume, {"spec", "csi"});
  if (!source.is_object() || at(driver, {"spec", "attachRequired"}) == false) return std::nullopt;
  const json& modes = at(volume, {"spec", "accessModes"});
  return attachable_volume{string_at(volume, {"metadata", "name"}), string_at(source, {"driver"}),
                           string_at(source, {"volumeHandle"}),
                           !modes.empty() && !several_nodes(modes)};
}

bool is_attachment_name(std::string_view name) {
  if (!name.starts_with(attachment_prefix)) return false;
  name.remove_prefix(attachment_prefix.size());
  return name.size() == digest_digits &&
         name.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

json volume_attachment(const attachable_volume& volume, const std::string& node,
                       const std::string& name) {
  json out = {{"apiVersion", "storage.k8s.io/v1"}, {"kind", "VolumeAttachment"}};
  out["metadata"]["name"] = name;
  out["spec"]["attacher"] = volume.driver;
  out["spec"]["nodeName"] = node;
  out["spec"]["source"]["persistentVolumeName"] = volume.name;
  return out;
}

bool leaves_attaching(const json& node) {
  return at(node, {"metadata", "annotations", controller_attaches}).is_string();
}

bool holds_volumes(const json& pod, const json& node) {
  const auto phase = string_at(pod, {"status", "phase"});
  const bool ended = phase == "Succeeded" || phase == "Failed" ||
                     (at(pod, {"metadata", "deletionTimestamp"}).is_string() && nothing_runs(pod));
  return !ended || string_at(node, {"metadata", "annotations", keeping_annotation}) == "true";
}

json last_seen(const json& node) {
  json out = json::object();
  if (const json& used = at(node, {"status", "volumesInUse"}); used.is_array())
    out["status"]["volumesInUse"] = used;
  if (const json& keeping = at(node, {"metadata", "annotations", keeping_annotation});
      keeping.is_string())
    out["metadata"]["annotations"][keeping_annotation] = keeping;
  return out;
}

std::optional<std::chrono::milliseconds> until_detach(const json& node, std::string_view reported,
                                                      std::chrono::milliseconds waited) {
  // What a node had mounted that was gone before anybody looked is not known.
  if (node.is_object()) {
    if (!is_mounted(node, reported) || is_out_of_service(node)) return std::chrono::milliseconds{};
    if (is_ready(node)) return std::nullopt;
  }
  return std::max<std::chrono::milliseconds>(longest_unmount - waited, {});
}

std::string multi_attach_error(const std::string& volume, const std::string& ns,
                               const std::vector<pod_name>& users) {
  const char* what = "Multi-Attach error";
  if (users.empty())
    return about_volume(what, volume,
                        "Volume is already exclusively attached to one node and can't be attached "
                        "to another");
  std::string own;
  std::size_t others = 0;
  for (const auto& [where, name] : users) {
    if (where != ns)
      ++others;
    else
      own += (own.empty() ? "" : ", ") + name;
  }
  std::string text = "Volume is already used by ";
  if (!own.empty()) text += "pod(s) " + own;
  if (!own.empty() && others > 0) text += " and ";
  if (others > 0) text += std::to_string(others) + " pod(s) in different namespaces";
  return about_volume(what, volume, text);
}

std::string attach_failure(const std::string& volume, const std::string& why) {
  return about_volume("AttachVolume.Attach failed", volume, ": " + why);
}

std::string attach_success(const std::string& volume) {
  return about_volume("AttachVolume.Attach succeeded", volume, {});
}

}  // namespace troupe::model
