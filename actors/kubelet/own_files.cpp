#include "actors/kubelet/log_reader.hpp"
#include "actors/kubelet/worker.hpp"

#include <fcntl.h>
#include <unistd.h>

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
    const auto host = sandbox.hostname.substr(0, sandbox.hostname.find('.'));
    const auto domain = domain_of(l->pod(), context_->node);
    for (const auto& ip : own.pod_ips)
      hosts += ip + "\t" + (domain.empty() ? "" : host + "." + domain + "\t") + host + "\n";
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

namespace {

// How much of a log stands in for a message (TerminationMessageFallbackToLogsOnError).
constexpr std::int64_t last_lines = 80;
constexpr std::size_t last_bytes = 2048;

std::string end_of_log(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return {};
  std::string raw(last_bytes * 4, '\0');  // each line has its time before it
  const auto size = ::lseek(fd, 0, SEEK_END);
  const auto from = std::max<off_t>(static_cast<off_t>(tail_offset(fd, last_lines)),
                                    size - static_cast<off_t>(raw.size()));
  const auto n = ::pread(fd, raw.data(), raw.size(), from);
  ::close(fd);
  raw.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
  std::string text;
  log_filter(log_request{}, {}).feed(raw, text);
  return text.size() > last_bytes ? text.substr(text.size() - last_bytes) : text;
}

}  // namespace

void pod_worker::add_last_words(pod_state& state) const {
  for (auto& c : state.containers) {
    if (c.state != container_state::phase::exited || c.exit_code == 0 ||
        !c.termination_message.empty())
      continue;
    const auto spec = life_.container(c.name);
    if (!spec.spec ||
        string_at(*spec.spec, {"terminationMessagePolicy"}) != "FallbackToLogsOnError")
      continue;
    c.termination_message = end_of_log(log_directory(context_->node.log_root, life_.pod()) + "/" +
                                       c.name + "/" + std::to_string(c.attempt) + ".log");
  }
}

}  // namespace troupe
