#include "cli/bench/scheduler_cluster.hpp"

#include "cli/bench/load.hpp"
#include "cli/bench/patience.hpp"
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
        patience_(
            io_, 30s, [this] { return bindings_; },
            [this] {
              throw bench_error("only " + std::to_string(bindings_) + " of " +
                                std::to_string(wanted_) + " pods were bound");
            }),
        pace_(io_) {
    std::size_t pods = 0;
    for (const auto* b : w.batches()) pods += b->count;
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
    for (const auto& b : w_.init) {
      make_volumes(b);
      place(b, creation_of(b));
    }
    make_volumes(w_.measure);
    for (const auto& b : w_.beside) make_volumes(b);
    const auto first = made_;
    auto measured = creation_of(w_.measure);
    const auto troupe = up_.troupe(), redis = up_.redis();
    const auto start = clock::now();
    if (!w_.churn.empty()) come_and_go(true);
    if (w_.unblocks)
      unblock(std::move(measured), out);
    else
      place(w_.measure, std::move(measured));
    report(out, first, start, troupe, redis);
  }

 private:
  void send(const std::string& path, const json& body) {
    const auto [code, text] = ask(up_.where(), "POST", path, body.dump());
    if (code / 100 != 2) throw bench_error(path + ": " + std::to_string(code) + " " + text);
  }

  static std::string class_of(std::int64_t priority) { return "bench-" + std::to_string(priority); }

  void make_context() {
    std::set<std::string> namespaces;
    std::set<std::int64_t> priorities;
    for (const auto* b : w_.batches()) {
      namespaces.insert(b->ns);
      priorities.insert(b->priority());
    }
    if (!w_.churn.empty()) priorities.insert(churn_of(w_).priority());
    for (const auto& ns : namespaces) {
      json made{{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", ns}}}};
      if (w_.namespace_labels.is_object()) made["metadata"]["labels"] = w_.namespace_labels;
      send("/api/v1/namespaces", made);
    }
    for (const auto p : priorities)
      if (p != 0)
        send("/apis/scheduling.k8s.io/v1/priorityclasses", {{"apiVersion", "scheduling.k8s.io/v1"},
                                                            {"kind", "PriorityClass"},
                                                            {"metadata", {{"name", class_of(p)}}},
                                                            {"value", p}});
  }

  // Makes `count` objects.
  void make_all(const char* what, const std::string& path, std::size_t count,
                const std::function<json(std::size_t)>& object) {
    load l;
    l.name = what;
    l.expected = 201;
    l.next = [&](std::size_t i) {
      return i < count ? make_request(up_.where(), "POST", path, object(i).dump()) : std::string();
    };
    run_load(l);
  }

  void make_nodes() {
    make_all("nodes", "/api/v1/nodes", w_.nodes, [this](std::size_t i) { return node_of(w_, i); });
    if (!w_.csi.empty())
      make_all("CSI nodes", "/apis/storage.k8s.io/v1/csinodes", w_.nodes,
               [this](std::size_t i) { return csi_node_of(w_, i); });
  }

  // Each pod's own, before any of them; until all are bound.
  void make_volumes(const scheduler_workload::batch& b) {
    if (b.volume.empty() || b.count == 0) return;
    make_all("volumes", "/api/v1/persistentvolumes", b.count,
             [&](std::size_t i) { return volume_of(b, i).volume; });
    const auto path = "/api/v1/namespaces/" + b.ns + "/persistentvolumeclaims";
    make_all("claims", path, b.count, [&](std::size_t i) { return volume_of(b, i).claim; });
    await("claims are bound", [&] { return count_of(path, R"("phase":"Bound")") >= b.count; });
  }

  // How often the text is in what a list answers.
  std::size_t count_of(const std::string& path, std::string_view text) {
    const auto [code, body] = ask(up_.where(), "GET", path);
    if (code != 200) throw bench_error(path + ": " + std::to_string(code) + " " + body);
    std::size_t out = 0;
    for (auto at = body.find(text); at != body.npos; at = body.find(text, at + text.size())) ++out;
    return out;
  }

  // Goes on with what is under way until something is so; at most two minutes.
  void await(const char* what, const std::function<bool()>& is_so) {
    const auto until = clock::now() + 2min;
    while (!is_so()) {
      if (clock::now() > until) throw bench_error(w_.name + ": not in two minutes: " + what);
      io_.restart();
      io_.run_for(200ms);
    }
  }

  // A node, a Service and a pod that fits nowhere come, and go a second later, and so on.
  void come_and_go(bool come) {
    const auto pod = churn_of(w_);
    const std::pair<std::string, json> objects[] = {
        {"/api/v1/nodes", node_of(w_, w_.nodes)},
        {"/api/v1/namespaces/" + pod.ns + "/services",
         {{"apiVersion", "v1"},
          {"kind", "Service"},
          {"metadata", {{"name", "churn"}}},
          {"spec", {{"selector", {{"app", "churn"}}}, {"ports", {{{"port", 80}}}}}}}},
        {"/api/v1/namespaces/" + pod.ns + "/pods", pod_of_cluster(pod, "churn", 0)}};
    for (const auto& [path, object] : objects) {
      const auto name = model::string_at(object, {"metadata", "name"});
      const auto [code, text] = come ? ask(up_.where(), "POST", path, object.dump())
                                     : ask(up_.where(), "DELETE", path + "/" + name, {});
      if (code / 100 != 2)
        throw bench_error(path + "/" + name + ": " + std::to_string(code) + " " + text);
    }
    pace_.expires_after(1s);
    pace_.async_wait([this, come](auto error) {
      if (!error) come_and_go(!come);
    });
  }

  // The measured pods fit nowhere; then those that are in the way go, and they are bound.
  void unblock(load measured, figures& out) {
    create(w_.measure, std::move(measured));
    wanted_ += w_.measure.count;
    for (const auto& b : w_.beside) {
      create(b, creation_of(b));
      wanted_ += b.count;
    }
    await("pods have been tried", [&] {
      return count_of("/api/v1/pods?labelSelector=type%3Dunsched", R"("reason":"Unschedulable")") +
                 bindings_ >=
             wanted_;
    });
    const auto start = clock::now();
    remove_next(0);
    patience_.start();
    io_.restart();
    while (bindings_ < wanted_) io_.run_one();
    patience_.stop();
    out.add_value("from the first deletion",
                  std::chrono::duration<double>(clock::now() - start).count(), "s");
  }

  // Number `i` of each entry of `init`; a hundred of each a second.
  void remove_next(std::size_t i) {
    bool any = false;
    for (const auto& b : w_.init) {
      if (i >= b.count) continue;
      any = true;
      const auto path = "/api/v1/namespaces/" + b.ns + "/pods/pod-" + std::to_string(b.first + i);
      if (const auto [code, text] = ask(up_.where(), "DELETE", path, {}); code / 100 != 2)
        throw bench_error(path + ": " + std::to_string(code) + " " + text);
    }
    if (!any) return;
    pace_.expires_after(10ms);
    pace_.async_wait([this, i](auto error) {
      if (!error) remove_next(i + 1);
    });
  }

  // Also the watch goes on meanwhile, so the load's end is what is waited for.
  void run_load(load& l) {
    bool done = false;
    io_.restart();  // it stops when there is nothing to do
    links_.start(l, [&done] { done = true; });
    while (!done) io_.run_one();
  }

  // Its requests are written now, not while it is measured.
  load creation_of(const scheduler_workload::batch& b) {
    const auto path = "/api/v1/namespaces/" + b.ns + "/pods";
    auto requests = std::make_shared<std::vector<std::string>>();
    for (std::size_t i = 0; i < b.count; ++i)
      requests->push_back(
          make_request(up_.where(), "POST", path,
                       pod_of_cluster(b, "pod-" + std::to_string(b.first + i), i).dump()));
    load l;
    l.name = b.name.c_str();
    l.expected = 201;
    l.next = [this, &b, requests](std::size_t i) {
      if (i >= b.count) return std::string();
      sent_[b.first + i] = clock::now();
      return std::move((*requests)[i]);
    };
    made_ += b.count;
    return l;
  }

  void create(const scheduler_workload::batch& b, load l) {
    run_load(l);
    if (&b == &w_.measure) create_ = std::move(l);
  }

  // Creates a batch; until all of it is bound, if it fits.
  void place(const scheduler_workload::batch& b, load l) {
    if (!b.fits) return create(b, std::move(l));
    wanted_ += b.count;
    bool done = b.count == 0;
    if (!done) links_.start(l, [&done] { done = true; });
    io_.restart();
    patience_.start();
    progress line(std::cerr, isatty(STDERR_FILENO) == 1);
    while (!done || bindings_ < wanted_) {
      io_.run_one();
      line.update([&] { return b.name + ": " + std::to_string(bindings_) + " bound"; });
    }
    patience_.stop();
    if (&b == &w_.measure) create_ = std::move(l);
  }

  json pod_of_cluster(const scheduler_workload::batch& b, const std::string& name,
                      std::size_t i) const {
    json pod = pod_of(w_, b, name, i);
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

  void report(figures& out, std::size_t first, clock::time_point start, const usage& troupe,
              const usage& redis) {
    latencies each;
    auto last = start;
    for (std::size_t i = first; i < made_; ++i) {
      each.add(bound_[i] - sent_[i]);
      last = std::max(last, bound_[i]);
    }
    const auto pods = made_ - first;
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
  patience patience_;  // that pods are bound
  boost::asio::steady_timer pace_;
  std::vector<clock::time_point> sent_, bound_;  // by pod, those of init first
  load create_;                                  // of the measured pods
  std::size_t made_ = 0, wanted_ = 0, bindings_ = 0;
};

}  // namespace

std::vector<std::string> cluster_flags(const scheduler_cluster_options& options) {
  return {"--nodes",
          "0",
          "--schedulers",
          std::to_string(options.schedulers),
          "--node-monitor-grace-period",
          "24h"};
}

void measure_workload(const scheduler_workload& w, const scheduler_cluster_options& options,
                      figures& out) {
  const cluster up(cluster_flags(options));
  run(w, options, up).all(out);
}

}  // namespace troupe::cli::bench
