#include "model/validation/names.hpp"
#include "model/validation/pod.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

void validate_ports(const json& container, const field_path& container_path, faults& out) {
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
    const auto inside = integer_of(port, "containerPort");
    const auto outside = integer_of(port, "hostPort");
    if (inside == 0)
      out.required(here.child("containerPort"));
    else if (const auto fault = port_fault(inside); !fault.empty())
      out.invalid(here.child("containerPort"), inside, fault);
    if (const auto fault = port_fault(outside); outside != 0 && !fault.empty())
      out.invalid(here.child("hostPort"), outside, fault);
  }
}

/// Host ports already taken in the pod.
struct host_port {
  std::string_view protocol;
  std::string_view ip;
  std::int64_t number = 0;
  bool operator==(const host_port&) const = default;
};

void validate_host_ports(const json& container, const field_path& container_path,
                         std::vector<host_port>& taken, faults& out) {
  const field_path path = container_path.child("ports");
  const auto& ports = items_of(container, "ports");
  for (std::size_t i = 0; i < ports.size(); ++i) {
    const host_port port{text_of(ports[i], "protocol"), text_of(ports[i], "hostIP"),
                         integer_of(ports[i], "hostPort")};
    if (port.number == 0) continue;
    const field_path here = path.index(i);
    if (std::ranges::find(taken, port) == taken.end())
      taken.push_back(port);
    else
      out.duplicate(here.child("hostPort"), std::string(port.protocol) + "/" +
                                                std::string(port.ip) + "/" +
                                                std::to_string(port.number));
  }
}

/// What only a sidecar (restartPolicy Always) may have among init containers.
void validate_init_container(const json& container, std::int64_t grace, const field_path& path,
                             faults& out) {
  const auto policy = text_of(container, "restartPolicy");
  if (!policy.empty() && policy != "Always")
    out.not_supported(path.child("restartPolicy"), policy, {"Always"});
  if (policy == "Always") return validate_probes(container, grace, path, out);
  for (const char* name : {"lifecycle", "livenessProbe", "readinessProbe", "startupProbe"})
    if (value_of(container, name).is_object())
      out.forbidden(path.child(name),
                    "may not be set for init containers without restartPolicy=Always");
}

/// What would need the pod to be planned anew.
void validate_ephemeral_container(const json& container, const name_set& others,
                                  const field_path& path, faults& out) {
  constexpr std::string_view fault = "cannot be set for an Ephemeral Container";
  validate_image_blanks(container, path, out);
  const auto target = text_of(container, "targetContainerName");
  if (!target.empty() && !others.contains(target))
    out.not_found(path.child("targetContainerName"), target);
  for (const char* name : {"ports", "livenessProbe", "readinessProbe", "startupProbe", "lifecycle",
                           "resizePolicy", "restartPolicy"})
    if (!value_of(container, name).is_null()) out.forbidden(path.child(name), fault);
  if (!value_of(container, "resources").empty()) out.forbidden(path.child("resources"), fault);
  const field_path mounts_path = path.child("volumeMounts");
  const auto& mounts = items_of(container, "volumeMounts");
  for (std::size_t i = 0; i < mounts.size(); ++i) {
    const field_path here = mounts_path.index(i);
    for (const char* name : {"subPath", "subPathExpr"})
      if (!text_of(mounts[i], name).empty()) out.forbidden(here.child(name), fault);
  }
}

void validate_common(const json& container, const volume_index& volumes, const field_path& path,
                     faults& out) {
  if (const auto name = text_of(container, "name"); !name.empty())
    out.check(path.child("name"), name, dns_label_fault(name));
  if (text_of(container, "image").empty()) out.required(path.child("image"));
  validate_ports(container, path, out);
  validate_env(container, path, out);
  validate_mounts(container, volumes, path, out);
  validate_resources(container, path, out);
  validate_container_security(container, path, out);
}

}  // namespace

void validate_image_blanks(const json& container, const field_path& path, faults& out) {
  const auto image = text_of(container, "image");
  constexpr std::string_view blank = " \t\r\n\f\v";
  if (!image.empty() &&
      (blank.find(image.front()) != blank.npos || blank.find(image.back()) != blank.npos))
    out.invalid(path.child("image"), image, "must not have leading or trailing whitespace");
}

void validate_containers(const json& spec, const volume_index& volumes, const field_path& spec_path,
                         faults& out) {
  const auto grace = integer_of(spec, "terminationGracePeriodSeconds");
  name_set names;
  std::vector<host_port> taken;
  const auto each = [&](const char* list, auto&& rest) {
    const field_path path = spec_path.child(list);
    const auto& containers = items_of(spec, list);
    for (std::size_t i = 0; i < containers.size(); ++i) {
      const field_path here = path.index(i);
      validate_common(containers[i], volumes, here, out);
      if (const auto name = text_of(containers[i], "name");
          !name.empty() && !names.insert(name).second)
        out.duplicate(here.child("name"), name);
      rest(containers[i], here);
    }
  };
  each("containers", [&](const json& container, const field_path& here) {
    validate_probes(container, grace, here, out);
    if (!value_of(container, "restartPolicy").is_null())
      out.forbidden(here.child("restartPolicy"), "may not be set for non-init containers");
    validate_host_ports(container, here, taken, out);
  });
  each("initContainers", [&](const json& container, const field_path& here) {
    // They run one by one.
    std::vector<host_port> own;
    validate_host_ports(container, here, own, out);
    validate_init_container(container, grace, here, out);
  });
  if (items_of(spec, "ephemeralContainers").empty()) return;
  const name_set others = names;
  each("ephemeralContainers", [&](const json& container, const field_path& here) {
    validate_ephemeral_container(container, others, here, out);
  });
}

}  // namespace troupe::model
