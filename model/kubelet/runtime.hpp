#pragma once

#include "model/kubelet/runtime_types.hpp"
#include "model/kubelet/tunnel.hpp"
#include "model/object.hpp"

#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>

namespace troupe::model::kubelet {

/// Why a call of the runtime failed.
struct runtime_error {
  int code = 0;  ///< gRPC's status code; 0: no error
  std::string message;
  explicit operator bool() const { return code != 0; }
  static constexpr int deadline_exceeded = 4, not_found = 5, unavailable = 14, failed = 2;
};

/// What a call came to. The value counts only without an error.
template <class T>
struct outcome {
  T value{};
  runtime_error error;
  explicit operator bool() const { return !error; }
};

struct nothing {};

/// Takes an outcome, once, on a thread of the runtime's; it may only post.
template <class T>
using done = std::function<void(outcome<T>)>;

/// Runs containers. Every call returns at once. Stopping and removing what is not there succeeds.
/// An implementation is the CRI client (net/cri) or a simulation (actors/kubelet).
class runtime {
 public:
  virtual ~runtime() = default;

  virtual void version(done<runtime_version> f) = 0;
  virtual void condition(done<runtime_condition> f) = 0;

  virtual void run_sandbox(const sandbox_config& config, done<std::string> f) = 0;
  virtual void stop_sandbox(const std::string& id, done<nothing> f) = 0;
  virtual void remove_sandbox(const std::string& id, done<nothing> f) = 0;

  virtual void create_container(const std::string& sandbox, const container_config& config,
                                const sandbox_config& sandbox_config, done<std::string> f) = 0;
  virtual void start_container(const std::string& id, done<nothing> f) = 0;
  /// SIGTERM, then SIGKILL after `grace`; ends when the container has.
  virtual void stop_container(const std::string& id, std::chrono::seconds grace,
                              done<nothing> f) = 0;
  virtual void remove_container(const std::string& id, done<nothing> f) = 0;
  virtual void exec(const std::string& id, const std::vector<std::string>& command,
                    std::chrono::seconds timeout, done<exec_result> f) = 0;
  /// Leads into a running container; to forward ports, into the sandbox.
  virtual void open_tunnel(const std::string& id, const tunnel_options& options,
                           tunnel_events events, done<std::shared_ptr<tunnel>> f) = 0;
  /// Makes the runtime open the container's log anew, after a rotation.
  virtual void reopen_log(const std::string& id, done<nothing> f) = 0;

  /// What exists for a pod, in full.
  virtual void state(const std::string& pod_uid, done<pod_state> f) = 0;
  /// Everything that exists, in brief, sorted.
  virtual void overview(done<std::vector<brief_state>> f) = 0;
  /// Asks to be called with a pod's uid whenever something of it changed by itself. False when the
  /// runtime cannot tell: then overview() must be polled.
  virtual bool watch(std::function<void(const std::string& pod_uid)> changed) = 0;

  /// What the running containers use.
  virtual void usage(done<std::vector<container_usage>> f) = 0;
  /// The object of a pod that runs here is another one now. For simulations that go by it.
  virtual void pod_changed(const object& /*pod*/) {}

  /// No value when the image is not there.
  virtual void image(const std::string& name, done<std::optional<image_state>> f) = 0;
  /// As anybody without a login.
  virtual void pull(const std::string& name, const std::optional<registry_login>& as,
                    done<std::string> f) = 0;
  virtual void images(done<std::vector<image_state>> f) = 0;
  /// Ids and names of the images of all containers, ended ones too, and of sandboxes.
  virtual void images_in_use(done<std::set<std::string>> f) { f({}); }
  virtual void remove_image(const std::string& /*id*/, done<nothing> f) { f({}); }
  /// Where the runtime keeps images and containers' layers; empty: nowhere.
  virtual void image_directory(done<std::string> f) { f({}); }
};

}  // namespace troupe::model::kubelet
