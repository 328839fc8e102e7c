#include "model/scheduling/config.hpp"

#include "model/base64.hpp"
#include "model/go_duration.hpp"
#include "model/scheduling/default_spread.hpp"
#include "model/scheduling/published_profile.hpp"
#include "model/validation/path.hpp"

#include <algorithm>
#include <cmath>

namespace troupe::model {
namespace {

using enum extension_point;

// s: more than anybody waits, and far from the end of what clocks can count.
constexpr std::int64_t longest = 10LL * 365 * 24 * 3600;

std::chrono::milliseconds duration_of(std::string_view text) {
  double seconds = 0;
  const auto fault = parse_go_duration(text, seconds);
  seconds = std::clamp(seconds, 0.0, static_cast<double>(longest));
  return std::chrono::milliseconds(fault.empty() ? std::llround(seconds * 1000) : 0);
}

std::chrono::seconds seconds_of(const json& holder, const char* key) {
  return std::chrono::seconds(std::min(integer_of(holder, key), longest));
}

std::string decoded(const json& holder, const char* key) {
  return from_base64(text_of(holder, key)).value_or("");
}

extender_config extender_of(const json& e) {
  const auto text = [](const json& holder, const char* key) {
    return std::string(text_of(holder, key));
  };
  const auto is = [](const json& holder, const char* key) { return value_of(holder, key) == true; };
  extender_config out;
  out.url_prefix = text(e, "urlPrefix");
  out.filter_verb = text(e, "filterVerb");
  out.prioritize_verb = text(e, "prioritizeVerb");
  out.preempt_verb = text(e, "preemptVerb");
  out.bind_verb = text(e, "bindVerb");
  out.weight = std::min<std::int64_t>(integer_of(e, "weight"), INT32_MAX);
  out.node_cache_capable = is(e, "nodeCacheCapable");
  out.ignorable = is(e, "ignorable");
  if (const auto given = duration_of(text_of(e, "httpTimeout")); given.count() > 0)
    out.timeout = given;
  for (const json& r : items_of(e, "managedResources")) out.managed.insert(text(r, "name"));
  const json& tls = value_of(e, "tlsConfig");
  auto& t = out.transport;
  t.https = is(e, "enableHTTPS");
  t.server_name = text(tls, "serverName");
  t.ca = decoded(tls, "caData");
  t.certificate = decoded(tls, "certData");
  t.key = decoded(tls, "keyData");
  t.ca_file = text(tls, "caFile");
  t.certificate_file = text(tls, "certFile");
  t.key_file = text(tls, "keyFile");
  // Without an authority anybody will do.
  t.insecure = is(tls, "insecure") || (t.https && t.ca.empty() && t.ca_file.empty());
  return out;
}

constexpr std::pair<std::string_view, plugin> filter_plugins[] = {
    {"NodeUnschedulable", node_unschedulable},
    {"NodeName", plugin::node_name},
    {"TaintToleration", taint_toleration},
    {"NodeAffinity", node_affinity},
    {"NodePorts", node_ports},
    {"NodeResourcesFit", node_resources_fit},
    {"PodTopologySpread", pod_topology_spread},
    {"InterPodAffinity", inter_pod_affinity},
    {"VolumeRestrictions", volume_restrictions},
    {"NodeVolumeLimits", node_volume_limits},
    {"VolumeBinding", volume_binding},
    {"VolumeZone", volume_zone}};

constexpr std::pair<std::string_view, std::int64_t score_weights::*> score_plugins[] = {
    {"NodeResourcesFit", &score_weights::resources_fit},
    {"NodeResourcesBalancedAllocation", &score_weights::balanced_allocation},
    {"NodeAffinity", &score_weights::node_affinity},
    {"TaintToleration", &score_weights::taint_toleration},
    {"InterPodAffinity", &score_weights::inter_pod_affinity},
    {"PodTopologySpread", &score_weights::topology_spread},
    {"ImageLocality", &score_weights::image_locality}};

void take_plugins(const enabled_plugins& all, profile& out) {
  out.filters.enabled = custom_plugin | extender;
  for (const auto& [name, bit] : filter_plugins)
    if (all.has(filter, name)) out.filters.enabled |= bit;
  for (const auto& [name, weight] : score_plugins)
    out.weights.*weight = all.has(score, name) ? all.weights.find(name)->second : 0;
  out.narrows_by_name = all.has(pre_filter, "NodeAffinity");
  out.preemption.enabled = all.has(post_filter, "DefaultPreemption");
  out.binds_volumes = all.has(reserve, "VolumeBinding") && all.has(pre_bind, "VolumeBinding");
  out.respects_gates = all.has(pre_enqueue, "SchedulingGates");
}

// Plugins that are none of kube-scheduler's.
std::vector<custom_use> custom_plugins(const enabled_plugins& all, const json& p) {
  std::vector<custom_use> out;
  for (const auto point : {filter, score})
    for (const auto& name : all.of(point)) {
      if (in_tree_plugins().contains(name)) continue;
      auto at =
          std::find_if(out.begin(), out.end(), [&](const custom_use& u) { return u.name == name; });
      if (at == out.end()) at = out.insert(out.end(), custom_use{name, false, 0, nullptr, nullptr});
      if (point == filter)
        at->filters = true;
      else
        at->weight = all.weights.find(name)->second;
    }
  for (auto& use : out)
    for (const json& entry : items_of(p, "pluginConfig"))
      if (text_of(entry, "name") == use.name) use.args = value_of(entry, "args");
  return out;
}

std::vector<scored_resource> resources_of(const json& holder) {
  std::vector<scored_resource> out;
  for (const json& r : items_of(holder, "resources"))
    out.push_back({std::string(text_of(r, "name")), integer_of(r, "weight")});
  return out;
}

void take_fit(const json& args, profile& out) {
  constexpr std::int64_t most_of_shape = 10;  // scores of shapes go from 0 to this
  const json& strategy = value_of(args, "scoringStrategy");
  const auto type = text_of(strategy, "type");
  out.fit.strategy = type == "MostAllocated" ? scoring_strategy::most_allocated
                     : type == "RequestedToCapacityRatio"
                         ? scoring_strategy::requested_to_capacity_ratio
                         : scoring_strategy::least_allocated;
  out.fit.resources = resources_of(strategy);
  for (const json& p : items_of(value_of(strategy, "requestedToCapacityRatio"), "shape"))
    out.fit.shape.push_back(
        {integer_of(p, "utilization"), integer_of(p, "score") * (100 / most_of_shape)});
  for (const json& name : items_of(args, "ignoredResources"))
    out.filters.ignored_resources.emplace_back(as_text(name));
  for (const json& name : items_of(args, "ignoredResourceGroups"))
    out.filters.ignored_groups.emplace_back(as_text(name));
}

void take_args(std::string_view plugin, const json& args, profile& out) {
  if (plugin == "NodeResourcesFit") {
    take_fit(args, out);
  } else if (plugin == "NodeResourcesBalancedAllocation") {
    out.balanced = resources_of(args);
  } else if (plugin == "NodeAffinity") {
    const pod_needs added(json{{"affinity", {{"nodeAffinity", value_of(args, "addedAffinity")}}}});
    out.filters.added_affinity = added.required;
    out.added_preferences = added.preferred;
  } else if (plugin == "InterPodAffinity") {
    out.hard_pod_affinity_weight = integer_of(args, "hardPodAffinityWeight");
    out.ignores_preferences_of_others =
        value_of(args, "ignorePreferredTermsOfExistingPods") == true;
  } else if (plugin == "PodTopologySpread") {
    out.system_spread_defaults = text_of(args, "defaultingType") == "System";
    if (out.system_spread_defaults) return;
    out.default_spread.clear();
    for (const json& c : items_of(args, "defaultConstraints"))
      out.default_spread.push_back(default_constraint_of(c));
  } else if (plugin == "DefaultPreemption") {
    out.preemption.least_candidates =
        static_cast<std::size_t>(integer_of(args, "minCandidateNodesAbsolute"));
    out.preemption.candidates_percentage =
        static_cast<std::size_t>(integer_of(args, "minCandidateNodesPercentage"));
  } else if (plugin == "VolumeBinding") {
    out.volume_timeout = seconds_of(args, "bindTimeoutSeconds");
  }
}

bool is_used(const enabled_plugins& all, std::string_view name) {
  return std::any_of(all.at.begin(), all.at.end(), [&](const std::vector<std::string>& list) {
    return std::find(list.begin(), list.end(), name) != list.end();
  });
}

std::variant<profile, std::string> profile_of(const json& p, const plugin_registry& known) {
  profile out;
  out.scheduler_name = text_of(p, "schedulerName");
  auto expanded = expand_plugins(value_of(p, "plugins"), known, out.scheduler_name);
  if (auto* fault = std::get_if<std::string>(&expanded)) return std::move(*fault);
  const auto& plugins = std::get<enabled_plugins>(expanded);
  take_plugins(plugins, out);
  out.custom = custom_plugins(plugins, p);
  for (const json& entry : items_of(p, "pluginConfig")) {
    const auto name = text_of(entry, "name");
    if (!is_used(plugins, name)) continue;
    const json& args = value_of(entry, "args");
    if (name == "NodeResourcesFit")
      if (const auto faults = validate_fit_args(args); !faults.empty())
        return "initializing plugin \"NodeResourcesFit\": " + text_of_causes(faults);
    take_args(name, args, out);
  }
  return out;
}

// The extenders' business is none of NodeResourcesFit. As in kube-scheduler they have precedence:
// what its arguments name is ignored only if no extender names anything.
void ignore_managed(const json& config, profile& out) {
  std::vector<std::string> theirs;
  for (const json& e : items_of(config, "extenders"))
    for (const json& r : items_of(e, "managedResources"))
      if (value_of(r, "ignoredByScheduler") == true) theirs.emplace_back(text_of(r, "name"));
  if (!theirs.empty()) out.filters.ignored_resources = std::move(theirs);
}

}  // namespace

std::string text_of_causes(const std::vector<cause>& causes) {
  std::vector<std::string> lines;
  for (const auto& c : causes) {
    auto line = c.field + ": " + c.message;
    if (std::find(lines.begin(), lines.end(), line) == lines.end())
      lines.push_back(std::move(line));
  }
  if (lines.size() == 1) return lines.front();
  std::string out;
  for (const auto& line : lines) out.append(out.empty() ? "" : ", ").append(line);
  return "[" + out + "]";
}

std::variant<scheduler_config, std::string> read_scheduler_config(std::string_view text,
                                                                  const plugin_registry& known) {
  json document;
  if (auto fault = decode_scheduler_config(text, document); !fault.empty()) return fault;
  if (const auto faults = validate_scheduler_config(document); !faults.empty())
    return text_of_causes(faults);
  scheduler_config out;
  out.profiles.clear();
  for (const json& p : items_of(document, "profiles")) {
    auto made = profile_of(p, known);
    if (const auto* fault = std::get_if<std::string>(&made))
      return "initializing profiles: creating profile for scheduler name " +
             std::string(text_of(p, "schedulerName")) + ": " + *fault;
    out.profiles.push_back(std::move(std::get<profile>(made)));
    ignore_managed(document, out.profiles.back());
    out.profiles.back().published =
        published_profile_text(p, json(items_of(document, "extenders")), known);
  }
  out.initial_backoff = seconds_of(document, "podInitialBackoffSeconds");
  out.max_backoff = seconds_of(document, "podMaxBackoffSeconds");
  const json& election = value_of(document, "leaderElection");
  out.lease_duration = duration_of(text_of(election, "leaseDuration"));
  out.renew_deadline = duration_of(text_of(election, "renewDeadline"));
  out.retry_period = duration_of(text_of(election, "retryPeriod"));
  for (const json& e : items_of(document, "extenders")) out.extenders.push_back(extender_of(e));
  // Those that may fail are asked last, about what the others have left.
  std::stable_partition(out.extenders.begin(), out.extenders.end(),
                        [](const extender_config& e) { return !e.ignorable; });
  return out;
}

}  // namespace troupe::model
