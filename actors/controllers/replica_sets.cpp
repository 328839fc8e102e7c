#include "actors/controllers/look_pauses.hpp"
#include "actors/controllers/owner_graph.hpp"
#include "actors/controllers/ownership_index.hpp"
#include "actors/controllers/pod_control.hpp"
#include "model/json_writer.hpp"
#include "model/workload/claim.hpp"
#include "model/workload/deletion_order.hpp"
#include "model/workload/pod_template.hpp"
#include "model/workload/replica_set.hpp"

#include <algorithm>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using model::json;
using model::object_ptr;
using model::replica_set_view;
using done_fn = std::function<void(outcome)>;

// A ReplicaSet, or a ReplicationController, which is the same by another name.
struct replica_kind {
  const char* name;
  const char* resource;
  const char* api_version;
  const char* kind;
};

constexpr replica_kind replica_set{"replicaset-controller", "replicasets.apps", "apps/v1",
                                   "ReplicaSet"};
constexpr replica_kind replication_controller{"replication-controller", "replicationcontrollers",
                                              "v1", "ReplicationController"};

// A pod as its set sees it. Whether its labels are those of the selector and of the template is
// judged once: a set of ten thousand looks at them all again and again.
struct member : model::pod_facts {
  using model::pod_facts::pod_facts;
  mutable std::int64_t judged = -1;  ///< against which generation of the set
  mutable bool selected = false;
  mutable bool fully_labeled = false;

  void judge(const replica_set_view& set, const model::string_pairs& labels) const {
    if (judged == set.generation) return;
    judged = set.generation;
    selected = set.selector->matches(labels);
    fully_labeled = set.fully_labels(labels);
  }
};

// Keeps as many pods as a set asks for, and counts them. Keys are those of sets.
struct replica_controller : controller {
  explicit replica_controller(const replica_kind& k) : kind(k), pods_(k.kind, "pods") {}

  std::string name() const override { return kind.name; }
  std::vector<std::string> resources() const override { return {kind.resource, "pods"}; }

  void relist(const std::string& resource, controller_host& host) override {
    if (resource == "pods") {
      for (const auto& key : pods_.forget_dependents()) host.visit(key, 0ms);
    } else {
      pods_.forget_controllers();
      family_ = {};
    }
  }

  void observe(const store::event& e, controller_host& host) override {
    if (e.object->key().resource == "pods") {
      for (const auto& key : pods_.observe(e)) host.visit(key, pauses_.until_next(key, host.now()));
      return;
    }
    const auto key = to_string(e.object->key());
    if (e.type == store::event::kind::deleted) {
      pods_.drop_controller(key);
      family_.remove(key);
      pauses_.forget(key);
      return;
    }
    const auto set = e.object->view<replica_set_view>();
    // A new status is mostly this controller's own.
    const bool same = e.previous && e.previous->header().deleting == e.object->header().deleting &&
                      e.previous->view<replica_set_view>()->generation == set->generation;
    pods_.put_controller(*e.object, set->selector, host.cache());
    family_.put(key, *e.object);
    host.visit(key, same ? pauses_.until_next(key, host.now()) : 0ms);
  }

  // A set and its active pods, as they are now.
  struct state {
    workload set;
    std::shared_ptr<const replica_set_view> view;
    std::vector<const ownership_index<member>::dependent*> pods;
    claims claimed;
    model::replica_counts counts;
  };

  state look(const object_ptr& set, const controller_host& host) {
    state s{{set, kind.api_version, kind.kind}, set->view<replica_set_view>(), {}, {}, {}};
    if (!s.view->selector) return s;
    const auto& selector = *s.view->selector;
    const auto now = host.now();
    const auto& owned = pods_.owned(set->header().uid);
    s.pods.reserve(owned.size());
    for (const auto& [key, pod] : owned) {
      if (!pod.facts.active()) continue;
      pod.facts.judge(*s.view, pod.object->header().labels);
      if (!pod.facts.selected) {
        if (claim_of(*set, selector, *pod.object) == model::claim::release)
          s.claimed.released.push_back(pod.object);
        continue;
      }
      s.pods.push_back(&pod);
      s.counts.add(pod.facts, pod.facts.fully_labeled, s.view->min_ready, now);
    }
    for (const auto& pod : pods_.orphans(set->key().ns, selector))
      if (model::pod_facts(*pod).active() && claim_of(*set, selector, *pod) == model::claim::adopt)
        s.claimed.adopted.push_back(pod);
    return s;
  }

  void reconcile(const std::string& key, controller_host& host, done_fn done) override {
    const object_ptr set = host.cache().get(parse_key(key));
    if (!set) return done({});
    state s = look(set, host);
    pauses_.looked(key, pods_.owned(set->header().uid).size(), host.now());
    if (!s.view->selector) return done({});
    if (!s.claimed.empty()) return carry_out(s.set, s.claimed, host, std::move(done));
    const auto missing = s.view->replicas - s.counts.replicas;
    if (set->header().deleting || missing == 0)
      return report(s, std::nullopt, host, std::move(done));
    if (missing > 0)
      create(std::move(s), static_cast<std::size_t>(missing), host, std::move(done));
    else
      remove(std::move(s), static_cast<std::size_t>(-missing), host, std::move(done));
  }

