#include "model/validation/shape.hpp"

#include <algorithm>
#include <memory>
#include <unordered_map>
#include <unordered_set>

namespace troupe::model {
namespace {

/// The fields of one type that there is something to check on, so that the rest costs nothing.
struct plan {
  struct step {
    const field_info* field;
    bool own;  ///< required, or one of an enumeration; else it only leads on
    const plan* below = nullptr;
  };
  std::vector<step> steps;
};

/// Fields that OpenAPI calls required while Kubernetes takes them empty, or whose own validator
/// says more than "Required value". A type without a field stands for all of its fields.
bool is_checked_elsewhere(std::string_view type, const field_info& f) {
  static constexpr std::pair<std::string_view, std::string_view> known[] = {
      {"AppArmorProfile", ""},
      {"Binding", "target"},
      {"CSINodeSpec", "drivers"},
      {"CSIVolumeSource", "driver"},
      {"CertificateSigningRequestSpec", ""},
      {"ContainerPort", "containerPort"},
      {"ContainerResizePolicy", ""},
      {"ContainerResourceMetricSource", ""},
      {"ControllerRevision", "revision"},
      {"CronJobSpec", "jobTemplate"},
      {"CrossVersionObjectReference", ""},
      {"DaemonSetSpec", ""},
      {"DeploymentSpec", ""},
      {"DownwardAPIVolumeFile", "path"},
      {"EndpointSlice", "endpoints"},
      {"Event", "involvedObject"},
      {"ExternalMetricSource", ""},
      {"GCEPersistentDiskVolumeSource", "pdName"},
      {"GRPCAction", ""},
      {"HPAScalingPolicy", ""},
      {"HTTPGetAction", "port"},
      {"HTTPHeader", ""},
      {"HorizontalPodAutoscalerSpec", ""},
      {"HostAlias", "ip"},
      {"ISCSIVolumeSource", "lun"},
      {"JobSpec", "template"},
      {"LabelSelectorRequirement", ""},
      {"LimitRangeItem", ""},
      {"LimitRangeSpec", ""},
      {"MetricIdentifier", ""},
      {"MetricSpec", ""},
      {"MetricTarget", ""},
      {"NodeSelector", "nodeSelectorTerms"},
      {"NodeSelectorRequirement", ""},
      {"ObjectMetricSource", ""},
      {"OwnerReference", ""},
      {"PodAffinityTerm", ""},
      {"PodFailurePolicy", ""},
      {"PodFailurePolicyOnExitCodesRequirement", ""},
      {"PodFailurePolicyOnPodConditionsPattern", ""},
      {"PodFailurePolicyRule", ""},
      {"PodOS", ""},
      {"PodReadinessGate", ""},
      {"PodSchedulingGate", ""},
      {"PodsMetricSource", ""},
      {"PreferredSchedulingTerm", ""},
      {"PriorityClass", ""},
      {"QuobyteVolumeSource", "registry"},
      {"ReplicaSetSpec", ""},
      {"ResourceFieldSelector", ""},
      {"ResourceMetricSource", ""},
      {"RuntimeClass", "handler"},
      {"ScaleIOVolumeSource", "secretRef"},
      {"ScopedResourceSelectorRequirement", ""},
      {"SeccompProfile", ""},
      {"ServiceAccountTokenProjection", "path"},
      {"SleepAction", ""},
      {"StatefulSetSpec", ""},
      {"SuccessPolicy", ""},
      {"Sysctl", "value"},
      {"TCPSocketAction", "port"},
      {"Toleration", ""},
      {"TopologySpreadConstraint", ""},
      {"VolumeMount", "mountPropagation"},
      {"VolumeMount", "recursiveReadOnly"},
      {"WeightedPodAffinityTerm", ""}};
  const auto name = type.substr(type.rfind('.') + 1);
  return std::ranges::any_of(known, [&](const auto& k) {
    return k.first == name && (k.second.empty() || k.second == f.name);
  });
}

/// What Kubernetes takes as it comes: a set's pods are judged when they are made.
bool is_left_alone(std::string_view type, const field_info& f) {
  return type.ends_with(".StatefulSetSpec") &&
         (f.name == "template" || f.name == "volumeClaimTemplates");
}

bool is_own_rule(const type_info& type, const field_info& f) {
  return (f.required || !f.enumeration.empty()) && !is_checked_elsewhere(type.name, f);
}

using plan_map = std::unordered_map<const type_info*, std::unique_ptr<plan>>;

plan_map make_plans() {
  const auto all = schema::instance().types();
  const auto leads_on = [](const type_info& type, const field_info& f) {
    return f.type && f.name != "status" && !is_left_alone(type.name, f);
  };
  std::unordered_set<const type_info*> wanted;
  for (bool grown = true; grown;) {
    grown = false;
    for (const type_info* type : all)
      for (const field_info& f : type->fields)
        if (is_own_rule(*type, f) || (leads_on(*type, f) && wanted.contains(f.type)))
          grown |= wanted.insert(type).second;
  }
  plan_map plans;
  for (const type_info* type : wanted) plans.emplace(type, std::make_unique<plan>());
  for (auto& [type, p] : plans)
    for (const field_info& f : type->fields) {
      const bool below = leads_on(*type, f) && wanted.contains(f.type);
      if (below || is_own_rule(*type, f))
        p->steps.push_back({&f, is_own_rule(*type, f), below ? plans.at(f.type).get() : nullptr});
    }
  return plans;
}

bool is_missing(const json& value) {
  if (value.is_string()) return value.get_ref<const std::string&>().empty();
  return value.is_null() || (value.is_array() && value.empty());
}

void walk(const plan& p, const json& object, const field_path* here, faults& out);

void below(const plan& p, const field_info& f, const json& value, const field_path& path,
           faults& out) {
  if (f.kind == field_kind::object) return walk(p, value, &path, out);
  if (f.kind == field_kind::array) {
    for (std::size_t i = 0; i < value.size(); ++i) {
      const field_path item = path.index(i);
      walk(p, value[i], &item, out);
    }
    return;
  }
  for (const auto& [key, entry] : value.items()) {
    const field_path item = path.key(key);
    walk(p, entry, &item, out);
  }
}

void walk(const plan& p, const json& object, const field_path* here, faults& out) {
  if (!object.is_object()) return;
  for (const auto& [field, own, deeper] : p.steps) {
    const field_path path = here ? here->child(field->name) : field_path(field->name);
    const json* value = find_member(object, field->name);
    if (!value || is_missing(*value)) {
      if (own && field->required) out.required(path);
      continue;
    }
    if (own && !field->enumeration.empty() && value->is_string()) {
      const auto& text = value->get_ref<const std::string&>();
      if (std::ranges::find(field->enumeration, text) == field->enumeration.end())
        out.not_supported(path, text, field->enumeration);
    }
    if (deeper) below(*deeper, *field, *value, path, out);
  }
}

}  // namespace

void validate_shape(const type_info& type, const json& object, faults& out) {
  static const plan_map plans = make_plans();
  const auto found = plans.find(&type);
  if (found == plans.end()) return;
  walk(*found->second, object, nullptr, out);
}

}  // namespace troupe::model
