#include "actors/controllers/custom_resources.hpp"

#include "actors/controllers/controller.hpp"
#include "actors/controllers/paths.hpp"
#include "model/custom/names.hpp"
#include "model/owners.hpp"
#include "model/propagation.hpp"

#include <algorithm>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using model::json;
using done_fn = std::function<void(outcome)>;

const std::string definitions(model::definitions_resource);

// Says which names a definition gets, which makes it served; and, when it is deleted, deletes its
// objects before it goes.
struct custom_resource_controller : controller {
  static constexpr std::size_t deletions_at_once = 256;
  static constexpr auto look_again = 100ms;

  std::string name() const override { return "custom-resource-controller"; }
  std::vector<std::string> resources() const override { return {definitions}; }

  void observe(const store::event& e, controller_host& host) override {
    host.visit(e.object->key().name, 0ms);
    if (e.type == store::event::kind::deleted) visit_group(e.object->key().name, host);
  }

  // Names that one had are free for others.
  static void visit_group(const std::string& gone, controller_host& host) {
    const auto group = gone.substr(std::min(gone.find('.'), gone.size()));
    for (const auto& other : host.cache().list(definitions).objects)
      if (other->key().name.ends_with(group)) host.visit(other->key().name, 0ms);
  }

  void reconcile(const std::string& key, controller_host& host, done_fn done) override {
    const auto stored = host.cache().get({definitions, "", key});
    if (!stored) return done({});
    json document = stored->parse();
    if (stored->header().deleting) return end(key, std::move(document), host, std::move(done));
    if (!model::accept_names(document, others_of(key, host), host.now())) return done({});
    put(key, "/status", document, host, std::move(done));
  }

  // The other definitions of the group, as far as names go.
  static std::vector<json> others_of(const std::string& key, const controller_host& host) {
    const auto group = key.substr(std::min(key.find('.'), key.size()));
    const auto served = host.cache().custom_kinds();
    std::vector<json> out;
    for (const auto& other : host.cache().list(definitions).objects) {
      const auto& name = other->key().name;
      if (name == key || !name.ends_with(group)) continue;
      const auto found = served->definitions().find(name);
      out.push_back(found == served->definitions().end() ? other->parse()
                                                         : model::names_of(*found->second));
    }
    return out;
  }

  static void put(const std::string& key, const char* subresource, const json& document,
                  controller_host& host, done_fn done) {
    host.call("PUT", path_of({definitions, "", key}) + subresource, document,
              [done = std::move(done)](const api_response& r) {
                if (r.code == 409) return done({{}, look_again});
                done(outcome_of(r));
              });
  }

  static void end(const std::string& key, json document, controller_host& host, done_fn done) {
    if (!model::has_finalizer(document, model::cleanup_finalizer)) return done({});
    const auto objects = host.cache().list(key).objects;
    // One that was never served has none.
    if (objects.empty())
      return put(key, "", model::without_finalizer(std::move(document), model::cleanup_finalizer),
                 host, std::move(done));
    if (model::set_terminating(document, false, host.now()))
      return put(key, "/status", document, host, [done = std::move(done)](outcome o) {
        if (o.failure.empty()) o.again = 0ms;
        done(std::move(o));
      });
    remove(objects, host, std::move(done));
  }

  static void remove(const std::vector<store::object_ptr>& objects, controller_host& host,
                     done_fn done) {
    std::vector<std::string> paths;
    for (const auto& o : objects) {
      if (paths.size() == deletions_at_once) break;
      if (o->header().deleting) continue;
      if (auto path = path_of(o->key(), host.cache()); !path.empty())
        paths.push_back(std::move(path));
    }
    // Finalizers hold the rest.
    if (paths.empty()) return done({{}, look_again});
    auto open = std::make_shared<std::size_t>(paths.size());
    auto result = std::make_shared<outcome>(outcome{{}, 0ms});
    for (auto& path : paths)
      host.call("DELETE", std::move(path), json(nullptr),
                [open, result, done](const api_response& r) {
                  if (auto o = outcome_of(r); !o.failure.empty())
                    result->failure = std::move(o.failure);
                  if (--*open == 0) done(*result);
                });
  }
};

}  // namespace

controller_actor spawn_custom_resource_controller(caf::actor_system& sys,
                                                  controller_options options) {
  return spawn_controller(sys, std::move(options), std::make_unique<custom_resource_controller>());
}

}  // namespace troupe
