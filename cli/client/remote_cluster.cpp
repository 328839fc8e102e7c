#include "cli/client/remote_cluster.hpp"

#include "actors/client/client.hpp"
#include "actors/events/recorder.hpp"
#include "cli/client/edge_connection.hpp"
#include "cli/client/host_name.hpp"
#include "messages/errors.hpp"
#include "model/random.hpp"

#include <caf/all.hpp>

#include <map>
#include <mutex>

namespace troupe {
namespace {

using cli::client_request;
using cli::client_response;
using model::json;
using model::string_at;

constexpr const char* page_size = "500";
constexpr std::chrono::seconds stop_patience{5};

const char* content_type_of(patch_kind kind) {
  switch (kind) {
    case patch_kind::merge:
      return "application/merge-patch+json";
    case patch_kind::strategic:
      return "application/strategic-merge-patch+json";
    case patch_kind::json:
      return "application/json-patch+json";
    case patch_kind::apply:
      return "application/apply-patch+yaml";
  }
  return "";
}

model::status out_of_time(const std::vector<std::string>& resources) {
  std::string all;
  for (const auto& r : resources) all += (all.empty() ? "" : ", ") + r;
  return model::timeout("not everything of " + all + " has come in time");
}

// Copyable, as an actor's handlers have to be; emptied by the one call.
using rule_box = std::shared_ptr<std::unique_ptr<controller>>;

// Starts a controller when what it follows has come, and ends with it.
caf::behavior starter(caf::event_based_actor* self, const follower_actor& follower,
                      const controller_options& options, const rule_box& rule) {
  self->request(follower, caf::infinite, follow_atom::value, (*rule)->resources()).then([=](bool) {
    const auto started = spawn_controller(self->system(), options, std::move(*rule));
    self->link_to(started.address());
  });
  return {[](tick_atom) {}};
}

}  // namespace

struct remote_cluster::impl {
  impl(cli::edge_access access, client_options o)
      : options(std::move(o)), connection(std::move(access), true, options.name) {
    follower_options f;
    f.api = connection.link();
    f.cache = cache;
    f.ns = options.ns;
    f.seed = model::entropy_seed();
    follower = spawn_follower(connection.system(), f);
    events::recorder_options r;
    r.api = follower;
    r.seed = model::entropy_seed();
    recorder = events::spawn_recorder(connection.system(), r);
  }

  ~impl() {
    end_controllers();
    // What they led goes to somebody else only now.
    if (elector) {
      caf::anon_send(elector, stop_atom::value);
      await(elector);
    }
    caf::anon_send(recorder, stop_atom::value);
    await(recorder);
    caf::anon_send_exit(follower, caf::exit_reason::user_shutdown);
    await(follower);
  }

  void end_controllers() {
    const std::lock_guard guard(mutex);
    ending = true;
    for (const auto& c : controllers) caf::anon_send_exit(c, caf::exit_reason::user_shutdown);
    controllers.clear();
  }

  template <class Handle>
  void await(const Handle& h) {
    caf::scoped_actor self{connection.system()};
    self->monitor(h);
    bool ended = false;
    self->receive([&](const caf::down_msg&) { ended = true; }, caf::after(stop_patience) >> [] {});
    if (!ended) caf::anon_send_exit(h, caf::exit_reason::kill);
  }

  json ask(const client_request& r) {
    const client_response answer = connection.request(follower, r);
    if (answer.code >= 300) throw request_refused(model::status_from_text(answer.body));
    auto document = model::parse_json(answer.body);
    if (!document) throw request_refused(model::internal_error("no JSON came for " + r.target));
    return std::move(document.value);
  }

  served_resource find(const std::string& resource) {
    if (auto known = built_in_resource(resource)) return *known;
    const std::lock_guard guard(mutex);
    if (const auto at = found.find(resource); at != found.end()) return at->second;
    const auto groups = ask({"GET", "/apis", "", "", aggregated_discovery});
    const auto served = discovered_resource(groups, resource);
    if (!served) throw request_refused(model::not_found({resource, "", ""}));
    return found[resource] = *served;
  }

