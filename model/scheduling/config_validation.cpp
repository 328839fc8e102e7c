#include "model/go_duration.hpp"
#include "model/label_names.hpp"
#include "model/scheduling/config.hpp"
#include "model/validation/path.hpp"
#include "model/validation/resource_names.hpp"
#include "model/wire/duration.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <set>

namespace troupe::model {
namespace {

constexpr std::string_view config_version = "kubescheduler.config.k8s.io/v1";

// --- leader election, the client

// A duration, or nothing when the text is none (which is told).
double seconds_of(const json& holder, const char* key, const field_path& path, faults& out) {
  double seconds = 0;
  const auto text = text_of(holder, key);
  if (const auto fault = parse_go_duration(text, seconds); !fault.empty())
    out.invalid(path.child(key), text, fault);
  return seconds;
}

go_text as_duration(double seconds) {
  constexpr double most = 1e9;  // s: of which nanoseconds can be counted
  return {wire::duration_text(static_cast<std::int64_t>(std::clamp(seconds, -most, most)) *
                              1'000'000'000)};
}

void validate_election(const json& election, const field_path& path, faults& out) {
  if (value_of(election, "leaderElect") != true) return;
  std::map<std::string_view, double> values;
  for (const char* key : {"leaseDuration", "renewDeadline", "retryPeriod"}) {
    const auto before = out.size();
    values[key] = seconds_of(election, key, path, out);
    if (out.size() == before && values[key] <= 0)
      out.invalid(path.child(key), as_duration(values[key]), "must be greater than zero");
  }
  if (values["leaseDuration"] < values["renewDeadline"])
    out.invalid(path.child("leaseDuration"), as_duration(values["renewDeadline"]),
                "LeaseDuration must be greater than RenewDeadline");
  if (text_of(election, "resourceLock") != "leases")
    out.invalid(path.child("resourceLock"), value_of(election, "resourceLock"),
                "resourceLock value must be \"leases\"");
}

void validate_percentage(const json& holder, const field_path& path, faults& out) {
  const json& percentage = value_of(holder, "percentageOfNodesToScore");
  if (const auto n = integer_of(holder, "percentageOfNodesToScore"); n < 0 || n > 100)
    out.invalid(path, percentage, "not in valid range [0-100]");
}

// --- arguments of plugins

std::string range_text(std::int64_t least, std::int64_t most) {
  return "not in valid range [" + std::to_string(least) + ", " + std::to_string(most) + "]";
}

void validate_preemption(const json& args, const field_path& path, faults& out) {
  const auto percentage = integer_of(args, "minCandidateNodesPercentage");
  const auto absolute = integer_of(args, "minCandidateNodesAbsolute");
  const auto percentage_path = path.child("minCandidateNodesPercentage");
  const auto absolute_path = path.child("minCandidateNodesAbsolute");
  if (percentage < 0 || percentage > 100)
    out.invalid(percentage_path, percentage, range_text(0, 100));
  if (absolute < 0) out.invalid(absolute_path, absolute, "not in valid range [0, inf)");
  if (percentage != 0 || absolute != 0) return;
  out.invalid(percentage_path, 0, "cannot be zero at the same time as minCandidateNodesAbsolute");
  out.invalid(absolute_path, 0, "cannot be zero at the same time as minCandidateNodesPercentage");
}

void validate_inter_pod_affinity(const json& args, const field_path& path, faults& out) {
  const auto weight = integer_of(args, "hardPodAffinityWeight");
  if (weight < 0 || weight > 100)
    out.invalid(path.child("hardPodAffinityWeight"), weight, range_text(0, 100));
}

void validate_expression(const json& e, const field_path& path, faults& out) {
  const auto op = text_of(e, "operator");
  const auto& values = items_of(e, "values");
  const auto key_path = path.child("key");
  const auto values_path = path.child("values");
  out.check(key_path, text_of(e, "key"), qualified_name_fault(text_of(e, "key")));
  const auto given = go_strings(value_of(e, "values"));
  if (op == "In" || op == "NotIn") {
    if (values.empty())
      out.invalid(values_path, given, "for 'in', 'notin' operators, values set can't be empty");
  } else if (op == "Exists" || op == "DoesNotExist") {
    if (!values.empty())
      out.invalid(values_path, given, "values set must be empty for exists and does not exist");
  } else if (op == "Gt" || op == "Lt") {
    if (values.size() != 1)
      out.invalid(values_path, given, "for 'Gt', 'Lt' operators, exactly one value is required");
  } else {
    out.not_supported(path.child("operator"), op,
                      {"In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"});
  }
  for (std::size_t i = 0; i < values.size(); ++i)
    out.check(values_path.index(i), as_text(values[i]), label_value_fault(as_text(values[i])));
}

void validate_field(const json& f, const field_path& path, faults& out) {
  const auto op = text_of(f, "operator");
  if (op != "In" && op != "NotIn") {
    out.not_supported(path.child("operator"), op, {"In", "NotIn"});
  } else if (items_of(f, "values").size() != 1) {
    out.invalid(path.child("values"), go_strings(value_of(f, "values")), "must have one element");
  }
}

void validate_term(const json& term, const field_path& path, faults& out) {
  const auto expressions_path = path.child("matchExpressions");
  const auto& expressions = items_of(term, "matchExpressions");
  for (std::size_t i = 0; i < expressions.size(); ++i)
    validate_expression(expressions[i], expressions_path.index(i), out);
  const auto fields_path = path.child("matchFields");
  const auto& fields = items_of(term, "matchFields");
  for (std::size_t i = 0; i < fields.size(); ++i)
    validate_field(fields[i], fields_path.index(i), out);
}

void validate_node_affinity(const json& args, const field_path& path, faults& out) {
  const json& added = value_of(args, "addedAffinity");
  const auto added_path = path.child("addedAffinity");
  const auto required_path = added_path.child("requiredDuringSchedulingIgnoredDuringExecution");
  const auto terms_path = required_path.child("nodeSelectorTerms");
  const auto& terms = items_of(value_of(added, "requiredDuringSchedulingIgnoredDuringExecution"),
                               "nodeSelectorTerms");
  for (std::size_t i = 0; i < terms.size(); ++i) validate_term(terms[i], terms_path.index(i), out);
  const auto preferred_path = added_path.child("preferredDuringSchedulingIgnoredDuringExecution");
  const auto& preferred = items_of(added, "preferredDuringSchedulingIgnoredDuringExecution");
  for (std::size_t i = 0; i < preferred.size(); ++i)
    validate_term(value_of(preferred[i], "preference"), preferred_path.index(i), out);
}

void validate_balanced(const json& args, const field_path& path, faults& out) {
  std::set<std::string_view> seen;
  const auto list_path = path.child("resources");
  const auto& list = items_of(args, "resources");
  for (std::size_t i = 0; i < list.size(); ++i) {
    const auto here = list_path.index(i);
    const auto name = text_of(list[i], "name");
    if (!seen.insert(name).second) out.duplicate(here.child("name"), name);
    if (const auto weight = integer_of(list[i], "weight"); weight != 1)
      out.invalid(here.child("weight"), weight, "must be 1");
  }
}

void validate_constraint(const json& c, const field_path& path, faults& out) {
  if (const auto skew = integer_of(c, "maxSkew"); skew <= 0)
    out.invalid(path.child("maxSkew"), skew, "not in valid range (0, inf)");
  const auto key = text_of(c, "topologyKey");
  if (key.empty())
    out.required(path.child("topologyKey"), "can not be empty");
  else
    out.check(path.child("topologyKey"), key, qualified_name_fault(key));
  const auto when = text_of(c, "whenUnsatisfiable");
  if (when.empty())
    out.required(path.child("whenUnsatisfiable"), "can not be empty");
  else if (when != "DoNotSchedule" && when != "ScheduleAnyway")
    out.not_supported(path.child("whenUnsatisfiable"), when, {"DoNotSchedule", "ScheduleAnyway"});
  if (!value_of(c, "labelSelector").is_null())
    out.forbidden(path.child("labelSelector"),
                  "constraint must not define a selector, as they deduced for each pod");
}

void validate_spread(const json& args, const field_path& path, faults& out) {
  const auto type = text_of(args, "defaultingType");
  const auto type_path = path.child("defaultingType");
  const auto list_path = path.child("defaultConstraints");
  const auto& list = items_of(args, "defaultConstraints");
  if (type != "System" && type != "List")
    out.not_supported(type_path, type, {"System", "List"});
  else if (type == "System" && !list.empty())
    out.invalid(type_path, type, "when .defaultConstraints are not empty");
  for (std::size_t i = 0; i < list.size(); ++i) {
    validate_constraint(list[i], list_path.index(i), out);
    const auto same = [&](const json& other) {
      return text_of(other, "topologyKey") == text_of(list[i], "topologyKey") &&
             text_of(other, "whenUnsatisfiable") == text_of(list[i], "whenUnsatisfiable");
    };
    if (std::any_of(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(i), same))
      out.duplicate(list_path.index(i), "{" + std::string(text_of(list[i], "topologyKey")) + ", " +
                                            std::string(text_of(list[i], "whenUnsatisfiable")) +
                                            "}");
  }
}

void validate_volume_binding(const json& args, const field_path& path, faults& out) {
  if (const auto n = integer_of(args, "bindTimeoutSeconds"); n < 0)
    out.invalid(path.child("bindTimeoutSeconds"), n,
                "invalid BindTimeoutSeconds, should not be a negative value");
  if (items_of(args, "shape").empty()) return;
  std::string shown;
  for (const json& p : items_of(args, "shape"))
    shown.append(shown.empty() ? "" : ", ")
        .append("config.UtilizationShapePoint{Utilization:")
        .append(std::to_string(integer_of(p, "utilization")))
        .append(", Score:")
        .append(std::to_string(integer_of(p, "score")))
        .append("}");
  out.invalid(path.child("shape"), go_text{"[]config.UtilizationShapePoint{" + shown + "}"},
              "unexpected field `shape`, remove it or turn on the feature gate "
              "VolumeCapacityPriority");
}

void validate_shape_points(const json& ratio, const field_path& path, faults& out) {
  const auto& shape = items_of(ratio, "shape");
  if (shape.empty()) return out.required(path, "at least one point must be specified");
  for (std::size_t i = 1; i < shape.size(); ++i)
    if (integer_of(shape[i - 1], "utilization") >= integer_of(shape[i], "utilization")) {
      const auto here = path.index(i);
      out.invalid(here.child("utilization"), integer_of(shape[i], "utilization"),
                  "values must be sorted in increasing order");
      break;
    }
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const auto here = path.index(i);
    for (const auto& [key, most] : {std::pair{"utilization", 100}, std::pair{"score", 10}})
      if (const auto n = integer_of(shape[i], key); n < 0 || n > most)
        out.invalid(here.child(key), n, range_text(0, most));
  }
}

// --- profiles

// Plugins that there were in earlier versions.
bool was_removed(std::string_view plugin) {
  constexpr std::string_view removed[] = {"AzureDiskLimits", "CinderLimits", "EBSLimits",
                                          "GCEPDLimits"};
  return std::find(std::begin(removed), std::end(removed), plugin) != std::end(removed);
}

std::string removed_text() {
  return "was invalid in version \"" + std::string(config_version) +
         "\" (KubeSchedulerConfiguration is version \"" + std::string(config_version) + "\")";
}

using args_rule = void(const json&, const field_path&, faults&);
constexpr std::pair<std::string_view, args_rule*> args_rules[] = {
    {"DefaultPreemption", validate_preemption},
    {"InterPodAffinity", validate_inter_pod_affinity},
    {"NodeAffinity", validate_node_affinity},
    {"NodeResourcesBalancedAllocation", validate_balanced},
    {"PodTopologySpread", validate_spread},
    {"VolumeBinding", validate_volume_binding}};

void validate_profile(const json& p, const field_path& path, faults& out) {
  if (text_of(p, "schedulerName").empty()) out.required(path.child("schedulerName"));
  validate_percentage(p, path.child("percentageOfNodesToScore"), out);
  const auto plugins_path = path.child("plugins");
  for (const auto point : extension_point_names) {
    const auto point_path = plugins_path.child(point);
    const auto list_path = point_path.child("enabled");
    const auto& list = items_of(value_of(value_of(p, "plugins"), point.data()), "enabled");
    for (std::size_t i = 0; i < list.size(); ++i)
      if (const auto name = text_of(list[i], "name"); was_removed(name))
        out.invalid(list_path.index(i), name, removed_text());
  }
  std::set<std::string_view> seen;
  const auto config_path = path.child("pluginConfig");
  const auto& all = items_of(p, "pluginConfig");
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto here = config_path.index(i);
    const auto name = text_of(all[i], "name");
    if (!seen.insert(name).second) out.duplicate(here, name);
    if (was_removed(name)) out.invalid(here, name, removed_text());
    for (const auto& [plugin, rule] : args_rules)
      if (plugin == name) rule(value_of(all[i], "args"), here.child("args"), out);
  }
}

// --- the order of the queue, which all profiles share

std::string go_plugins(const json& set, const char* list) {
  const auto& plugins = items_of(set, list);
  if (plugins.empty()) return "[]config.Plugin(nil)";
  std::string out;
  for (const json& p : plugins)
    out.append(out.empty() ? "" : ", ")
        .append("config.Plugin{Name:")
        .append(in_quotes(text_of(p, "name")))
        .append(", Weight:")
        .append(std::to_string(integer_of(p, "weight")))
        .append("}");
  return "[]config.Plugin{" + out + "}";
}

std::string go_set(const json& set) {
  return "config.PluginSet{Enabled:" + go_plugins(set, "enabled") +
         ", Disabled:" + go_plugins(set, "disabled") + "}";
}

void validate_queue_sort(const json::array_t& profiles, const field_path& path, faults& out) {
  const auto set_of = [](const json& p) -> const json& {
    return value_of(value_of(p, "plugins"), "queueSort");
  };
  const auto first = path.index(0);
  const auto first_plugins = first.child("plugins");
  const auto first_sort = first_plugins.child("queueSort");
  if (const auto n = items_of(set_of(profiles[0]), "enabled").size(); n > 1)
    out.invalid(first_sort.child("Enabled"), n, "only one queue sort plugin can be enabled");
  for (std::size_t i = 1; i < profiles.size(); ++i) {
    const auto here = path.index(i);
    const auto plugins = here.child("plugins");
    if (go_set(set_of(profiles[i])) != go_set(set_of(profiles[0])))
      out.invalid(plugins.child("queueSort"), go_text{go_set(set_of(profiles[i]))},
                  "must be the same for all profiles");
  }
}

// --- extenders

void validate_managed(std::string_view name, const field_path& path,
                      std::set<std::string, std::less<>>& seen, faults& out) {
  if (const auto fault = qualified_name_fault(name); !fault.empty())
    out.check(path, name, fault);
  else if (!is_extended_resource(name))
    out.invalid(path, name, "is an invalid extended resource name");
  if (!seen.emplace(name).second)
    out.invalid(path, name, "duplicate extender managed resource name");
}

void validate_extenders(const json::array_t& all, const field_path& path, faults& out) {
  std::size_t binders = 0;
  std::set<std::string, std::less<>> seen;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto here = path.index(i);
    if (!text_of(all[i], "prioritizeVerb").empty() && integer_of(all[i], "weight") <= 0)
      out.invalid(here.child("weight"), integer_of(all[i], "weight"),
                  "must have a positive weight applied to it");
    if (!text_of(all[i], "bindVerb").empty()) ++binders;
    const auto managed_path = here.child("managedResources");
    const auto& managed = items_of(all[i], "managedResources");
    for (std::size_t j = 0; j < managed.size(); ++j) {
      const auto entry = managed_path.index(j);
      validate_managed(text_of(managed[j], "name"), entry.child("name"), seen, out);
    }
    double seconds = 0;
    if (const auto text = text_of(all[i], "httpTimeout"); !text.empty())
      if (const auto fault = parse_go_duration(text, seconds); !fault.empty())
        out.invalid(here.child("httpTimeout"), text, fault);
  }
  if (binders > 1)
    out.invalid(path, json("found " + std::to_string(binders) + " extenders implementing bind"),
                "only one extender can implement bind");
}

}  // namespace

