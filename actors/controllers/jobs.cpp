#include "actors/controllers/owner_graph.hpp"
#include "actors/controllers/ownership_index.hpp"
#include "actors/controllers/pod_control.hpp"
#include "actors/controllers/resource_names.hpp"
#include "model/json_writer.hpp"
#include "model/workload/claim.hpp"
#include "model/workload/job.hpp"
#include "model/workload/job_conditions.hpp"

#include <algorithm>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using model::job_pod;
using model::job_spec;
using model::json;
using model::object_ptr;
using done_fn = std::function<void(outcome)>;

// Takes the finalizer off a pod. Only what is certain counts as done: the pod is counted then.
void release_pod(const model::object& pod, controller_host& host, ended_fn ended) {
  const json patch = {
      {"metadata",
       {{"uid", pod.header().uid},
        {"$deleteFromPrimitiveList/finalizers", json::array({model::job_tracking_finalizer})}}}};
  host.call("PATCH", path_of(pod.key()), patch,
            [&host, key = pod.key(), uid = pod.header().uid,
             ended = std::move(ended)](const api_response& r) {
              const auto now = host.cache().get(key);
              if (r.code < 300 || !now || now->header().uid != uid) return ended({});
              ended(model::status_from_text(r.body.bytes()).message);
            });
}

// One look at a Job that has not ended: the pods that it needs and does not need, then its status,
// the finalizers of pods that the status counts, and the status without them.
class job_visit : public std::enable_shared_from_this<job_visit> {
 public:
  job_visit(object_ptr job, model::job_pods pods, std::shared_ptr<model::job_backoff> backoff,
            controller_host& host, done_fn done)
      : owner_{job, "batch/v1", "Job"},
        spec_(job->view<job_spec>()),
        pods_(std::move(pods)),
        backoff_(std::move(backoff)),
        host_(host),
        done_(std::move(done)) {
    plan_ = model::plan_job(*spec_, pods_, *backoff_, host.now());
  }

  void run() {
    auto changed = [self = shared_from_this()](const batch_result& r) {
      self->failure_ = r.failure;
      self->changes_.failed = !r.failure.empty();
      self->track();
    };
    if (plan_.created != 0)
      call_slow_start(
          plan_.created,
          [self = shared_from_this()](std::size_t i, ended_fn ended) {
            self->create(i, std::move(ended));
          },
          std::move(changed));
    else
      call_all(
          plan_.removed.size(),
          [&](std::size_t i, ended_fn ended) { remove(plan_.removed[i], std::move(ended)); },
          std::move(changed));
  }

 private:
  void create(std::size_t i, ended_fn ended) {
    std::optional<std::int64_t> index;
    if (!plan_.indexes.empty()) index = plan_.indexes[i];
    const auto before = plan_.replaced.find(index.value_or(-1));
    const auto* replaced = before == plan_.replaced.end() ? nullptr : before->second.get();
    create_pod(owner_, blob_ref(model::dump(pod_of_job(*spec_, *owner_.object, index, replaced))),
               host_, [self = shared_from_this(), ended = std::move(ended)](std::string failure) {
                 if (failure.empty()) ++self->changes_.created;
                 ended(std::move(failure));
               });
  }

  void remove(const object_ptr& pod, ended_fn ended) {
    const job_pod facts(*pod);
    auto removed = [self = shared_from_this(), ready = facts.ready,
                    ended = std::move(ended)](std::string failure) {
      if (failure.empty()) {
        ++self->changes_.removed;
        if (ready) ++self->changes_.removed_ready;
      }
      ended(std::move(failure));
    };
    if (!plan_.release_removed || !facts.tracked)
      return delete_pod(owner_, *pod, host_, std::move(removed));
    release_pod(*pod, host_, [self = shared_from_this(), pod, removed](std::string failure) {
      if (!failure.empty()) return removed(std::move(failure));
      delete_pod(self->owner_, *pod, self->host_, removed);
    });
  }

  void track() {
    // What others have written since is looked at first; from here on the status is this look's
    // own.
    if (status_is_another(*owner_.object, host_)) return done_({{}, after_conflict});
    tracking_ = track_job(*spec_, pods_, plan_, changes_, host_.now());
    write(tracking_.status, [self = shared_from_this()] {
      *self->backoff_ = self->plan_.backoff;
      self->tell(self->tracking_.remarks);
      self->release();
    });
  }

