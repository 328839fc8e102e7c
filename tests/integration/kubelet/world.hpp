#pragma once

#include "actors/kubelet/kubelet.hpp"
#include "messages/errors.hpp"
#include "messages/system_config.hpp"
#include "model/patch/patch.hpp"
#include "model/random.hpp"
#include "model/request_info.hpp"
#include "model/schema.hpp"
#include "model/status.hpp"

#include <caf/all.hpp>
#include <gtest/gtest.h>

#include <map>
#include <mutex>
#include <thread>

namespace troupe::test {

using model::json;
using namespace std::chrono_literals;

/// The objects that a kubelet reads and writes, by path; shared with the test's thread. Every write
/// of a pod goes back to the kubelet as its proxy would send it.
class object_table {
 public:
  json get(const std::string& path) {
    std::lock_guard lock(mutex_);
    auto i = objects_.find(path);
    return i == objects_.end() ? json{} : i->second;
  }
  /// Stamps and keeps; returns the new object.
  json put(const std::string& path, json object) {
    std::lock_guard lock(mutex_);
    object["metadata"]["resourceVersion"] = std::to_string(++version_);
    if (!object["metadata"].contains("uid")) object["metadata"]["uid"] = random_.uuid();
    objects_[path] = object;
    return object;
  }
  bool remove(const std::string& path) {
    std::lock_guard lock(mutex_);
    return objects_.erase(path) > 0;
  }
  std::vector<json> below(const std::string& prefix) {
    std::lock_guard lock(mutex_);
    std::vector<json> out;
    for (const auto& [path, object] : objects_)
      if (path.starts_with(prefix)) out.push_back(object);
    return out;
  }
  std::atomic<bool> away{false};  ///< every request fails with 503
  std::atomic<int> writes{0};

 private:
  std::mutex mutex_;
  std::map<std::string, json> objects_;
  std::uint64_t version_ = 0;
  // Unlike in any other test: containers of an earlier one may still be about.
  model::random_source random_{model::entropy_seed()};
};

/// An API as far as a kubelet needs one: objects by path, merge and strategic patches.
class table_api final : public api_actor::base {
 public:
  table_api(caf::actor_config& cfg, std::shared_ptr<object_table> table)
      : api_actor::base(cfg), table_(std::move(table)) {}

  behavior_type make_behavior() override {
    return {[this](request_atom, const api_request& r) { return answer(r); },
            [](open_atom, const api_request&, uint64_t,
               const stream_sink&) -> caf::result<api_response, stream_source> {
              return to_error(model::not_acceptable("no streams here"));
            }};
  }

 private:
  static api_response reply(uint16_t code, const json& body) {
    api_response r;
    r.code = code;
    r.body = blob_ref{body.dump()};
    return r;
  }
  static api_response fail(const model::status& s) {
    return reply(static_cast<uint16_t>(s.code), model::to_json(s));
  }

  api_response answer(const api_request& r) {
    if (table_->away) return fail(model::unavailable("away"));
    auto path = r.target.substr(0, r.target.find('?'));
    auto body = r.body.bytes().empty() ? json::object() : json::parse(r.body.bytes());
    if (r.method == "GET") {
      auto found = table_->get(path);
      return found.is_null() ? fail(model::not_found({"objects", "", path})) : reply(200, found);
    }
    ++table_->writes;
    if (r.method == "POST") {
      path += "/" + body["metadata"]["name"].get<std::string>();
      if (!table_->get(path).is_null()) return fail(model::already_exists({"objects", "", path}));
      return reply(201, table_->put(path, body));
    }
    if (r.method == "DELETE")
      return table_->remove(path) ? reply(200, body)
                                  : fail(model::not_found({"objects", "", path}));
    if (path.ends_with("/status")) path.resize(path.size() - 7);
    auto object = table_->get(path);
    if (object.is_null()) return fail(model::not_found({"objects", "", path}));
    auto merged = r.content_type == "application/merge-patch+json"
                      ? model::merge_patch(object, body)
                      : model::strategic_merge_patch(object, body, type_at(path));
    if (const auto* bad = std::get_if<model::status>(&merged)) return fail(*bad);
    object = std::get<json>(std::move(merged));
    return reply(200, table_->put(path, object));
  }

  /// What lies at a path of the core group: .../pods/NAME or .../nodes/NAME.
  static const model::type_info& type_at(const std::string& path) {
    const auto end = path.rfind('/');
    const auto begin = path.rfind('/', end - 1) + 1;
    return *model::schema::instance().by_resource(path.substr(begin, end - begin))->type;
  }

