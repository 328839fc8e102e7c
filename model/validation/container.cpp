#include "model/validation/names.hpp"
#include "model/validation/pod.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

void validate_ports(const json& container, const field_path& container_path, bool host_network,
                    faults& out) {
  const field_path path = container_path.child("ports");
  const auto& ports = items_of(container, "ports");
  name_set names;
  for (std::size_t i = 0; i < ports.size(); ++i) {
    const field_path here = path.index(i);
    const json& port = ports[i];
    if (const auto name = text_of(port, "name"); !name.empty()) {
      const std::string fault = port_name_fault(name);
      out.check(here.child("name"), name, fault);
      if (fault.empty() && !names.insert(name).second) out.duplicate(here.child("name"), name);
    }
    const json& inside = value_of(port, "containerPort");
    const json& outside = value_of(port, "hostPort");
    for (const char* name : {"containerPort", "hostPort"}) {
      const json& number = value_of(port, name);
      if (!number.is_number_integer() || (number == 0 && std::string_view(name) == "hostPort"))
        continue;
      if (auto fault = port_fault(number.get<std::int64_t>()); !fault.empty())
        out.invalid(here.child(name), number, fault);
    }
    if (host_network && outside != inside)
      out.invalid(here.child("hostPort"), outside.is_null() ? json(0) : outside,
                  "must match `containerPort` when `hostNetwork` is true");
  }
}

void validate_env_source(const json& variable, const field_path& variable_path, faults& out) {
  const json& source = value_of(variable, "valueFrom");
  if (!source.is_object()) return;
  const field_path path = variable_path.child("valueFrom");
  if (source.empty())
    out.invalid(path, "",
                "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or "
                "`secretKeyRef`");
  else if (!text_of(variable, "value").empty())
    out.invalid(path, "", "may not be specified when `value` is not empty");
  else if (source.size() > 1)
    out.invalid(path, "", "may not have more than one field specified at a time");
  for (const char* name : {"configMapKeyRef", "secretKeyRef"})
    if (const json& reference = value_of(source, name); reference.is_object()) {
      const field_path here = path.child(name);
      if (text_of(reference, "name").empty()) out.required(here.child("name"));
      if (const auto key = text_of(reference, "key"); !key.empty())
        out.check(here.child("key"), key, config_key_fault(key));
    }
}

void validate_env(const json& container, const field_path& container_path, faults& out) {
  const field_path path = container_path.child("env");
  const auto& variables = items_of(container, "env");
  for (std::size_t i = 0; i < variables.size(); ++i) {
    const field_path here = path.index(i);
    if (const auto name = text_of(variables[i], "name"); !name.empty())
      out.check(here.child("name"), name, env_name_fault(name));
    validate_env_source(variables[i], here, out);
  }
  const field_path from_path = container_path.child("envFrom");
  const auto& sources = items_of(container, "envFrom");
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const field_path here = from_path.index(i);
    int seen = 0;
    for (const char* name : {"configMapRef", "secretRef"}) {
      const json& reference = value_of(sources[i], name);
      if (!reference.is_object()) continue;
      ++seen;
      if (text_of(reference, "name").empty()) out.required(here.child(name).child("name"));
    }
    if (seen == 0) out.invalid(here, "", "must specify one of: `configMapRef` or `secretRef`");
    if (seen > 1) out.invalid(here, "", "may not have more than one field specified at a time");
  }
}

void validate_sub_path(const json& mount, const char* name, const field_path& path, faults& out) {
  const auto value = text_of(mount, name);
  if (value.starts_with('/')) out.invalid(path.child(name), value, "must be a relative path");
  if (value == ".." || value.starts_with("../") || value.ends_with("/..") ||
      value.find("/../") != value.npos)
    out.invalid(path.child(name), value, "must not contain '..'");
}

