#include "cli/bench/controllers.hpp"

#include "cli/bench/connection.hpp"
#include "cli/bench/process.hpp"
#include "cli/output/progress.hpp"
#include "model/json.hpp"

#include <charconv>
#include <functional>
#include <iostream>
#include <thread>
#include <unistd.h>

namespace troupe::cli::bench {
namespace {

using namespace std::chrono_literals;
using model::json;

constexpr const char* bench_namespace = "/api/v1/namespaces/bench";
constexpr const char* deployments = "/apis/apps/v1/namespaces/bench/deployments";
constexpr const char* large = "/apis/apps/v1/namespaces/bench/deployments/large";
constexpr std::size_t pods_of_a_small_one = 10;

json deployment(const std::string& name, std::size_t replicas) {
  const json labels = {{"app", name}};
  const json container = {{"name", "main"},
                          {"image", "busybox:1.35"},
                          {"resources", {{"requests", {{"cpu", "10m"}, {"memory", "16Mi"}}}}}};
  return {{"apiVersion", "apps/v1"},
          {"kind", "Deployment"},
          {"metadata", {{"name", name}}},
          {"spec",
           {{"replicas", replicas},
            {"selector", {{"matchLabels", labels}}},
            {"template",
             {{"metadata", {{"labels", labels}}},
              {"spec", {{"containers", json::array({container})}}}}}}}};
}

// The numbers that follow the mark, added up: reading a thousand documents fifty times a second
// would take the CPU that is measured.
std::size_t sum_of(std::string_view text, std::string_view mark) {
  std::size_t sum = 0;
  for (auto at = text.find(mark); at != text.npos; at = text.find(mark, at)) {
    std::size_t n = 0;
    at += mark.size();
    std::from_chars(text.data() + at, text.data() + text.size(), n);
    sum += n;
  }
  return sum;
}

class run {
 public:
  run(const cluster& up, const controllers_options& options, figures& out)
      : up_(up), options_(options), out_(out) {}

  void all() {
    send("POST", "/api/v1/namespaces",
         {{"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", "bench"}}}});
    measure("scale from 0", options_.replicas, [&] { scale_up(); });
    rest();
    measure("rolling update", options_.replicas, [&] { roll_out(); });
    const auto small = options_.deployments * pods_of_a_small_one;
    if (small != 0) measure("small Deployments", small, [&] { fill_small_ones(); });
    const auto all = options_.replicas + small;
    measure("namespace deletion", all, [&] { empty(all); });
  }

 private:
  json send(const char* method, const std::string& path, const json& body = nullptr) {
    const bool patch = std::string_view(method) == "PATCH";
    const auto [code, text] = ask(up_.where(), method, path, body.is_null() ? "" : body.dump(),
                                  patch ? "application/merge-patch+json" : "application/json");
    if (code / 100 != 2 && code != 404)
      throw bench_error(path + ": " + std::to_string(code) + " " + text.substr(0, 500));
    return model::parse_json(text, {1u << 30}).value;
  }

  // Pods a second, and what they cost, controllers, schedulers and hollow kubelets together.
  void measure(const std::string& what, std::size_t pods, const std::function<void()>& work) {
    const auto before = up_.troupe();
    const auto start = clock::now();
    work();
    const auto seconds = seconds_since(start);
    out_.add_value(what, static_cast<double>(pods) / seconds, "pods a second");
    out_.add_value(
        what + " cpu",
        (up_.troupe().cpu_seconds - before.cpu_seconds) * 1000 / static_cast<double>(pods),
        "CPU seconds a thousand pods");
  }

  // Until `done` counts `all`; gives up when nothing moves for a minute.
  void await(const char* what, std::size_t all, const std::function<std::size_t()>& done) {
    progress line(std::cerr, isatty(STDERR_FILENO) == 1);
    auto moved = clock::now();
    for (std::size_t last = 0;;) {
      const auto now = done();
      if (now >= all) return;
      if (std::exchange(last, now) != now) moved = clock::now();
      if (seconds_since(moved) > 60)
        throw bench_error(std::string(what) + ": only " + std::to_string(now) + " of " +
                          std::to_string(all));
      line.update([&] { return std::string(what) + ": " + std::to_string(now); });
      std::this_thread::sleep_for(20ms);
    }
  }

  static std::size_t number(const json& object, std::initializer_list<std::string_view> path) {
    const json& n = model::at(object, path);
    return n.is_number_integer() ? n.get<std::size_t>() : 0;
  }

  void scale_up() {
    send("POST", deployments, deployment("large", options_.replicas));
    await("ready", options_.replicas, [&] {
      return number(send("GET", large), {"status", "readyReplicas"});
    });
  }

  void roll_out() {
    auto template_ = deployment("large", options_.replicas)["spec"]["template"];
    template_["spec"]["containers"][0]["image"] = "busybox:1.36";
    send("PATCH", large, {{"spec", {{"template", template_}}}});
    await("rolled out", options_.replicas, [&] {
      const auto object = send("GET", large);
      if (number(object, {"status", "observedGeneration"}) <
          number(object, {"metadata", "generation"}))
        return std::size_t{0};
      const auto updated = std::min(number(object, {"status", "updatedReplicas"}),
                                    number(object, {"status", "availableReplicas"}));
      // The last pods of the former template are still to go.
      const bool all_new = number(object, {"status", "replicas"}) == options_.replicas;
      return all_new ? updated : std::min(updated, options_.replicas - 1);
    });
  }

  void fill_small_ones() {
    for (std::size_t i = 0; i < options_.deployments; ++i)
      send("POST", deployments, deployment("small-" + std::to_string(i), pods_of_a_small_one));
    const auto all = options_.replicas + options_.deployments * pods_of_a_small_one;
    await("ready", all, [&] {
      const auto [code, text] = ask(up_.where(), "GET", deployments);
      if (code != 200) throw bench_error(std::string(deployments) + ": " + std::to_string(code));
      return sum_of(text, R"("readyReplicas":)");
    });
  }

  void empty(std::size_t pods) {
    send("DELETE", bench_namespace);
    await("gone", pods + 1, [&] {
      if (model::string_at(send("GET", bench_namespace), {"reason"}) == "NotFound") return pods + 1;
      const auto page = send("GET", std::string(bench_namespace) + "/pods?limit=1");
      const auto left =
          model::at(page, {"items"}).size() + number(page, {"metadata", "remainingItemCount"});
      return pods - std::min(pods, left);
    });
  }

  // Nothing happens but leases and heartbeats.
  void rest() {
    if (options_.idle_seconds == 0) return;
    std::this_thread::sleep_for(3s);
    const auto before = up_.troupe();
    std::this_thread::sleep_for(std::chrono::seconds(options_.idle_seconds));
    const auto used = up_.troupe().cpu_seconds - before.cpu_seconds;
    out_.add_value("at rest", used / static_cast<double>(options_.idle_seconds) * 100,
                   "% of a core, nodes included");
  }

  const cluster& up_;
  const controllers_options& options_;
  figures& out_;
};

}  // namespace

void measure_controllers(const controllers_options& options, figures& out) {
  const cluster up(
      {"--nodes", std::to_string(options.nodes), "--runtime", "hollow", "--max-pods", "1000"});
  up.await_nodes(options.nodes);
  run(up, options, out).all();
  out.add_value("rss troupe", up.troupe().rss_mib, "MiB");
}

}  // namespace troupe::cli::bench