  std::shared_ptr<object_table> table_;
};

/// Accepts every kubelet and remembers it.
class one_registry final : public node_registry_actor::base {
 public:
  struct shared {
    std::mutex mutex;
    kubelet_actor kubelet;
    std::atomic<int> attachments{0};
  };
  one_registry(caf::actor_config& cfg, std::shared_ptr<shared> s)
      : node_registry_actor::base(cfg), shared_(std::move(s)) {}
  behavior_type make_behavior() override {
    return {[this](attach_atom, const std::string&, uint64_t, const kubelet_actor& k) {
              std::lock_guard lock(shared_->mutex);
              shared_->kubelet = k;
              ++shared_->attachments;
              return true;
            },
            [](logs_atom, const std::string&, const log_request&, uint64_t, const stream_sink&)
                -> caf::result<stream_source> { return to_error(model::unavailable("none")); },
            [](tunnel_atom, const std::string&, const tunnel_request&, uint64_t,
               const tunnel_actor&) -> caf::result<tunnel_actor> {
              return to_error(model::unavailable("none"));
            },
            [](reclaim_atom, const std::string&, const std::string&) -> caf::result<bool> {
              return to_error(model::unavailable("none"));
            }};
  }

 private:
  std::shared_ptr<shared> shared_;
};

/// Gathers a stream.
class gathering_sink final : public stream_sink::base {
 public:
  struct shared {
    std::mutex mutex;
    std::string text;
    bool ended = false;
  };
  gathering_sink(caf::actor_config& cfg, std::shared_ptr<shared> s)
      : stream_sink::base(cfg), shared_(std::move(s)) {}
  behavior_type make_behavior() override {
    return {[this](chunk_atom, uint64_t id, const blob_ref& b) {
              {
                std::lock_guard lock(shared_->mutex);
                shared_->text += b.bytes();
              }
              send(caf::actor_cast<stream_source>(current_sender()), credit_atom::value, id, 1u);
            },
            [this](end_atom, uint64_t, const caf::error&) {
              {
                std::lock_guard lock(shared_->mutex);
                shared_->ended = true;
              }
              quit();
            }};
  }

 private:
  std::shared_ptr<shared> shared_;
};

inline bool eventually(const std::function<bool()>& f, std::chrono::seconds limit = 20s) {
  const auto end = std::chrono::steady_clock::now() + limit;
  while (!f()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(30ms);
  }
  return true;
}

/// A kubelet with its API and registry around it.
class kubelet_world {
 public:
  explicit kubelet_world(std::shared_ptr<model::kubelet::runtime> runtime, std::string data_dir)
      : runtime_(std::move(runtime)), data_dir_(std::move(data_dir)) {
    api_ = system.spawn<table_api>(table);
    registry_ = system.spawn<one_registry>(attached);
  }
  ~kubelet_world() {
    stop();
    caf::anon_send_exit(api_, caf::exit_reason::kill);
    caf::anon_send_exit(registry_, caf::exit_reason::kill);
    api_ = nullptr;
    registry_ = nullptr;
  }

  void start(const std::function<void(kubelet_options&)>& change = {}) {
    kubelet_options o;
    o.node_name = "node1";
    o.runtime = runtime_;
    o.data_dir = data_dir_;
    o.node_ip = "10.77.200.1";
    o.api = api_;
    o.registry = registry_;
    o.incarnation = ++incarnation_;
    o.poll_interval = 200ms;
    o.backoff = {1000ms, 4000ms};
    if (change) change(o);
    kubelet = spawn_kubelet(system, o);
    EXPECT_TRUE(eventually([&] {
      std::lock_guard lock(attached->mutex);
      return attached->kubelet != nullptr;
    }));
    sync();
  }

  /// Ends the kubelet as a crash would: its containers stay.
  void stop() {
    if (!kubelet) return;
    caf::scoped_actor self{system};
    self->monitor(kubelet);
    self->send_exit(kubelet, caf::exit_reason::user_shutdown);
    self->receive([](const caf::down_msg&) {});
    kubelet = nullptr;
    std::lock_guard lock(attached->mutex);
    attached->kubelet = nullptr;
  }

  static std::string path(const std::string& name) {
    return "/api/v1/namespaces/default/pods/" + name;
  }