void validate_mounts(const json& container, const field_path& container_path,
                     const name_set& volumes, faults& out) {
  const field_path path = container_path.child("volumeMounts");
  const auto& mounts = items_of(container, "volumeMounts");
  name_set places;
  for (std::size_t i = 0; i < mounts.size(); ++i) {
    const field_path here = path.index(i);
    const auto name = text_of(mounts[i], "name");
    const auto place = text_of(mounts[i], "mountPath");
    if (!name.empty() && !volumes.contains(name)) out.not_found(here.child("name"), name);
    if (!place.empty() && !places.insert(place).second)
      out.invalid(here.child("mountPath"), place, "must be unique");
    validate_sub_path(mounts[i], "subPath", here, out);
    validate_sub_path(mounts[i], "subPathExpr", here, out);
    if (!text_of(mounts[i], "subPath").empty() && !text_of(mounts[i], "subPathExpr").empty())
      out.invalid(here.child("subPathExpr"), text_of(mounts[i], "subPathExpr"),
                  "subPathExpr and subPath are mutually exclusive");
  }
}

/// What only a sidecar (restartPolicy Always) may have among init containers.
void validate_init_container(const json& container, const field_path& path, faults& out) {
  const auto policy = text_of(container, "restartPolicy");
  static constexpr std::string_view known[] = {"Always"};
  if (!policy.empty() && policy != "Always")
    out.not_supported(path.child("restartPolicy"), policy, known);
  if (policy == "Always") return;
  for (const char* name : {"lifecycle", "livenessProbe", "readinessProbe", "startupProbe"})
    if (value_of(container, name).is_object())
      out.forbidden(path.child(name),
                    "may not be set for init containers without restartPolicy=Always");
}

/// Host ports already taken in the pod: protocol/IP/port.
using port_set = std::set<std::string>;

void validate_host_ports(const json& container, const field_path& container_path, port_set& taken,
                         faults& out) {
  const field_path path = container_path.child("ports");
  const auto& ports = items_of(container, "ports");
  for (std::size_t i = 0; i < ports.size(); ++i) {
    const json& port = value_of(ports[i], "hostPort");
    if (!port.is_number_integer() || port == 0) continue;
    std::string text = std::string(text_of(ports[i], "protocol")) + "/" +
                       std::string(text_of(ports[i], "hostIP")) + "/" + port.dump();
    const field_path here = path.index(i);
    if (!taken.insert(text).second) out.duplicate(here.child("hostPort"), text);
  }
}

struct container_list {
  const char* name;
  bool init = false;
  bool ephemeral = false;
};

}  // namespace

void validate_image(const json& container, const field_path& path, faults& out) {
  const auto image = text_of(container, "image");
  constexpr std::string_view blank = " \t\r\n\f\v";
  if (!image.empty() &&
      (blank.find(image.front()) != blank.npos || blank.find(image.back()) != blank.npos))
    out.invalid(path.child("image"), image, "must not have leading or trailing whitespace");
}

void validate_containers(const json& spec, const field_path& spec_path, const name_set& volumes,
                         faults& out) {
  const bool host_network = value_of(spec, "hostNetwork") == true;
  name_set names;
  for (const auto& list : {container_list{"containers"}, container_list{"initContainers", true},
                           container_list{"ephemeralContainers", false, true}}) {
    const field_path path = spec_path.child(list.name);
    const auto& containers = items_of(spec, list.name);
    port_set taken;
    for (std::size_t i = 0; i < containers.size(); ++i) {
      const json& container = containers[i];
      const field_path here = path.index(i);
      if (const auto name = text_of(container, "name"); !name.empty()) {
        out.check(here.child("name"), name, dns_label_fault(name));
        if (!names.insert(name).second) out.duplicate(here.child("name"), name);
      }
      if (text_of(container, "image").empty()) out.required(here.child("image"));
      validate_image(container, here, out);
      validate_ports(container, here, host_network, out);
      validate_env(container, here, out);
      validate_mounts(container, here, volumes, out);
      validate_resources(container, here, out);
      validate_probes(container, here, out);
      if (list.init)
        validate_init_container(container, here, out);
      else if (!list.ephemeral && !text_of(container, "restartPolicy").empty())
        out.forbidden(here.child("restartPolicy"), "may not be set for non-init containers");
      if (!list.init) validate_host_ports(container, here, taken, out);
    }
  }
}

}  // namespace troupe::model
