#include "actors/controllers/owner_graph.hpp"
#include "actors/controllers/ownership_index.hpp"
#include "actors/controllers/pod_control.hpp"
#include "actors/controllers/resource_names.hpp"
#include "model/workload/claim.hpp"
#include "model/workload/controller_revisions.hpp"

#include <algorithm>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using model::json;
using model::object_ptr;
using model::set_step;
using model::stateful_set_view;
using done_fn = std::function<void(outcome)>;

std::string message_of(const api_response& r) {
  return model::status_from_text(r.body.bytes()).message;
}

// Carries a plan out: its steps, as long as they go well, then the status, then revisions that
// nothing uses any more go.
class set_visit : public std::enable_shared_from_this<set_visit> {
 public:
  set_visit(workload set, model::set_plan plan, std::vector<object_ptr> outdated,
            controller_host& host, done_fn done)
      : set_(std::move(set)),
        plan_(std::move(plan)),
        outdated_(std::move(outdated)),
        host_(host),
        done_(std::move(done)) {}

  void run() {
    for (const auto& r : plan_.remarks)
      set_.tell(host_, r.warning ? "Warning" : "Normal", r.reason, r.message);
    call_slow_start(
        plan_.steps.size(),
        [self = shared_from_this()](std::size_t i, ended_fn ended) {
          self->carry_out(self->plan_.steps[i], std::move(ended));
        },
        [self = shared_from_this()](const batch_result& r) {
          self->failure_ = r.failure;
          self->report();
        });
  }

 private:
  // "create Pod web-0 in StatefulSet web successful"
  void tell(const char* verb, const char* reason, const std::string& pod,
            const std::string& failure) const {
    const auto what =
        std::string(verb) + " Pod " + pod + " in StatefulSet " + set_.object->key().name;
    if (failure.empty())
      set_.tell(host_, "Normal", "Successful" + std::string(reason), what + " successful");
    else
      set_.tell(host_, "Warning", "Failed" + std::string(reason),
                what + " failed error: " + failure);
  }

  void carry_out(const set_step& step, ended_fn ended) {
    switch (step.what) {
      case set_step::kind::create:
        return create_claims(step, 0,
                             [self = shared_from_this(), &step,
                              ended = std::move(ended)](const std::string& failure) {
                               if (!failure.empty()) return ended(failure);
                               self->create(step, ended);
                             });
      case set_step::kind::remove:
        return remove(step, std::move(ended));
      case set_step::kind::label:
        return label(step, std::move(ended));
      case set_step::kind::claim:
        if (step.body.is_null()) return create_claims(step, 0, std::move(ended));
        return write_claim(step, std::move(ended));
    }
  }

  std::string path_in_namespace(const char* resource) const {
    return "/api/v1/namespaces/" + set_.object->key().ns + "/" + resource;
  }

  void create_claims(const set_step& step, std::size_t i, ended_fn ended) {
    if (i == step.claims.size()) return ended({});
    host_.call(
        "POST", path_in_namespace(resources::claims), step.claims[i],
        [self = shared_from_this(), &step, i, ended = std::move(ended)](const api_response& r) {
          const auto what = "create Claim " +
                            model::string_at(step.claims[i], {"metadata", "name"}) + " Pod " +
                            step.name + " in StatefulSet " + self->set_.object->key().name;
          if (r.code >= 300 && r.code != 409) {
            self->set_.tell(self->host_, "Warning", "FailedCreate",
                            what + " failed error: " + message_of(r));
            return ended(message_of(r));
          }
          if (r.code < 300)
            self->set_.tell(self->host_, "Normal", "SuccessfulCreate", what + " success");
          self->create_claims(step, i + 1, ended);
        });
  }

  void create(const set_step& step, ended_fn ended) {
    host_.call("POST", path_in_namespace("pods"), step.body,
               [self = shared_from_this(), &step, ended = std::move(ended)](const api_response& r) {
                 auto failure = r.code < 300 ? std::string{} : message_of(r);
                 if (r.code != 409) self->tell("create", "Create", step.name, failure);
                 ended(std::move(failure));
               });
  }

