#include "cli/bench/scheduler_cluster.hpp"

#include "cli/bench/load.hpp"
#include "cli/bench/process.hpp"
#include "cli/bench/workload.hpp"

#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <charconv>
#include <iostream>
#include <set>
#include <unistd.h>

namespace troupe::cli::bench {
namespace {

using namespace std::chrono_literals;
using model::json;

constexpr std::string_view name_mark = R"("name":"pod-)";

// The number in a watch line about pod "pod-NUMBER".
std::optional<std::size_t> number_in(std::string_view line) {
  const auto at = line.find(name_mark);
  std::size_t n = 0;
  if (at == line.npos) return std::nullopt;
  const auto* from = line.data() + at + name_mark.size();
  if (std::from_chars(from, line.data() + line.size(), n).ec != std::errc()) return std::nullopt;
  return n;
}

class run {
 public:
  run(const scheduler_workload& w, const scheduler_cluster_options& options, const cluster& up)
      : w_(w),
        up_(up),
        links_(io_, up.where(), options.connections),
        watch_(connection::open(io_, up.where())),
        idle_(io_) {
    std::size_t pods = w.measure.count;
    for (const auto& b : w.init) pods += b.count;
    sent_.resize(pods);
    bound_.resize(pods);
  }

  void all(figures& out) {
    make_context();
    make_nodes();
    // Only pods with a node match, so that a pod's first event is its binding.
    watch_->stream(make_request(up_.where(), "GET",
                                "/api/v1/pods?watch=true&fieldSelector=spec.nodeName%21%3D"),
                   [this, cut = lines()](std::string_view part) mutable {
                     cut.add(part, [this](std::string_view line) { seen(line); });
                   });
    for (const auto& b : w_.init) place(b);
    const auto first = made_;
    const auto troupe = up_.troupe(), redis = up_.redis();
    const auto start = clock::now();
    place(w_.measure);
    report(out, first, start, troupe, redis);
  }

 private:
  void send(const std::string& path, const json& body) {
    const auto [code, text] = ask(up_.where(), "POST", path, body.dump());
    if (code / 100 != 2) throw bench_error(path + ": " + std::to_string(code) + " " + text);
  }

  static std::string class_of(std::int64_t priority) { return "bench-" + std::to_string(priority); }

  void make_context() {
    std::set<std::string> namespaces{w_.measure.ns};
    std::set<std::int64_t> priorities{w_.measure.priority()};
    for (const auto& b : w_.init) {
      namespaces.insert(b.ns);
      priorities.insert(b.priority());
    }
    for (const auto& ns : namespaces)
      send("/api/v1/namespaces",
           {{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", ns}}}});
    for (const auto p : priorities)
      if (p != 0)
        send("/apis/scheduling.k8s.io/v1/priorityclasses", {{"apiVersion", "scheduling.k8s.io/v1"},
                                                            {"kind", "PriorityClass"},
                                                            {"metadata", {{"name", class_of(p)}}},
                                                            {"value", p}});
  }

  void make_nodes() {
    load l;
    l.name = "nodes";
    l.expected = 201;
    l.next = [this](std::size_t i) {
      if (i >= w_.nodes) return std::string();
      return make_request(up_.where(), "POST", "/api/v1/nodes", node_of(w_, i).dump());
    };
    run_load(l);
  }

  // Also the watch goes on meanwhile, so the load's end is what is waited for.
  void run_load(load& l) {
    bool done = false;
    io_.restart();  // it stops when there is nothing to do
    links_.start(l, [&done] { done = true; });
    while (!done) io_.run_one();
  }

  // Creates a batch; until all of it is bound, if it fits.
  void place(const scheduler_workload::batch& b) {
    const auto first = made_;
    load l;
    l.name = b.name.c_str();
    l.expected = 201;
    l.next = [this, &b, first](std::size_t i) {
      if (i >= b.count) return std::string();
      sent_[first + i] = clock::now();
      return make_request(up_.where(), "POST", "/api/v1/namespaces/" + b.ns + "/pods",
                          pod_of_cluster(b, first + i, i).dump());
    };
    made_ += b.count;
    if (!b.fits) return run_load(l);
    wanted_ += b.count;
    bool done = b.count == 0;
    if (!done) links_.start(l, [&done] { done = true; });
    io_.restart();
    watch_progress(bindings_);
    progress line(std::cerr, isatty(STDERR_FILENO) == 1);
    while (!done || bindings_ < wanted_) {
      io_.run_one();
      line.update([&] { return b.name + ": " + std::to_string(bindings_) + " bound"; });
    }
    if (&b == &w_.measure) create_ = std::move(l);
  }

  json pod_of_cluster(const scheduler_workload::batch& b, std::size_t number, std::size_t i) const {
    json pod = pod_of(w_, b, "pod-" + std::to_string(number), i);
    pod.erase("status");
    pod["metadata"].erase("uid");
    if (const auto p = b.priority(); p != 0) {
      pod["spec"]["priorityClassName"] = class_of(p);
      pod["spec"].erase("priority");
    }
    return pod;
  }

  void seen(std::string_view line) {
    const auto number = number_in(line);
    if (!number || *number >= bound_.size() || bound_[*number] != clock::time_point()) return;
    bound_[*number] = clock::now();
    ++bindings_;
  }

  // Gives up when nothing was bound for half a minute.
  void watch_progress(std::size_t before) {
    idle_.expires_after(30s);
    idle_.async_wait([this, before](auto error) {
      if (error) return;  // armed anew
      if (bindings_ == before)
        throw bench_error("only " + std::to_string(bindings_) + " of " + std::to_string(wanted_) +
                          " pods were bound");
      watch_progress(bindings_);
    });
  }

  void report(figures& out, std::size_t first, clock::time_point start, const usage& troupe,
              const usage& redis) {
    latencies each;
    auto last = start;
    for (std::size_t i = first; i < made_; ++i) {
      each.add(bound_[i] - sent_[i]);
      last = std::max(last, bound_[i]);
    }
    const auto pods = w_.measure.count;
    out.add_rate("create", create_.answered, create_.seconds, create_.each);
    out.add_rate(w_.name, pods, std::chrono::duration<double>(last - start).count(), each);
    const auto cost = [&](const char* name, const usage& before, const usage& after) {
      out.add_value(name,
                    (after.cpu_seconds - before.cpu_seconds) * 1000 / static_cast<double>(pods),
                    "CPU seconds a thousand pods");
    };
    cost("cpu troupe", troupe, up_.troupe());
    cost("cpu redis", redis, up_.redis());
    out.add_value("rss troupe", up_.troupe().rss_mib, "MiB");
  }

  const scheduler_workload& w_;
  const cluster& up_;
  boost::asio::io_context io_{1};
  connections links_;
  std::unique_ptr<connection> watch_;
  boost::asio::steady_timer idle_;
  std::vector<clock::time_point> sent_, bound_;  // by pod, those of init first
  load create_;                                  // of the measured pods
  std::size_t made_ = 0, wanted_ = 0, bindings_ = 0;
};

}  // namespace

void measure_workload(const scheduler_workload& w, const scheduler_cluster_options& options,
                      figures& out) {
  const cluster up({"--nodes", "0", "--schedulers", std::to_string(options.schedulers)});
  run(w, options, up).all(out);
}

}  // namespace troupe::cli::bench