  void create(state s, std::size_t missing, controller_host& host, done_fn done) {
    const blob_ref pod(
        model::dump(model::pod_from_template(s.view->template_, *s.set.object, s.set.reference())));
    s.pods.clear();  // the index changes while this goes on
    call_slow_start(
        std::min(missing, burst_replicas),
        [set = s.set, pod, &host](std::size_t, ended_fn ended) {
          create_pod(set, pod, host, std::move(ended));
        },
        [this, s, &host, done = std::move(done)](const batch_result& r) {
          manage_ended(s, "FailedCreate", r, host, done);
        });
  }

  void remove(state s, std::size_t surplus, controller_host& host, done_fn done) {
    surplus = std::min(surplus, burst_replicas);
    const auto going = to_delete(s, surplus, host);
    s.pods.clear();
    call_all(
        surplus,
        [&](std::size_t i, ended_fn ended) {
          delete_pod(s.set, *going[i], host, std::move(ended));
        },
        [this, s, &host, done = std::move(done)](const batch_result& r) {
          manage_ended(s, "FailedDelete", r, host, done);
        });
  }

  std::vector<object_ptr> to_delete(const state& s, std::size_t surplus,
                                    const controller_host& host) const {
    std::vector<object_ptr> out;
    if (surplus >= s.pods.size()) {
      for (const auto* pod : s.pods) out.push_back(pod->object);
      return out;
    }
    std::unordered_map<std::string, std::size_t> on_node;
    for (const auto& uid : family_.of(s.set.object->header().uid))
      for (const auto& [key, pod] : pods_.owned(uid))
        if (pod.facts.active()) ++on_node[pod.facts.node];
    std::vector<model::deletion_candidate> candidates;
    for (const auto* pod : s.pods)
      candidates.push_back({candidates.size(), &pod->facts, on_node[pod->facts.node]});
    sort_for_deletion(candidates, host.now());
    for (std::size_t i = 0; i < surplus; ++i) out.push_back(s.pods[candidates[i].index]->object);
    return out;
  }

  // The next look counts what has come of it. A set of several bursts shows its progress.
  void manage_ended(const state& s, const char* reason, const batch_result& r,
                    controller_host& host, const done_fn& done) {
    const auto& failure = r.failure;
    if (failure.empty() && r.succeeded < burst_replicas) return done({{}, 0ms});
    std::optional<model::replica_failure> told;
    if (!failure.empty()) told = {reason, failure};
    report(s, told, host, [failure, done](const outcome& o) {
      done({o.failure.empty() ? failure : o.failure, 0ms});
    });
  }

  // The status tells what the look found; what was done since then brings events, and another look.
  void report(const state& s, const std::optional<model::replica_failure>& failure,
              controller_host& host, done_fn done) {
    const auto& set = *s.set.object;
    std::optional<std::chrono::milliseconds> wake;
    if (s.counts.next)
      wake =
          std::max(1ms, std::chrono::ceil<std::chrono::milliseconds>(*s.counts.next - host.now()));
    put_status(set, replica_set_status(*s.view, s.counts, failure, host.now()), host,
               [wake, done = std::move(done)](outcome o) {
                 if (!o.again) o.again = wake;
                 done(std::move(o));
               });
  }

  // Sets of the same controller, whose pods are counted together on a node.
  class families {
   public:
    void put(const std::string& key, const model::object& set) {
      remove(key);
      const auto& uid = set.header().uid;
      const auto* owner = set.header().controller();
      const auto& family = owner ? *owner : uid;
      members_[family].insert(uid);
      places_[key] = {family, uid};
      family_of_[uid] = family;
    }
    void remove(const std::string& key) {
      const auto at = places_.find(key);
      if (at == places_.end()) return;
      const auto& [family, uid] = at->second;
      if (auto& members = members_[family]; members.erase(uid) != 0 && members.empty())
        members_.erase(family);
      family_of_.erase(uid);
      places_.erase(at);
    }
    std::set<std::string> of(const std::string& uid) const {
      const auto at = family_of_.find(uid);
      return at == family_of_.end() ? std::set<std::string>{uid} : members_.at(at->second);
    }

   private:
    std::unordered_map<std::string, std::set<std::string>> members_;  // uids
    std::unordered_map<std::string, std::pair<std::string, std::string>> places_;
    std::unordered_map<std::string, std::string> family_of_;
  };

  const replica_kind kind;
  ownership_index<member> pods_;
  families family_;
  look_pauses pauses_;
};

}  // namespace

controller_actor spawn_replica_set_controller(caf::actor_system& sys, controller_options options) {
  return spawn_controller(sys, std::move(options),
                          std::make_unique<replica_controller>(replica_set));
}

controller_actor spawn_replication_controller(caf::actor_system& sys, controller_options options) {
  return spawn_controller(sys, std::move(options),
                          std::make_unique<replica_controller>(replication_controller));
}

}  // namespace troupe
