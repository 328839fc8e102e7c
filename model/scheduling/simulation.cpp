#include "model/scheduling/simulation.hpp"

#include "model/object.hpp"

#include <algorithm>
#include <numeric>

namespace troupe::model {
namespace {

// Pods a pass: a pass looks at every node once.
constexpr std::size_t batch = 16384;
// Remedies that are told of a kind of pods.
constexpr std::size_t most_ways = 3;
// Clusters in which every node is asked for its reasons.
constexpr std::size_t most_explained = 20'000;

std::string name_of(const simulated_pods& g, std::size_t i) {
  return g.count == 1 && g.base.back() != '-' ? g.base : g.base + std::to_string(i);
}

json document_of(const simulated_pods& g, std::size_t i, const std::string& uid) {
  json pod = g.pod;
  pod["metadata"]["name"] = name_of(g, i);
  pod["metadata"]["namespace"] = g.ns;
  pod["metadata"]["uid"] = uid;
  for (const json& claim : g.claims) {
    const auto name = string_at(claim, {"metadata", "name"});
    pod["spec"]["volumes"].push_back(
        {{"name", name}, {"persistentVolumeClaim", {{"claimName", name + "-" + name_of(g, i)}}}});
  }
  if (g.vary) g.vary(pod, i);
  return pod;
}

bool depends_on_pods(const pod_view& v) {
  return v.rules != nullptr || v.volumes != nullptr;
}

}  // namespace

simulation::simulation(cluster_snapshot& cluster, std::uint64_t seed)
    : cluster_(cluster), random_(seed) {
  cluster_.table().each([&](const node_view& node, const usage&) {
    index_[node.name] = static_cast<std::uint32_t>(nodes_.size());
    nodes_.push_back(node.name);
  });
}

std::string simulation::next_uid() {
  return "simulated-" + std::to_string(++pods_);
}

utilisation simulation::now() const {
  utilisation out;
  cluster_.table().each([&](const node_view& node, const usage& used) {
    const auto add = [](utilisation::share& s, std::int64_t u, std::int64_t of) {
      s.used += u;
      s.of += of;
    };
    add(out.cpu, used.requested.cpu, node.allocatable.cpu);
    add(out.memory, used.requested.memory, node.allocatable.memory);
    add(out.pods, used.requested.pods, node.allocatable.pods);
    const utilisation::share own{used.requested.cpu, node.allocatable.cpu};
    ++out.nodes_by_cpu.at(std::min<std::size_t>(9, static_cast<std::size_t>(own.fraction() * 10)));
  });
  return out;
}

std::vector<simulated_fate> simulation::place(const std::vector<simulated_pods>& all,
                                              const std::function<void(std::size_t)>& progress) {
  progress_ = progress;
  decided_ = 0;
  std::vector<std::size_t> order(all.size());
  std::iota(order.begin(), order.end(), 0);
  std::vector<std::int32_t> priorities;
  remembers_ = cluster_.table().pods().has_terms();
  for (const auto& g : all) {
    const auto pod = seal(encode("pods", document_of(g, 0, "simulated")), 1);
    const auto view = pod->view<pod_view>();
    priorities.push_back(view->priority);
    remembers_ =
        remembers_ || depends_on_pods(*view) || !cluster_.situation_of(*pod, *view).spread.empty();
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](auto a, auto b) { return priorities[a] > priorities[b]; });
  std::vector<simulated_fate> fates(all.size());
  for (const auto i : order) {
    fates[i].nodes.assign(all[i].count, simulated_fate::nowhere);
    place_group(all[i], fates[i]);
  }
  return fates;
}

void simulation::place_group(const simulated_pods& g, simulated_fate& fate) {
  if (g.count == 0) return;
  if (g.vary || !g.claims.empty() || pod_view(document_of(g, 0, "simulated")).volumes)
    place_each(g, fate);
  else
    place_alike(g, fate);
}

void simulation::settle(const pod_view& pod, const std::string& node, simulated_fate& fate) {
  auto& table = cluster_.table();
  table.keep(pod.uid);
  if (!remembers_) table.pods().forget(pod.ns, pod.uid);
  fate.nodes.at(fate.placed++) = index_.at(node);
}

void simulation::place_alike(const simulated_pods& g, simulated_fate& fate) {
  const auto first = seal(encode("pods", document_of(g, 0, "simulated")), 1);
  const auto situation = cluster_.situation_of(*first, *first->view<pod_view>());
  auto& table = cluster_.table();
  for (std::size_t done = 0; done < g.count;) {
    std::vector<pod_view_ptr> views;
    for (std::size_t i = done; i < std::min(done + batch, g.count); ++i) {
      auto view = std::make_shared<pod_view>(*first->view<pod_view>());
      view->uid = next_uid();
      view->name = name_of(g, i);
      views.push_back(std::move(view));
    }
    const auto chosen = table.place(views, random_, situation.given());
    std::size_t placed = 0;
    for (; placed < views.size() && !chosen[placed].empty(); ++placed)
      settle(*views[placed], chosen[placed], fate);
    table.oldest_assumption();  // none is left: what remembers them is dropped
    done += views.size();
    decided_ += views.size();
    if (progress_) progress_(decided_);
    if (placed == views.size()) continue;
    decided_ += g.count - done;
    return explain(*views[placed], situation.given(), fate);
  }
}

// Pods that differ, or whose volumes do.
void simulation::place_each(const simulated_pods& g, simulated_fate& fate) {
  auto& table = cluster_.table();
  std::vector<std::uint32_t> nodes(g.count, simulated_fate::nowhere);
  for (std::size_t i = 0; i < g.count; ++i) {
    for (json claim : g.claims) {
      claim["metadata"]["name"] = string_at(claim, {"metadata", "name"}) + "-" + name_of(g, i);
      claim["metadata"]["namespace"] = g.ns;
      claim["metadata"]["uid"] = next_uid();
      cluster_.put(seal(encode("persistentvolumeclaims", claim), 1));
    }
    json document = document_of(g, i, next_uid());
    const auto pod = seal(encode("pods", document), 1);
    const auto view = pod->view<pod_view>();
    const auto situation = cluster_.situation_of(*pod, *view);
    const std::array<pod_view_ptr, 1> one{view};
    const auto chosen = table.place(one, random_, situation.given());
    ++decided_;
    if (progress_) progress_(decided_);
    if (chosen[0].empty()) {
      if (fate.message.empty()) explain(*view, situation.given(), fate);
      continue;
    }
    for (const auto& [stored, changed] : situation.volumes.reservations(*table.node(chosen[0])))
      cluster_.put(seal(encode(stored->key().resource, changed), stored->version() + 1));
    nodes[i] = index_.at(chosen[0]);
    settle(*view, chosen[0], fate);
    if (!view->volumes) continue;
    document["spec"]["nodeName"] = chosen[0];  // its volumes count where limits are looked at
    table.pods().put(seal(encode("pods", document), 1));
  }
  fate.nodes = std::move(nodes);
}

void simulation::explain(const pod_view& pod, const circumstances& given, simulated_fate& fate) {
  auto& table = cluster_.table();
  if (table.size() > most_explained) {
    fate.message = table.diagnose(pod, given).message({});
    return;
  }
  const auto e = table.explain(pod, given);
  fate.message = e.refusals.message({});
  fate.ways = ways_in(e, most_ways);
}

}  // namespace troupe::model
