#include "cli/bench/bench.hpp"

#include "cli/bench/api.hpp"
#include "cli/bench/controllers.hpp"
#include "cli/bench/in_process.hpp"
#include "cli/bench/process.hpp"
#include "cli/bench/schedule.hpp"
#include "cli/bench/scheduler_cluster.hpp"

#include <cstdio>
#include <memory>
#include <optional>
#include <thread>

namespace troupe::cli {
namespace {

using namespace bench;

void add_output(CLI::App& command, std::string& output) {
  command.add_option("-o,--output", output, "table or json")
      ->check(CLI::IsMember({"table", "json"}));
}

// Runs a measurement and prints its figures; a fault becomes exit code 1 with its reason.
template <class F>
void report(const std::string& output, F measure) {
  try {
    figures out;
    measure(out);
    out.print(output == "json");
  } catch (const bench_error& e) {
    std::fprintf(stderr, "error: %s\n", e.what());
    throw CLI::RuntimeError(1);
  }
}

struct api_command {
  api_options options;
  std::string server, kubeconfig, output = "table";

  void run(figures& out) const {
    if (!server.empty()) return measure_api(parse_server(server), options, nullptr, out);
    if (!kubeconfig.empty()) return measure_api(read_kubeconfig(kubeconfig), options, nullptr, out);
    const cluster up({"--nodes", "0"});
    const auto troupe_before = up.troupe(), redis_before = up.redis();
    measure_api(up.where(), options, &up, out);
    const auto troupe = up.troupe(), redis = up.redis();
    out.add_value("cpu troupe", troupe.cpu_seconds - troupe_before.cpu_seconds, "CPU seconds");
    out.add_value("cpu redis", redis.cpu_seconds - redis_before.cpu_seconds, "CPU seconds");
    out.add_value("rss troupe", troupe.rss_mib, "MiB");
    out.add_value("rss redis", redis.rss_mib, "MiB");
  }
};

void add_api(CLI::App& parent) {
  auto& command = *parent.add_subcommand(
      "api",
      "create, get, list, update, apply, watch latency and fan-out against a running cluster");
  const auto c = std::make_shared<api_command>();
  auto* server = command.add_option(
      "--server", c->server, "URL of an API server without authentication: http://host:port");
  command
      .add_option("--kubeconfig", c->kubeconfig,
                  "how to reach a cluster; default: a cluster of its own")
      ->excludes(server);
  command.add_option("--objects", c->options.objects, "pods to make")
      ->check(CLI::Range(2, 1'000'000));
  command.add_option("--connections", c->options.connections, "keep-alive connections")
      ->check(CLI::Range(1, 1000));
  command.add_option("--watchers", c->options.watchers, "watches of the fan-out")
      ->check(CLI::Range(1, 10'000));
  command.add_option("--watched", c->options.watched, "pods that the watches are spread over")
      ->check(CLI::Range(1, 10'000));
  command.add_option("--events", c->options.events, "changes a second that the watchers see")
      ->check(CLI::Range(1, 10'000));
  command.add_option("--duration", c->options.duration, "seconds a measurement")
      ->check(CLI::Range(0.1, 3600.0));
  add_output(command, c->output);
  command.callback([c] { report(c->output, [&](figures& out) { c->run(out); }); });
}

struct named_workload {
  std::string name;
  bool in_process = false;
  std::size_t batch = 256;
};

void print_names() {
  for (const auto& name : workload_names()) std::printf("%s\n", name.c_str());
}

void measure_named(const named_workload& named, const schedule_options& options, figures& out) {
  std::vector<std::string> names{named.name};
  if (named.name == "all") {
    names.clear();
    for (const auto& name : workload_names()) {
      const auto base = name.substr(0, name.find('/'));
      if (!names.empty() && names.back() == base) continue;
      if (!named.in_process || !find_workload(base).needs_cluster()) names.push_back(base);
    }
  }
  for (const auto& name : names) {
    const auto w = find_workload(name);
    if (named.in_process)
      measure_decisions(w, named.batch, out);
    else
      measure_workload(w, {options.connections, options.schedulers}, out);
  }
}

void add_schedule(CLI::App& parent) {
  auto& command = *parent.add_subcommand(
      "schedule", "start a cluster of hollow nodes and measure how fast it places pods");
  const auto options = std::make_shared<schedule_options>();
  const auto output = std::make_shared<std::string>("table");
  const auto named = std::make_shared<named_workload>();
  command.add_option(
      "--workload", named->name,
      "instead: one of scheduler_perf's, such as SchedulingBasic/5000Nodes; all: all "
      "of the smallest size; list: their names");
  command.add_flag("--in-process", named->in_process,
                   "the decisions of a workload alone: no store, no HTTP");
  command.add_option("--batch", named->batch, "pods a decision in process")
      ->check(CLI::Range(1, 100'000));
  command.add_option("--nodes", options->nodes, "hollow nodes")->check(CLI::Range(1, 100'000));
  command.add_option("--pods", options->pods, "pods to place")->check(CLI::Range(1, 1'000'000));
  command
      .add_option("--connections", options->connections, "keep-alive connections that create them")
      ->check(CLI::Range(1, 1000));
  command.add_option("--schedulers", options->schedulers, "scheduler actors")
      ->check(CLI::Range(1, 64));
  add_output(command, *output);
  command.callback([options, output, named] {
    if (named->name == "list") return print_names();
    report(*output, [&](figures& out) {
      if (named->name.empty() && named->in_process) named->name = "SchedulingBasic";
      if (named->name.empty()) return measure_schedule(*options, out);
      measure_named(*named, *options, out);
    });
  });
}

void add_controllers(CLI::App& parent) {
  auto& command = *parent.add_subcommand(
      "controllers",
      "start a cluster of hollow nodes and measure Deployments: scaling, rolling out, deletion");
  const auto options = std::make_shared<controllers_options>();
  const auto output = std::make_shared<std::string>("table");
  command.add_option("--nodes", options->nodes, "hollow nodes")->check(CLI::Range(1, 100'000));
  command.add_option("--replicas", options->replicas, "pods of the one large Deployment")
      ->check(CLI::Range(1, 1'000'000));
  command.add_option("--deployments", options->deployments, "small ones, of ten pods each")
      ->check(CLI::Range(0, 100'000));
  command.add_option("--idle", options->idle_seconds, "seconds at rest; 0: not measured")
      ->check(CLI::Range(0, 3600));
  add_output(command, *output);
  command.callback([options, output] {
    report(*output, [&](figures& out) { measure_controllers(*options, out); });
  });
}

// Time from exec to ready with an empty data directory, and memory once idle.
void measure_startup(std::size_t runs, figures& out) {
  latencies each;
  double total = 0;
  for (std::size_t i = 0; i < runs; ++i) {
    const cluster up({"--nodes", "0"});
    each.add(std::chrono::duration_cast<bench::clock::duration>(
        std::chrono::duration<double>(up.startup_seconds())));
    total += up.startup_seconds();
    if (i + 1 < runs) continue;
    std::this_thread::sleep_for(std::chrono::seconds(3));  // idle is what is measured
    const auto troupe = up.troupe(), redis = up.redis();
    out.add_rate("exec to ready", runs, total, each);
    out.add_value("rss troupe", troupe.rss_mib, "MiB");
    out.add_value("rss redis", redis.rss_mib, "MiB");
    out.add_value("rss together", troupe.rss_mib + redis.rss_mib, "MiB");
    out.add_value("pss together", troupe.pss_mib + redis.pss_mib, "MiB");
  }
}

void add_startup(CLI::App& parent) {
  auto& command = *parent.add_subcommand(
      "startup", "time from exec to /readyz with an empty data directory, and memory when idle");
  const auto runs = std::make_shared<std::size_t>(5);
  const auto output = std::make_shared<std::string>("table");
  command.add_option("--runs", *runs, "how often to start")->check(CLI::Range(1, 1000));
  add_output(command, *output);
  command.callback(
      [runs, output] { report(*output, [&](figures& out) { measure_startup(*runs, out); }); });
}

}  // namespace

void add_bench(CLI::App& app) {
  auto& command =
      *app.add_subcommand("bench", "measure a cluster from outside, as its users see it");
  command.require_subcommand(1);
  add_api(command);
  add_schedule(command);
  add_controllers(command);
  add_startup(command);
}

}  // namespace troupe::cli
