#include "net/cri/convert.hpp"

#include <fstream>

namespace troupe::net::cri {

using namespace model::kubelet;

namespace {

template <class Map>
void copy(const string_map& from, Map* to) {
  for (const auto& [k, v] : from) (*to)[k] = v;
}

template <class List>
void copy(const std::vector<std::string>& from, List* to) {
  for (const auto& s : from) *to->Add() = s;
}

void namespaces(const sandbox_config& c, pb::NamespaceOption* out) {
  out->set_network(c.host_network ? pb::NODE : pb::POD);
  out->set_ipc(c.host_ipc ? pb::NODE : pb::POD);
  // A pod's containers see only their own processes unless the pod says otherwise.
  out->set_pid(c.host_pid ? pb::NODE : c.share_processes ? pb::POD : pb::CONTAINER);
}

pb::MountPropagation propagation(const std::string& name) {
  if (name == "HostToContainer") return pb::PROPAGATION_HOST_TO_CONTAINER;
  if (name == "Bidirectional") return pb::PROPAGATION_BIDIRECTIONAL;
  return pb::PROPAGATION_PRIVATE;
}

void security(const container_config& c, const sandbox_config& sandbox,
              pb::LinuxContainerSecurityContext* out) {
  namespaces(sandbox, out->mutable_namespace_options());
  if (!c.sees.empty()) {
    out->mutable_namespace_options()->set_pid(pb::TARGET);
    out->mutable_namespace_options()->set_target_id(c.sees);
  }
  out->set_privileged(c.privileged);
  out->set_readonly_rootfs(c.read_only_root);
  out->set_no_new_privs(c.no_new_privs);
  if (c.run_as_user) out->mutable_run_as_user()->set_value(*c.run_as_user);
  if (c.run_as_group) out->mutable_run_as_group()->set_value(*c.run_as_group);
  for (auto g : c.supplemental_groups) out->add_supplemental_groups(g);
  copy(c.add_capabilities, out->mutable_capabilities()->mutable_add_capabilities());
  copy(c.drop_capabilities, out->mutable_capabilities()->mutable_drop_capabilities());
  out->mutable_seccomp()->set_profile_type(c.unconfined ? pb::SecurityProfile::Unconfined
                                                        : pb::SecurityProfile::RuntimeDefault);
  if (c.privileged) return;
  // What the OCI default specification hides from unprivileged containers.
  for (const char* p : {"/proc/asound", "/proc/acpi", "/proc/kcore", "/proc/keys",
                        "/proc/latency_stats", "/proc/timer_list", "/proc/timer_stats",
                        "/proc/sched_debug", "/proc/scsi", "/sys/firmware"})
    out->add_masked_paths(p);
  for (const char* p : {"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"})
    out->add_readonly_paths(p);
}

template <class Map>
std::string value_of(const Map& map, const char* key) {
  auto i = map.find(key);
  return i == map.end() ? std::string{} : i->second;
}

}  // namespace

pb::PodSandboxConfig to_message(const sandbox_config& c) {
  pb::PodSandboxConfig m;
  m.mutable_metadata()->set_name(c.name);
  m.mutable_metadata()->set_namespace_(c.ns);
  m.mutable_metadata()->set_uid(c.uid);
  m.mutable_metadata()->set_attempt(c.attempt);
  m.set_hostname(c.hostname);
  m.set_log_directory(c.log_directory);
  copy(c.dns_servers, m.mutable_dns_config()->mutable_servers());
  copy(c.dns_searches, m.mutable_dns_config()->mutable_searches());
  copy(c.dns_options, m.mutable_dns_config()->mutable_options());
  for (const auto& p : c.ports) {
    auto* out = m.add_port_mappings();
    out->set_protocol(p.protocol == "UDP" ? pb::UDP : p.protocol == "SCTP" ? pb::SCTP : pb::TCP);
    out->set_container_port(p.container_port);
    out->set_host_port(p.host_port);
    out->set_host_ip(p.host_ip);
  }
  copy(c.labels, m.mutable_labels());
  copy(c.annotations, m.mutable_annotations());
  auto* os = m.mutable_linux();
  os->set_cgroup_parent(c.cgroup_parent);
  copy(c.sysctls, os->mutable_sysctls());
  namespaces(c, os->mutable_security_context()->mutable_namespace_options());
  os->mutable_security_context()->set_privileged(c.privileged);
  os->mutable_security_context()->mutable_seccomp()->set_profile_type(
      pb::SecurityProfile::RuntimeDefault);
  return m;
}

pb::ContainerConfig to_message(const container_config& c, const sandbox_config& sandbox) {
  pb::ContainerConfig m;
  m.mutable_metadata()->set_name(c.name);
  m.mutable_metadata()->set_attempt(c.attempt);
  m.mutable_image()->set_image(c.image);
  copy(c.command, m.mutable_command());
  copy(c.args, m.mutable_args());
  m.set_working_dir(c.working_dir);
  for (const auto& [k, v] : c.env) {
    auto* e = m.add_envs();
    e->set_key(k);
    e->set_value(v);
  }
  for (const auto& from : c.mounts) {
    auto* to = m.add_mounts();
    to->set_container_path(from.container_path);
    to->set_host_path(from.host_path);
    to->set_readonly(from.read_only);
    to->set_propagation(propagation(from.propagation));
  }
  copy(c.labels, m.mutable_labels());
  copy(c.annotations, m.mutable_annotations());
  m.set_log_path(c.log_path);
  m.set_stdin(c.stdin_open);
  m.set_stdin_once(c.stdin_once);
  m.set_tty(c.tty);
  auto* r = m.mutable_linux()->mutable_resources();
  r->set_cpu_shares(c.cpu_shares);
  r->set_cpu_quota(c.cpu_quota);
  r->set_cpu_period(c.cpu_period);
  r->set_memory_limit_in_bytes(c.memory_limit);
  r->set_oom_score_adj(c.oom_score_adj);
  security(c, sandbox, m.mutable_linux()->mutable_security_context());
  return m;
}

sandbox_state from_message(const pb::PodSandboxStatus& m) {
  sandbox_state s;
  s.id = m.id();
  s.ns = m.metadata().namespace_();
  s.name = m.metadata().name();
  s.uid = m.metadata().uid();
  s.attempt = m.metadata().attempt();
  s.ready = m.state() == pb::SANDBOX_READY;
  s.created_at = m.created_at();
  if (!m.network().ip().empty()) s.ips.push_back(m.network().ip());
  for (const auto& ip : m.network().additional_ips()) s.ips.push_back(ip.ip());
  return s;
}

container_state from_message(const pb::ContainerStatus& m) {
  container_state s;
  s.id = m.id();
  s.name = m.metadata().name();
  s.pod_uid = value_of(m.labels(), pod_uid_label);
  s.attempt = m.metadata().attempt();
  switch (m.state()) {
    case pb::CONTAINER_CREATED:
      s.state = container_state::phase::created;
      break;
    case pb::CONTAINER_RUNNING:
      s.state = container_state::phase::running;
      break;
    case pb::CONTAINER_EXITED:
      s.state = container_state::phase::exited;
      break;
    default:
      s.state = container_state::phase::unknown;
  }
  s.created_at = m.created_at();
  s.started_at = m.started_at();
  s.finished_at = m.finished_at();
  s.exit_code = m.exit_code();
  s.reason = m.reason();
  s.message = m.message();
  s.image = m.image().image();
  s.image_ref = m.image_ref();
  s.definition = value_of(m.annotations(), definition_annotation);
  if (s.state == container_state::phase::exited) {
    // The kubelet wrote the host's path of the message file into the annotation.
    std::ifstream in(value_of(m.annotations(), termination_path_annotation));
    s.termination_message.resize(4096);
    in.read(s.termination_message.data(), 4096);
    s.termination_message.resize(static_cast<std::size_t>(in.gcount()));
  }
  return s;
}

image_state from_message(const pb::Image& m) {
  image_state s;
  s.id = m.id();
  for (const auto& d : m.repo_digests()) s.names.push_back(d);
  for (const auto& t : m.repo_tags()) s.names.push_back(t);
  s.size = m.size();
  s.pinned = m.pinned();
  if (m.has_uid()) s.uid = m.uid().value();
  s.username = m.username();
  return s;
}

container_usage from_message(const pb::ContainerStats& m) {
  const auto& labels = m.attributes().labels();
  auto label = [&](const char* key) {
    const auto i = labels.find(key);
    return i == labels.end() ? std::string{} : i->second;
  };
  container_usage u;
  u.id = m.attributes().id();
  u.ns = label(pod_namespace_label);
  u.pod = label(pod_name_label);
  u.name = label(container_name_label);
  if (m.cpu().has_usage_nano_cores()) u.nano_cores = m.cpu().usage_nano_cores().value();
  u.core_ns = m.cpu().usage_core_nano_seconds().value();
  u.at = m.cpu().timestamp();
  u.memory = m.memory().working_set_bytes().value();
  u.disk = m.writable_layer().used_bytes().value();
  u.inodes = m.writable_layer().inodes_used().value();
  return u;
}

}  // namespace troupe::net::cri
