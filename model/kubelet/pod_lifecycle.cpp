#include "model/kubelet/pod_lifecycle.hpp"

#include "model/json_text.hpp"

#include <algorithm>

namespace troupe::model::kubelet {

using phase = container_state::phase;

namespace {

/// What is left to the containers of a pod whose object is gone: nobody waits for them.
constexpr std::chrono::seconds unassigned_grace{1};

time_point from_ns(std::int64_t ns) {
  return time_point{std::chrono::duration_cast<time_point::duration>(std::chrono::nanoseconds{ns})};
}

action make(action::kind what, std::string id = {}, std::string container = {}) {
  action a{what};
  a.id = std::move(id);
  a.container = std::move(container);
  return a;
}

action note(std::string type, std::string reason, std::string message, std::string container = {}) {
  auto a = make(action::kind::note, {}, std::move(container));
  a.type = std::move(type);
  a.reason = std::move(reason);
  a.message = std::move(message);
  return a;
}

bool runs(const container_state& c) {
  return c.state == phase::running || c.state == phase::unknown;
}

}  // namespace

pod_lifecycle::pod_lifecycle(object_ptr first, backoff_times times)
    : source_(std::move(first)), times_(times) {
  // A pod that had ended stays so, also after a restart of the kubelet that removed its traces.
  const auto phase_before = string_at(pod(), {"status", "phase"});
  if (phase_before == "Succeeded" || phase_before == "Failed") {
    ended_ = phase_before;
    reason_ = string_at(pod(), {"status", "reason"});
    message_ = string_at(pod(), {"status", "message"});
  }
}

void pod_lifecycle::reject(std::string reason, const std::string& why) {
  ended_ = "Failed";
  reason_ = std::move(reason);
  message_ = "Pod was rejected: " + why;
}

void pod_lifecycle::evict(std::string why, std::chrono::seconds grace) {
  if (!ended_.empty() || deleting()) return;
  ended_ = "Failed";
  reason_ = "Evicted";
  message_ = std::move(why);
  grace_ = grace;
}

const std::shared_ptr<const json>& pod_lifecycle::document() const {
  if (!document_) document_ = std::make_shared<const json>(source_->content());
  return document_;
}

const std::vector<container_spec>& pod_lifecycle::containers() const {
  if (containers_.empty()) containers_ = containers_of(pod());
  return containers_;
}

void pod_lifecycle::forget_document() {
  containers_.clear();
  document_ = nullptr;
}

bool pod_lifecycle::update(object_ptr newer) {
  // What only reports this kubelet's own status back need not be read.
  const bool matters = concerns_kubelet(*source_, *newer);
  if (matters) {
    forget_document();
    // What could not be made of the pod as it was may be possible now.
    for (auto& [name, d] : details_)
      if (!d.pull_failed) d.failed_at.reset();
  }
  source_ = std::move(newer);
  return matters;
}

bool pod_lifecycle::settled() const {
  const bool idle = starting_.empty() && stopping_.empty() && removing_.empty() && !preparing_ &&
                    !sandbox_busy_ && !wake_;
  return observed_ && idle && !deleting() && (!ended_.empty() || prepared_);
}

void pod_lifecycle::observe(pod_state s) {
  state_ = std::move(s);
  observed_ = true;
}

void pod_lifecycle::prepared(const std::string& error, time_point now) {
  preparing_ = false;
  prepared_ = error.empty();
  retry_ = prepared_ ? std::nullopt : std::optional(now + times_.base / 5);
}

void pod_lifecycle::sandbox_ran(const std::string& error, time_point now) {
  sandbox_busy_ = false;
  if (error.empty()) {
    retry_.reset();
    return;
  }
  sandbox_backoff_.next(now, {times_.base / 5, times_.cap});
  retry_ = now + sandbox_backoff_.current();
}

void pod_lifecycle::sandbox_stopped(const std::string& id, bool ok) {
  sandbox_busy_ = false;
  if (ok) stopped_sandboxes_.insert(id);
}

void pod_lifecycle::container_started(const std::string& name, const waiting& failure,
                                      time_point now) {
  starting_.erase(name);
  auto& d = details_[name];
  if (failure.reason.empty()) {
    d.why.reset();
    d.failed_at.reset();
    d.pull_failed = false;
    return;
  }
  d.why = failure;
  d.failed_at = now;
  d.pull_failed = failure.reason == "ErrImagePull";
  d.pull.next(now, times_);
}

bool pod_lifecycle::deleting() const {
  return unassigned_ || source_->header().deleting;
}

const container_state* pod_lifecycle::newest(const std::string& name) const {
  for (const auto& c : state_.containers)
    if (c.name == name) return &c;
  return nullptr;
}

const container_state* pod_lifecycle::previous(const std::string& name) const {
  const container_state* first = nullptr;
  for (const auto& c : state_.containers) {
    if (c.name != name) continue;
    if (first) return &c;
    first = &c;
  }
  return nullptr;
}

const sandbox_state* pod_lifecycle::sandbox() const {
  if (state_.sandboxes.empty() || !state_.sandboxes.front().ready) return nullptr;
  return &state_.sandboxes.front();
}

bool pod_lifecycle::in_sandbox(const container_state& c) const {
  return !state_.sandboxes.empty() && c.sandbox_id == state_.sandboxes.front().id;
}

bool pod_lifecycle::initialized() const {
  const auto& all = containers();
  for (const auto& c : all) {
    const auto* s = newest(c.name);
    if (c.kind == container_kind::main && s && in_sandbox(*s)) return true;
  }
  for (const auto& c : all) {
    const auto* s = newest(c.name);
    const bool here = s && in_sandbox(*s);
    if (c.kind == container_kind::init && !(here && s->state == phase::exited && s->exit_code == 0))
      return false;
    if (c.kind == container_kind::sidecar && !(here && s->state == phase::running && started(c)))
      return false;
  }
  return true;
}

bool pod_lifecycle::started(const container_spec& c) const {
  const auto* s = newest(c.name);
  if (!s || s->state != phase::running) return false;
  if (at(*c.spec, {"startupProbe"}).is_null()) return true;
  auto d = details_.find(c.name);
  return d != details_.end() && d->second.started.value_or(false);
}

bool pod_lifecycle::ready(const container_spec& c) const {
  const auto* s = newest(c.name);
  // A finished init container counts as ready, as kubelet reports it.
  if (c.kind == container_kind::init) return s && s->state == phase::exited && s->exit_code == 0;
  if (!started(c)) return false;
  if (at(*c.spec, {"readinessProbe"}).is_null()) return true;
  auto d = details_.find(c.name);
  return d != details_.end() && d->second.ready.value_or(false);
}

std::optional<waiting> pod_lifecycle::waits(const std::string& name) const {
  auto d = details_.find(name);
  return d == details_.end() ? std::nullopt : d->second.why;
}

void pod_lifecycle::wake_at(time_point t) {
  if (!wake_ || t < *wake_) wake_ = t;
}

std::vector<action> pod_lifecycle::step(time_point now) {
  std::vector<action> out;
  wake_.reset();
  if (!observed_ || finished_) return out;
  // A restarted container proves itself anew.
  for (auto& [name, d] : details_) {
    const auto* s = newest(name);
    if (!s || s->state != phase::running) {
      d.started.reset();
      d.ready.reset();
    }
  }
  if (!deleting()) judge(now);
  if (deleting() || !ended_.empty())
    end(now, out);
  else
    run(now, out);
  collect(out);
  return out;
}

/// The pod's end by itself: its deadline, or no container left to run.
void pod_lifecycle::judge(time_point now) {
  if (!ended_.empty()) return;
  const auto& deadline = at(pod(), {"spec", "activeDeadlineSeconds"});
  auto begun = from_rfc3339(string_at(pod(), {"status", "startTime"}));
  if (deadline.is_number_integer() && begun) {
    const auto limit = *begun + std::chrono::seconds{deadline.get<std::int64_t>()};
    if (now >= limit) {
      ended_ = "Failed";
      reason_ = "DeadlineExceeded";
      message_ = "Pod was active on the node longer than the specified deadline";
      return;
    }
    wake_at(limit);
  }
  bool failed = false;
  for (const auto& c : containers()) {
    const auto* s = newest(c.name);
    const bool exited = s && s->state == phase::exited && !starting_.contains(c.name);
    if (c.kind == container_kind::init && exited && s->exit_code != 0 &&
        restart_policy(pod()) == "Never") {
      ended_ = "Failed";
      return;
    }
    if (c.kind != container_kind::main) continue;
    if (!exited || again(c, *s)) return;
    failed = failed || s->exit_code != 0;
  }
  ended_ = failed ? "Failed" : "Succeeded";
}

void pod_lifecycle::run(time_point now, std::vector<action>& out) {
  if (!prepared_) {
    if (preparing_) return;
    if (retry_ && now < *retry_) return wake_at(*retry_);
    preparing_ = true;
    out.push_back(make(action::kind::prepare));
    return;
  }
  if (!ensure_sandbox(now, out)) return;
  // What is there to look into a pod does not wait for what the pod waits for.
  for (const auto& c : containers())
    if (c.kind == container_kind::ephemeral) keep(c, now, out);
  if (!run_init(now, out)) return;
  for (const auto& c : containers())
    if (c.kind == container_kind::main) keep(c, now, out);
}

/// True when there is a sandbox to run in.
bool pod_lifecycle::ensure_sandbox(time_point now, std::vector<action>& out) {
  if (sandbox_busy_) return false;
  if (sandbox()) return true;
  // Containers of a dead sandbox cannot be kept: their network is gone.
  if (stop_all(now, out)) return false;
  if (!state_.sandboxes.empty() && !stopped_sandboxes_.contains(state_.sandboxes.front().id)) {
    sandbox_busy_ = true;
    out.push_back(make(action::kind::stop_sandbox, state_.sandboxes.front().id));
    out.push_back(
        note("Normal", "SandboxChanged", "Pod sandbox changed, it will be killed and re-created."));
    return false;
  }
  if (retry_ && now < *retry_) {
    wake_at(*retry_);
    return false;
  }
  sandbox_busy_ = true;
  auto a = make(action::kind::run_sandbox);
  a.attempt = state_.sandboxes.empty() ? 0 : state_.sandboxes.front().attempt + 1;
  out.push_back(std::move(a));
  return false;
}

/// True when the main containers may start.
bool pod_lifecycle::run_init(time_point now, std::vector<action>& out) {
  const bool past = initialized();
  for (const auto& c : containers()) {
    if (c.kind == container_kind::main) break;
    if (c.kind == container_kind::init && (past || done(c))) continue;
    if (!keep(c, now, out) && !past) return false;
    if (c.kind == container_kind::init) return false;
    if (!past && !started(c)) return false;
  }
  return true;
}

bool pod_lifecycle::done(const container_spec& c) const {
  const auto* s = newest(c.name);
  return s && in_sandbox(*s) && s->state == phase::exited && !restarts(pod(), c.kind, s->exit_code);
}

/// Whether a container that has ended is started again.
bool pod_lifecycle::again(const container_spec& c, const container_state& last) const {
  return restarts(pod(), c.kind, last.exit_code) || outdated_.contains(last.id);
}

/// Stops a container that failed a probe, that nobody knows to run, or that was made of what is no
/// longer wanted: that one is replaced whatever the pod's policy.
void pod_lifecycle::end_unfit(const container_spec& c, const container_state& running,
                              std::vector<action>& out) {
  const bool replaced = c.kind == container_kind::main || c.kind == container_kind::sidecar;
  if (replaced && !running.definition.empty() && running.definition != definition_of(*c.spec)) {
    outdated_.insert(running.id);
    stop(running, grace_period(pod()),
         "Container " + c.name + " definition changed, will be restarted", out);
  }
  const auto sentenced = condemned_.find(running.id);
  if (sentenced != condemned_.end())
    stop(running, sentenced->second.grace.value_or(grace_period(pod())), sentenced->second.why,
         out);
  if (running.state == phase::unknown) stop(running, grace_period(pod()), {}, out);
}

/// Makes a container run that should; true when it does.
bool pod_lifecycle::keep(const container_spec& c, time_point now, std::vector<action>& out) {
  if (starting_.contains(c.name)) return false;
  const auto* last = newest(c.name);
  if (last && runs(*last)) {
    end_unfit(c, *last, out);
    return last->state == phase::running;
  }
  if (last && last->state == phase::exited && in_sandbox(*last) && !again(c, *last)) return false;
  // In a new sandbox everything starts again but what its policy calls finished.
  const bool of_policy = c.kind == container_kind::main || c.kind == container_kind::ephemeral;
  if (last && last->state == phase::exited && of_policy && !again(c, *last)) return false;
  if (may_start(c, last, now, out)) start(c, last, now, out);
  return false;
}

/// Whether no back-off holds the container; if one does, says so.
bool pod_lifecycle::may_start(const container_spec& c, const container_state* last, time_point now,
                              std::vector<action>& out) {
  auto& d = details_[c.name];
  if (auto definition = definition_of(*c.spec); d.definition != definition) {
    if (!d.definition.empty()) d = {};
    d.definition = std::move(definition);
  }
  if (d.failed_at && d.pull.holds(*d.failed_at, now, times_)) {
    const auto turn = *d.failed_at + times_.base / 2;
    if (d.pull_failed && now >= turn && d.why->reason == "ErrImagePull") {
      const auto image = string_at(*c.spec, {"image"});
      d.why = waiting{"ImagePullBackOff",
                      "Back-off pulling image \"" + image + "\": ErrImagePull: " + d.why->message};
      out.push_back(note("Normal", "BackOff", "Back-off pulling image \"" + image + "\"", c.name));
      out.push_back(note("Warning", "Failed", "Error: ImagePullBackOff", c.name));
    }
    if (d.pull_failed && now < turn) wake_at(turn);
    wake_at(*d.failed_at + d.pull.current());
    return false;
  }
  if (!last || last->state != phase::exited) return true;
  const auto ended = from_ns(last->finished_at);
  if (!d.crash.holds(ended, now, times_)) return true;
  const auto pause = std::chrono::duration_cast<std::chrono::seconds>(d.crash.current());
  const auto minutes = pause.count() / 60;
  d.why = waiting{"CrashLoopBackOff",
                  "back-off " + (minutes > 0 ? std::to_string(minutes) + "m" : std::string{}) +
                      std::to_string(pause.count() % 60) +
                      "s restarting failed container=" + c.name + " pod=" + pod_text(pod())};
  if (!d.noted)
    out.push_back(note(
        "Warning", "BackOff",
        "Back-off restarting failed container " + c.name + " in pod " + pod_text(pod()), c.name));
  d.noted = true;
  wake_at(ended + d.crash.current());
  return false;
}

std::uint32_t pod_lifecycle::next_attempt(const container_spec& c,
                                          const container_state* last) const {
  if (last) return last->attempt + 1;
  // The runtime forgot it, the API did not: its newest word counts.
  if (!mentions(source_->bytes(), "\"containerID\"")) return 0;
  const auto newest_word = source_->content();
  for (const char* list : {"containerStatuses", "initContainerStatuses"})
    for (const auto& s : at(newest_word, {"status", list}))
      if (string_at(s, {"name"}) == c.name && !string_at(s, {"containerID"}).empty())
        return s.value("restartCount", 0u) + 1;
  return 0;
}

void pod_lifecycle::start(const container_spec& c, const container_state* last, time_point now,
                          std::vector<action>& out) {
  auto& d = details_[c.name];
  if (last && last->state == phase::exited && !outdated_.contains(last->id))
    d.crash.next(now, times_);
  d.noted = false;
  starting_.insert(c.name);
  auto a = make(action::kind::start_container, state_.sandboxes.front().id, c.name);
  a.attempt = next_attempt(c, last);
  out.push_back(std::move(a));
}

void pod_lifecycle::stop(const container_state& c, std::chrono::seconds grace, std::string why,
                         std::vector<action>& out) {
  auto i = stopping_.find(c.id);
  // Asked for already, unless the time left for it was cut since.
  if (i != stopping_.end() && i->second <= grace) return;
  stopping_[c.id] = grace;
  auto a = make(action::kind::stop_container, c.id, c.name);
  a.grace = grace;
  a.message = std::move(why);
  out.push_back(std::move(a));
}

/// Of the time that all have together, what is left for those whose turn comes later; never less
/// than kubelet's minimum.
std::chrono::seconds pod_lifecycle::left_of(std::chrono::seconds grace, time_point now) const {
  constexpr std::chrono::seconds least{2};
  const auto gone = std::chrono::duration_cast<std::chrono::seconds>(now - *ending_);
  return gone.count() == 0 ? grace : std::max(grace - gone, std::min(grace, least));
}

/// Stops what runs, sidecars after the others and the last one of them first; true while something
/// runs.
bool pod_lifecycle::stop_all(time_point now, std::vector<action>& out) {
  auto grace = grace_period(pod());
  if (unassigned_) grace = std::min(grace, unassigned_grace);
  if (grace_) grace = std::min(grace, *grace_);
  if (!ending_) ending_ = now;
  bool any = !starting_.empty(), main = any;
  for (const auto& c : state_.containers)
    main = main || (runs(c) && container(c.name).kind != container_kind::sidecar);
  std::string last;
  for (const auto& c : containers())
    if (const auto* s = newest(c.name); c.kind == container_kind::sidecar && s && runs(*s))
      last = c.name;
  for (const auto& c : state_.containers) {
    if (!runs(c)) continue;
    any = true;
    const bool sidecar = container(c.name).kind == container_kind::sidecar;
    if (!sidecar)
      stop(c, grace, {}, out);
    else if (!main && c.name == last)
      stop(c, stopping_.contains(c.id) ? grace : left_of(grace, now), {}, out);
  }
  if (!any) ending_.reset();
  return any;
}

void pod_lifecycle::end(time_point now, std::vector<action>& out) {
  if (stop_all(now, out) || sandbox_busy_ || preparing_) return;
  for (const auto& s : state_.sandboxes) {
    if (stopped_sandboxes_.contains(s.id)) continue;
    sandbox_busy_ = true;
    out.push_back(make(action::kind::stop_sandbox, s.id));
    return;
  }
  if (!deleting()) return;
  finished_ = true;
  out.push_back(make(action::kind::finish));
}

/// Dead containers beyond the newest and the one before it (kept for its log) go, and dead
/// sandboxes but the newest, when nothing of theirs is left.
void pod_lifecycle::collect(std::vector<action>& out) {
  std::map<std::string, int> seen;
  for (const auto& c : state_.containers) {
    if (++seen[c.name] <= 2 || runs(c) || !removing_.insert(c.id).second) continue;
    out.push_back(make(action::kind::remove_container, c.id, c.name));
  }
  for (std::size_t i = 1; i < state_.sandboxes.size(); ++i) {
    const auto& s = state_.sandboxes[i];
    const bool used = std::any_of(state_.containers.begin(), state_.containers.end(),
                                  [&](const auto& c) { return c.sandbox_id == s.id; });
    if (s.ready || used || !removing_.insert(s.id).second) continue;
    out.push_back(make(action::kind::remove_sandbox, s.id));
  }
}

}  // namespace troupe::model::kubelet
