#include "actors/kubelet/kubelet.hpp"

#include "actors/kubelet/context.hpp"
#include "actors/kubelet/disk.hpp"
#include "actors/kubelet/node_keeper.hpp"
#include "actors/kubelet/pod_worker.hpp"
#include "actors/kubelet/usage_reporter.hpp"
#include "messages/errors.hpp"
#include "model/json_writer.hpp"
#include "model/random.hpp"
#include "model/status.hpp"
#include "model/volumes/host_path.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <map>
#include <set>

namespace troupe {

using namespace model::kubelet;
using model::at;
using model::json;
using model::string_at;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

/// What the kubelet says to itself.
enum class timer : uint64_t { registration, lease, attachment, poll };

using kubelet_self =
    kubelet_actor::extend<caf::reacts_to<gone_atom, std::string>,
                          caf::reacts_to<tick_atom, uint64_t>, caf::reacts_to<task>>;

class kubelet final : public kubelet_self::base {
 public:
  kubelet(caf::actor_config& cfg, kubelet_options options)
      : kubelet_self::base(cfg), random_(options.seed) {
    auto c = std::make_shared<kubelet_context>();
    c->user = {"system:node:" + options.node_name, {"system:nodes", "system:authenticated"}};
    c->options = std::move(options);
    host_ = read_facts(*c);
    spawn_helpers(*c);
    context_ = std::move(c);
  }

  const char* name() const override { return "kubelet"; }

  behavior_type make_behavior() override {
    way_->open(caf::actor_cast<caf::actor>(caf::strong_actor_ptr{ctrl()}));
    set_down_handler([this](const caf::down_msg& down) {
      if (down.source == proxy_) attach_after(milliseconds{100});
    });
    watch_runtime();
    ask_version();
    if (context_->options.eyes)
      keeper_ = spawn_node_keeper(home_system(), context_, [this, way = way_](node_pressures p) {
        way->post([this, p] { feel(p); });
      });
    return {[this](sync_atom, uint64_t number, const std::vector<object_ref>& pods, bool last) {
              sync(number, pods, last);
            },
            [this](assign_atom, const object_ref& pod) { assign(pod); },
            [this](refuse_atom, const object_ref& pod, const std::string& reason,
                   const std::string& why) {
              assign(pod, std::make_shared<const model::node_objection>(
                              model::node_objection{reason, why}));
            },
            [this](unassign_atom, const object_ref& pod) {
              if (pod) unassign(pod->header().uid);
            },
            [this](logs_atom, const log_request& r, uint64_t id, stream_sink& sink) {
              return logs(r, id, sink);
            },
            [this](tunnel_atom, const tunnel_request& r, uint64_t id, const tunnel_actor& to) {
              return tunnel(r, id, to);
            },
            [this](reclaim_atom, const std::string& directory) { return reclaim(directory); },
            [](ping_atom) { return ping_atom::value; },
            [this](gone_atom, const std::string& uid) { gone(uid); },
            [this](tick_atom, uint64_t which) { tick(static_cast<timer>(which)); },
            [this](const task& t) { t.run(); }};
  }

  void on_exit() override {
    way_->close();
    for (auto& [uid, p] : pods_) anon_send_exit(p.worker, caf::exit_reason::user_shutdown);
    for (const auto& h : context_->helpers) anon_send_exit(h, caf::exit_reason::user_shutdown);
    if (usage_) anon_send_exit(usage_, caf::exit_reason::user_shutdown);
    if (reclaimer_) anon_send_exit(reclaimer_, caf::exit_reason::user_shutdown);
    if (keeper_) anon_send_exit(keeper_, caf::exit_reason::user_shutdown);
    keeper_ = nullptr;
    usage_ = nullptr;
    if (!context_->options.events) caf::anon_send(context_->events, stop_atom::value);
    context_->options.runtime->watch([](const std::string&) {});
    pods_.clear();
    context_ = nullptr;
    proxy_ = nullptr;
  }

 private:
  struct pod_entry {
    pod_worker_actor worker;
    std::string ns, name;
    uint64_t version = 0;
  };

  // Start.

  void spawn_helpers(kubelet_context& c) {
    c.events = c.options.events;
    if (!c.events) c.events = spawn_own_recorder(home_system(), c, random_.next());
    // Simulated nodes never block.
    for (int i = 0; c.on_disk() && i < 2; ++i) c.helpers.push_back(spawn_helper(home_system()));
  }

  template <class T, class F>
  model::kubelet::done<T> back(F f) {
    return [way = way_, f](outcome<T> o) { way->post([f, o = std::move(o)] { f(o); }); };
  }

