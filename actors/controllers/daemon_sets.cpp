#include "actors/controllers/look_pauses.hpp"
#include "actors/controllers/owner_graph.hpp"
#include "actors/controllers/ownership_index.hpp"
#include "actors/controllers/pod_control.hpp"
#include "actors/controllers/resource_names.hpp"
#include "model/json_writer.hpp"
#include "model/workload/claim.hpp"
#include "model/workload/controller_revisions.hpp"
#include "model/workload/daemon_set_plan.hpp"

#include <algorithm>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using model::daemon_pod;
using model::daemon_set_view;
using model::json;
using model::object_ptr;
using done_fn = std::function<void(outcome)>;

constexpr std::size_t burst = 250;

// Keeps the time until a node's failed daemon is replaced, longer each time.
class failure_pauses {
 public:
  static constexpr std::chrono::milliseconds first = 1s;
  static constexpr std::chrono::milliseconds longest = 15min;

  /// Nothing when the pod may go now; the next one then has to wait for twice as long.
  std::optional<std::chrono::milliseconds> wait(const std::string& key, model::time_point now) {
    auto& p = pauses_[key];
    if (now < p.until) return std::chrono::ceil<std::chrono::milliseconds>(p.until - now);
    // Who did well for long enough begins anew.
    p.length = p.length.count() == 0 || now > p.until + 2 * longest
                   ? first
                   : std::min(longest, 2 * p.length);
    p.until = now + p.length;
    return std::nullopt;
  }

 private:
  struct pause {
    model::time_point until;
    std::chrono::milliseconds length{0};
  };
  std::unordered_map<std::string, pause> pauses_;
};

// Keeps a daemon on each node that is to have one. Keys are those of DaemonSets.
struct daemon_set_controller : controller {
  std::string name() const override { return "daemonset-controller"; }
  std::vector<std::string> resources() const override {
    return {"nodes", resources::daemon_sets, "pods", resources::revisions};
  }

  void relist(const std::string& resource, controller_host& host) override {
    if (resource == resources::daemon_sets) {
      pods_.forget_controllers();
      revisions_.forget_controllers();
      return;
    }
    if (resource == "nodes") nodes_.clear();
    if (resource == "pods") pods_.forget_dependents();
    if (resource == resources::revisions) revisions_.forget_dependents();
    for (const auto& key : pods_.controllers()) look_soon(key, host);
  }

  void observe(const store::event& e, controller_host& host) override {
    const auto& resource = e.object->key().resource;
    const auto key = to_string(e.object->key());
    const bool deleted = e.type == store::event::kind::deleted;
    if (resource == "nodes") {
      if (node_changed(e))
        for (const auto& set : pods_.controllers()) look_soon(set, host);
    } else if (resource == "pods") {
      for (const auto& set : pods_.observe(e)) look_soon(set, host);
    } else if (resource == resources::revisions) {
      for (const auto& set : revisions_.observe(e)) host.visit(set, 0ms);
    } else if (deleted) {
      pods_.drop_controller(key);
      revisions_.drop_controller(key);
      pauses_.forget(key);
    } else {
      const auto set = e.object->view<daemon_set_view>();
      pods_.put_controller(*e.object, set->selector, host.cache());
      revisions_.put_controller(*e.object, set->selector, host.cache());
      host.visit(key, 0ms);
    }
  }

  void look_soon(const std::string& key, controller_host& host) const {
    host.visit(key, pauses_.until_next(key, host.now()));
  }

  // Whether a node is judged differently now; most writes are its kubelet's heartbeats.
  bool node_changed(const store::event& e) {
    const auto& name = e.object->key().name;
    if (e.type == store::event::kind::deleted) return nodes_.erase(name) != 0;
    auto now = e.object->view<model::node_view>();
    auto& known = nodes_[name];
    const bool same = known && known->labels == now->labels && known->taints == now->taints;
    known = std::move(now);
    return !same;
  }