std::vector<cause> validate_fit_args(const json& args) {
  faults out;
  const field_path ignored_path("ignoredResources");
  const auto& ignored = items_of(args, "ignoredResources");
  for (std::size_t i = 0; i < ignored.size(); ++i)
    out.check(ignored_path.index(i), as_text(ignored[i]),
              qualified_name_fault(as_text(ignored[i])));
  const field_path groups_path("ignoredResourceGroups");
  const auto& groups = items_of(args, "ignoredResourceGroups");
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const auto name = as_text(groups[i]);
    if (name.find('/') != name.npos)
      out.invalid(groups_path.index(i), name, "resource group name can't contain '/'");
    out.check(groups_path.index(i), name, qualified_name_fault(name));
  }
  const json& strategy = value_of(args, "scoringStrategy");
  const field_path path("scoringStrategy");
  const auto type = text_of(strategy, "type");
  if (type != "LeastAllocated" && type != "MostAllocated" && type != "RequestedToCapacityRatio")
    out.not_supported(path.child("type"), type,
                      {"LeastAllocated", "MostAllocated", "RequestedToCapacityRatio"});
  const auto resources_path = path.child("resources");
  const auto& resources = items_of(strategy, "resources");
  for (std::size_t i = 0; i < resources.size(); ++i) {
    const auto here = resources_path.index(i);
    if (const auto weight = integer_of(resources[i], "weight"); weight <= 0 || weight > 100)
      out.invalid(here.child("weight"), weight,
                  "resource weight of " + std::string(text_of(resources[i], "name")) +
                      " not in valid range (0, 100]");
  }
  const json& ratio = value_of(strategy, "requestedToCapacityRatio");
  const auto ratio_path = path.child("requestedToCapacityRatio");
  if (type == "RequestedToCapacityRatio") {
    if (ratio.is_null())
      out.required(ratio_path, "must be specified when type is RequestedToCapacityRatio");
    else
      validate_shape_points(ratio, ratio_path.child("shape"), out);
  } else if (!ratio.is_null()) {
    out.forbidden(ratio_path, "must be nil when type is not RequestedToCapacityRatio");
  }
  return out.take();
}