  void release() {
    auto tracked = std::make_shared<std::set<std::string>>();
    for (const auto& pod : pods_)
      if (pod.facts.tracked) tracked->insert(pod.facts.uid);
    call_all(
        tracking_.counted.size(),
        [&](std::size_t i, ended_fn ended) {
          release_pod(*tracking_.counted[i], host_,
                      [tracked, uid = tracking_.counted[i]->header().uid,
                       ended = std::move(ended)](std::string failure) {
                        if (failure.empty()) tracked->erase(uid);
                        ended(std::move(failure));
                      });
        },
        [self = shared_from_this(), tracked](const batch_result& r) {
          if (self->failure_.empty()) self->failure_ = r.failure;
          self->settle(*tracked);
        });
  }

  void settle(const std::set<std::string>& tracked) {
    const auto stored = host_.cache().get(owner_.object->key());
    if (stored && stored->text_of(model::part::status) != written_)
      return done_({failure_, after_conflict});  // somebody has written another one
    json status = tracking_.status;
    const bool ended = model::settle_job(status, tracked, tracking_.end, host_.now());
    write(status, [self = shared_from_this(), status, ended] {
      if (ended) self->tell(end_remarks(*self->spec_, status, self->tracking_.end));
      outcome o{self->failure_, std::nullopt};
      if (self->plan_.next && !ended)
        o.again = std::max<std::chrono::milliseconds>(
            1ms,
            std::chrono::ceil<std::chrono::milliseconds>(*self->plan_.next - self->host_.now()));
      self->done_(std::move(o));
    });
  }

  void tell(const std::vector<model::remark>& remarks) const {
    for (const auto& r : remarks)
      owner_.tell(host_, r.warning ? "Warning" : "Normal", r.reason, r.message);
  }

  // Ends the visit when it does not work.
  void write(const json& status, std::function<void()> then_do) {
    put_status(
        owner_.object->key(), owner_.object->header().uid, status, host_,
        [self = shared_from_this(), then_do = std::move(then_do)](outcome o, std::string text) {
          if (!o.failure.empty() || o.again) return self->done_(std::move(o));
          self->written_ = std::move(text);
          then_do();
        });
  }

  const workload owner_;
  const std::shared_ptr<const job_spec> spec_;
  const model::job_pods pods_;
  const std::shared_ptr<model::job_backoff> backoff_;
  controller_host& host_;
  const done_fn done_;
  model::job_plan plan_;
  model::job_changes changes_;
  model::job_tracking tracking_;
  std::string written_;  // the status' text as it was stored last
  std::string failure_;
};

// Keys are those of Jobs, and those of pods that may have a Job's finalizer without a Job.
struct job_controller : controller {
  // A Job is looked at because of its pods at most so often.
  static constexpr std::chrono::milliseconds longest_pause{100};
  static constexpr std::size_t pods_a_millisecond = 8;

  std::string name() const override { return "job-controller"; }
  std::vector<std::string> resources() const override { return {resources::jobs, "pods"}; }

  void relist(const std::string& resource, controller_host& host) override {
    if (resource == "pods") pods_.forget_dependents();
    for (const auto& [key, job] : jobs_) host.visit(key, 0ms);
  }

  void observe(const store::event& e, controller_host& host) override {
    if (e.object->key().resource == "pods") return observe_pod(e, host);
    const auto key = to_string(e.object->key());
    host.visit(key, 0ms);
    if (e.type == store::event::kind::deleted) return;
    const auto& uid = e.object->header().uid;
    if (auto& known = jobs_[key]; known.uid != uid) {
      let_go(known.uid, host);
      known = {uid, std::make_shared<model::job_backoff>()};
    }
    pods_.put_controller(*e.object, e.object->view<job_spec>()->selector, host.cache());
  }

  void observe_pod(const store::event& e, controller_host& host) {
    for (const auto& key : pods_.observe(e)) host.visit(key, pause(key));
    if (e.type == store::event::kind::deleted) return;
    const auto& header = e.object->header();
    const auto* owner = header.controller();
    if ((!owner || (header.controller_kind == "Job" && !pods_.controller(*owner))) &&
        model::tracked_by_job(*e.object))
      host.visit(to_string(e.object->key()), 0ms);
  }