  runtime& rt() { return *context_->options.runtime; }
  const std::string& node() const { return context_->options.node_name; }
  void after(milliseconds delay, timer t) {
    delayed_send(this, delay, tick_atom::value, static_cast<uint64_t>(t));
  }
  /// `d` give or take a fifth: thousands of kubelets must not beat together.
  milliseconds about(milliseconds d) {
    const auto span = static_cast<uint64_t>(d.count());
    return milliseconds{span * 4 / 5 + random_.below(span * 2 / 5 + 1)};
  }

  void watch_runtime() {
    polls_ = !rt().watch(
        [this, way = way_](const std::string& uid) { way->post([this, uid] { refresh(uid); }); });
    if (polls_) after(context_->options.poll_interval, timer::poll);
  }

  void ask_version() {
    rt().version(back<runtime_version>([this](const outcome<runtime_version>& o) {
      if (!o) {
        spdlog::warn("kubelet {}: container runtime: {}", node(), o.error.message);
        health_.message = o.error.message;
        delayed_send(this, seconds{1}, task{[this] { ask_version(); }});
        if (!registering_) enroll();
        return;
      }
      host_.runtime_version = o.value.name + "://" + o.value.version;
      check_health([this] {
        if (!registering_) enroll();
      });
    }));
  }

  // Registering the Node.

  void enroll() {
    registering_ = true;
    auto body =
        node_object(node(), context_->options.labels, context_->options.register_taints, host_);
    body["status"] = node_status(host_, health_, images_, nullptr, context_->now());
    ask_api(this, *context_, "POST", "/api/v1/nodes", body, json_type, [this](const api_answer& a) {
      if (a.ok()) return enrolled(a.document());
      if (a.code == 409) return take_over();
      spdlog::warn("kubelet {}: registering: {}", node(), a.message());
      retry(timer::registration);
    });
  }

  /// The Node is there from before: its labels and annotations are brought up to date, the rest of
  /// it stays.
  void take_over() {
    auto fresh = node_object(node(), context_->options.labels, nullptr, host_);
    json body{{"metadata",
               {{"labels", fresh["metadata"]["labels"]},
                {"annotations", fresh["metadata"]["annotations"]}}}};
    ask_api(this, *context_, "PATCH", "/api/v1/nodes/" + node(), body, merge_patch,
            [this](const api_answer& a) {
              if (a.ok()) return enrolled(a.document());
              if (a.code == 404) return enroll();
              spdlog::warn("kubelet {}: registering: {}", node(), a.message());
              retry(timer::registration);
            });
  }

  void enrolled(const json& object) {
    const bool first = uid_.empty();
    uid_ = string_at(object, {"metadata", "uid"});
    reported_ = model::dump(at(object, {"status"}));
    retries_ = 0;
    post_status(true);
    renew_lease();
    if (first) {
      usage_ = spawn_usage_reporter(home_system(), context_, random_.next());
      attach();
      after(milliseconds{random_.below(
                static_cast<uint64_t>(milliseconds{context_->options.lease_renewal}.count()) + 1)},
            timer::lease);
    }
  }

  void retry(timer t) {
    retries_ = std::min(retries_ + 1, 5u);
    after(about(milliseconds{250u << retries_}), t);
  }

  void tick(timer t) {
    switch (t) {
      case timer::registration:
        return enroll();
      case timer::attachment:
        return attach();
      case timer::poll:
        return poll();
      case timer::lease:
        after(about(context_->options.lease_renewal), timer::lease);
        renew_lease();
        check_health([this] { post_status(context_->now() < doubted_until_); });
    }
  }

  void renew_lease() {
    const std::string target = "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases";
    json body{
        {"spec",
         {{"holderIdentity", node()}, {"renewTime", model::to_rfc3339_micro(context_->now())}}}};
    ask_api(this, *context_, "PATCH", target + "/" + node(), body, merge_patch,
            [this, target](const api_answer& a) {
              if (a.code == 404)
                return ask_api(
                    this, *context_, "POST", target,
                    node_lease(node(), uid_, context_->options.lease_duration, context_->now()),
                    json_type, [this](const api_answer& b) { lease_renewed(b); });
              lease_renewed(a);
            });
  }

  void lease_renewed(const api_answer& a) {
    // Back after an outage: whoever held our attachment may be another process by now.
    if (a.ok() && lost_) attach();
    lost_ = !a.ok();
    // A Node that was silent for longer than its lease counts as lost, soon if not yet: this
    // kubelet was stopped, or cut off. It says how it is until that has surely been heard.
    const auto now = context_->now();
    if (a.ok() && renewed_ && now - *renewed_ > context_->options.lease_duration)
      doubted_until_ = now + 2 * context_->options.lease_duration;
    if (a.ok()) renewed_ = now;
    if (lost_) spdlog::warn("kubelet {}: renewing the lease: {}", node(), a.message());
  }

