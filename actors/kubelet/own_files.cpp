#include "actors/kubelet/worker.hpp"

namespace troupe {

using namespace model::kubelet;
using model::at;
using model::string_at;

std::vector<volume_file> pod_worker::own_files(const bring_up_ptr& l, container_config& config) {
  std::vector<volume_file> files;
  auto mounted = [&](const std::string& path) {
    for (const auto& m : config.mounts)
      if (m.container_path == path) return true;
    return false;
  };
  const auto dir = context_->pod_dir(uid());
  const auto sandbox = make_sandbox(l->pod(), 0, context_->node);
  if (!sandbox.host_network && !mounted("/etc/hosts")) {
    std::string hosts =
        "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n"
        "::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\n"
        "fe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n";
    const auto own = facts();
    for (const auto& ip : own.pod_ips) hosts += ip + "\t" + sandbox.hostname + "\n";
    for (const auto& alias : at(l->pod(), {"spec", "hostAliases"})) {
      hosts += string_at(alias, {"ip"});
      for (const auto& name : at(alias, {"hostnames"})) hosts += "\t" + name.get<std::string>();
      hosts += "\n";
    }
    files.push_back({dir + "/etc-hosts", hosts, 0644});
    config.mounts.push_back({"/etc/hosts", files.back().path, false, {}});
  }
  const auto message =
      string_at(l->container(), {"terminationMessagePath"}, "/dev/termination-log");
  files.push_back(
      {dir + "/containers/" + config.name + "/" + std::to_string(config.attempt), "", 0666});
  config.annotations[termination_path_annotation] = files.back().path;
  config.mounts.push_back({message, files.back().path, false, {}});
  return files;
}

}  // namespace troupe
