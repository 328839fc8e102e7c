#pragma once

#include "actors/kubelet/kubelet.hpp"
#include "actors/kubelet/probe_net.hpp"
#include "actors/kubelet/task.hpp"
#include "messages/events.hpp"
#include "model/json_writer.hpp"
#include "model/kubelet/container_config.hpp"
#include "model/kubelet/eviction.hpp"

#include <caf/actor.hpp>
#include <caf/all.hpp>

#include <mutex>
#include <vector>

namespace troupe {

/// What the node lacks at present, for pods that are to be admitted.
class pressure_board {
 public:
  model::kubelet::node_pressures now() const {
    std::lock_guard lock(mutex_);
    return pressures_;
  }
  void set(model::kubelet::node_pressures p) {
    std::lock_guard lock(mutex_);
    pressures_ = std::move(p);
  }

 private:
  mutable std::mutex mutex_;
  model::kubelet::node_pressures pressures_;
};

/// What a kubelet and its pods' workers share.
struct kubelet_context {
  kubelet_options options;
  model::kubelet::node_facts node;
  std::vector<std::string> host_ips;
  std::string runtime_name = "containerd";
  user_info user;
  recorder_actor events;
  std::vector<caf::actor> helpers;     ///< detached: they may block
  std::shared_ptr<net_prober> prober;  ///< of nodes that are no simulation
  std::shared_ptr<pressure_board> pressures = std::make_shared<pressure_board>();

  model::time_point now() const { return options.clock(); }
  bool on_disk() const { return !options.data_dir.empty(); }
  std::string pod_dir(const std::string& uid) const { return options.data_dir + "/pods/" + uid; }
};

using context_ptr = std::shared_ptr<const kubelet_context>;

/// The way back to an actor for threads that are not the actor system's. Open from the actor's
/// start to its end: a runtime's answer may come when even the system is gone.
class way_back {
 public:
  void open(caf::actor self) {
    std::lock_guard lock(mutex_);
    self_ = std::move(self);
  }
  void post(std::function<void()> f) {
    std::lock_guard lock(mutex_);
    if (self_) caf::anon_send(self_, task{std::move(f)});
  }
  void close() {
    std::lock_guard lock(mutex_);
    self_ = nullptr;
  }

 private:
  std::mutex mutex_;
  caf::actor self_;
};

/// Fills in what the host says, and returns what the node is.
model::kubelet::host_info read_facts(kubelet_context& c);

/// A recorder that this kubelet shares with nobody.
recorder_actor spawn_own_recorder(caf::actor_system& system, const kubelet_context& c,
                                  std::uint64_t seed);

/// The pod of something that runs here, as far as the runtime knows it.
model::object_ptr stray_pod(const model::kubelet::brief_state& one);

/// What the API said; `code` is 0 when nobody answered.
struct api_answer {
  int code = 0;
  blob_ref body;
  std::string failure;  ///< why nobody answered
  bool ok() const { return code >= 200 && code < 300; }
  model::json document() const;  ///< the body, parsed
  std::string message() const;   ///< of a failure
};

api_answer no_answer(const caf::error& e);

/// Asks the API as this node; `f` runs in the asking actor.
template <class Self, class F>
void ask_api(Self* self, const kubelet_context& context, std::string method, std::string target,
             const model::json& body, std::string content_type, F f) {
  api_request r;
  r.method = std::move(method);
  r.target = std::move(target);
  if (!body.is_null()) r.body = blob_ref{model::dump(body)};
  r.content_type = std::move(content_type);
  r.user_agent = "kubelet";
  r.user = context.user;
  self->request(context.options.api, context.options.request_timeout, request_atom::value,
                std::move(r))
      .then(
          [f](const api_response& a) {
            f(api_answer{a.code, a.body, {}});
          },
          [f](const caf::error& e) { f(no_answer(e)); });
}

inline constexpr const char* json_type = "application/json";
inline constexpr const char* merge_patch = "application/merge-patch+json";
inline constexpr const char* strategic_patch = "application/strategic-merge-patch+json";

/// Runs `work` in `helper`, where it may block, then `then` in the actor `self`.
template <class Result, class Self>
void run_on(const caf::actor& helper, Self* self, std::function<Result()> work,
            std::function<void(Result)> then) {
  auto back = caf::actor_cast<caf::strong_actor_ptr>(self);
  caf::anon_send(helper, task{[back, work = std::move(work), then = std::move(then)] {
                   auto result = work();
                   caf::anon_send(caf::actor_cast<caf::actor>(back),
                                  task{[then, result = std::move(result)] { then(result); }});
                 }});
}

/// The same in one of the kubelet's helpers; what has one key runs in order.
template <class Result, class Self>
void run_aside(Self* self, const kubelet_context& context, std::size_t key,
               std::function<Result()> work, std::function<void(Result)> then) {
  run_on<Result>(context.helpers[key % context.helpers.size()], self, std::move(work),
                 std::move(then));
}

/// A runtime's error as kubelet words it.
std::string rpc_text(const model::kubelet::runtime_error& e);

/// A detached actor for run_on().
caf::actor spawn_helper(caf::actor_system& system);

}  // namespace troupe