  struct state {
    std::vector<model::daemon_entry> pods;
    std::vector<object_ptr> history;
    claims claimed;
  };
  state look(const object_ptr& set, const daemon_set_view& view) const {
    state out;
    const auto& uid = set->header().uid;
    for (const auto& [key, pod] : pods_.owned(uid)) {
      if (view.selector->matches(pod.object->header().labels))
        out.pods.push_back({pod.object, &pod.facts});
      else if (claim_of(*set, *view.selector, *pod.object) == model::claim::release)
        out.claimed.released.push_back(pod.object);
    }
    for (const auto& [key, revision] : revisions_.owned(uid))
      out.history.push_back(revision.object);
    auto orphans = pods_.orphans(set->key().ns, *view.selector);
    for (auto& o : revisions_.orphans(set->key().ns, *view.selector))
      orphans.push_back(std::move(o));
    for (auto& o : orphans)
      if (claim_of(*set, *view.selector, *o) == model::claim::adopt)
        out.claimed.adopted.push_back(std::move(o));
    return out;
  }

  void reconcile(const std::string& key, controller_host& host, done_fn done) override {
    const object_ptr object = host.cache().get(parse_key(key));
    if (!object || object->header().deleting) return done({});
    const auto view = object->view<daemon_set_view>();
    if (!view->selector) return done({});
    const workload set{object, "apps/v1", "DaemonSet"};
    state s = look(object, *view);
    pauses_.looked(key, nodes_.size() + s.pods.size(), host.now());
    if (!s.claimed.empty()) return carry_out(set, s.claimed, host, std::move(done));
    auto revision =
        model::plan_template_revision({*object, set.kind, model::revision_hash_label,
                                       view->own_template, view->annotations, view->status},
                                      s.history);
    if (!revision.created.is_null())
      return create_revision(set, revision.created, host, std::move(done));
    if (!revision.renumbered.empty()) return renumber(set, revision, host, std::move(done));
    const auto& labels = revision.newest->header().labels;
    const auto* hash = model::find(labels, model::revision_hash_label);
    manage(set, *view, std::move(s), hash ? *hash : std::string{}, host, std::move(done));
  }

  void manage(const workload& set, const daemon_set_view& view, state s, const std::string& hash,
              controller_host& host, done_fn done) {
    auto plan = model::plan_daemon_set(view, nodes_, s.pods, hash, host.now());
    std::optional<std::chrono::milliseconds> wake;
    for (const auto& pod : plan.failed) take_failed(set, hash, pod, plan, wake, host);
    for (const auto& r : plan.remarks)
      set.tell(host, r.warning ? "Warning" : "Normal", r.reason, r.message);
    if (plan.next) {
      const auto due = std::chrono::ceil<std::chrono::milliseconds>(*plan.next - host.now());
      wake = std::max(1ms, wake ? std::min(*wake, due) : due);
    }
    auto outdated = outdated_revisions(view, s, hash);
    const bool changes = !plan.created.empty() || !plan.removed.empty();
    auto report = [set, &host, status = plan.status, wake, outdated = std::move(outdated), changes,
                   done = std::move(done)](const std::string& failure) {
      put_status(*set.object, status, host,
                 [&host, wake, outdated, changes, failure, done](outcome o) {
                   if (o.failure.empty()) o.failure = failure;
                   if (!o.again) o.again = wake;
                   if (changes || outdated.empty() || !o.failure.empty()) return done(std::move(o));
                   remove_revisions(outdated, host, o, done);
                 });
    };
    const auto removed = std::make_shared<std::vector<object_ptr>>(std::move(plan.removed));
    create(set, view, plan.created, hash, host,
           [set, &host, removed, report](const batch_result& created) {
             call_all(
                 std::min(removed->size(), burst),
                 [&](std::size_t i, ended_fn ended) {
                   delete_pod(set, *(*removed)[i], host, std::move(ended));
                 },
                 [report, failure = created.failure](const batch_result& r) {
                   report(failure.empty() ? r.failure : failure);
                 });
           });
  }

