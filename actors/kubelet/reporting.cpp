#include "actors/kubelet/worker.hpp"
#include "model/json_writer.hpp"
#include "model/workload/pod_facts.hpp"

#include <spdlog/spdlog.h>

namespace troupe {

using namespace model::kubelet;
using model::json;
using std::chrono::milliseconds;

namespace {

// What others said of a pod is answered after this time: by then the event of this kubelet's own
// last write has come, too.
constexpr milliseconds contradiction_delay{2000};

bool says_ready(const json& status) {
  for (const json& c : model::at(status, {"conditions"}))
    if (model::string_at(c, {"type"}) == "Ready") return model::string_at(c, {"status"}) == "True";
  return false;
}

}  // namespace

void pod_worker::report() {
  if (life_.unassigned() || posting_) return;
  const auto now = digest_of(life_);
  if (now == reported_) {
    if (life_.settled() && probes_.empty()) life_.rest();
    return;
  }
  if (finishing_) return post();
  const auto& o = context_->options;
  // Changes that come together are told together; conditions alone ride with the next change.
  const bool urgent = !reported_ || now.urgent != reported_->urgent;
  const bool soon_more = begins(life_) || ends(life_);
  post_within(!urgent ? o.condition_delay : soon_more ? o.begin_delay : o.status_delay);
}

void pod_worker::post_within(milliseconds delay) {
  const auto t = context_->now() + delay;
  if (post_at_ && *post_at_ <= t) return;
  post_at_ = t;
  later(delay, [this, number = ++post_number_] {
    if (number == post_number_) post();
  });
}

void pod_worker::post() {
  post_at_.reset();
  ++post_number_;
  if (posting_ || life_.unassigned()) return;
  const auto digest = digest_of(life_);
  const auto last = model::parse_json(last_status_).value;
  const auto status = pod_status(
      life_, last, {context_->now(), first_seen_, context_->host_ips, context_->runtime_name});
  posting_ = true;
  posting_ready_ = says_ready(status);
  auto patch = status_patch(last, status);
  if (patch.empty()) return posted({200}, std::move(last_status_), digest);
  known_ips_ = pod_ips(status);
  json body;
  body["metadata"]["uid"] = uid();
  body["status"] = std::move(patch);
  ask_api(
      this, *context_, "PATCH", pod_target() + "/status", body, strategic_patch,
      [this, text = model::dump(status), digest](const api_answer& a) { posted(a, text, digest); });
}

void pod_worker::posted(const api_answer& a, std::string status, status_digest digest) {
  posting_ = false;
  const bool gone = a.code == 404 || a.code == 409;
  // Other 4xx: the API will not take this status; saying it again would not help until it changes.
  const bool refused = !gone && a.code >= 400 && a.code < 429 && a.code != 408;
  if (refused) spdlog::warn("kubelet: status of {}/{}: {}", pod_ns(), pod_name(), a.message());
  if (a.ok() || gone || refused) {
    if (!refused) {
      last_status_ = std::move(status);
      said_ready_ = posting_ready_;
    }
    reported_ = digest;
    retries_ = 0;
    if (finishing_ && digest_of(life_) == reported_) return delete_object();
    return report();
  }
  post_within(retry_delay());
}

milliseconds pod_worker::retry_delay() {
  retries_ = std::min(retries_ + 1, 5u);
  return milliseconds{250u << retries_};
}

bool pod_worker::unready_for_others(const model::object& pod) const {
  return said_ready_ && !posting_ && !finishing_ && !model::pod_facts(pod).ready;
}

void pod_worker::heed(const model::object& pod) {
  if (!unready_for_others(pod)) return;
  later(contradiction_delay, [this] {
    const auto& newest = life_.source();
    if (life_.unassigned() || !unready_for_others(newest)) return;
    last_status_ = model::dump(model::at(newest.parse(), {"status"}));
    said_ready_ = false;
    reported_.reset();
    report();
  });
}

}  // namespace troupe
