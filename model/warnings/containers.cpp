#include "model/warnings/containers.hpp"

#include "model/validation/pod.hpp"

#include <vector>

namespace troupe::model {
namespace {

constexpr std::string_view seccomp_prefix = "container.seccomp.security.alpha.kubernetes.io/";
constexpr std::string_view app_armor_prefix = "container.apparmor.security.beta.kubernetes.io/";

void warn_of_profiles(const json& pod, const json& container, bool is_template,
                      const field_path& annotations_path, warnings& out) {
  const auto& annotations = members_of(value_of(pod, "metadata"), "annotations");
  if (annotations.empty()) return;
  const std::string name(text_of(container, "name"));
  const json& security = value_of(container, "securityContext");
  const std::string seccomp = std::string(seccomp_prefix) + name;
  if (value_of(security, "seccompProfile").is_null() && annotations.contains(seccomp))
    out.push_back(annotations_path.key(seccomp).text() +
                  R"(: non-functional in v1.27+; use the "seccompProfile" field instead)");
  const std::string armor = std::string(app_armor_prefix) + name;
  const bool has_field = !value_of(security, "appArmorProfile").is_null() ||
                         !at(pod, {"spec", "securityContext", "appArmorProfile"}).is_null();
  if (is_template && !has_field && annotations.contains(armor))
    out.push_back(annotations_path.key(armor).text() +
                  R"(: deprecated since v1.30; use the "appArmorProfile" field instead)");
}

/// A second definition of a variable may build on the first: X=$(X)more.
bool hides(const json& variable) {
  const std::string reference = "$(" + std::string(text_of(variable, "name")) + ")";
  const auto value = text_of(variable, "value");
  return !value_of(variable, "valueFrom").is_null() || value == reference ||
         value.find(reference) == value.npos;
}

void warn_of_variables(const json& container, const field_path& container_path, warnings& out) {
  const auto& variables = items_of(container, "env");
  if (variables.size() < 2) return;
  const field_path path = container_path.child("env");
  name_set seen;
  for (std::size_t i = 0; i < variables.size(); ++i) {
    const auto name = text_of(variables[i], "name");
    if (!seen.insert(name).second && hides(variables[i]))
      out.push_back(path.index(i).text() + ": hides previous definition of \"" + std::string(name) +
                    "\", which may be dropped when using apply");
  }
}

struct known_port {
  const json* port;
  std::string path;
};

/// How `port` gets in the way of one defined before, or "".
const char* clash_of(const json& port, const json& other) {
  const auto number = integer_of(port, "hostPort");
  const auto other_number = integer_of(other, "hostPort");
  const auto ip = text_of(port, "hostIP");
  const auto other_ip = text_of(other, "hostIP");
  if (ip == other_ip && number == other_number) return ": duplicate port definition with ";
  if (number == 0 || other_number == 0) return ": overlapping port definition with ";
  if (number == other_number && ip.empty() != other_ip.empty())
    return ": dangerously ambiguous port definition with ";
  return "";
}

std::string shown(const json& port) {
  return "{Name:" + std::string(text_of(port, "name")) +
         " HostPort:" + std::to_string(integer_of(port, "hostPort")) +
         " ContainerPort:" + std::to_string(integer_of(port, "containerPort")) +
         " Protocol:" + std::string(text_of(port, "protocol")) +
         " HostIP:" + std::string(text_of(port, "hostIP")) + "}";
}

}  // namespace

void warn_of_containers(const json& pod, bool is_template, const field_path& spec_path,
                        const field_path& annotations_path, warnings& out) {
  each_container(
      value_of(pod, "spec"), spec_path, [&](const json& container, const field_path& path) {
        warn_of_profiles(pod, container, is_template, annotations_path, out);
        const json& resources = value_of(container, "resources");
        const field_path resources_path = path.child("resources");
        for (const char* resource : {"memory", "ephemeral-storage"})
          for (const char* list : {"limits", "requests"})
            warn_of_fraction(value_of(resources, list), resource, resources_path.child(list), out);
        warn_of_variables(container, path, out);
      });
}

void warn_of_ports(const json& spec, const field_path& spec_path, warnings& out) {
  std::vector<known_port> known;
  each_container(spec, spec_path, [&](const json& container, const field_path& container_path) {
    const field_path path = container_path.child("ports");
    const auto& ports = items_of(container, "ports");
    for (std::size_t i = 0; i < ports.size(); ++i) {
      const field_path here = path.index(i);
      if (!text_of(ports[i], "hostIP").empty() && integer_of(ports[i], "hostPort") == 0)
        out.push_back(here.text() + ": hostIP set without hostPort: " + shown(ports[i]));
      for (const auto& other : known) {
        if (integer_of(*other.port, "containerPort") != integer_of(ports[i], "containerPort") ||
            text_of(*other.port, "protocol") != text_of(ports[i], "protocol"))
          continue;
        if (const std::string clash = clash_of(ports[i], *other.port); !clash.empty())
          out.push_back(here.text() + clash + other.path);
      }
      known.push_back({&ports[i], here.text()});
    }
  });
}

}  // namespace troupe::model
