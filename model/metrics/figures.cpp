#include "model/metrics/figures.hpp"

#include "model/quantity.hpp"

#include <algorithm>
#include <tuple>

namespace troupe::model {
namespace {

constexpr std::size_t most_pods = 5000;

json usage_of(const figure& f) {
  const auto kib = (f.memory + 1023) / 1024;
  const auto cpu = quantity::parse(std::to_string(f.nano_cores) + "n");
  const auto memory = quantity::parse(std::to_string(kib) + "Ki");
  return {{"cpu", cpu ? cpu->text() : "0"}, {"memory", memory ? memory->text() : "0"}};
}

json metadata_of(const object& o, time_point at) {
  json metadata = {{"name", o.key().name}, {"creationTimestamp", to_rfc3339(at)}};
  if (!o.key().ns.empty()) metadata["namespace"] = o.key().ns;
  for (const auto& [key, value] : o.header().labels) metadata["labels"][key] = value;
  return metadata;
}

json metrics(const char* kind, const object& o, std::chrono::seconds window, time_point at) {
  // metav1.Duration is written as Go writes durations.
  const auto minutes = window.count() / 60;
  const std::string seconds = std::to_string(window.count() % 60) + "s";
  return {{"apiVersion", "metrics.k8s.io/v1beta1"},
          {"kind", kind},
          {"metadata", metadata_of(o, at)},
          {"timestamp", to_rfc3339(at)},
          {"window", minutes > 0 ? std::to_string(minutes) + "m" + seconds : seconds}};
}

json pair_of(const figure& f) {
  return json::array({f.nano_cores, f.memory});
}

// What is no figure throws: the caller answers for all of it.
figure read_figure(const json& cpu, const json& memory) {
  figure f{cpu.get<std::int64_t>(), memory.get<std::int64_t>()};
  if (f.nano_cores < 0 || f.memory < 0) throw std::out_of_range("a negative figure");
  return f;
}

node_figures read_figures(const json& document) {
  node_figures out;
  out.window = std::chrono::seconds(document.at("window").get<std::int64_t>());
  out.node = read_figure(document.at("node").at(0), document.at("node").at(1));
  const json& pods = document.at("pods");
  if (pods.size() > most_pods) throw std::out_of_range("too many pods");
  out.pods.reserve(pods.size());
  for (const json& p : pods) {
    auto& pod = out.pods.emplace_back(
        pod_figures{p.at(0).get<std::string>(), p.at(1).get<std::string>(), {}});
    for (const json& c : p.at(2))
      pod.containers.push_back({c.at(0).get<std::string>(), read_figure(c.at(1), c.at(2))});
  }
  return out;
}

auto place(const pod_figures& p) {
  return std::tuple<std::string_view, std::string_view>(p.ns, p.name);
}

}  // namespace

const pod_figures* node_figures::pod(std::string_view ns, std::string_view name) const {
  const std::tuple wanted(ns, name);
  const auto found =
      std::lower_bound(pods.begin(), pods.end(), wanted,
                       [](const pod_figures& p, const auto& w) { return place(p) < w; });
  return found != pods.end() && place(*found) == wanted ? &*found : nullptr;
}

std::string to_text(const node_figures& f) {
  json pods = json::array();
  for (const auto& p : f.pods) {
    json containers = json::array();
    for (const auto& c : p.containers)
      containers.push_back(json::array({c.name, c.use.nano_cores, c.use.memory}));
    pods.push_back(json::array({p.ns, p.name, std::move(containers)}));
  }
  return json{{"window", f.window.count()}, {"node", pair_of(f.node)}, {"pods", std::move(pods)}}
      .dump();
}

std::variant<node_figures, status> parse_figures(std::string_view text) try {
  const auto parsed = parse_json(text);
  if (!parsed) return bad_request("figures of a node: " + parsed.error);
  auto out = read_figures(parsed.value);
  std::sort(out.pods.begin(), out.pods.end(),
            [](const auto& a, const auto& b) { return place(a) < place(b); });
  return out;
} catch (const std::exception& e) {
  return bad_request("figures of a node: " + std::string(e.what()));
}

json node_metrics(const object& node, const node_figures& f, time_point at) {
  json out = metrics("NodeMetrics", node, f.window, at);
  out["usage"] = usage_of(f.node);
  return out;
}

json pod_metrics(const object& pod, const pod_figures& f, std::chrono::seconds window,
                 time_point at) {
  json out = metrics("PodMetrics", pod, window, at);
  out["containers"] = json::array();
  for (const auto& c : f.containers)
    out["containers"].push_back({{"name", c.name}, {"usage", usage_of(c.use)}});
  return out;
}

}  // namespace troupe::model
