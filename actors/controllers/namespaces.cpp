#include "actors/controllers/controller.hpp"
#include "actors/controllers/other_servers.hpp"
#include "actors/controllers/paths.hpp"
#include "model/json_read.hpp"
#include "model/namespace_conditions.hpp"

#include <algorithm>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using model::json;

// A namespace with a deletionTimestamp: everything in it is deleted as a user would, and once it is
// empty its finalizer `kubernetes` is taken away, which removes it.
struct namespace_controller : controller {
  static constexpr std::size_t deletions_at_once = 256;
  static constexpr std::size_t events_at_once = 1000;
  // To count what is left takes its time with all that is: it is to be a small part of it.
  static constexpr auto look_again = 500ms;
  static constexpr auto look_again_an_object = 200us;

  std::string name() const override { return "namespace-controller"; }
  std::vector<std::string> resources() const override { return {"namespaces", "pods"}; }

  void observe(const store::event& e, controller_host& host) override {
    const auto& key = e.object->key();
    if (key.resource == "namespaces") {
      if (e.object->header().deleting && e.type != store::event::kind::deleted)
        host.visit(key.name, 0ms);
    } else if (e.type == store::event::kind::deleted && terminating(key.ns, host) &&
               host.cache().list(key.resource, key.ns, {}, 1).objects.empty()) {
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
    auto paths = to_delete(ns, host);
    if (paths.empty()) return report(ns, {}, host, std::move(done));
    auto open = std::make_shared<std::size_t>(paths.size());
    auto failures = std::make_shared<std::vector<std::string>>();
    static const json background = {{"propagationPolicy", "Background"}};
    for (auto& path : paths)
      host.call("DELETE", std::move(path), background,
                [this, ns, &host, open, failures, done](const api_response& r) {
                  if (auto o = outcome_of(r); !o.failure.empty())
                    failures->push_back(std::move(o.failure));
                  if (--*open != 0) return;
                  if (failures->empty()) return done({{}, 0ms});
                  report(ns, std::move(*failures), host, done);
                });
  }

  // What has yet to be deleted, pods first: they take the longest. A pod leaves half a dozen
  // events, so that many of those go at a time, unless something holds the first.
  static std::vector<std::string> to_delete(const std::string& ns, const controller_host& host) {
    std::vector<std::string> paths;
    for (const char* resource : {"pods", ""}) {
      bool an_event_seen = false, events_go = false;
      for (const auto& o : host.cache().list(resource, ns).objects) {
        if (paths.size() == deletions_at_once) return paths;
        const bool event = o->key().resource == "events";
        const bool first_event = event && !std::exchange(an_event_seen, true);
        if (o->header().deleting || (event && events_go)) continue;
        auto path = path_of(o->key(), host.cache());
        if (path.empty()) continue;
        events_go = events_go || first_event;
        paths.push_back(first_event
                            ? collection_of(path) + "?limit=" + std::to_string(events_at_once)
                            : std::move(path));
      }
      if (!paths.empty()) break;
    }
    return paths;
  }

  // What other servers have in it goes, too; then it is written down how far the deletion is.
  void report(const std::string& ns, std::vector<std::string> failures, controller_host& host,
              std::function<void(outcome)> done) {
    auto left = std::make_shared<model::namespace_remains>();
    left->failures = std::move(failures);
    discover_others(host, [this, ns, left, &host, done](const other_servers& servers) {
      left->undiscovered = servers.unknown;
      std::vector<other_resource> all;
      for (const auto& r : servers.resources)
        if (r.namespaced && r.has("delete") && r.has("list")) all.push_back(r);
      if (all.empty()) return write_down(ns, *left, host, done);
      auto open = std::make_shared<std::size_t>(all.size());
      for (const auto& r : all)
        empty_others(r, ns, left, host, [this, ns, left, open, &host, done] {
          if (--*open == 0) write_down(ns, *left, host, done);
        });
    });
  }

  // Deletes what another server has of a resource, and counts what is still there.
  static void empty_others(const other_resource& r, const std::string& ns,
                           const std::shared_ptr<model::namespace_remains>& left,
                           controller_host& host, std::function<void()> done) {
    host.call("GET", r.path(ns), json(), [r, ns, left, &host, done](const api_response& answer) {
      const json list = model::read_json(answer.body.bytes());
      const json& items = model::at(list, {"items"});
      if (answer.code != 200 || !items.is_array()) {
        left->failures.push_back("unable to list " + r.resource());
        return done();
      }
      std::vector<std::string> names;
      for (const json& item : items) {
        model::add_remaining(*left, r.resource(), item);
        if (model::at(item, {"metadata", "deletionTimestamp"}).is_null())
          names.push_back(model::string_at(item, {"metadata", "name"}));
      }
      if (names.size() > deletions_at_once) names.resize(deletions_at_once);
      if (names.empty()) return done();
      auto open = std::make_shared<std::size_t>(names.size());
      static const json background = {
          {"kind", "DeleteOptions"}, {"apiVersion", "v1"}, {"propagationPolicy", "Background"}};
      for (const auto& name : names)
        host.call("DELETE", r.path(ns, name), background,
                  [left, open, done](const api_response& deleted) {
                    if (auto o = outcome_of(deleted); !o.failure.empty())
                      left->failures.push_back(std::move(o.failure));
                    if (--*open == 0) done();
                  });
    });
  }

  // Then goes on, or waits for what is left.
  void write_down(const std::string& ns, model::namespace_remains left, controller_host& host,
                  std::function<void(outcome)> done) {
    const auto stored = host.cache().get({"namespaces", "", ns});
    if (!stored) return done({});
    const auto objects = host.cache().list({}, ns).objects;
    for (const auto& o : objects) model::add_remaining(left, *o);
    const auto later = std::max<std::chrono::milliseconds>(
        look_again, std::chrono::duration_cast<std::chrono::milliseconds>(look_again_an_object *
                                                                          objects.size()));
    std::string failure = left.failures.empty() ? "" : left.failures.front();
    if (failure.empty() && !left.undiscovered.empty())
      failure = "no answer from the server of " + left.undiscovered.front();
    const bool empty = left.resources.empty();
    auto go_on = [this, ns, &host, done, empty, failure, later] {
      if (!failure.empty()) return done({failure, std::nullopt});
      if (!empty) return done({{}, later});
      finalize(ns, host, done);
    };
    json document = stored->parse();
    if (!model::set_namespace_conditions(document, left, host.now())) return go_on();
    host.call("PUT", "/api/v1/namespaces/" + ns + "/status", document,
              [go_on, done](const api_response& r) {
                if (r.code == 409) return done({{}, after_conflict});
                if (auto o = outcome_of(r); !o.failure.empty()) return done(std::move(o));
                go_on();
              });
  }

  void finalize(const std::string& ns, controller_host& host, std::function<void(outcome)> done) {
    const auto stored = host.cache().get({"namespaces", "", ns});
    if (!stored) return done({});
    json body = stored->parse();
    auto& finalizers = body["spec"]["finalizers"];
    if (finalizers.is_array())
      finalizers.erase(std::remove(finalizers.begin(), finalizers.end(), json("kubernetes")),
                       finalizers.end());
    host.call("PUT", "/api/v1/namespaces/" + ns + "/finalize", body, [done](const api_response& r) {
      // Something else changed it in between: look again.
      if (r.code == 409) return done({{}, after_conflict});
      done(outcome_of(r));
    });
  }
};

}  // namespace

controller_actor spawn_namespace_controller(caf::actor_system& sys, controller_options options) {
  return spawn_controller(sys, std::move(options), std::make_unique<namespace_controller>());
}

}  // namespace troupe
