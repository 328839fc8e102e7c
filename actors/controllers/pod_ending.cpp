#include "actors/controllers/pod_ending.hpp"

#include "model/pod_phase.hpp"
#include "model/selector.hpp"

namespace troupe {
namespace {

using model::json;

json status_patch(const pod_ending& how, model::time_point now) {
  json patch;
  json& status = patch["status"];
  status = json::object();
  if (how.failed) status["phase"] = "Failed";
  if (!how.reason.empty())
    status["conditions"].push_back(json({{"type", "DisruptionTarget"},
                                         {"status", "True"},
                                         {"reason", how.reason},
                                         {"message", how.message},
                                         {"lastTransitionTime", model::to_rfc3339(now)}}));
  return patch;
}

void remove(const model::object_key& key, const std::string& uid, const pod_ending& how,
            controller_host& host, std::function<void(outcome)> done) {
  json options = {{"apiVersion", "v1"}, {"kind", "DeleteOptions"}};
  options["preconditions"]["uid"] = uid;
  if (how.grace) options["gracePeriodSeconds"] = *how.grace;
  host.call("DELETE", path_of(key), options,
            [done](const api_response& r) { done(outcome_of(r)); });
}

}  // namespace

void end_pod(const model::object& pod, const pod_ending& how, controller_host& host,
             std::function<void(outcome)> done) {
  const auto& key = pod.key();
  const auto& uid = pod.header().uid;
  if (model::has_ended(pod) || (how.reason.empty() && !how.failed))
    return remove(key, uid, how, host, std::move(done));
  json patch = status_patch(how, host.now());
  patch["metadata"]["uid"] = uid;
  host.call("PATCH", path_of(key) + "/status", patch,
            [key, uid, how, &host, done](const api_response& r) {
              if (r.code == 404 || r.code == 409) return done({});  // gone, or another one
              if (auto o = outcome_of(r); !o.failure.empty()) return done(std::move(o));
              remove(key, uid, how, host, done);
            });
}

}  // namespace troupe