  json create_pod(const std::string& name, json spec, json annotations = json::object()) {
    spec["nodeName"] = "node1";
    auto pod = table->put(path(name), {{"apiVersion", "v1"},
                                       {"kind", "Pod"},
                                       {"metadata",
                                        {{"name", name},
                                         {"namespace", "default"},
                                         {"annotations", annotations},
                                         {"labels", {{"app", name}}}}},
                                       {"spec", spec}});
    assign(pod);
    return pod;
  }

  /// As DELETE would have it: the object is marked, then the kubelet ends it.
  void delete_pod(const std::string& name, int grace = 5) {
    auto pod = table->get(path(name));
    pod["metadata"]["deletionTimestamp"] = "2026-01-01T00:00:00Z";
    pod["metadata"]["deletionGracePeriodSeconds"] = grace;
    assign(table->put(path(name), pod));
  }

  static model::object_ptr object_of(const json& pod) {
    const auto version = std::stoull(pod["metadata"]["resourceVersion"].get<std::string>());
    return model::seal(model::encode("pods", pod), version);
  }
  void assign(const json& pod) {
    caf::anon_send(kubelet, assign_atom::value, object_ref{object_of(pod)});
  }

  void sync() {
    std::vector<object_ref> all;
    for (const auto& pod : table->below("/api/v1/namespaces/default/pods/"))
      all.push_back(object_of(pod));
    caf::anon_send(kubelet, sync_atom::value, ++sync_, all, true);
  }

  json status(const std::string& name) {
    auto pod = table->get(path(name));
    return model::at(pod, {"status"});
  }
  std::string phase(const std::string& name) { return model::string_at(status(name), {"phase"}); }
  json container(const std::string& pod, const std::string& name) {
    const auto now = status(pod);
    for (const auto& c : model::at(now, {"containerStatuses"}))
      if (c["name"] == name) return c;
    return {};
  }
  bool ready(const std::string& pod, const std::string& name) {
    auto c = container(pod, name);
    return c.is_object() && c.value("ready", false);
  }
  int restarts(const std::string& pod, const std::string& name) {
    auto c = container(pod, name);
    return c.is_object() ? c.value("restartCount", 0) : 0;
  }
  std::string waiting(const std::string& pod, const std::string& name) {
    return model::string_at(container(pod, name), {"state", "waiting", "reason"});
  }

  /// Reasons and messages of the events about a pod, in no order.
  std::vector<std::string> events(const std::string& pod) {
    std::vector<std::string> out;
    for (const auto& e : table->below("/api/v1/namespaces/default/events/"))
      if (model::string_at(e, {"involvedObject", "name"}) == pod)
        out.push_back(model::string_at(e, {"reason"}) + ": " + model::string_at(e, {"message"}));
    return out;
  }

  struct log_result {
    std::shared_ptr<gathering_sink::shared> stream;
    stream_source source;
    model::status error;
  };
  log_result open_log(log_request r) {
    log_result out{std::make_shared<gathering_sink::shared>(), {}, {}};
    r.ns = "default";
    auto sink = system.spawn<gathering_sink>(out.stream);
    caf::scoped_actor self{system};
    self->request(kubelet, 10s, logs_atom::value, r, uint64_t{7},
                  caf::actor_cast<stream_sink>(sink))
        .receive(
            [&](const stream_source& s) {
              out.source = s;
              self->send(s, credit_atom::value, uint64_t{7}, 4u);
            },
            [&](const caf::error& e) {
              out.error = to_status(e);
              caf::anon_send_exit(sink, caf::exit_reason::kill);
            });
    return out;
  }
  std::string log(log_request r) {
    auto l = open_log(std::move(r));
    if (!l.source) return "error: " + l.error.message;
    EXPECT_TRUE(eventually([&] {
      std::lock_guard lock(l.stream->mutex);
      return l.stream->ended;
    }));
    std::lock_guard lock(l.stream->mutex);
    return l.stream->text;
  }

  system_config config{2};
  caf::actor_system system{config};
  std::shared_ptr<object_table> table = std::make_shared<object_table>();
  std::shared_ptr<one_registry::shared> attached = std::make_shared<one_registry::shared>();
  kubelet_actor kubelet;

 private:
  std::shared_ptr<model::kubelet::runtime> runtime_;
  std::string data_dir_;
  api_actor api_;
  node_registry_actor registry_;
  uint64_t incarnation_ = 0, sync_ = 0;
};

}  // namespace troupe::test