  void remove(const set_step& step, ended_fn ended) {
    const json options = {{"preconditions", {{"uid", step.pod->header().uid}}}};
    host_.call("DELETE", path_of(step.pod->key()), options,
               [self = shared_from_this(), &step, ended = std::move(ended)](const api_response& r) {
                 if (r.code == 404 || r.code == 409) return ended({});
                 auto failure = r.code < 300 ? std::string{} : message_of(r);
                 self->tell("delete", "Delete", step.name, failure);
                 ended(std::move(failure));
               });
  }

  void label(const set_step& step, ended_fn ended) {
    host_.call("PATCH", path_of(step.pod->key()), step.body,
               [self = shared_from_this(), &step, ended = std::move(ended)](const api_response& r) {
                 auto failure = r.code < 300 ? std::string{} : message_of(r);
                 self->tell("update", "Update", step.name, failure);
                 ended(std::move(failure));
               });
  }

  void write_claim(const set_step& step, ended_fn ended) {
    host_.call("PUT",
               path_in_namespace(resources::claims) + "/" +
                   model::string_at(step.body, {"metadata", "name"}),
               step.body, [ended = std::move(ended)](const api_response& r) {
                 ended(r.code < 300 || r.code == 404 ? std::string{} : message_of(r));
               });
  }

  void report() {
    put_status(*set_.object, plan_.status, host_, [self = shared_from_this()](outcome o) {
      if (!o.failure.empty() || o.again) return self->done_(std::move(o));
      self->truncate();
    });
  }

  void truncate() {
    call_all(
        outdated_.size(),
        [&](std::size_t i, ended_fn ended) {
          host_.call(
              "DELETE", path_of(outdated_[i]->key()), json(),
              [ended = std::move(ended)](const api_response& r) { ended(outcome_of(r).failure); });
        },
        [self = shared_from_this()](const batch_result& r) {
          outcome o{self->failure_.empty() ? r.failure : self->failure_, std::nullopt};
          if (self->plan_.next)
            o.again = std::max<std::chrono::milliseconds>(
                1ms, std::chrono::ceil<std::chrono::milliseconds>(*self->plan_.next -
                                                                  self->host_.now()));
          self->done_(std::move(o));
        });
  }

  const workload set_;
  const model::set_plan plan_;
  const std::vector<object_ptr> outdated_;
  controller_host& host_;
  const done_fn done_;
  std::string failure_;
};

// Keys are those of StatefulSets.
struct stateful_set_controller : controller {
  std::string name() const override { return "statefulset-controller"; }
  std::vector<std::string> resources() const override {
    return {resources::stateful_sets, "pods", resources::revisions, resources::claims};
  }

  void relist(const std::string& resource, controller_host& host) override {
    if (resource == "pods")
      for (const auto& key : pods_.forget_dependents()) host.visit(key, 0ms);
    else if (resource == resources::revisions)
      for (const auto& key : revisions_.forget_dependents()) host.visit(key, 0ms);
    else if (resource == resources::claims)
      for (const auto& [claim, set] : waiting_) host.visit(set, 0ms);
  }

  void observe(const store::event& e, controller_host& host) override {
    const auto key = to_string(e.object->key());
    const auto& resource = e.object->key().resource;
    const bool deleted = e.type == store::event::kind::deleted;
    if (resource == resources::claims) {
      const auto set = waiting_.find(key);
      if (!deleted || set == waiting_.end()) return;
      host.visit(set->second, 0ms);
      waiting_.erase(set);
    } else if (resource == "pods" || resource == resources::revisions) {
      for (const auto& set : resource == "pods" ? pods_.observe(e) : revisions_.observe(e))
        host.visit(set, 0ms);
    } else if (deleted) {
      pods_.drop_controller(key);
      revisions_.drop_controller(key);
    } else {
      const auto& selector = e.object->view<stateful_set_view>()->selector;
      pods_.put_controller(*e.object, selector, host.cache());
      revisions_.put_controller(*e.object, selector, host.cache());
      host.visit(key, 0ms);
    }
  }