  // A failed pod is told of and removed, unless its node had one only just before.
  void take_failed(const workload& set, const std::string& hash, const model::daemon_entry& pod,
                   model::daemon_plan& plan, std::optional<std::chrono::milliseconds>& wake,
                   const controller_host& host) {
    const auto& node = pod.facts->target;
    const auto wait =
        failures_.wait(set.object->header().uid + "/" + hash + "/" + node, host.now());
    if (wait) {
      wake = wake ? std::min(*wake, *wait) : *wait;
      return;
    }
    plan.remarks.push_back({"FailedDaemonPod",
                            "Found failed daemon pod " + pod.object->key().ns + "/" +
                                pod.object->key().name + " on node " + node +
                                ", will try to kill it",
                            true});
    plan.removed.push_back(pod.object);
  }

  static void create(const workload& set, const daemon_set_view& view,
                     const std::vector<std::string>& on, const std::string& hash,
                     controller_host& host, std::function<void(batch_result)> done) {
    auto pods = std::make_shared<std::vector<blob_ref>>();
    for (std::size_t i = 0; i < std::min(on.size(), burst); ++i)
      pods->emplace_back(model::dump(daemon_for(view, *set.object, on[i], hash)));
    call_slow_start(
        pods->size(),
        [set, pods, &host](std::size_t i, ended_fn ended) {
          create_pod(set, (*pods)[i], host, std::move(ended));
        },
        std::move(done));
  }

  // Revisions

  static std::vector<object_ptr> outdated_revisions(const daemon_set_view& view, const state& s,
                                                    const std::string& hash) {
    std::vector<std::string> live;
    for (const auto& revision : s.history) {
      const auto* own = model::find(revision->header().labels, model::revision_hash_label);
      const bool used = own && (*own == hash || std::ranges::any_of(s.pods, [&](const auto& pod) {
                          return pod.facts->hash == *own;
                        }));
      if (used) live.push_back(revision->key().name);
    }
    return model::beyond_limit(s.history, live, view.history_limit);
  }

  static void remove_revisions(const std::vector<object_ptr>& outdated, controller_host& host,
                               const outcome& o, const done_fn& done) {
    call_all(
        outdated.size(),
        [&](std::size_t i, ended_fn ended) {
          host.call(
              "DELETE", path_of(outdated[i]->key()), json(),
              [ended = std::move(ended)](const api_response& r) { ended(outcome_of(r).failure); });
        },
        [o, done](const batch_result& r) {
          done(r.failure.empty() ? o : outcome{r.failure, std::nullopt});
        });
  }

  static void create_revision(const workload& set, const json& revision, controller_host& host,
                              done_fn done) {
    host.call("POST", "/apis/apps/v1/namespaces/" + set.object->key().ns + "/controllerrevisions",
              revision, [set, &host, done = std::move(done)](const api_response& r) {
                if (r.code < 300) return done({{}, 0ms});
                if (r.code != 409)
                  return done({model::status_from_text(r.body.bytes()).message, std::nullopt});
                // The name is taken by another revision: the next attempt gets another name.
                json status = set.object->view<daemon_set_view>()->status;
                json& collisions = status["collisionCount"];
                collisions = collisions.is_number_integer() ? collisions.get<int>() + 1 : 1;
                put_status(*set.object, std::move(status), host, done);
              });
  }

  static void renumber(const workload& set, const model::template_revision& revision,
                       controller_host& host, done_fn done) {
    host.call("PATCH", path_of({resources::revisions, set.object->key().ns, revision.renumbered}),
              json{{"revision", revision.number}}, [done = std::move(done)](const api_response& r) {
                if (r.code < 300) return done({{}, 0ms});
                done({model::status_from_text(r.body.bytes()).message, std::nullopt});
              });
  }

  ownership_index<daemon_pod> pods_{"DaemonSet", "pods"};
  ownership_index<no_facts> revisions_{"DaemonSet", resources::revisions};
  model::node_views nodes_;
  look_pauses pauses_;
  failure_pauses failures_;
};

}  // namespace

controller_actor spawn_daemon_set_controller(caf::actor_system& sys, controller_options options) {
  return spawn_controller(sys, std::move(options), std::make_unique<daemon_set_controller>());
}

}  // namespace troupe
