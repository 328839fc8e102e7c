#include "model/defaults/defaults.hpp"
#include "model/defaults/kinds.hpp"

#include <string_view>

namespace troupe::model {
namespace {

json* member(json& object, const char* name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() ? nullptr : &*found;
}

template <class Function>
void each_object(json& owner, const char* list, Function&& f) {
  json* items = member(owner, list);
  if (!items || !items->is_array()) return;
  for (json& item : *items)
    if (item.is_object()) f(item);
}

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
  if (at(spec, {"hostNetwork"}) == true)
    for (const char* list : {"containers", "initContainers"})
      each_object(spec, list, default_host_ports);
  mirror_service_account(spec);
}

}  // namespace

void default_pod(json& pod) {
  json* spec = member(pod, "spec");
  if (!spec || !spec->is_object()) return;
  default_pod_spec(*spec);
  spec->get_ref<json::object_t&>().try_emplace("enableServiceLinks", true);
  for (const char* list : {"containers", "initContainers"})
    each_object(*spec, list, default_requests);
}

void default_pod_template(json& object) {
  if (json* tmpl = member(object, "template"))
    if (json* spec = member(*tmpl, "spec"); spec && spec->is_object()) default_pod_spec(*spec);
}

void default_workload(json& object) {
  if (json* spec = member(object, "spec")) default_pod_template(*spec);
}

void default_cron_job(json& object) {
  if (json* spec = member(object, "spec"))
    if (json* job = member(*spec, "jobTemplate")) default_workload(*job);
}

}  // namespace troupe::model
