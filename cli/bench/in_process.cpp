#include "cli/bench/in_process.hpp"

#include "cli/bench/endpoint.hpp"
#include "cli/bench/process.hpp"
#include "model/object.hpp"
#include "model/scheduling/cluster_snapshot.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <unistd.h>
#include <unordered_map>

namespace troupe::cli::bench {
namespace {

using model::json;

// A cluster that is nothing but what a scheduler knows of it.
class decisions {
 public:
  decisions(const scheduler_workload& w, std::size_t batch) : w_(w), batch_(batch) {
    std::set<std::string> namespaces;
    for (const auto* b : w.batches()) namespaces.insert(b->ns);
    for (const auto& ns : namespaces) {
      json made{
          {"apiVersion", "v1"}, {"kind", "Namespace"}, {"metadata", {{"name", ns}, {"uid", ns}}}};
      if (w.namespace_labels.is_object()) made["metadata"]["labels"] = w.namespace_labels;
      put("namespaces", made);
    }
    for (std::size_t i = 0; i < w.nodes; ++i) {
      put("nodes", node_of(w, i));
      if (const auto said = csi_node_of(w, i); !said.is_null())
        put("csinodes.storage.k8s.io", said);
    }
    for (const auto* b : w.batches())
      for (std::size_t i = 0; i < (b->volume.empty() ? 0 : b->count); ++i) {
        auto v = volume_of(*b, i);
        // Nobody binds them here.
        v.claim["metadata"]["annotations"] = {{"pv.kubernetes.io/bind-completed", "true"}};
        put("persistentvolumes", v.volume);
        put("persistentvolumeclaims", v.claim);
      }
    cluster_.finish();
  }

  void run(figures& out) {
    for (const auto& b : w_.init) place(b, false);
    spent_ = {};
    place(w_.measure, true);
    out.add_rate(w_.name, w_.measure.count, std::chrono::duration<double>(spent_).count(), each_);
    out.add_value(w_.name + " a pod",
                  std::chrono::duration<double, std::micro>(spent_).count() /
                      static_cast<double>(std::max<std::size_t>(1, w_.measure.count)),
                  "us");
    if (victims_ > 0) out.add_value("victims", static_cast<double>(victims_), "pods");
    out.add_value("rss", usage_of(getpid()).rss_mib, "MiB");
  }

 private:
  void put(const char* resource, const json& document) {
    cluster_.put(model::seal(model::encode(resource, document), 1));
  }

  void place(const scheduler_workload::batch& b, bool measured) {
    for (std::size_t done = 0; done < b.count;) {
      // Pods of one signature are placed in one pass, as a scheduler does it.
      std::map<std::string, std::vector<model::object_ptr>> alike;
      for (std::size_t n = 0; done < b.count && n < batch_; ++n, ++done) {
        auto pod = make(b, done);
        const auto view = pod->view<model::pod_view>();
        // A pod with claims comes alone.
        alike[view->volumes ? view->uid : view->signature].push_back(std::move(pod));
      }
      for (const auto& [signature, pods] : alike) place_alike(b, pods, measured);
    }
  }

  void place_alike(const scheduler_workload::batch& b, const std::vector<model::object_ptr>& pods,
                   bool measured) {
    std::vector<model::pod_view_ptr> views;
    for (const auto& pod : pods) views.push_back(pod->view<model::pod_view>());
    const auto s = cluster_.situation_of(*pods.front(), *views.front());
    const auto start = clock::now();
    const auto nodes = cluster_.table().place(views, random_, s.given());
    const auto took = clock::now() - start;
    spent_ += took;
    if (measured)
      for (std::size_t i = 0; i < views.size(); ++i)
        each_.add(took / static_cast<std::int64_t>(views.size()));
    for (std::size_t i = 0; i < views.size(); ++i)
      settle(b, pods[i], nodes[i].empty() ? preempted(b, *views[i], s.given()) : nodes[i]);
  }

  model::object_ptr make(const scheduler_workload::batch& b, std::size_t i) {
    return model::seal(
        model::encode("pods", pod_of(w_, b, b.name + "-" + std::to_string(made_++), i)), 1);
  }

  // Room is made for a pod that fits nowhere, if that is possible, and its victims leave at once.
  std::string preempted(const scheduler_workload::batch& b, const model::pod_view& view,
                        const model::circumstances& given) {
    if (!b.fits) {
      const auto start = clock::now();
      cluster_.table().diagnose(view, given);
      spent_ += clock::now() - start;
      return {};
    }
    const auto start = clock::now();
    const auto found = cluster_.table().preempt(view, {}, random_, given);
    const auto took = clock::now() - start;
    spent_ += took;
    each_.add(took);
    if (!found.chosen)
      throw bench_error("a pod of " + w_.name + " fits nowhere: " +
                        cluster_.table().diagnose(view, given).message(found.message));
    for (const auto& v : found.chosen->victims) {
      ++victims_;
      cluster_.table().pods().remove(v.pod->key().ns, v.pod->header().uid);
      used_[found.chosen->node].remove(*v.pod->view<model::pod_view>());
    }
    return found.chosen->node;
  }

  // The pod is bound, and its node offers anew.
  void settle(const scheduler_workload::batch& b, const model::object_ptr& pod,
              const std::string& node) {
    if (node.empty()) {
      if (b.fits) throw bench_error("a pod of " + w_.name + " was not placed");
      return;
    }
    auto& table = cluster_.table();
    table.settle(pod->header().uid);
    json document = pod->parse();
    document["spec"]["nodeName"] = node;
    table.pods().put(model::seal(model::encode("pods", document), 2));
    auto& used = used_[node];
    used.add(*pod->view<model::pod_view>());
    table.set(node, nullptr, used);
  }

  const scheduler_workload& w_;
  const std::size_t batch_;
  model::cluster_snapshot cluster_;
  model::random_source random_{1};
  std::unordered_map<std::string, model::usage> used_;
  std::size_t made_ = 0, victims_ = 0;
  clock::duration spent_{};
  latencies each_;
};

}  // namespace

void measure_decisions(const scheduler_workload& w, std::size_t batch, figures& out) {
  if (w.needs_cluster()) throw bench_error(w.name + " is about a cluster, not decisions alone");
  decisions(w, batch).run(out);
}

}  // namespace troupe::cli::bench
