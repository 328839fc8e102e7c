#include "cli/config/flags.hpp"
#include "cli/roles/control_plane.hpp"
#include "cli/roles/daemon.hpp"
#include "cli/roles/data_dir.hpp"
#include "cli/roles/host.hpp"
#include "cli/roles/joining.hpp"
#include "cli/roles/logging.hpp"
#include "cli/roles/remote_scheduler.hpp"
#include "cli/roles/roles.hpp"
#include "cli/roles/scheduling.hpp"
#include "cli/roles/worker.hpp"
#include "net/tls/files.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>

namespace troupe::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto join_patience = 24h;

struct node_flags {
  flag_values values;
  std::string config;
  settings s;
};

bool plays(const settings& s, std::string_view role) {
  const auto& roles = s.list("roles");
  return std::find(roles.begin(), roles.end(), role) != roles.end();
}

// The parts of a control plane share one cache, so they live in one process.
bool plays_control_plane(const settings& s) {
  static constexpr std::array parts = {"store", "api", "gateway", "controllers"};
  const auto count =
      std::count_if(parts.begin(), parts.end(), [&](const char* role) { return plays(s, role); });
  if (count != 0 && count != static_cast<std::ptrdiff_t>(parts.size()))
    throw s.error("roles", "must hold all of store, api, gateway and controllers, or none of them");
  return count != 0;
}

// SIGHUP has the scheduler's configuration read again, if there is one: it never ends a scheduler.
bool reloads(const settings& s) {
  return plays(s, "scheduler");
}

void run_control_plane(const settings& s, const std::filesystem::path& dir) {
  const auto began = std::chrono::steady_clock::now();
  journal_source journal{s, dir};
  const auto pki =
      ensure_cluster_pki(dir, find_public_address(s).names, std::chrono::system_clock::now());
  edge::network_config config{{pki.dir / "peer.crt", pki.dir / "peer.key", pki.dir / "peer-ca.crt"},
                              static_cast<std::size_t>(s.integer("threads"))};
  caf::actor_system system{config};
  parts all{system};
  std::shared_ptr<scheduling> schedulers;
  all.add("journal", [&] { journal.stop(); });
  {
    const auto plane = start_control_plane(system, s, pki, journal, true, all);
    tls::write_file(dir / "kubeconfig",
                    make_kubeconfig(plane.server, plane.edge, pki.ca.certificate, pki.admin,
                                    "kubernetes-admin"),
                    true);
    if (plays(s, "scheduler")) {
      schedulers = std::make_shared<scheduling>(
          system, s, scheduling_context{plane.cache, plane.store, plane.registry, plane.metrics},
          read_scheduling(s));
      all.add("schedulers", [schedulers] { schedulers->stop(); });
    }
    spdlog::info("{} (edge {}, peer {}); kubeconfig: {}", plane.server, plane.edge, plane.peer,
                 (dir / "kubeconfig").string());
  }
  spdlog::info("ready in {} ms", std::chrono::duration_cast<std::chrono::milliseconds>(
                                     std::chrono::steady_clock::now() - began)
                                     .count());
  const auto reload = [&] {
    if (const auto fresh = reread_scheduling(s)) schedulers->restart(*fresh);
  };
  await_stop([] {}, 10s, reloads(s) ? std::function<void()>(reload) : nullptr);
  spdlog::info("stopping");
  watch_shutdown(s.duration("shutdownTimeout"));
  all.stop();
}

void run_scheduler(const settings& s, const std::filesystem::path& dir) {
  const auto member = join_cluster(
      s, dir, scheduler_wish(read_scheduling(s).profiles.front().scheduler_name), join_patience);
  remote_scheduler scheduler{s, member};
  scheduler.tend();
  const auto reload = [&] { scheduler.reload(); };
  await_stop([&] { scheduler.tend(); }, 500ms,
             reloads(s) ? std::function<void()>(reload) : nullptr);
  spdlog::info("stopping");
  watch_shutdown(s.duration("shutdownTimeout"));
}

void node(node_flags& flags) {
  auto& s = flags.s;
  s.merge_file(flags.config);
  flags.values.apply(s);
  if (s.list("roles").empty()) throw s.error("roles", "is missing: nothing to do");
  if (plays(s, "scheduler")) read_scheduling(s);  // what is wrong with it is told first
  block_signals(reloads(s));
  raise_file_limit();
  set_up_logging(s);
  const auto dir = data_dir_or_default(s.string("dataDir"));
  const data_dir_lock lock{dir};
  if (plays_control_plane(s)) {
    if (plays(s, "kubelet"))
      throw s.error("roles",
                    "cannot hold kubelet beside the control plane; run a worker beside it, "
                    "or `troupe up`");
    return run_control_plane(s, dir);
  }
  if (s.list("roles").size() != 1)
    throw s.error("roles", "must be the control plane's, [scheduler] or [kubelet]");
  if (plays(s, "scheduler")) return run_scheduler(s, dir);
  run_worker(s, dir);
}

}  // namespace

void add_node(CLI::App& app) {
  auto* command = app.add_subcommand("node", "Run the roles of a config file in this process");
  auto flags = std::make_shared<node_flags>();
  command->add_option("--config", flags->config, "Role config (YAML)")->required();
  flags->values.add_to(*command);
  command->callback([flags] { node(*flags); });
}

}  // namespace troupe::cli
