#include "actors/kubelet/context.hpp"

#include "actors/events/recorder.hpp"
#include "actors/kubelet/host.hpp"
#include "actors/kubelet/node_eyes.hpp"
#include "messages/errors.hpp"

#include <spdlog/spdlog.h>

namespace troupe {

model::json api_answer::document() const {
  return model::parse_json(body.bytes(), {64u << 20, 128}).value;
}

std::string api_answer::message() const {
  if (!failure.empty()) return failure;
  return model::string_at(document(), {"message"}, "status " + std::to_string(code));
}

api_answer no_answer(const caf::error& e) {
  const auto s = to_status(e);
  return {s.code, {}, s.message};
}

model::kubelet::host_info read_facts(kubelet_context& c) {
  auto& o = c.options;
  auto host = o.host ? *o.host : read_host(o.data_dir, o.node_ip);
  host.hostname = host.hostname.empty() || !o.host ? o.node_name : host.hostname;
  host.pods = o.max_pods;
  host.kubelet_version = kubelet_version();
  host.reserve = o.reserve;
  if (!host.internal_ip.empty()) c.host_ips.push_back(host.internal_ip);
  c.node.log_root = o.data_dir + "/logs";
  c.node.memory = host.memory;
  c.node.pod.allocatable = {{"cpu", std::to_string(host.cpus)},
                            {"memory", std::to_string(host.memory)}};
  if (!c.on_disk()) return host;
  if (!o.eyes) o.eyes = host_eyes(o.data_dir);
  c.prober = std::make_shared<net_prober>();
  auto resolv = read_resolver();
  c.node.dns_servers = resolv.servers;
  c.node.dns_searches = resolv.searches;
  c.node.dns_options = resolv.options;
  c.node.cluster_dns = o.cluster_dns;
  c.node.cluster_domain = o.cluster_domain;
  return host;
}

recorder_actor spawn_own_recorder(caf::actor_system& system, const kubelet_context& c,
                                  std::uint64_t seed) {
  events::recorder_options r;
  r.api = c.options.api;
  r.user = c.user;
  r.clock = c.options.clock;
  r.seed = seed;
  return events::spawn_recorder(system, r);
}

model::object_ptr stray_pod(const model::kubelet::brief_state& one) {
  const model::json metadata{{"name", one.name}, {"namespace", one.ns}, {"uid", one.uid}};
  return model::seal(
      model::encode("pods", {{"apiVersion", "v1"}, {"kind", "Pod"}, {"metadata", metadata}}), 0);
}

caf::actor spawn_helper(caf::actor_system& system) {
  return system.spawn<caf::detached>([](caf::event_based_actor*) -> caf::behavior {
    return {[](const task& t) {
      try {
        t.run();
      } catch (const std::exception& e) {
        spdlog::error("kubelet helper: {}", e.what());
      }
    }};
  });
}

std::string rpc_text(const model::kubelet::runtime_error& e) {
  const char* code = e.code == model::kubelet::runtime_error::deadline_exceeded ? "DeadlineExceeded"
                     : e.code == model::kubelet::runtime_error::not_found       ? "NotFound"
                     : e.code == model::kubelet::runtime_error::unavailable     ? "Unavailable"
                                                                                : "Unknown";
  return std::string("rpc error: code = ") + code + " desc = " + e.message;
}

}  // namespace troupe