std::vector<cause> validate_scheduler_config(const json& c) {
  faults out;
  const field_path client("clientConnection");
  if (const auto burst = integer_of(value_of(c, "clientConnection"), "burst"); burst < 0)
    out.invalid(client.child("burst"), burst, "must be non-negative");
  validate_election(value_of(c, "leaderElection"), field_path("leaderElection"), out);
  if (const auto n = integer_of(c, "parallelism"); n <= 0)
    out.invalid(field_path("parallelism"), n, "should be an integer value greater than zero");
  const field_path profiles_path("profiles");
  const auto& profiles = items_of(c, "profiles");
  std::map<std::string_view, std::size_t> names;
  for (std::size_t i = 0; i < profiles.size(); ++i) {
    const auto here = profiles_path.index(i);
    validate_profile(profiles[i], here, out);
    const auto name = text_of(profiles[i], "schedulerName");
    if (const auto [at, fresh] = names.try_emplace(name, i); !fresh) {
      const auto other = profiles_path.index(at->second);
      out.duplicate(here.child("schedulerName"), go_text{other.child("schedulerName").text()});
    }
  }
  validate_queue_sort(profiles, profiles_path, out);
  validate_percentage(c, field_path("percentageOfNodesToScore"), out);
  const auto initial = integer_of(c, "podInitialBackoffSeconds");
  const auto longest = integer_of(c, "podMaxBackoffSeconds");
  if (initial <= 0)
    out.invalid(field_path("podInitialBackoffSeconds"), initial, "must be greater than 0");
  if (longest < initial)
    out.invalid(field_path("podMaxBackoffSeconds"), longest,
                "must be greater than or equal to PodInitialBackoffSeconds");
  validate_extenders(items_of(c, "extenders"), field_path("extenders"), out);
  return out.take();
}

}  // namespace troupe::model