  const client_options options;
  const std::shared_ptr<store::cache> cache = std::make_shared<store::cache>();
  cli::edge_connection connection;
  follower_actor follower;
  recorder_actor recorder;
  elector_actor elector;
  std::mutex mutex;  // guards what follows
  bool ending = false;
  std::vector<caf::actor> controllers;
  std::map<std::string, served_resource> found;
};

remote_cluster::remote_cluster(const cli::cluster_access& access, client_options options)
    : impl_(std::make_unique<impl>(cli::edge_access_of(access), std::move(options))) {}
remote_cluster::remote_cluster(const cli::membership& member, client_options options)
    : impl_(std::make_unique<impl>(cli::edge_access_of(member), std::move(options))) {}
remote_cluster::~remote_cluster() = default;

json remote_cluster::get(const model::object_key& key) {
  return impl_->ask({"GET", impl_->find(key.resource).object(key.ns, key.name), {}, {}, {}});
}

std::vector<json> remote_cluster::list(const std::string& resource, const std::string& ns,
                                       const std::string& query) {
  const auto base = impl_->find(resource).collection(ns) + "?limit=" + page_size +
                    (query.empty() ? "" : "&" + query);
  std::vector<json> out;
  std::string more;
  do {
    // A continue token is of base64's letters for addresses.
    json page = impl_->ask({"GET", base + (more.empty() ? "" : "&continue=" + more), {}, {}, {}});
    for (auto& item : page["items"]) out.push_back(std::move(item));
    more = string_at(page, {"metadata", "continue"});
  } while (!more.empty());
  return out;
}

json remote_cluster::create(const std::string& resource, const json& document) {
  const auto ns = string_at(document, {"metadata", "namespace"});
  return impl_->ask({"POST", impl_->find(resource).collection(ns), document.dump(), {}, {}});
}

json remote_cluster::update(const std::string& resource, const json& document,
                            const std::string& subresource) {
  auto path = impl_->find(resource).object(string_at(document, {"metadata", "namespace"}),
                                           string_at(document, {"metadata", "name"}));
  if (!subresource.empty()) path += "/" + subresource;
  return impl_->ask({"PUT", path, document.dump(), {}, {}});
}

json remote_cluster::patch(const model::object_key& key, const json& change, patch_kind kind,
                           const std::string& subresource) {
  auto path = impl_->find(key.resource).object(key.ns, key.name);
  if (!subresource.empty()) path += "/" + subresource;
  if (kind == patch_kind::apply) path += "?fieldManager=" + impl_->options.name;
  return impl_->ask({"PATCH", path, change.dump(), content_type_of(kind), {}});
}

void remote_cluster::remove(const model::object_key& key, const json& options) {
  impl_->ask({"DELETE",
              impl_->find(key.resource).object(key.ns, key.name),
              options.is_null() ? std::string() : options.dump(),
              {},
              {}});
}

void remote_cluster::watch(const std::string& resource, const std::string& ns,
                           const std::string& query,
                           const std::function<bool(const std::string&, const json&)>& on_event) {
  const auto target =
      impl_->find(resource).collection(ns) + "?watch=true" + (query.empty() ? "" : "&" + query);
  std::string rest;
  std::optional<model::status> failure;
  const auto take = [&](std::string_view chunk) {
    rest.append(chunk);
    for (auto end = rest.find('\n'); end != rest.npos; end = rest.find('\n')) {
      const auto event = model::parse_json(std::string_view(rest).substr(0, end));
      rest.erase(0, end + 1);
      const auto type = string_at(event.value, {"type"});
      const auto& object = model::at(event.value, {"object"});
      if (type == "ERROR") failure = model::status_from_text(object.dump());
      if (failure || !on_event(type, object)) return false;
    }
    return true;
  };
  client_response answer;
  try {
    answer = impl_->connection.stream(target, "", take);
  } catch (const cli::connection_lost& e) {
    throw request_refused(model::unavailable(e.what()));
  }
  if (answer.code >= 300) failure = model::status_from_text(answer.body);
  if (failure) throw request_refused(*failure);
}

std::shared_ptr<const store::cache> remote_cluster::follow(
    const std::vector<std::string>& resources, std::chrono::milliseconds patience) {
  caf::scoped_actor self{impl_->connection.system()};
  self->request(impl_->follower, patience, follow_atom::value, resources)
      .receive([](bool) {},
               [&](const caf::error&) { throw request_refused(out_of_time(resources)); });
  return impl_->cache;
}

void remote_cluster::run(std::unique_ptr<controller> rule) {
  controller_options o;
  o.api = impl_->follower;
  o.cache = impl_->cache;
  o.seed = model::entropy_seed();
  o.recorder = impl_->recorder;
  const std::lock_guard guard(impl_->mutex);
  if (impl_->ending) return;
  impl_->controllers.push_back(impl_->connection.system().spawn(
      starter, impl_->follower, o, std::make_shared<std::unique_ptr<controller>>(std::move(rule))));
}

void remote_cluster::elect(model::leader_election::options election, std::function<void()> started,
                           std::function<void(const std::string& why)> lost) {
  elector_options o;
  o.api = impl_->follower;
  o.seed = model::entropy_seed();
  if (election.identity.empty()) election.identity = cli::new_identity();
  o.election = std::move(election);
  o.agent = impl_->options.name;
  o.recorder = impl_->recorder;
  o.started = std::move(started);
  o.lost = std::move(lost);
  impl_->elector = spawn_elector(impl_->connection.system(), std::move(o));
}

}  // namespace troupe