  std::chrono::milliseconds pause(const std::string& key) const {
    const auto job = jobs_.find(key);
    if (job == jobs_.end()) return 0ms;
    const auto pods = pods_.owned(job->second.uid).size() / pods_a_millisecond;
    return std::min(longest_pause, std::chrono::milliseconds(pods));
  }

  // The pods of a Job that is gone lose their finalizer.
  void let_go(const std::string& uid, controller_host& host) {
    for (const auto& [key, pod] : pods_.owned(uid))
      if (pod.facts.tracked) host.visit(key, 0ms);
  }

  void reconcile(const std::string& key, controller_host& host, done_fn done) override {
    const auto place = parse_key(key);
    const auto stored = host.cache().get(place);
    if (place.resource == "pods") return look_at_stray(stored, host, std::move(done));
    if (!stored) {
      if (const auto known = jobs_.find(key); known != jobs_.end()) {
        let_go(known->second.uid, host);
        pods_.drop_controller(key);
        jobs_.erase(known);
      }
      return done({});
    }
    const auto spec = stored->view<job_spec>();
    if (spec->managed_elsewhere) return done({});
    auto mine = claim(stored, *spec);
    if (!mine.claimed.empty())
      return carry_out({stored, "batch/v1", "Job"}, mine.claimed, host, std::move(done));
    if (!model::job_end({{"status", spec->status}}).empty())
      return release_all(mine.pods, host, std::move(done));
    const auto known = jobs_.find(key);
    if (known == jobs_.end() || known->second.uid != stored->header().uid)
      return done({});  // its event is yet to come
    std::make_shared<job_visit>(stored, std::move(mine.pods), known->second.backoff, host,
                                std::move(done))
        ->run();
  }

  struct look {
    model::job_pods pods;
    claims claimed;
  };
  look claim(const object_ptr& job, const job_spec& spec) const {
    look out;
    out.claimed.finalizer = model::job_tracking_finalizer;
    if (!spec.selector) return out;
    for (const auto& [key, pod] : pods_.owned(job->header().uid)) {
      const model::job_pod_entry entry{pod.object, pod.facts};
      if (!spec.selector->matches(pod.object->header().labels)) {
        if (claim_of(*job, *spec.selector, *pod.object) == model::claim::release)
          out.claimed.released.push_back(pod.object);
      } else if (entry.matters()) {
        out.pods.push_back(entry);
      }
    }
    for (const auto& pod : pods_.orphans(job->key().ns, *spec.selector))
      if (claim_of(*job, *spec.selector, *pod) == model::claim::adopt)
        out.claimed.adopted.push_back(pod);
    return out;
  }

  static void release_all(const model::job_pods& pods, controller_host& host, done_fn done) {
    std::vector<object_ptr> tracked;
    for (const auto& pod : pods)
      if (pod.facts.tracked) tracked.push_back(pod.object);
    call_all(
        tracked.size(),
        [&](std::size_t i, ended_fn ended) { release_pod(*tracked[i], host, std::move(ended)); },
        [done = std::move(done)](const batch_result& r) {
          done({r.failure, std::nullopt});
        });
  }

  // A pod with the finalizer whose Job is gone or has ended, or that no Job controls any more.
  static void look_at_stray(const object_ptr& pod, controller_host& host, done_fn done) {
    if (!pod || !model::tracked_by_job(*pod)) return done({});
    if (const auto owner = model::controller_of(*pod)) {
      if (owner->kind != "Job") return done({});
      const auto job = host.cache().get({resources::jobs, pod->key().ns, owner->name});
      if (job && job->header().uid == owner->uid) {
        const auto spec = job->view<job_spec>();
        if (spec->managed_elsewhere || model::job_end({{"status", spec->status}}).empty())
          return done({});
      }
    }
    release_pod(*pod, host, [done = std::move(done)](std::string failure) {
      done({std::move(failure), std::nullopt});
    });
  }

  struct known_job {
    std::string uid;
    std::shared_ptr<model::job_backoff> backoff;
  };
  ownership_index<job_pod> pods_{"Job", "pods"};
  std::map<std::string, known_job> jobs_;  // by key
};

}  // namespace

controller_actor spawn_job_controller(caf::actor_system& sys, controller_options options) {
  return spawn_controller(sys, std::move(options), std::make_unique<job_controller>());
}

}  // namespace troupe
