#include "model/defaults/defaults.hpp"
#include "model/defaults/kinds.hpp"
#include "model/defaults/members.hpp"

#include <string_view>

namespace troupe::model {
namespace {

/// Whether an image is named without tag and digest, or with the tag latest.
bool is_latest(std::string_view image) {
  if (image.find('@') != image.npos) return false;
  const auto slash = image.rfind('/');
  const auto last = slash == image.npos ? image : image.substr(slash + 1);
  const auto colon = last.rfind(':');
  return colon == last.npos || last.substr(colon + 1) == "latest";
}

void default_container(json& container) {
  json& policy = container["imagePullPolicy"];
  if (policy.is_string() && !policy.get_ref<const std::string&>().empty()) return;
  policy = is_latest(string_at(container, {"image"})) ? "Always" : "IfNotPresent";
}

void default_volume(json& volume) {
  if (volume.size() == 1 && volume.contains("name")) volume["emptyDir"] = json::object();
}

void default_host_ports(json& container) {
  each_object(container, "ports", [](json& port) {
    if (!port.contains("containerPort")) return;
    json& host = port["hostPort"];
    if (host.is_null() || host == 0) host = port["containerPort"];
  });
}

void default_requests(json& container) {
  json* resources = member(container, "resources");
  json* limits = resources ? member(*resources, "limits") : nullptr;
  if (!limits || limits->empty()) return;
  json& requests = (*resources)["requests"];
  if (requests.is_null()) requests = json::object();
  for (const auto& [name, amount] : limits->items())
    if (!requests.contains(name)) requests[name] = amount;
}

/// The older name of serviceAccountName says the same.
void mirror_service_account(json& spec) {
  std::string name = string_at(spec, {"serviceAccountName"});
  if (name.empty()) name = string_at(spec, {"serviceAccount"});
  if (name.empty()) return;
  spec["serviceAccountName"] = name;
  spec["serviceAccount"] = std::move(name);
}

void default_pod_spec(json& spec) {
  for (const char* list : {"containers", "initContainers", "ephemeralContainers"})
    each_object(spec, list, default_container);
  each_object(spec, "volumes", default_volume);
  mirror_service_account(spec);
}

}  // namespace

void prepare_pod_spec(json& pod) {
  object_member(pod, "spec");
}

void default_pod(json& pod) {
  json* spec = member(pod, "spec");
  if (!spec || !spec->is_object()) return;
  default_pod_spec(*spec);
  spec->get_ref<json::object_t&>().try_emplace("enableServiceLinks", true);
  for (const char* list : {"containers", "initContainers"}) {
    each_object(*spec, list, default_requests);
    if (at(*spec, {"hostNetwork"}) == true) each_object(*spec, list, default_host_ports);
  }
}

void prepare_pod_template_spec(json& object) {
  if (json* tmpl = object_member(object, "template")) object_member(*tmpl, "spec");
}

void default_pod_template(json& object) {
  if (json* tmpl = member(object, "template"))
    if (json* spec = member(*tmpl, "spec"); spec && spec->is_object()) default_pod_spec(*spec);
}

}  // namespace troupe::model
