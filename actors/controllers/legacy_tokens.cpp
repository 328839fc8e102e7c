#include "actors/controllers/legacy_tokens.hpp"

#include "actors/controllers/batches.hpp"
#include "actors/controllers/controller.hpp"
#include "messages/errors.hpp"
#include "model/legacy_token.hpp"
#include "model/selector.hpp"
#include "model/service_account_token.hpp"

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

#include <map>
#include <set>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using model::json;
using model::string_at;

// Looks once a day, as kube-controller-manager does, and keeps the ConfigMap that says since when
// uses are noted, as kube-apiserver does.
struct legacy_token_cleaner : controller {
  static constexpr auto sweep_period = 24h;
  static inline const std::string sweep_all = "sweep";
  static inline const std::string keep_tracking = "tracking";
  static inline const model::object_key tracking{"configmaps", "kube-system",
                                                 model::token_tracking_map};

  explicit legacy_token_cleaner(legacy_token_options o) : own(o) {}

  std::string name() const override { return "legacy-service-account-token-cleaner"; }
  std::vector<std::string> resources() const override { return {"configmaps"}; }

  void start(controller_host& host) override {
    host.visit(keep_tracking, 0ms);
    host.visit(sweep_all, 0ms);
  }

  void observe(const store::event& e, controller_host& host) override {
    if (e.object->key() == tracking) host.visit(keep_tracking, 0ms);
  }

  void reconcile(const std::string& key, controller_host& host,
                 std::function<void(outcome)> done) override {
    if (key == sweep_all) return sweep(host, std::move(done));
    const auto there = host.cache().get(tracking);
    if (since(there, host)) return done({});
    const json data = {{"since", model::day_of(host.now())}};
    const auto path = path_of(tracking);
    const auto reply = [done](const api_response& r) {
      // Its namespace is yet to be made.
      done(r.code == 404 ? outcome{{}, 1s} : outcome_of(r));
    };
    if (there) return host.call("PATCH", path, json{{"data", data}}, reply);
    host.call("POST", collection_of(path),
              json{{"apiVersion", "v1"},
                   {"kind", "ConfigMap"},
                   {"metadata", {{"name", tracking.name}}},
                   {"data", data}},
              reply);
  }

  static std::optional<model::time_point> since(const model::object_ptr& map,
                                                const controller_host& host) {
    if (!map) return std::nullopt;
    const auto day = model::begin_of_day(string_at(map->parse(), {"data", "since"}));
    return day && *day <= host.now() ? day : std::nullopt;
  }

  void sweep(controller_host& host, std::function<void(outcome)> done) {
    const auto begin = since(host.cache().get(tracking), host);
    // Some time on that day.
    if (!begin || host.now() < *begin + 24h + own.unused) return done({{}, sweep_period});
    auto doomed = find_doomed(host);
    const auto count = doomed.size();
    call_all(
        count,
        [this, doomed = std::move(doomed), &host](std::size_t i,
                                                  std::function<void(std::string)> ended) {
          const auto& [secret, fate] = doomed[i];
          carry_out(*secret, fate, host,
                    [ended](const api_response& r) { ended(outcome_of(r).failure); });
        },
        [done](const batch_result& r) {
          done({r.failure, sweep_period});
        });
  }

  using verdict = std::pair<model::object_ptr, model::token_fate>;

  std::vector<verdict> find_doomed(const controller_host& host) const {
    std::vector<verdict> out;
    std::map<std::string, std::set<std::string>> mounted;  // by namespace
    for (const auto& secret : host.cache().list("secrets").objects) {
      const auto* type = model::find(secret->header().fields, "type");
      if (!type || *type != model::token_secret_type) continue;
      const auto& ns = secret->key().ns;
      const auto [used, fresh] = mounted.try_emplace(ns);
      if (fresh)
        for (const auto& pod : host.cache().list("pods", ns).objects)
          used->second.merge(model::secrets_of_pod(pod->parse()));
      const auto account = account_of(*secret, host.cache());
      const auto fate =
          model::fate_of_token(*secret, account.get(), used->second, own.unused, host.now());
      if (fate != model::token_fate::kept) out.emplace_back(secret, fate);
    }
    return out;
  }

  static model::object_ptr account_of(const model::object& secret, const store::cache& objects) {
    const auto document = secret.parse();
    const auto& notes = model::at(document, {"metadata", "annotations"});
    auto out = objects.get({"serviceaccounts", secret.key().ns,
                            string_at(notes, {"kubernetes.io/service-account.name"})});
    const auto uid = string_at(notes, {"kubernetes.io/service-account.uid"});
    return out && (uid.empty() || uid == out->header().uid) ? out : nullptr;
  }

  static void carry_out(const model::object& secret, model::token_fate fate, controller_host& host,
                        std::function<void(const api_response&)> done) {
    const auto path = path_of(secret.key());
    if (fate == model::token_fate::deleted) {
      spdlog::info("deleting the unused token of {}", to_string(secret.key()));
      const json only = {
          {"preconditions",
           {{"uid", secret.header().uid}, {"resourceVersion", std::to_string(secret.version())}}}};
      return host.call("DELETE", path, only, std::move(done));
    }
    spdlog::info("marking the unused token of {} as invalid", to_string(secret.key()));
    const json labels = {{model::invalid_since_label, model::day_of(host.now())}};
    host.call("PATCH", path, json{{"metadata", {{"uid", secret.header().uid}, {"labels", labels}}}},
              std::move(done));
  }

  const legacy_token_options own;
};

token_use_actor::behavior_type token_use_recorder(token_use_actor::pointer self, api_actor api,
                                                  model::wall_clock clock) {
  return {[=](used_atom, const object_ref& secret) {
    api_request r;
    r.method = "PATCH";
    r.target = path_of(secret->key());
    r.content_type = "application/merge-patch+json";
    r.user_agent = "kube-apiserver";
    r.user = {"system:apiserver", {"system:masters", "system:authenticated"}};
    r.body = blob_ref(model::dump(model::use_note(*secret, clock())));
    self->request(api, caf::infinite, request_atom::value, std::move(r))
        .then(
            [key = secret->key()](const api_response& a) {
              if (const auto o = outcome_of(a); !o.failure.empty())
                spdlog::warn("cannot note the use of {}: {}", to_string(key), o.failure);
            },
            [key = secret->key()](const caf::error& e) {
              spdlog::warn("cannot note the use of {}: {}", to_string(key), to_status(e).message);
            });
  }};
}

}  // namespace

controller_actor spawn_legacy_token_cleaner(caf::actor_system& sys, controller_options options,
                                            legacy_token_options own) {
  return spawn_controller(sys, std::move(options), std::make_unique<legacy_token_cleaner>(own));
}

token_use_actor spawn_token_use_recorder(caf::actor_system& sys, api_actor api,
                                         model::wall_clock clock) {
  return sys.spawn(token_use_recorder, std::move(api), std::move(clock));
}

}  // namespace troupe