  void reconcile(const std::string& key, controller_host& host, done_fn done) override {
    const auto stored = host.cache().get(parse_key(key));
    const auto view = stored ? stored->view<stateful_set_view>() : nullptr;
    if (!view || !view->selector) return done({});
    const workload set{stored, "apps/v1", "StatefulSet"};
    auto mine = look(*stored, *view);
    if (!mine.claimed.empty()) return troupe::carry_out(set, mine.claimed, host, std::move(done));
    const auto plan = plan_revisions(*stored, mine.history);
    if (!plan.created.is_null()) return create_revision(set, plan.created, host, std::move(done));
    if (!plan.renumbered.empty()) return renumber(set, plan, host, std::move(done));
    const model::object_lookup lookup = [&host](const model::object_key& k) {
      return host.cache().get(k);
    };
    auto steps = plan_stateful_set(*stored, mine.pods, plan.revisions, lookup, host.now());
    for (const auto& claim : steps.waits_for)
      waiting_[model::to_string({resources::claims, stored->key().ns, claim})] = key;
    auto outdated = beyond_history(*stored, mine.history, steps.live);
    std::make_shared<set_visit>(set, std::move(steps), std::move(outdated), host, std::move(done))
        ->run();
  }

  struct state {
    std::vector<model::set_pod_entry> pods;
    std::vector<object_ptr> history;
    claims claimed;
  };
  state look(const model::object& set, const stateful_set_view& view) const {
    state out;
    for (const auto& [key, pod] : pods_.owned(set.header().uid)) {
      if (!view.ordinal_of(pod.object->key().name)) continue;
      if (claim_of(set, *view.selector, *pod.object) == model::claim::release)
        out.claimed.released.push_back(pod.object);
      else
        out.pods.push_back({pod.object, pod.facts});
    }
    for (const auto& pod : pods_.orphans(set.key().ns, *view.selector))
      if (view.ordinal_of(pod->key().name) &&
          claim_of(set, *view.selector, *pod) == model::claim::adopt)
        out.claimed.adopted.push_back(pod);
    for (const auto& [key, revision] : revisions_.owned(set.header().uid))
      out.history.push_back(revision.object);
    for (const auto& revision : revisions_.orphans(set.key().ns, *view.selector))
      if (claim_of(set, *view.selector, *revision) == model::claim::adopt)
        out.claimed.adopted.push_back(revision);
    return out;
  }

  static void create_revision(const workload& set, const json& revision, controller_host& host,
                              done_fn done) {
    host.call("POST", "/apis/apps/v1/namespaces/" + set.object->key().ns + "/controllerrevisions",
              revision, [set, &host, done = std::move(done)](const api_response& r) {
                if (r.code < 300) return done({{}, 0ms});
                if (r.code != 409) return done({message_of(r), std::nullopt});
                // The name is taken by another revision: the next attempt gets another name.
                json status = set.object->view<stateful_set_view>()->status;
                json& collisions = status["collisionCount"];
                collisions = collisions.is_number_integer() ? collisions.get<int>() + 1 : 1;
                put_status(*set.object, std::move(status), host, done);
              });
  }

  static void renumber(const workload& set, const model::revision_plan& plan, controller_host& host,
                       done_fn done) {
    host.call("PATCH", path_of({resources::revisions, set.object->key().ns, plan.renumbered}),
              json{{"revision", plan.number}}, [done = std::move(done)](const api_response& r) {
                if (r.code < 300) return done({{}, 0ms});
                done({message_of(r), std::nullopt});
              });
  }

  ownership_index<model::set_pod> pods_{"StatefulSet", "pods"};
  ownership_index<no_facts> revisions_{"StatefulSet", resources::revisions};
  std::map<std::string, std::string> waiting_;  // sets, by the claim that has to go before
};

}  // namespace

controller_actor spawn_stateful_set_controller(caf::actor_system& sys, controller_options options) {
  return spawn_controller(sys, std::move(options), std::make_unique<stateful_set_controller>());
}

}  // namespace troupe
