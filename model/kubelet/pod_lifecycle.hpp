#pragma once

#include "model/kubelet/backoff.hpp"
#include "model/kubelet/pod_spec.hpp"
#include "model/kubelet/runtime_types.hpp"
#include "model/object.hpp"
#include "model/time.hpp"

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace troupe::model::kubelet {

/// What a pod's worker is to do next. Each but `note` and `finish` is answered by the member of
/// pod_lifecycle named with it, and not asked for again until then.
struct action {
  enum class kind : std::uint8_t {
    prepare,           ///< write volumes; prepared()
    run_sandbox,       ///< sandbox_ran()
    start_container,   ///< pull, create, start; container_started()
    stop_container,    ///< preStop, SIGTERM, SIGKILL; container_stopped()
    stop_sandbox,      ///< sandbox_stopped()
    remove_container,  ///< removed()
    remove_sandbox,    ///< removed()
    note,              ///< record an event
    finish             ///< everything has ended: report, delete the object, clean up
  };
  kind what;
  std::string id;         ///< of the container or sandbox
  std::string container;  ///< its name
  std::uint32_t attempt = 0;
  std::chrono::seconds grace{0};
  std::string type, reason, message;  ///< of the event
};

/// Why a container does not run, or why it could not be started (ContainerStateWaiting).
struct waiting {
  std::string reason, message;
};

/// Decides about one pod: given what is wanted, what the runtime shows and the time, what to do and
/// what to report. Nothing is done before the runtime's state was seen once, so that a restarted
/// kubelet adopts what runs.
class pod_lifecycle {
 public:
  pod_lifecycle(object_ptr first, backoff_times times);
  /// The kubelet does not run it (SysctlForbidden, ...): it has failed.
  void reject(std::string reason, const std::string& why);
  /// The node lacks something: the pod has failed, and its containers have so long to end.
  void evict(std::string why, std::chrono::seconds grace);

  const object& source() const { return *source_; }
  const json& pod() const { return *document(); }
  /// The pod's document: parsed when first asked for, shared with whoever keeps it.
  const std::shared_ptr<const json>& document() const;
  /// What containers_of() finds in it: every step asks for them several times.
  const std::vector<container_spec>& containers() const;
  /// As container_named().
  container_spec container(std::string_view name) const {
    return container_named(containers(), name);
  }
  const pod_state& state() const { return state_; }
  const std::string& uid() const { return source_->header().uid; }

  // What happened.
  /// Whether the pod is to be looked at: it has changed in what a kubelet reads.
  bool update(object_ptr newer);
  /// The object is gone from the store: end without a report.
  void unassign() { unassigned_ = true; }
  void observe(pod_state s);
  void prepared(const std::string& error, time_point now);
  void sandbox_ran(const std::string& error, time_point now);
  void container_started(const std::string& name, const waiting& failure, time_point now);
  void container_stopped(const std::string& id) { stopping_.erase(id); }
  void sandbox_stopped(const std::string& id, bool ok);
  void removed(const std::string& id) { removing_.erase(id); }
  /// Probe results of a running container.
  void set_started(const std::string& name, bool yes) { details_[name].started = yes; }
  void set_ready(const std::string& name, bool yes) { details_[name].ready = yes; }
  /// The container failed a probe and is to end, within `grace` where the probe says so.
  void condemn(const std::string& container_id, std::string why,
               std::optional<std::chrono::seconds> grace = std::nullopt) {
    condemned_[container_id] = {std::move(why), grace};
  }

  // What follows.
  std::vector<action> step(time_point now);
  /// When to step again although nothing happened; valid after step().
  std::optional<time_point> wake() const { return wake_; }
  /// Whether nothing is under way or due: the pod runs, or has ended.
  bool settled() const;
  /// Gives the parsed document back; thousands of pods that run undisturbed keep bytes alone.
  void rest() { forget_document(); }

  // What there is to say, for the status.
  bool deleting() const;
  bool unassigned() const { return unassigned_; }
  /// Succeeded or Failed for good, as far as this kubelet saw; else empty.
  const std::string& ended() const { return ended_; }
  const std::string& reason() const { return reason_; }
  const std::string& message() const { return message_; }
  /// By this kubelet since its start.
  bool evicted() const { return grace_.has_value(); }
  const container_state* newest(const std::string& name) const;
  const container_state* previous(const std::string& name) const;
  const sandbox_state* sandbox() const;  ///< the ready one
  bool initialized() const;
  bool started(const container_spec& c) const;
  bool ready(const container_spec& c) const;
  std::optional<waiting> waits(const std::string& name) const;
  /// Whether another one of its name takes the place of this container, whatever the pod's policy.
  bool replaced(const container_state& c) const { return outdated_.contains(c.id); }

 private:
  struct detail {
    backoff crash, pull;
    std::optional<waiting> why;  ///< it does not run
    std::optional<time_point> failed_at;
    bool pull_failed = false;
    std::string definition;  ///< of what is tried: another one has nothing to wait out
    bool noted = false;      ///< this back-off's event was recorded
    std::optional<bool> started, ready;
  };

  void forget_document();
  void run(time_point now, std::vector<action>& out);
  void end(time_point now, std::vector<action>& out);
  bool ensure_sandbox(time_point now, std::vector<action>& out);
  bool run_init(time_point now, std::vector<action>& out);
  bool may_start(const container_spec& c, const container_state* last, time_point now,
                 std::vector<action>& out);
  void start(const container_spec& c, const container_state* last, time_point now,
             std::vector<action>& out);
  bool again(const container_spec& c, const container_state& last) const;
  void end_unfit(const container_spec& c, const container_state& running, std::vector<action>& out);
  bool keep(const container_spec& c, time_point now, std::vector<action>& out);
  void stop(const container_state& c, std::chrono::seconds grace, std::string why,
            std::vector<action>& out);
  bool stop_all(time_point now, std::vector<action>& out);
  std::chrono::seconds left_of(std::chrono::seconds grace, time_point now) const;
  bool in_sandbox(const container_state& c) const;
  bool done(const container_spec& c) const;
  void judge(time_point now);
  void collect(std::vector<action>& out);
  void wake_at(time_point t);
  std::uint32_t next_attempt(const container_spec& c, const container_state* last) const;

  object_ptr source_;
  mutable std::shared_ptr<const json> document_;
  mutable std::vector<container_spec> containers_;  ///< of `document_`; none: not looked for yet
  backoff_times times_;
  pod_state state_;
  bool observed_ = false, unassigned_ = false;
  bool prepared_ = false, preparing_ = false, sandbox_busy_ = false, finished_ = false;
  std::optional<time_point> retry_;  ///< of preparing or of the sandbox
  backoff sandbox_backoff_;
  std::map<std::string, detail> details_;
  std::set<std::string> starting_;
  std::map<std::string, std::chrono::seconds> stopping_;
  struct sentence {
    std::string why;
    std::optional<std::chrono::seconds> grace;
  };
  std::map<std::string, sentence> condemned_;
  std::set<std::string> outdated_;  ///< containers that end because their definition changed
  std::set<std::string> removing_, stopped_sandboxes_;
  std::string ended_, reason_, message_;
  std::optional<std::chrono::seconds> grace_;  ///< of an evicted pod
  std::optional<time_point> ending_;           ///< since when all containers are to end
  std::optional<time_point> wake_;
};

}  // namespace troupe::model::kubelet
