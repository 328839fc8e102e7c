#include "model/kubelet/container_config.hpp"

#include "model/kubelet/service_environment.hpp"
#include "model/qos.hpp"

#include <algorithm>
#include <set>

namespace troupe::model::kubelet {

namespace {

bool flag(const json& v, std::initializer_list<std::string_view> path) {
  const auto& b = at(v, path);
  return b.is_boolean() && b.get<bool>();
}

std::optional<std::int64_t> number(const json& v, std::initializer_list<std::string_view> path) {
  const auto& n = at(v, path);
  return n.is_number_integer() ? std::optional(n.get<std::int64_t>()) : std::nullopt;
}

std::vector<std::string> strings(const json& list) {
  std::vector<std::string> out;
  for (const auto& s : list)
    if (s.is_string()) out.push_back(s.get<std::string>());
  return out;
}

void append(std::vector<std::string>& to, const std::vector<std::string>& from) {
  for (const auto& s : from)
    if (std::find(to.begin(), to.end(), s) == to.end()) to.push_back(s);
}

string_map pod_labels(const json& pod) {
  return {{pod_name_label, string_at(pod, {"metadata", "name"})},
          {pod_namespace_label, string_at(pod, {"metadata", "namespace"})},
          {pod_uid_label, string_at(pod, {"metadata", "uid"})}};
}

bool asks_the_cluster(const json& pod, const node_facts& node) {
  if (node.cluster_dns.empty()) return false;  // the host's resolver is all there is
  const auto policy = string_at(pod, {"spec", "dnsPolicy"}, "ClusterFirst");
  return policy == "ClusterFirstWithHostNet" ||
         (policy == "ClusterFirst" && !flag(pod, {"spec", "hostNetwork"}));
}

void dns(const json& pod, const node_facts& node, sandbox_config& out) {
  if (asks_the_cluster(pod, node)) {
    const auto in_services = "svc." + node.cluster_domain;
    out.dns_servers = node.cluster_dns;
    out.dns_searches = {string_at(pod, {"metadata", "namespace"}) + "." + in_services, in_services,
                        node.cluster_domain};
    append(out.dns_searches, node.dns_searches);
    out.dns_options = {"ndots:5"};
  } else if (string_at(pod, {"spec", "dnsPolicy"}) != "None") {
    out.dns_servers = node.dns_servers;
    out.dns_searches = node.dns_searches;
    out.dns_options = node.dns_options;
  }
  const auto& own = at(pod, {"spec", "dnsConfig"});
  append(out.dns_servers, strings(at(own, {"nameservers"})));
  append(out.dns_searches, strings(at(own, {"searches"})));
  for (const auto& o : at(own, {"options"})) {
    const auto value = string_at(o, {"value"});
    append(out.dns_options, {string_at(o, {"name"}) + (value.empty() ? "" : ":" + value)});
  }
}

/// The environment in its order, with later values of a name replacing earlier ones.
class environment {
 public:
  void set(const std::string& name, std::string value) {
    if (!values_.contains(name)) order_.push_back(name);
    values_[name] = std::move(value);
  }
  const std::map<std::string, std::string>& values() const { return values_; }
  std::vector<std::pair<std::string, std::string>> list() const {
    std::vector<std::pair<std::string, std::string>> out;
    for (const auto& name : order_) out.emplace_back(name, values_.at(name));
    return out;
  }

