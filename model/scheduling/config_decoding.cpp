#include "model/scheduling/config.hpp"
#include "model/schema/parser.hpp"
#include "model/validation/path.hpp"
#include "model/validation/structural.hpp"

#include <algorithm>

extern "C" const char troupe_schema_text_begin[];
extern "C" const char troupe_schema_text_end[];
extern "C" const char troupe_scheduler_config_schema_begin[];
extern "C" const char troupe_scheduler_config_schema_end[];

namespace troupe::model {
namespace {

constexpr std::string_view group = "kubescheduler.config.k8s.io";
constexpr std::string_view version = "kubescheduler.config.k8s.io/v1";
constexpr std::string_view config_kind = "KubeSchedulerConfiguration";
constexpr std::string_view config_package = "io.k8s.kube-scheduler.config.v1.";
// Where kube-scheduler keeps its list of kinds, which its errors name.
constexpr std::string_view scheme = "pkg/scheduler/apis/config/scheme/scheme.go:30";

// The configuration's types, beside those of the API that they use. Read at the first use: most
// processes have no configuration.
const type_info* config_type(std::string_view name) {
  static const std::string text =
      std::string(troupe_schema_text_begin, troupe_schema_text_end) + "\n" +
      std::string(troupe_scheduler_config_schema_begin, troupe_scheduler_config_schema_end);
  static const schema_tables tables = parse_schema(text);
  for (const auto& t : tables.types)
    if (t.name.starts_with(config_package) && t.name.substr(config_package.size()) == name)
      return &t;
  return nullptr;
}

std::string not_registered(std::string_view kind, std::string_view of_version) {
  return "no kind \"" + std::string(kind) + "\" is registered for version \"" +
         std::string(of_version) + "\" in scheme \"" + std::string(scheme) + "\"";
}

void set_default(json& object, const char* key, json value) {
  json& at = object[key];
  if (at.is_null()) at = std::move(value);
}

// Empty texts count as left out, as in Go.
void set_default_text(json& object, const char* key, const char* value) {
  json& at = object[key];
  if (!at.is_string() || at.get_ref<const std::string&>().empty()) at = value;
}

json cpu_and_memory() {
  return {{{"name", "cpu"}, {"weight", 1}}, {{"name", "memory"}, {"weight", 1}}};
}

void default_resources(json& holder) {
  json& list = holder["resources"];
  if (list.empty()) list = cpu_and_memory();
  for (json& r : list)
    if (integer_of(r, "weight") == 0) r["weight"] = 1;
}

void default_args(const std::string& plugin, json& args) {
  if (plugin == "DefaultPreemption") {
    set_default(args, "minCandidateNodesPercentage", 10);
    set_default(args, "minCandidateNodesAbsolute", 100);
  } else if (plugin == "InterPodAffinity") {
    set_default(args, "hardPodAffinityWeight", 1);
  } else if (plugin == "VolumeBinding") {
    set_default(args, "bindTimeoutSeconds", 600);
  } else if (plugin == "NodeResourcesBalancedAllocation") {
    default_resources(args);
  } else if (plugin == "PodTopologySpread") {
    set_default_text(args, "defaultingType", "System");
  } else if (plugin == "NodeResourcesFit") {
    if (args["scoringStrategy"].is_null()) args["scoringStrategy"] = {{"type", "LeastAllocated"}};
    default_resources(args["scoringStrategy"]);
  }
}

/// Decodes what stands at one place of `pluginConfig`. Unknown fields go to `strict`; any other
/// fault is returned.
std::string decode_args(json& entry, std::vector<std::string>& strict) {
  const std::string plugin(text_of(entry, "name"));
  const std::string kind = plugin + "Args";
  const auto* type = config_type(kind);
  if (!type) return {};  // a plugin of others: its arguments are its own business
  json& args = entry["args"];
  if (args.is_null()) args = json::object();
  const auto given = string_at(args, {"kind"});
  const auto given_version = string_at(args, {"apiVersion"});
  if (!given.empty() || !given_version.empty()) {
    const std::string of_group = given_version.substr(0, given_version.find('/'));
    const std::string& what = given.empty() ? kind : given;
    if (what != kind || (!given_version.empty() && given_version != version))
      return "args for plugin " + plugin + " were not of type " + kind + "." + std::string(group) +
             ", got " + what + "." + (of_group.empty() ? std::string(group) : of_group);
  }
  const auto d = decode_fields(*type, args);
  if (!d) return "decoding args for plugin " + plugin + ": " + d.error;
  if (!d.strict.empty())
    strict.push_back("strict decoding error: decoding args for plugin " + plugin + ": " +
                     strict_faults(d));
  default_args(plugin, args);
  return {};
}

// Plugins whose arguments are not given have the default ones.
void complete_args(json& profile) {
  json& all = profile["pluginConfig"];
  if (all.is_null()) all = json::array();
  for (const auto& [plugin, points] : in_tree_plugins()) {
    const bool given = std::any_of(all.begin(), all.end(),
                                   [&, name = std::string_view(plugin)](const json& entry) {
                                     return text_of(entry, "name") == name;
                                   });
    if (given || !config_type(plugin + "Args")) continue;
    json args = json::object();
    default_args(plugin, args);
    all.push_back({{"name", plugin}, {"args", std::move(args)}});
  }
}

void default_config(json& c) {
  set_default(c, "parallelism", 16);
  set_default(c, "podInitialBackoffSeconds", 1);
  set_default(c, "podMaxBackoffSeconds", 10);
  set_default(c, "percentageOfNodesToScore", 0);
  set_default(c, "leaderElection", json::object());
  json& election = c["leaderElection"];
  set_default(election, "leaderElect", true);
  set_default_text(election, "resourceLock", "leases");
  set_default_text(election, "resourceName", "kube-scheduler");
  set_default_text(election, "resourceNamespace", "kube-system");
  set_default_text(election, "leaseDuration", "15s");
  set_default_text(election, "renewDeadline", "10s");
  set_default_text(election, "retryPeriod", "2s");
  json& profiles = c["profiles"];
  if (profiles.empty()) profiles = json::array({json::object()});
  if (profiles.size() == 1) set_default(profiles[0], "schedulerName", "default-scheduler");
  for (json& p : profiles) {
    p["plugins"] = merged_plugins(value_of(p, "plugins"));
    complete_args(p);
  }
}

// Go's zero durations are as good as none.
void drop_zero_durations(json& config) {
  if (!config.contains("leaderElection")) return;
  for (const char* key : {"leaseDuration", "renewDeadline", "retryPeriod"})
    if (const auto text = string_at(config, {"leaderElection", key}); text == "0s" || text == "0")
      config["leaderElection"].erase(key);
}

}  // namespace

std::string decode_scheduler_config(std::string_view text, json& out) {
  auto parsed = parse_yaml(text);
  if (!parsed) return "couldn't get version/kind; json parse error: " + parsed.error;
  const auto kind = string_at(parsed.value, {"kind"});
  const auto api_version = string_at(parsed.value, {"apiVersion"});
  if (kind.empty()) return "Object 'Kind' is missing in '" + parsed.value.dump() + "'";
  if (api_version.empty()) return "Object 'apiVersion' is missing in '" + parsed.value.dump() + "'";
  if (api_version != version || !config_type(kind)) return not_registered(kind, api_version);
  if (kind != config_kind)
    return "couldn't decode as KubeSchedulerConfiguration, got " + std::string(version) +
           ", Kind=" + kind + ": ";
  auto d = decode_fields(*config_type(config_kind), parsed.value,
                         duplicate_faults(parsed.duplicates, true));
  if (!d) return d.error;
  auto profiles = parsed.value.find("profiles");
  const std::size_t count = profiles == parsed.value.end() ? 0 : profiles->size();
  for (std::size_t i = 0; i < count; ++i) {
    json& list = (*profiles)[i]["pluginConfig"];
    for (std::size_t j = 0; j < list.size(); ++j) {
      const std::string where =
          "decoding .profiles[" + std::to_string(i) + "].pluginConfig[" + std::to_string(j) + "]: ";
      std::vector<std::string> strict;
      if (const auto fault = decode_args(list[j], strict); !fault.empty()) return where + fault;
      for (const auto& s : strict) d.strict.push_back(where + s);
    }
  }
  if (!d.strict.empty()) return strict_faults(d);
  out = std::move(parsed.value);
  drop_zero_durations(out);
  default_config(out);
  return {};
}

}  // namespace troupe::model
