#include "model/workload/cron_job.hpp"

#include "actors/controllers/batches.hpp"
#include "actors/controllers/controller.hpp"
#include "actors/controllers/owner_graph.hpp"
#include "actors/controllers/ownership_index.hpp"
#include "actors/controllers/pod_control.hpp"
#include "actors/controllers/resource_names.hpp"

namespace troupe {
namespace {

using model::json;

std::chrono::milliseconds until(model::time_point next, model::time_point now) {
  return std::chrono::ceil<std::chrono::milliseconds>(next - now);
}

// One look at a CronJob: deletes what is outdated and what it replaces, starts what is due, and
// writes the status. A Job's name is that of its time, so that doing it again after a restart in
// between finds the Job instead of starting another.
class cron_visit : public std::enable_shared_from_this<cron_visit> {
 public:
  cron_visit(model::object_ptr cron_job, const std::vector<model::object_ptr>& owned,
             controller_host& host, std::function<void(outcome)> done)
      : stored_(std::move(cron_job)),
        document_(stored_->parse()),
        before_(model::at(document_, {"status"})),
        status_(before_.is_object() ? before_ : json::object()),
        host_(host),
        done_(std::move(done)) {
    for (const auto& o : owned) {
      jobs_.push_back(o->parse());
      uids_[o->key().name] = o->header().uid;
    }
  }

  void run() {
    // What the history's limits ask for and does not succeed is tried again at the next occasion.
    remove(model::outdated_cron_jobs(document_, jobs_),
           [self = shared_from_this()](const batch_result&) { self->decide(); });
  }

 private:
  void tell(const model::remark& r) const {
    host_.record(r.about(model::reference_to(*stored_, "CronJob", "batch/v1")));
  }

  void decide() {
    document_["status"] = status_;
    decision_ = model::decide_cron_job(document_, jobs_, host_.now());
    status_ = std::move(decision_.status);
    for (const auto& r : decision_.remarks) tell(r);
    remove(decision_.replaced, [self = shared_from_this()](const batch_result& r) {
      if (!r.failure.empty()) {
        self->failure_ = "could not replace a job: " + r.failure;
        return self->write();
      }
      self->start();
    });
  }

  void remove(const std::vector<std::string>& names, std::function<void(batch_result)> then_do) {
    static const json background = {{"propagationPolicy", "Background"}};
    call_all(
        names.size(),
        [self = shared_from_this(), names](std::size_t i, std::function<void(std::string)> ended) {
          const auto name = names[i];
          self->host_.call("DELETE", path_of({resources::jobs, self->stored_->key().ns, name}),
                           background, [self, name, ended](const api_response& r) {
                             auto failure = outcome_of(r).failure;
                             if (failure.empty()) {
                               model::drop_active_job(self->status_, self->uids_[name]);
                               self->tell({"SuccessfulDelete", "Deleted job " + name});
                             } else {
                               self->tell({"FailedDelete", "Deleted job: " + failure, true});
                             }
                             ended(std::move(failure));
                           });
        },
        std::move(then_do));
  }

  void start() {
    if (decision_.job.is_null()) return write();
    const auto& ns = stored_->key().ns;
    host_.call("POST", "/apis/batch/v1/namespaces/" + ns + "/jobs", decision_.job,
               [self = shared_from_this()](const api_response& r) {
                 self->started(r);
                 self->write();
               });
  }

  void started(const api_response& r) {
    const auto name = model::string_at(decision_.job, {"metadata", "name"});
    if (r.code == 201) {
      tell({"SuccessfulCreate", "Created job " + name});
      model::add_started_job(status_, json::parse(r.body.bytes()), decision_.scheduled);
      return;
    }
    if (r.code == 409) {
      // There is one already: this CronJob's own of before, or somebody else's.
      const auto there = host_.cache().get({resources::jobs, stored_->key().ns, name});
      const auto owner = there ? model::controller_of(*there) : std::nullopt;
      if (owner && owner->uid == stored_->header().uid)
        model::add_started_job(status_, there->parse(), decision_.scheduled);
      return;
    }
    const auto status = model::status_from_text(r.body.bytes());
    failure_ = status.message;
    // Nothing can be made any more where the namespace ends.
    if (!ends_with_namespace(status))
      tell({"FailedCreate", "Error creating job: " + failure_, true});
  }

  void write() {
    document_["status"] = status_;
    if (status_ == (before_.is_null() ? json::object() : before_)) return end({});
    host_.call("PUT", path_of(stored_->key()) + "/status", document_,
               [self = shared_from_this()](const api_response& r) {
                 if (r.code == 409) return self->done_({{}, std::chrono::milliseconds(0)});
                 self->end(outcome_of(r));
               });
  }

  void end(outcome o) {
    if (o.failure.empty()) o.failure = std::move(failure_);
    const auto now = host_.now();
    if (const auto next = model::next_cron_visit(document_, now)) o.again = until(*next, now);
    done_(std::move(o));
  }

  const model::object_ptr stored_;
  json document_;
  const json before_;  // its status, which is written only when it has changed
  json status_;
  std::vector<json> jobs_;
  model::cron_decision decision_;
  std::map<std::string, std::string> uids_;  // of Jobs, by name
  controller_host& host_;
  std::function<void(outcome)> done_;
  std::string failure_;
};

// Keys are those of the CronJobs.
struct cron_job_controller : controller {
  std::string name() const override { return "cronjob-controller"; }
  std::vector<std::string> resources() const override {
    return {resources::cron_jobs, resources::jobs};
  }

  void relist(const std::string& resource, controller_host& host) override {
    if (resource != resources::jobs) return;
    for (const auto& key : index.forget_dependents()) host.visit(key, {});
  }

  void observe(const store::event& e, controller_host& host) override {
    if (e.object->key().resource == resources::jobs) {
      for (const auto& key : index.observe(e)) host.visit(key, {});
      return;
    }
    const auto key = model::to_string(e.object->key());
    if (e.type == store::event::kind::deleted) {
      index.drop_controller(key);
      return;
    }
    index.put_controller(*e.object, std::nullopt, host.cache());
    host.visit(key, delay_of(e, host));
  }

  void reconcile(const std::string& key, controller_host& host,
                 std::function<void(outcome)> done) override {
    const auto stored = host.cache().get(parse_key(key));
    if (!stored) return done({});
    std::vector<model::object_ptr> owned;
    for (const auto& [job, d] : index.owned(stored->header().uid)) owned.push_back(d.object);
    std::make_shared<cron_visit>(stored, owned, host, std::move(done))->run();
  }

  // A CronJob with another schedule is looked at when that means it for the first time, as kube's
  // controller does: what the new one would have meant before is nothing that was missed.
  static std::chrono::milliseconds delay_of(const store::event& e, const controller_host& host) {
    if (!e.previous || e.previous->header().uid != e.object->header().uid) return {};
    const auto document = e.object->parse();
    if (!model::schedule_differs(e.previous->parse(), document)) return {};
    const auto now = host.now();
    const auto next = model::next_cron_visit(document, now);
    return next ? until(*next, now) : std::chrono::milliseconds{};
  }

  // The Jobs' documents are read when a CronJob is looked at, which is seldom.
  ownership_index<no_facts> index{"CronJob", resources::jobs};
};

}  // namespace

controller_actor spawn_cron_job_controller(caf::actor_system& sys, controller_options options) {
  return spawn_controller(sys, std::move(options), std::make_unique<cron_job_controller>());
}

}  // namespace troupe