 private:
  std::map<std::string, std::string> values_;
  std::vector<std::string> order_;
};

struct key_source {
  const char* field;
  const char* resource;
  const char* word;
};
constexpr key_source by_key[] = {{"configMapKeyRef", "configmaps", "configmap"},
                                 {"secretKeyRef", "secrets", "secret"}};
constexpr key_source whole[] = {{"configMapRef", "configmaps", "configmap"},
                                {"secretRef", "secrets", "secret"}};

std::string missing(const key_source& s, const std::string& name) {
  return std::string(s.word) + " \"" + name + "\" not found";
}

/// Nothing when an optional source is missing.
std::optional<resolved> value_from(const json& pod, const container_spec& c, const json& from,
                                   const node_facts& node, const object_lookup& objects) {
  if (const auto& f = at(from, {"fieldRef"}); f.is_object())
    return field_value(pod, string_at(f, {"fieldPath"}), node.pod);
  if (const auto& r = at(from, {"resourceFieldRef"}); r.is_object()) {
    const auto other = string_at(r, {"containerName"});
    const auto named = other.empty() ? c : container_named(pod, other);
    if (!named.spec) return resolved{{}, "container " + other + " not found"};
    return resource_value(*named.spec, r, node.pod);
  }
  for (const auto& s : by_key) {
    const auto& ref = at(from, {s.field});
    if (!ref.is_object()) continue;
    const auto name = string_at(ref, {"name"});
    const auto key = string_at(ref, {"key"});
    const auto& object = objects(s.resource, name);
    if (auto data = data_of(object, key)) return resolved{*data, {}};
    if (flag(ref, {"optional"})) return std::nullopt;
    if (object.is_null()) return resolved{{}, missing(s, name)};
    return resolved{{},
                    "couldn't find key " + key + " in " +
                        (s.resource[0] == 's' ? "Secret " : "ConfigMap ") +
                        string_at(pod, {"metadata", "namespace"}) + "/" + name};
  }
  return std::nullopt;
}

std::string fill(environment& env, const json& pod, const container_spec& c, const node_facts& node,
                 const object_lookup& objects) {
  for (auto& [name, value] : service_environment(pod, objects)) env.set(name, std::move(value));
  for (const auto& from : at(*c.spec, {"envFrom"})) {
    for (const auto& s : whole) {
      const auto& ref = at(from, {s.field});
      if (!ref.is_object()) continue;
      const auto name = string_at(ref, {"name"});
      const auto& object = objects(s.resource, name);
      if (object.is_null() && !flag(ref, {"optional"})) return missing(s, name);
      for (const auto& key : keys_of(object))
        if (auto data = data_of(object, key)) env.set(string_at(from, {"prefix"}) + key, *data);
    }
  }
  for (const auto& e : at(*c.spec, {"env"})) {
    const auto name = string_at(e, {"name"});
    const auto& from = at(e, {"valueFrom"});
    if (!from.is_object()) {
      env.set(name, expand(string_at(e, {"value"}), env.values()));
      continue;
    }
    auto value = value_from(pod, c, from, node, objects);
    if (!value) continue;
    if (!*value) return value->error;
    env.set(name, value->text);
  }
  return {};
}

/// CPU and memory as the kernel takes them (kubelet's cm helpers: a core is 1024 shares, a period
/// 100 ms).
void resources(const json& pod, const json& spec, const node_facts& node, container_config& out) {
  auto amount = [&](const char* which, const char* name) {
    return quantity::parse(string_at(spec, {"resources", which, name})).value_or(quantity{});
  };
  auto cpu = amount("requests", "cpu");
  const auto cpu_limit = amount("limits", "cpu");
  if (cpu.zero()) cpu = cpu_limit;
  out.cpu_shares = std::clamp<std::int64_t>(cpu.milli_value() * 1024 / 1000, 2, 262144);
  if (!cpu_limit.zero()) {
    out.cpu_period = 100'000;
    out.cpu_quota = std::max<std::int64_t>(cpu_limit.milli_value() * 100, 1000);
  }
  out.memory_limit = amount("limits", "memory").value();
  const auto qos = qos_class(at(pod, {"spec"}));
  const auto request = amount("requests", "memory").value();
  if (qos == "Guaranteed")
    out.oom_score_adj = -997;
  else if (qos == "BestEffort" || node.memory <= 0)
    out.oom_score_adj = 1000;
  else
    out.oom_score_adj =
        std::clamp<std::int64_t>(1000 - (1000 * (request >> 10)) / (node.memory >> 10), 3, 999);
}

std::string security(const json& pod, const json& spec, const std::optional<image_state>& image,
                     container_config& out) {
  const auto& own = at(spec, {"securityContext"});
  const auto& shared = at(pod, {"spec", "securityContext"});
  auto either = [&](const char* key) {
    auto n = number(own, {key});
    return n ? n : number(shared, {key});
  };
  out.run_as_user = either("runAsUser");
  out.run_as_group = either("runAsGroup");
  if (out.run_as_group && !out.run_as_user && image) out.run_as_user = image->uid.value_or(0);
  for (const auto& g : at(shared, {"supplementalGroups"}))
    if (g.is_number_integer()) out.supplemental_groups.push_back(g.get<std::int64_t>());
  if (auto fs = number(shared, {"fsGroup"})) out.supplemental_groups.push_back(*fs);
  out.privileged = flag(own, {"privileged"});
  out.read_only_root = flag(own, {"readOnlyRootFilesystem"});
  const auto& escalation = at(own, {"allowPrivilegeEscalation"});
  out.no_new_privs = escalation.is_boolean() && !escalation.get<bool>();
  out.add_capabilities = strings(at(own, {"capabilities", "add"}));
  out.drop_capabilities = strings(at(own, {"capabilities", "drop"}));
  auto seccomp = string_at(own, {"seccompProfile", "type"});
  if (seccomp.empty()) seccomp = string_at(shared, {"seccompProfile", "type"});
  out.unconfined = seccomp.empty() || seccomp == "Unconfined";

  const auto& own_rule = at(own, {"runAsNonRoot"});
  const bool no_root =
      own_rule.is_boolean() ? own_rule.get<bool>() : flag(shared, {"runAsNonRoot"});
  if (!no_root) return {};
  if (out.run_as_user)
    return *out.run_as_user == 0 ? "container's runAsUser breaks non-root policy" : "";
  if (image && !image->username.empty())
    return "container has runAsNonRoot and image has non-numeric user (" + image->username +
           "), cannot verify user is non-root";
  if (!image || image->uid.value_or(0) == 0)
    return "container has runAsNonRoot and image will run as root";
  return {};
}

/// The part of a volume that a mount shows, or why there is none. What is empty does not count as
/// known: an expression is to name a part.
resolved part_of_volume(const json& mount, const environment& env) {
  auto sub = string_at(mount, {"subPath"});
  if (const auto pattern = string_at(mount, {"subPathExpr"}); !pattern.empty()) {
    std::set<std::string> missing;
    sub = expand(pattern, [&](const std::string& name) -> std::optional<std::string> {
      const auto known = env.values().find(name);
      if (known != env.values().end() && !known->second.empty()) return known->second;
      missing.insert(name);
      return std::nullopt;
    });
    std::string names;
    for (const auto& name : missing) names += (names.empty() ? "" : ", ") + name;
    if (!names.empty()) return {{}, "missing value for " + names};
  }
  if (sub.starts_with('/')) return {{}, "error SubPath `" + sub + "` must not be an absolute path"};
  if (("/" + sub + "/").find("/../") != std::string::npos)
    return {{}, "unable to provision SubPath `" + sub + "`: must not contain '..'"};
  return {std::move(sub), {}};
}

std::string mounts(const container_spec& c, const volume_map& volumes, const environment& env,
                   container_config& out) {
  for (const auto& m : at(*c.spec, {"volumeMounts"})) {
    const auto name = string_at(m, {"name"});
    const auto volume = volumes.find(name);
    if (volume == volumes.end()) return "volume \"" + name + "\" is not prepared";
    auto path = volume->second.host_path;
    const auto part = part_of_volume(m, env);
    if (!part.error.empty()) return part.error;
    if (!part.text.empty()) path += "/" + part.text;
    out.mounts.push_back({string_at(m, {"mountPath"}), path,
                          flag(m, {"readOnly"}) || volume->second.read_only,
                          string_at(m, {"mountPropagation"})});
  }
  return {};
}

}  // namespace

std::string log_directory(const std::string& log_root, const json& pod) {
  return log_root + "/" + string_at(pod, {"metadata", "namespace"}) + "_" +
         string_at(pod, {"metadata", "name"}) + "_" + string_at(pod, {"metadata", "uid"});
}

std::string domain_of(const json& pod, const node_facts& node) {
  const auto subdomain = string_at(pod, {"spec", "subdomain"});
  if (subdomain.empty()) return {};
  return subdomain + "." + string_at(pod, {"metadata", "namespace"}) + ".svc." +
         node.cluster_domain;
}

sandbox_config make_sandbox(const json& pod, std::uint32_t attempt, const node_facts& node) {
  sandbox_config s;
  s.ns = string_at(pod, {"metadata", "namespace"});
  s.name = string_at(pod, {"metadata", "name"});
  s.uid = string_at(pod, {"metadata", "uid"});
  s.attempt = attempt;
  s.host_network = flag(pod, {"spec", "hostNetwork"});
  s.host_pid = flag(pod, {"spec", "hostPID"});
  s.host_ipc = flag(pod, {"spec", "hostIPC"});
  s.share_processes = flag(pod, {"spec", "shareProcessNamespace"});
  // A host name has 63 characters at most; the runtime wants none with the host's network.
  if (!s.host_network) {
    s.hostname = string_at(pod, {"spec", "hostname"}, s.name).substr(0, 63);
    while (!s.hostname.empty() && (s.hostname.back() == '-' || s.hostname.back() == '.'))
      s.hostname.pop_back();
    if (const auto domain = domain_of(pod, node);
        flag(pod, {"spec", "setHostnameAsFQDN"}) && !domain.empty())
      s.hostname += "." + domain;
  }
  s.log_directory = log_directory(node.log_root, pod);
  dns(pod, node, s);
  s.labels = pod_labels(pod);
  for (const auto& [k, v] : at(pod, {"metadata", "labels"}).items())
    if (v.is_string()) s.labels.try_emplace(k, v.get<std::string>());
  for (const auto& [k, v] : at(pod, {"metadata", "annotations"}).items())
    if (v.is_string()) s.annotations[k] = v.get<std::string>();
  for (const auto& sysctl : at(pod, {"spec", "securityContext", "sysctls"}))
    s.sysctls[string_at(sysctl, {"name"})] = string_at(sysctl, {"value"});
  for (const auto& c : containers_of(pod)) {
    s.privileged = s.privileged || flag(*c.spec, {"securityContext", "privileged"});
    if (s.host_network) continue;
    for (const auto& p : at(*c.spec, {"ports"})) {
      const auto host = number(p, {"hostPort"}).value_or(0);
      if (host > 0)
        s.ports.push_back({string_at(p, {"protocol"}, "TCP"),
                           static_cast<int>(number(p, {"containerPort"}).value_or(0)),
                           static_cast<int>(host), string_at(p, {"hostIP"})});
    }
  }
  return s;
}

std::vector<data_reference> environment_references(const json& container) {
  std::vector<data_reference> out;
  auto add = [&](const json& holder, const key_source& s) {
    const auto& ref = at(holder, {s.field});
    if (ref.is_object())
      out.push_back({s.resource, string_at(ref, {"name"}), flag(ref, {"optional"})});
  };
  for (const auto& from : at(container, {"envFrom"}))
    for (const auto& s : whole) add(from, s);
  for (const auto& e : at(container, {"env"}))
    for (const auto& s : by_key) add(at(e, {"valueFrom"}), s);
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

container_plan make_container(const json& pod, const container_spec& c, std::uint32_t attempt,
                              const node_facts& node, const volume_map& volumes,
                              const object_lookup& objects,
                              const std::optional<image_state>& image) {
  container_plan plan;
  auto& out = plan.config;
  environment env;
  plan.error = fill(env, pod, c, node, objects);
  if (plan.error.empty()) plan.error = security(pod, *c.spec, image, out);
  if (plan.error.empty()) plan.error = mounts(c, volumes, env, out);
  if (!plan.error.empty()) return plan;
  out.name = c.name;
  out.attempt = attempt;
  out.image = string_at(*c.spec, {"image"});
  for (const auto& s : strings(at(*c.spec, {"command"})))
    out.command.push_back(expand(s, env.values()));
  for (const auto& s : strings(at(*c.spec, {"args"}))) out.args.push_back(expand(s, env.values()));
  out.working_dir = string_at(*c.spec, {"workingDir"});
  out.env = env.list();
  out.labels = pod_labels(pod);
  out.labels[container_name_label] = c.name;
  out.annotations[restart_count_annotation] = std::to_string(attempt);
  out.annotations[definition_annotation] = definition_of(*c.spec);
  out.log_path = c.name + "/" + std::to_string(attempt) + ".log";
  out.stdin_open = flag(*c.spec, {"stdin"});
  out.stdin_once = flag(*c.spec, {"stdinOnce"});
  out.tty = flag(*c.spec, {"tty"});
  resources(pod, *c.spec, node, out);
  return plan;
}

}  // namespace troupe::model::kubelet
