#include "actors/edge/edge.hpp"
#include "cli/config/flags.hpp"
#include "cli/output/progress.hpp"
#include "cli/roles/control_plane.hpp"
#include "cli/roles/daemon.hpp"
#include "cli/roles/data_dir.hpp"
#include "cli/roles/logging.hpp"
#include "cli/roles/roles.hpp"
#include "cli/roles/scheduling.hpp"
#include "cli/roles/worker.hpp"
#include "net/tls/files.hpp"

#include <spdlog/spdlog.h>

#include <chrono>
#include <iostream>
#include <unistd.h>

namespace troupe::cli {
namespace {

using namespace std::chrono_literals;
using clock = std::chrono::steady_clock;

struct up_flags {
  flag_values values;
  bool detach = false;
  settings s;
};

std::string greeting(const control_plane& plane, const std::filesystem::path& dir) {
  std::string out =
      "kubeconfig: " + (dir / "kubeconfig").string() + "\nserver: " + plane.server + "\n";
  if (!plane.insecure_server.empty()) out += "insecure: " + plane.insecure_server + "\n";
  return out + "\nexport KUBECONFIG=" + (dir / "kubeconfig").string() + "\n";
}

void up(up_flags& flags) {
  const auto began = clock::now();
  auto& s = flags.s;
  s.preset("bindAddress", "127.0.0.1");
  flags.values.apply(s);
  const auto dir = data_dir_or_default(s.string("dataDir"));
  const auto scheduling_config = read_scheduling(s);
  // SIGHUP is also what a terminal says when it goes: that ends who runs in it.
  const bool reloads = s.given("scheduler.config") || flags.detach;
  block_signals(reloads);
  raise_file_limit();
  std::optional<background> behind;
  if (flags.detach) {
    if (const auto pid = holder_of(dir))
      throw role_error("another troupe (pid " + std::to_string(*pid) + ") runs on " + dir.string());
    behind.emplace(dir / "troupe.log");
  }
  std::optional<waiting_line> starting{std::in_place, std::cerr,
                                       !flags.detach && isatty(STDERR_FILENO) == 1, "starting"};
  set_up_logging(s);
  const data_dir_lock lock{dir};
  journal_source journal{s, dir};
  const auto pki =
      ensure_cluster_pki(dir, find_public_address(s).names, std::chrono::system_clock::now());
  system_config config{static_cast<std::size_t>(s.integer("threads"))};
  std::optional<caf::actor_system> system{std::in_place, config};
  std::optional<parts> all{std::in_place, *system};
  all->add("journal", [&] { journal.stop(); });
  auto plane = start_control_plane(*system, s, pki, journal, false, *all);
  const auto schedulers = std::make_shared<scheduling>(
      *system, s, scheduling_context{plane.cache, plane.store, plane.registry, plane.metrics},
      scheduling_config);
  all->add("schedulers", [schedulers] { schedulers->stop(); });
  start_local_nodes(*system, s, dir, plane, *all);
  tls::write_file(
      dir / "kubeconfig",
      make_kubeconfig(plane.server, plane.edge, pki.ca.certificate, pki.admin, "kubernetes-admin"),
      true);
  starting.reset();
  spdlog::info("ready in {} ms",
               std::chrono::duration_cast<std::chrono::milliseconds>(clock::now() - began).count());
  if (behind) {
    behind->report_ready(greeting(plane, dir));
  } else {
    std::fputs(greeting(plane, dir).c_str(), stdout);
    std::fflush(stdout);
  }
  const auto reload = [&] {
    if (const auto fresh = reread_scheduling(s)) schedulers->restart(*fresh);
  };
  await_stop([] {}, 10s, reloads ? std::function<void()>(reload) : nullptr);
  spdlog::info("stopping");
  watch_shutdown(s.duration("shutdownTimeout"));
  plane = {};
  all.reset();
  system.reset();
}

}  // namespace

void add_up(CLI::App& app) {
  auto* command = app.add_subcommand("up", "Run a whole cluster in this process");
  auto flags = std::make_shared<up_flags>();
  flags->values.add_to(*command, {"dataDir",
                                  "threads",
                                  "logLevel",
                                  "bindAddress",
                                  "securePort",
                                  "insecureBindAddress",
                                  "insecurePort",
                                  "authorizationMode",
                                  "tokenAuthFile",
                                  "audit.policyFile",
                                  "audit.logPath",
                                  "serviceAccountIssuer",
                                  "advertiseAddress",
                                  "store.type",
                                  "store.redis",
                                  "edge.port",
                                  "kubelet.runtime",
                                  "kubelet.containerRuntimeEndpoint",
                                  "kubelet.maxPods",
                                  "nodeName",
                                  "nodeIP",
                                  "nodeLabels",
                                  "scheduler.count",
                                  "scheduler.config",
                                  "scheduler.plugins",
                                  "up.nodes",
                                  "clusterCIDR",
                                  "nodeCIDRMaskSize",
                                  "nodeMonitorGracePeriod",
                                  "controllers.plugins",
                                  "maxRequestsInflight",
                                  "maxMutatingRequestsInflight"});
  command->add_flag("--detach", flags->detach, "Leave it running in the background once ready");
  command->callback([flags] { up(*flags); });

  auto* down = app.add_subcommand("down", "Stop what `troupe up --detach` left running");
  auto data_dir = std::make_shared<std::string>();
  down->add_option("--data-dir", *data_dir, "Its data directory");
  down->callback([data_dir] {
    const auto dir = data_dir_or_default(*data_dir);
    if (stop_holder(dir, 20s))
      std::printf("stopped\n");
    else
      std::printf("nothing runs on %s\n", dir.c_str());
  });
}

}  // namespace troupe::cli
