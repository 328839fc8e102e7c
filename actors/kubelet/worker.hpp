#pragma once

#include "actors/kubelet/pod_worker.hpp"
#include "actors/kubelet/probe_net.hpp"
#include "model/kubelet/pod_status.hpp"
#include "model/kubelet/probe.hpp"
#include "model/kubelet/volumes.hpp"

#include <atomic>

namespace troupe {

/// The actor behind spawn_pod_worker(): does what its pod_lifecycle decides. A source file a
/// subject; private to this folder.
class pod_worker final : public pod_worker_actor::base {
 public:
  pod_worker(caf::actor_config& cfg, context_ptr context, pod_owner_actor owner,
             model::object_ptr pod, objection_ptr objection);

  const char* name() const override { return "pod_worker"; }
  behavior_type make_behavior() override;
  void on_exit() override;

 private:
  /// Fetched ConfigMaps and Secrets by resource and name; what is missing is not in it.
  using object_map = std::map<std::pair<std::string, std::string>, model::json>;
  using objects_ptr = std::shared_ptr<const object_map>;

  /// One container on its way up.
  struct bring_up {
    std::shared_ptr<const model::json> document;
    model::kubelet::container_spec spec;  ///< of the document
    std::string sandbox;
    std::uint32_t attempt = 0;
    std::optional<model::kubelet::image_state> image;
    model::time_point began;
    std::string id;

    const model::json& pod() const { return *document; }
    const model::json& container() const { return *spec.spec; }
  };
  using bring_up_ptr = std::shared_ptr<bring_up>;

  struct probe_run {
    std::string container, id;
    model::kubelet::probe check;
    bool busy = false;
  };

  // pod_worker.cpp: observing, deciding.
  void admit(const model::node_objection* objected);
  void reject(const std::string& reason, const std::string& why);
  void refresh();
  /// Runs `f` once the runtime's state was read anew from now on: what an operation did is seen
  /// before its end is believed.
  void after_fresh_state(std::function<void()> f);
  void advance();
  void arm(model::time_point t);
  void perform(const model::kubelet::action& a);
  void note(const std::string& type, const std::string& reason, const std::string& message,
            const std::string& container = {});

  // launching.cpp: volumes, the sandbox, containers from their image to postStart.
  /// Fetches what `references` name; `f` gets the objects or an error other than "not found".
  void fetch(const std::vector<model::kubelet::data_reference>& references,
             std::function<void(objects_ptr, const std::string& error)> f);
  model::kubelet::pod_facts facts() const;
  /// All objects that the pod's volumes show, the tokens it has and the volumes of its claims.
  void gather(std::function<void(objects_ptr, const std::string& error)> f);
  static model::kubelet::object_lookup lookup_in(objects_ptr objects);
  void prepare();
  void prepare_from(const objects_ptr& objects);
  /// Asks for the tokens that the pod's volumes hold; `f` gets the answers or an error.
  void fetch_tokens(std::function<void(objects_ptr, const std::string& error)> f);
  /// Renews them long before they end, for as long as the pod runs.
  void keep_tokens_fresh();
  void renew_tokens();
  void prepared(const std::string& error);
  void run_sandbox(std::uint32_t attempt);
  void launch_container(const model::kubelet::action& a);
  void configure(const bring_up_ptr& l);
  void create(const bring_up_ptr& l, const model::kubelet::container_config& config);
  void start(const bring_up_ptr& l);
  void post_start(const bring_up_ptr& l);
  void launched(const bring_up_ptr& l);
  void failed(const bring_up_ptr& l, const std::string& reason, const std::string& message);

  // pulling.cpp
  void pull(const bring_up_ptr& l, const std::string& image);
  void pull_as(const bring_up_ptr& l, const std::string& image,
               std::vector<std::optional<model::kubelet::registry_login>> logins, std::size_t next);
  void pulled(const bring_up_ptr& l, const std::string& image);

  // hooks.cpp
  /// Runs a LifecycleHandler for at most `limit` (0: as long as it takes) and tells whether it went
  /// well; one that is none does.
  void run_hook(const model::json& hook, const model::kubelet::container_spec& c,
                const std::string& id, std::chrono::seconds limit, std::function<void(bool)> ended);

  // refreshing.cpp
  void keep_volumes_fresh();
  void refresh_volumes();

  // own_files.cpp
  /// The hosts file and the place of the termination message, mounted into the container.
  std::vector<model::kubelet::volume_file> own_files(const bring_up_ptr& l,
                                                     model::kubelet::container_config& config);
  /// The end of the log of a container that failed without a message, where its policy asks so.
  void add_last_words(model::kubelet::pod_state& state) const;

