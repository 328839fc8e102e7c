#include "cli/bench/schedule.hpp"

#include "cli/bench/load.hpp"
#include "cli/bench/patience.hpp"
#include "cli/bench/process.hpp"
#include "cli/bench/workload.hpp"

#include <algorithm>
#include <iostream>
#include <thread>
#include <unistd.h>

namespace troupe::cli::bench {
namespace {

using namespace std::chrono_literals;

// Creates the pods as fast as the connections allow and watches for their bindings meanwhile.
class placement {
 public:
  placement(const endpoint& to, const workload& objects, const schedule_options& options)
      : options_(options),
        links_(io_, to, options.connections),
        watch_(connection::open(io_, to)),
        patience_(
            io_, 30s, [this] { return bindings_; },
            [this] {
              throw bench_error("only " + std::to_string(bindings_) + " pods were bound");
            }),
        sent_(options.pods),
        bound_(options.pods) {
    // Only pods with a node match, so that a pod's first event is its binding.
    const auto request =
        make_request(to, "GET", objects.pods() + "?watch=true&fieldSelector=spec.nodeName%21%3D");
    watch_->stream(request, [this, cut = lines()](std::string_view part) mutable {
      cut.add(part, [this](std::string_view line) { seen(line); });
    });
    create_.name = "create";
    create_.expected = 201;
    create_.next = [this, &objects](std::size_t i) {
      if (i >= options_.pods) return std::string();
      sent_[i] = clock::now();
      return objects.create_pod(i, "default-scheduler");
    };
  }

  void run() {
    start_ = clock::now();
    links_.start(create_, [] {});
    patience_.start();
    progress line(std::cerr, isatty(STDERR_FILENO) == 1);
    while (bindings_ < options_.pods) {
      io_.run_one();
      line.update([&] { return rate_line("create to bound", bindings_, seconds_since(start_)); });
    }
  }

  void report(figures& out) {
    const auto last = *std::max_element(bound_.begin(), bound_.end());
    latencies each;
    for (std::size_t i = 0; i < sent_.size(); ++i) each.add(bound_[i] - sent_[i]);
    out.add_rate("create", create_.answered, create_.seconds, create_.each);
    const auto seconds = std::chrono::duration<double>(last - start_).count();
    out.add_rate("create to bound", bindings_, seconds, each);
  }

 private:
  void seen(std::string_view line) {
    const auto number = pod_number(line);
    if (number < 0 || static_cast<std::size_t>(number) >= options_.pods) return;
    auto& when = bound_[static_cast<std::size_t>(number)];
    if (when != clock::time_point()) return;
    when = clock::now();
    ++bindings_;
  }

  const schedule_options& options_;
  boost::asio::io_context io_{1};
  connections links_;
  std::unique_ptr<connection> watch_;
  patience patience_;
  std::vector<clock::time_point> sent_;
  std::vector<clock::time_point> bound_;
  load create_;
  clock::time_point start_;
  std::size_t bindings_ = 0;
};

}  // namespace

void measure_schedule(const schedule_options& options, figures& out) {
  const cluster up({"--nodes", std::to_string(options.nodes), "--runtime", "hollow", "--max-pods",
                    "1000", "--schedulers", std::to_string(options.schedulers)});
  up.await_nodes(options.nodes);
  const workload objects(up.where());
  const auto troupe_before = up.troupe(), redis_before = up.redis();
  const auto self_before = usage_of(getpid());
  placement pods(up.where(), objects, options);
  pods.run();
  const auto troupe = up.troupe(), redis = up.redis(), self = usage_of(getpid());
  pods.report(out);
  const auto thousands = static_cast<double>(options.pods) / 1000;
  const auto cost = [&](const char* name, const usage& before, const usage& after) {
    out.add_value(name, (after.cpu_seconds - before.cpu_seconds) / thousands,
                  "CPU seconds a thousand pods");
  };
  cost("cpu troupe", troupe_before, troupe);
  cost("cpu redis", redis_before, redis);
  cost("cpu load generator", self_before, self);
  out.add_value("rss troupe", troupe.rss_mib, "MiB");
  out.add_value("rss redis", redis.rss_mib, "MiB");
}

}  // namespace troupe::cli::bench