  void check_health(std::function<void()> then) {
    rt().condition(back<runtime_condition>([this, then](const outcome<runtime_condition>& o) {
      health_.ready = o && o.value.ready && o.value.network_ready;
      health_.message = !o ? "container runtime is down: " + o.error.message
                        : o.value.ready && o.value.network_ready ? ""
                                                                 : o.value.message;
      rt().images(
          back<std::vector<image_state>>([this, then](const outcome<std::vector<image_state>>& i) {
            if (i) images_ = i.value;
            then();
          }));
    }));
  }

  void feel(const node_pressures& p) {
    health_.memory_pressure = p.contains(node_pressure::memory);
    health_.disk_pressure = p.contains(node_pressure::disk);
    health_.pid_pressure = p.contains(node_pressure::pid);
    post_status(false);
  }

  /// How long after the last post this one may go out: at once when the node's health changed.
  seconds pause_before(const json& status, const json& last) const {
    if (!differs(status, last)) return context_->options.status_interval;
    const bool health = differs({{"conditions", at(status, {"conditions"})}},
                                {{"conditions", at(last, {"conditions"})}});
    return health ? seconds{0} : context_->options.images_interval;
  }

  void post_status(bool always) {
    if (uid_.empty()) return;
    const auto now = context_->now();
    const auto last = model::parse_json(reported_).value;
    const auto status = node_status(host_, health_, images_, last, now);
    if (!always && now - posted_at_ < pause_before(status, last)) return;
    ask_api(this, *context_, "PATCH", "/api/v1/nodes/" + node() + "/status",
            json{{"status", status}}, strategic_patch,
            [this, text = model::dump(status), now](const api_answer& a) {
              if (a.ok()) {
                reported_ = text;
                posted_at_ = now;
              } else if (a.code == 404) {
                // Somebody deleted the Node; a kubelet that lives says so.
                retry(timer::registration);
              } else {
                spdlog::warn("kubelet {}: posting its status: {}", node(), a.message());
              }
            });
  }

  // Attaching to the node's proxy.

  void attach_after(milliseconds d) {
    if (std::exchange(attaching_, true)) return;
    after(about(d), timer::attachment);
  }

  void attach() {
    attaching_ = true;
    const auto& o = context_->options;
    request(o.registry, o.request_timeout, attach_atom::value, node(), o.incarnation,
            caf::actor_cast<kubelet_actor>(kubelet_self{this}))
        .then([this](bool) { attaching_ = false; },
              [this](const caf::error& e) {
                const auto s = to_status(e);
                spdlog::warn("kubelet {}: attaching: {}", node(), s.message);
                attaching_ = false;
                if (s.code == 409) return;  // a newer kubelet of this node is up
                attach_after(seconds{1});
              });
  }

  // Pods.

  void sync(uint64_t number, const std::vector<object_ref>& pods, bool last) {
    if (current_sender() && current_sender()->address() != proxy_) {
      proxy_ = current_sender()->address();
      monitor(proxy_);
      number_ = 0;  // another proxy, or another way to it, counts from the start
    }
    if (number < number_) return;
    if (number > number_) {
      synced_.clear();
      // Who lost sight of this kubelet has marked the Node as unreachable.
      if (std::exchange(synced_once_, true)) post_status(true);
    }
    number_ = number;
    for (const auto& p : pods) {
      if (!p) continue;
      synced_.insert(p->header().uid);
      assign(p);
    }
    if (!last) return;
    std::vector<std::string> gone_ones;
    for (const auto& [uid, entry] : pods_)
      if (!synced_.contains(uid)) gone_ones.push_back(uid);
    for (const auto& uid : gone_ones) unassign(uid);
    stop_strays();
  }

  /// Containers of pods that are no longer this node's: they were deleted while the kubelet was
  /// away.
  void stop_strays() {
    rt().overview(
        back<std::vector<brief_state>>([this](const outcome<std::vector<brief_state>>& o) {
          if (!o) {
            delayed_send(this, seconds{1}, task{[this] { stop_strays(); }});
            return;
          }
          for (const auto& one : o.value) {
            if (one.uid.empty() || one.name.empty() || pods_.contains(one.uid) ||
                synced_.contains(one.uid))
              continue;
            start(stray_pod(one));
            unassign(one.uid);
          }
        }));
  }

  void start(const model::object_ptr& pod, objection_ptr objection = nullptr) {
    const auto& h = pod->header();
    auto owner = caf::actor_cast<pod_owner_actor>(kubelet_self{this});
    pods_[h.uid] = {spawn_pod_worker(home_system(), context_, owner, pod, std::move(objection)),
                    h.key.ns, h.key.name, h.version};
    tell_keeper(pod);
  }

  void tell_keeper(const object_ref& pod) {
    if (keeper_)
      send(keeper_, assign_atom::value, pod,
           caf::actor_cast<caf::actor>(pods_[pod->header().uid].worker));
  }

