#include "actors/controllers/batches.hpp"
#include "actors/controllers/controller.hpp"
#include "actors/controllers/owner_graph.hpp"
#include "actors/controllers/pod_ending.hpp"
#include "actors/controllers/pods_by_node.hpp"
#include "model/json_text.hpp"
#include "model/node_view.hpp"
#include "model/pod_phase.hpp"

#include <algorithm>
#include <tuple>

namespace troupe {
namespace {

using namespace std::chrono_literals;

// Deletes the pods of nodes that do not exist, once such a node has been away for
// kube-controller-manager's quarantine time; those that are being deleted on nodes that people have
// put out of service, for no kubelet will end them; and the oldest of the ended pods when there are
// too many of them. Keys are the names of nodes, and `ended`.
struct pod_gc_controller : controller {
  static constexpr auto quarantine = 40s;
  static constexpr auto sweep_pause = 1s;
  static constexpr std::size_t at_once = 64;
  static inline const std::string ended = "/ended";  // no node is called so

  explicit pod_gc_controller(pod_gc_options o) : options(o) {}

  std::string name() const override { return "pod-garbage-collector"; }
  std::vector<std::string> resources() const override { return {"nodes", "pods"}; }

  void relist(const std::string& resource, controller_host&) override {
    if (resource != "pods") return;
    in_order.clear();
    places.clear();
  }

  void observe(const store::event& e, controller_host& host) override {
    const auto& key = e.object->key();
    const bool deleted = e.type == store::event::kind::deleted;
    if (key.resource == "nodes") {
      if (!deleted && !out_of_service(*e.object)) return;
      if (!host.cache().pods_on(key.name).empty()) host.visit(key.name, deleted ? quarantine : 0s);
      return;
    }
    count_ended(*e.object, deleted);
    if (in_order.size() > options.ended_threshold) host.visit(ended, sweep_pause);
    const auto node = pods_by_node::node_of(*e.object);
    if (deleted || node.empty()) return;
    const bool known = e.previous && pods_by_node::node_of(*e.previous) == node;
    if (known && !e.object->header().deleting) return;
    const auto there = host.cache().get({"nodes", "", node});
    if (!there)
      host.visit(node, quarantine);
    else if (e.object->header().deleting && out_of_service(*there))
      host.visit(node, 0ms);
  }

  // Not ready, and with the taint that says so.
  static bool out_of_service(const model::object& node) {
    const auto view = node.view<model::node_view>();
    return view->ready != "True" &&
           std::any_of(view->taints.begin(), view->taints.end(), [](const model::taint& t) {
             return t.key == "node.kubernetes.io/out-of-service";
           });
  }

  // Evicted ones are the first to go, then the oldest.
  using place = std::tuple<bool, std::string, std::string>;

  void count_ended(const model::object& pod, bool deleted) {
    const bool ends = !deleted && model::has_ended(pod);
    if (!ends && places.empty()) return;
    const auto key = to_string(pod.key());
    if (ends) {
      const auto status = pod.text_of(model::part::status);
      const auto metadata = pod.text_of(model::part::metadata);
      place p{model::member_text(status, "reason") != "\"Evicted\"",
              std::string(model::member_text(metadata, "creationTimestamp")), key};
      if (const auto [at, fresh] = places.emplace(key, p); !fresh) {
        in_order.erase(at->second);
        at->second = p;
      }
      in_order.insert(std::move(p));
    } else if (const auto at = places.find(key); at != places.end()) {
      in_order.erase(at->second);
      places.erase(at);
    }
  }

  void reconcile(const std::string& key, controller_host& host,
                 std::function<void(outcome)> done) override {
    if (key == ended) return sweep(host, std::move(done));
    if (const auto node = host.cache().get({"nodes", "", key}))
      return end_terminating(*node, host, std::move(done));
    static const pod_ending orphaned{"DeletionByPodGC", "PodGC: node no longer exists", true, 0};
    std::vector<model::object_ptr> doomed;
    for (auto& pod : host.cache().pods_on(key)) add(std::move(pod), doomed);
    end_all(std::move(doomed), orphaned, host, std::move(done));
  }

  void end_terminating(const model::object& node, controller_host& host,
                       std::function<void(outcome)> done) {
    if (!out_of_service(node)) return done({});
    static const pod_ending forced{{}, {}, true, 0};
    std::vector<model::object_ptr> doomed;
    for (auto& pod : host.cache().pods_on(node.key().name))
      if (pod->header().deleting) add(std::move(pod), doomed);
    end_all(std::move(doomed), forced, host, std::move(done));
  }

  void sweep(controller_host& host, std::function<void(outcome)> done) {
    if (in_order.size() <= options.ended_threshold) return done({});
    static const pod_ending too_many{{}, {}, false, 0};
    auto excess = in_order.size() - options.ended_threshold;
    std::vector<model::object_ptr> doomed;
    for (auto at = in_order.begin(); excess > 0; ++at, --excess)
      add(host.cache().get(parse_key(std::get<2>(*at))), doomed);
    end_all(std::move(doomed), too_many, host, std::move(done));
  }

  static void add(model::object_ptr pod, std::vector<model::object_ptr>& doomed) {
    if (doomed.size() == at_once) return;
    // One that a finalizer holds has been deleted all that it can be.
    if (pod && !(pod->header().deleting && held(*pod))) doomed.push_back(std::move(pod));
  }

  static bool held(const model::object& pod) {
    const auto metadata = pod.text_of(model::part::metadata);
    return !model::member_text(metadata, "finalizers").empty() &&
           model::member_text(metadata, "deletionGracePeriodSeconds") == "0";
  }

  static void end_all(std::vector<model::object_ptr> doomed, const pod_ending& how,
                      controller_host& host, std::function<void(outcome)> done) {
    if (doomed.empty()) return done({});
    const auto count = doomed.size();
    call_all(
        count,
        [doomed = std::move(doomed), &how, &host](std::size_t i,
                                                  std::function<void(std::string)> one_done) {
          end_pod(*doomed[i], how, host, [one_done](const outcome& o) { one_done(o.failure); });
        },
        [done, count](const batch_result& r) {
          if (!r.failure.empty()) return done({r.failure, std::nullopt});
          done(count == at_once ? outcome{{}, 0ms} : outcome{});
        });
  }

  const pod_gc_options options;
  std::set<place> in_order;  // ended pods
  std::unordered_map<std::string, place> places;
};

}  // namespace

controller_actor spawn_pod_gc_controller(caf::actor_system& sys, controller_options options,
                                         pod_gc_options gc) {
  return spawn_controller(sys, std::move(options), std::make_unique<pod_gc_controller>(gc));
}

}  // namespace troupe