  // ending.cpp: stopping, removing, and the object's end.
  void stop_container(const model::kubelet::action& a);
  void stop_sandbox(const std::string& id);
  void remove_container(const std::string& id);
  void remove_sandbox(const std::string& id);
  void removed(const std::string& id, const model::kubelet::outcome<model::kubelet::nothing>& o);
  void finish();
  void delete_object();
  void clean_up();
  void remove_sandboxes();
  void remove_files();

  // reporting.cpp: the status.
  void report();
  void post_within(std::chrono::milliseconds delay);
  void post();
  void posted(const api_answer& a, std::string status, model::kubelet::status_digest digest);
  std::chrono::milliseconds retry_delay();
  /// Tells the status anew when others say of the pod that it is not ready, which the control plane
  /// does of the pods of a node that it has lost.
  void heed(const model::object& pod);
  bool unready_for_others(const model::object& pod) const;

  // probing.cpp
  /// Starts and runs what is due; when the next one is.
  std::optional<model::time_point> run_probes(model::time_point now);
  void adopt_probes(const model::kubelet::container_spec& c);
  void run_probe(probe_run& p, const model::kubelet::container_spec& c);
  /// Of an HTTPGetAction, TCPSocketAction or GRPCAction, also of a hook; the pod's own address when
  /// it names none.
  http_target target_of(const model::json& action, const model::kubelet::container_spec& c) const;
  void probe_by_net(const probe_run& p, const model::kubelet::container_spec& c,
                    const model::json& spec,
                    std::function<void(std::optional<std::string> error)> told);
  void probed(const std::string& container, model::kubelet::probe_kind kind,
              const std::optional<std::string>& error);

  // pod_logs.cpp
  caf::result<stream_source> open_log(const log_request& request, uint64_t id, stream_sink& sink);
  /// Tells the followers of logs whose containers have ended.
  void tell_logs();

  // pod_tunnels.cpp
  caf::result<tunnel_actor> open_tunnel(const tunnel_request& request, uint64_t id,
                                        const tunnel_actor& to);

  model::kubelet::runtime& rt() { return *context_->options.runtime; }
  const std::string& uid() const { return life_.uid(); }
  const std::string& pod_name() const { return life_.source().key().name; }
  const std::string& pod_ns() const { return life_.source().key().ns; }
  /// Where the API has the pod.
  std::string pod_target() const {
    return "/api/v1/namespaces/" + pod_ns() + "/pods/" + pod_name();
  }

  /// A callback for the runtime that comes back as a message.
  template <class T, class F>
  model::kubelet::done<T> back(F f) {
    return [way = way_, f](model::kubelet::outcome<T> o) {
      way->post([f, o = std::move(o)] { f(o); });
    };
  }
  void later(std::chrono::milliseconds delay, std::function<void()> f) {
    const auto& timers = context_->options.timers;
    if (!timers) return delayed_send(this, delay, task{std::move(f)});
    caf::anon_send(timers, delay, task{[way = way_, f = std::move(f)] { way->post(f); }});
  }

  context_ptr context_;
  std::shared_ptr<way_back> way_;
  pod_owner_actor owner_;
  objection_ptr objection_;  ///< until the pod is judged
  model::kubelet::pod_lifecycle life_;
  model::time_point first_seen_;
  model::kubelet::volume_map volumes_;

  bool reading_ = false, again_ = false;
  std::vector<std::function<void()>> after_refresh_;

  objects_ptr tokens_;       ///< as they were last given
  bool renewing_ = false;    ///< tokens, from time to time
  bool refreshing_ = false;  ///< volumes

  uint64_t generation_ = 0;  ///< of the newest tick; earlier ones are void
  std::optional<model::time_point> armed_;

  std::string last_status_;             ///< as JSON: the API's, then what was reported
  std::vector<std::string> known_ips_;  ///< its podIPs
  std::optional<model::kubelet::status_digest> reported_;
  bool said_ready_ = false;  ///< in the last status that was taken
  bool posting_ready_ = false;
  bool posting_ = false;
  uint64_t post_number_ = 0;  ///< of the newest timer; earlier ones are void
  std::optional<model::time_point> post_at_;
  unsigned retries_ = 0;
  bool finishing_ = false, deleted_ = false, cleaning_ = false;

  std::vector<probe_run> probes_;
  std::shared_ptr<std::atomic<bool>> running_;
  std::map<std::string, std::shared_ptr<std::atomic<bool>>> log_watches_;  ///< by container id
};

}  // namespace troupe
