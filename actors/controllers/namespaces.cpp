#include "actors/controllers/controller.hpp"

#include <algorithm>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using model::json;

// A namespace with a deletionTimestamp: everything in it is deleted as a user would, and once it is
// empty its finalizer `kubernetes` is taken away, which removes it.
struct namespace_controller : controller {
  static constexpr std::size_t deletions_at_once = 256;
  static constexpr auto look_again = 500ms;

  std::string name() const override { return "namespace-controller"; }
  std::vector<std::string> resources() const override { return {"namespaces", "pods"}; }

  void observe(const store::event& e, controller_host& host) override {
    const auto& key = e.object->key();
    if (key.resource == "namespaces") {
      if (e.object->header().deleting && e.type != store::event::kind::deleted)
        host.visit(key.name, 0ms);
    } else if (e.type == store::event::kind::deleted && terminating(key.ns, host)) {
      host.visit(key.ns, 0ms);  // the last pods take the longest
    }
  }

  static bool terminating(const std::string& ns, const controller_host& host) {
    const auto o = host.cache().get({"namespaces", "", ns});
    return o && o->header().deleting;
  }

  void reconcile(const std::string& ns, controller_host& host,
                 std::function<void(outcome)> done) override {
    if (!terminating(ns, host)) return done({});
    const auto contents = host.cache().list({}, ns).objects;
    if (contents.empty()) return finalize(ns, host, std::move(done));
    std::vector<std::string> paths;
    for (const auto& o : contents) {
      if (paths.size() == deletions_at_once) break;
      if (o->header().deleting) continue;
      if (auto path = path_of(o->key()); !path.empty()) paths.push_back(std::move(path));
    }
    if (paths.empty()) return done({{}, look_again});
    auto open = std::make_shared<std::size_t>(paths.size());
    auto result = std::make_shared<outcome>(outcome{{}, 0ms});
    for (auto& path : paths)
      host.call("DELETE", std::move(path), nullptr, [open, result, done](const api_response& r) {
        if (auto o = outcome_of(r); !o.failure.empty()) *result = std::move(o);
        if (--*open == 0) done(*result);
      });
  }

  void finalize(const std::string& ns, controller_host& host, std::function<void(outcome)> done) {
    json body = host.cache().get({"namespaces", "", ns})->parse();
    auto& finalizers = body["spec"]["finalizers"];
    if (finalizers.is_array())
      finalizers.erase(std::remove(finalizers.begin(), finalizers.end(), json("kubernetes")),
                       finalizers.end());
    host.call("PUT", "/api/v1/namespaces/" + ns + "/finalize", body, [done](const api_response& r) {
      // Something else changed it in between: look again.
      if (r.code == 409) return done({{}, 50ms});
      done(outcome_of(r));
    });
  }
};

}  // namespace

controller_actor spawn_namespace_controller(caf::actor_system& sys, controller_options options) {
  return spawn_controller(sys, std::move(options), std::make_unique<namespace_controller>());
}

}  // namespace troupe