  /// A pod that is not known yet starts, or has failed when there is an objection.
  void assign(const object_ref& pod, objection_ptr objection = nullptr) {
    if (!pod) return;
    const auto& h = pod->header();
    auto i = pods_.find(h.uid);
    if (i == pods_.end()) return start(pod.get(), std::move(objection));
    if (h.version <= i->second.version) return;
    i->second.version = h.version;
    rt().pod_changed(*pod.get());
    send(i->second.worker, assign_atom::value, pod);
    tell_keeper(pod);
  }

  void unassign(const std::string& uid) {
    synced_.erase(uid);
    auto i = pods_.find(uid);
    if (i != pods_.end()) send(i->second.worker, unassign_atom::value);
  }

  void gone(const std::string& uid) {
    pods_.erase(uid);
    seen_.erase(uid);
    if (keeper_) send(keeper_, gone_atom::value, uid);
  }

  void refresh(const std::string& uid) {
    auto i = pods_.find(uid);
    if (i != pods_.end()) send(i->second.worker, refresh_atom::value);
  }

  /// Finds out which pods changed by themselves. Quick after a change, for changes come in rows.
  void poll() {
    if (pods_.empty()) return after(context_->options.poll_interval, timer::poll);
    rt().overview(
        back<std::vector<brief_state>>([this](const outcome<std::vector<brief_state>>& o) {
          auto pause = context_->options.poll_interval;
          if (o) {
            std::map<std::string, std::vector<brief_state>> now;
            for (const auto& one : o.value) now[one.uid].push_back(one);
            for (const auto& [uid, entry] : pods_) {
              if (now[uid] == seen_[uid]) continue;
              seen_[uid] = now[uid];
              pause = context_->options.poll_interval / 4;
              send(entry.worker, refresh_atom::value);
            }
          }
          after(pause, timer::poll);
        }));
  }

  template <class Request>
  const pod_entry* pod_of(const Request& r) const {
    for (const auto& [uid, p] : pods_)
      if (p.name == r.pod && p.ns == r.ns && (r.uid.empty() || r.uid == uid)) return &p;
    return nullptr;
  }

  caf::result<stream_source> logs(const log_request& r, uint64_t id, stream_sink& sink) {
    if (const auto* p = pod_of(r)) return delegate(p->worker, logs_atom::value, r, id, sink);
    return to_error(model::not_found({"pods", r.ns, r.pod}));
  }

  caf::result<tunnel_actor> tunnel(const tunnel_request& r, uint64_t id, const tunnel_actor& to) {
    if (const auto* p = pod_of(r)) return delegate(p->worker, tunnel_atom::value, r, id, to);
    return to_error(model::not_found({"pods", r.ns, r.pod}));
  }

  // Takes as long as there are files in it: pods wait for other helpers. Whoever asks again
  // meanwhile is answered after that.
  caf::result<bool> reclaim(const std::string& directory) {
    if (!model::is_host_path_directory(directory))
      return to_error(model::bad_request("\"" + directory + "\" is no directory of a volume"));
    if (!context_->on_disk()) return true;
    auto promise = make_response_promise<bool>();
    if (!reclaimer_) reclaimer_ = spawn_helper(home_system());
    run_on<std::string>(
        reclaimer_, this, [directory] { return remove_volume(directory); },
        [promise, directory](const std::string& failure) mutable {
          if (failure.empty()) {
            spdlog::info("the volume {} is removed", directory);
            promise.deliver(true);
          } else {
            promise.deliver(to_error(model::internal_error(failure)));
          }
        });
    return promise;
  }

  context_ptr context_;
  std::shared_ptr<way_back> way_ = std::make_shared<way_back>();
  model::random_source random_;
  host_info host_;
  node_health health_;
  std::vector<image_state> images_;
  std::string reported_;                      ///< the Node's status, as JSON
  std::optional<model::time_point> renewed_;  ///< when the lease was last
  model::time_point doubted_until_{};         ///< others may take the Node for lost
  model::time_point posted_at_{};
  std::string uid_;
  unsigned retries_ = 0;
  bool registering_ = false, attaching_ = false, lost_ = false, polls_ = false;

  caf::actor usage_;
  caf::actor reclaimer_;  ///< detached; none before the first volume is to be removed
  node_keeper_actor keeper_;
  caf::actor_addr proxy_;
  uint64_t number_ = 0;  ///< of the newest sync
  bool synced_once_ = false;
  std::set<std::string> synced_;
  std::map<std::string, pod_entry> pods_;                 ///< by uid
  std::map<std::string, std::vector<brief_state>> seen_;  ///< by uid
};

}  // namespace

kubelet_actor spawn_kubelet(caf::actor_system& system, kubelet_options options) {
  return caf::actor_cast<kubelet_actor>(system.spawn<kubelet>(std::move(options)));
}

}  // namespace troupe
