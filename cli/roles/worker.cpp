#include "cli/roles/worker.hpp"

#include "actors/edge/edge.hpp"
#include "actors/events/recorder.hpp"
#include "actors/kubelet/api_gate.hpp"
#include "actors/kubelet/hollow_runtime.hpp"
#include "actors/kubelet/kubelet.hpp"
#include "cli/roles/daemon.hpp"
#include "cli/roles/data_dir.hpp"
#include "cli/roles/host.hpp"
#include "cli/roles/joining.hpp"
#include "cli/roles/node_limits.hpp"
#include "messages/errors.hpp"
#include "model/random.hpp"
#include "net/cri/client.hpp"
#include "net/rest/door_api.hpp"
#include "net/rest/request_metrics.hpp"

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

#include <unistd.h>

namespace troupe::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto join_patience = 24h;
constexpr auto login_patience = 5s;

std::string node_name_of(const settings& s) {
  const auto& given = s.string("nodeName");
  return given.empty() ? host_name() : given;
}

// Grows with each start.
std::uint64_t next_incarnation() {
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(
                                        std::chrono::system_clock::now().time_since_epoch())
                                        .count());
}

std::string socket_of(const settings& s) {
  const auto& endpoint = s.string("kubelet.containerRuntimeEndpoint");
  if (!endpoint.starts_with("unix:///"))
    throw s.error("kubelet.containerRuntimeEndpoint", "must be unix:///path");
  return endpoint.substr(7);
}

kubelet_options common_options(const settings& s, const std::string& name) {
  kubelet_options o;
  o.node_name = name;
  o.node_ip = s.string("nodeIP");
  o.max_pods = static_cast<int>(s.integer("kubelet.maxPods"));
  o.cluster_dns = s.list("kubelet.clusterDNS");
  o.cluster_domain = s.string("kubelet.clusterDomain");
  o.allowed_unsafe_sysctls = s.list("kubelet.allowedUnsafeSysctls");
  o.sync_frequency = s.duration("kubelet.syncFrequency");
  set_node_limits(s, o);
  o.incarnation = next_incarnation();
  o.seed = model::entropy_seed();
  for (const auto& [key, value] : s.map("nodeLabels")) o.labels[key] = value;
  return o;
}

void use_hollow(caf::actor_system& system, const caf::actor& timers, kubelet_options& o) {
  hollow_options hollow;
  hollow.node_name = o.node_name;
  hollow.seed = o.seed;
  hollow.timers = o.timers = timers;
  o.runtime = make_hollow_runtime(system, hollow);
  o.host = hollow_host(o.node_name);
  // A thousand of them report to one process: a status a pod is enough.
  o.begin_delay = std::chrono::seconds(2);
}

void use_cri(const settings& s, const std::filesystem::path& dir, kubelet_options& o) {
  socket_of(s);
  o.runtime = net::cri::connect(s.string("kubelet.containerRuntimeEndpoint"));
  o.data_dir = (dir / "kubelet").string();
  std::filesystem::create_directories(o.data_dir);
}

// Gives the first login a moment; the kubelet copes without.
void await_login(caf::actor_system& system, const edge::link_actor& door) {
  caf::scoped_actor self{system};
  self->request(door, login_patience, edge::ready_atom::value)
      .receive([](bool) {},
               [](const caf::error& e) {
                 spdlog::warn("no login at the worker door yet: {}", to_status(e).message);
               });
}

}  // namespace

void start_local_nodes(caf::actor_system& system, const settings& s,
                       const std::filesystem::path& dir, const control_plane& plane, parts& all) {
  const auto count = s.integer("up.nodes");
  auto kind = s.string("kubelet.runtime");
  if (kind == "cri" && !s.given("kubelet.runtime") &&
      ::access(socket_of(s).c_str(), R_OK | W_OK) != 0) {
    spdlog::info("no container runtime at {}: nodes are simulated", socket_of(s));
    kind = "hollow";
  }
  if (kind == "cri" && count > 1)
    throw s.error("up.nodes", "must be 1 with a container runtime; use --runtime hollow for more");
  if (count == 0) return;
  events::recorder_options r;
  r.store = plane.store;
  r.seed = model::entropy_seed();
  const auto recorder = events::spawn_recorder(system, r);
  all.add_stopping("kubelets' events", recorder);
  // As other clients' their requests are written down and counted.
  const auto local_api = rest::spawn_local_api(system, plane.door_api);
  all.add_actor("nodes' API", local_api);
  const auto nodes_api =
      spawn_api_gate(system, local_api, {},
                     [all = plane.metrics, &writes = rest::writes_under_way(*plane.metrics)] {
                       return writes.value();
                     });
  all.add_actor("nodes' API gate", nodes_api);
  const auto timers = spawn_hollow_timers(system);
  all.add_actor("timers of the simulated nodes", timers);
  for (std::int64_t i = 0; i < count; ++i) {
    const auto name = kind == "cri" ? node_name_of(s) : "node" + std::to_string(i + 1);
    auto o = common_options(s, name);
    if (kind == "cri")
      use_cri(s, dir, o);
    else
      use_hollow(system, timers, o);
    o.api = nodes_api;
    o.registry = plane.registry;
    o.events = recorder;
    o.request_timeout = caf::infinite;
    all.add_actor("kubelet " + name, spawn_kubelet(system, std::move(o)));
  }
}

void run_worker(const settings& s, const std::filesystem::path& dir) {
  const auto name = node_name_of(s);
  const auto member = join_cluster(s, dir, kubelet_wish(name), join_patience);
  const auto edge = split_host_port(member.doors.edge);
  if (!edge) throw role_error("the control plane does not say where its worker door is");
  edge::network_config config{member.files, static_cast<std::size_t>(s.integer("threads"))};
  caf::actor_system system{config};
  parts all{system};
  edge::link_options link;
  link.host = edge->first;
  link.port = edge->second;
  link.files = member.files;
  link.incarnation = next_incarnation();
  link.seed = model::entropy_seed();
  const auto door = edge::spawn_link(system, link);
  all.add_actor("edge link", door);
  await_login(system, door);
  auto o = common_options(s, name);
  if (s.string("kubelet.runtime") == "cri") {
    use_cri(s, dir, o);
  } else {
    const auto timers = spawn_hollow_timers(system);
    all.add_actor("timers of the simulated node", timers);
    use_hollow(system, timers, o);
  }
  o.api = door;
  o.registry = door;
  all.add_actor("kubelet", spawn_kubelet(system, std::move(o)));
  spdlog::info("worker {} runs", name);
  await_stop([] {}, 10s);
  spdlog::info("stopping; containers go on running");
  watch_shutdown(s.duration("shutdownTimeout"));
  all.stop();
}

}  // namespace troupe::cli
