#pragma once

#include "actors/controllers/controller.hpp"
#include "cli/client/join.hpp"
#include "cli/client/kubeconfig.hpp"
#include "model/lease.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

// The library of processes that work with a cluster over its edge door: CMake target
// troupe_client, guide docs/custom-controllers.md.

namespace troupe {

/// A request that the API refused, or that found it out of reach (503).
struct request_refused : std::runtime_error {
  explicit request_refused(model::status s) : std::runtime_error(s.message), status(std::move(s)) {}
  model::status status;
};

struct client_options {
  std::string name = "troupe-client";  ///< user agent: the field manager of what is written
  std::string ns;                      ///< what is followed of namespaced resources; empty: all
};

/// How a patch is written, by its content type.
enum class patch_kind { merge, strategic, json, apply };

/// A cluster, from outside of its processes. Any thread may use it, several at once. Resources are
/// named as "pods", "deployments.apps", "widgets.example.com". Losses of the connection are mended
/// in the background; requests meanwhile are refused with 503.
class remote_cluster {
 public:
  /// By a kubeconfig with a client certificate. Throws cli::role_error when nobody answers there.
  remote_cluster(const cli::cluster_access& access, client_options options);
  /// As a process that has joined (cli::join_cluster).
  remote_cluster(const cli::membership& member, client_options options);
  /// Ends the controllers.
  ~remote_cluster();
  remote_cluster(const remote_cluster&) = delete;
  remote_cluster& operator=(const remote_cluster&) = delete;

  // Requests. Each throws request_refused; status.code is as Kubernetes has it, 404, 409...
  model::json get(const model::object_key& key);
  /// All items, page by page; `query` may hold labelSelector=... and fieldSelector=..., escaped.
  std::vector<model::json> list(const std::string& resource, const std::string& ns = {},
                                const std::string& query = {});
  /// What is stored. The namespace is the document's.
  model::json create(const std::string& resource, const model::json& document);
  /// On the condition that the object is still of the document's resourceVersion, if it has one.
  model::json update(const std::string& resource, const model::json& document,
                     const std::string& subresource = {});
  model::json patch(const model::object_key& key, const model::json& change,
                    patch_kind kind = patch_kind::merge, const std::string& subresource = {});
  /// `options`: DeleteOptions, or null.
  void remove(const model::object_key& key, const model::json& options = nullptr);
  /// Calls `on_event` with each event (type, object) until it returns false or the server ends the
  /// watch. Throws request_refused, also for the end by an ERROR, e.g. 410.
  void watch(const std::string& resource, const std::string& ns, const std::string& query,
             const std::function<bool(const std::string&, const model::json&)>& on_event);

  /// An informer: the cache's copy of these resources, kept up to date by watches, which resume
  /// after losses. Returns when all that there is has come. Throws request_refused (504) when that
  /// takes longer than `patience`; the log says why.
  std::shared_ptr<const store::cache> follow(
      const std::vector<std::string>& resources,
      std::chrono::milliseconds patience = std::chrono::seconds(30));

  /// Runs a controller, as the control plane would: it starts when all its resources have come.
  void run(std::unique_ptr<controller> rule);

  /// Takes part in the election of a leader by a Lease, as Kubernetes' components do; an empty
  /// identity becomes "HOST_uuid". Calls `started`, on a thread of this object, when this process
  /// leads, and `lost` when it does no more, which is for good: a process that cannot renew its
  /// Lease has to end what it leads, and best ends itself. The destructor gives the Lease back.
  void elect(model::leader_election::options election, std::function<void()> started,
             std::function<void(const std::string& why)> lost);

 private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

/// The main() of a process that runs these controllers until it is told to stop (SIGINT, SIGTERM):
/// reads flags (--help says which), joins or takes a kubeconfig, logs to stderr.
int run_controllers(int argc, char** argv, std::vector<std::unique_ptr<controller>> rules);

}  // namespace troupe
