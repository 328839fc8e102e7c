#include "actors/kubelet/pod_worker.hpp"

#include "actors/kubelet/disk.hpp"
#include "actors/kubelet/log_source.hpp"
#include "actors/kubelet/probe_net.hpp"
#include "messages/errors.hpp"
#include "model/kubelet/pod_status.hpp"
#include "model/kubelet/probe.hpp"
#include "model/kubelet/volumes.hpp"

#include <spdlog/spdlog.h>

#include <atomic>

namespace troupe {

using namespace model::kubelet;
using model::at;
using model::json;
using model::string_at;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

/// Fetched ConfigMaps and Secrets by resource and name; null for what is missing.
using object_map = std::map<std::pair<std::string, std::string>, json>;

object_lookup lookup_in(std::shared_ptr<const object_map> objects) {
  return [objects](const std::string& resource, const std::string& name) -> const json& {
    static const json none;
    auto i = objects->find({resource, name});
    return i == objects->end() ? none : i->second;
  };
}

class pod_worker final : public pod_worker_actor::base {
 public:
  pod_worker(caf::actor_config& cfg, context_ptr context, pod_owner_actor owner, json pod)
      : pod_worker_actor::base(cfg),
        context_(std::move(context)),
        owner_(std::move(owner)),
        life_(std::move(pod), context_->options.backoff),
        first_seen_(context_->now()),
        last_status_(at(life_.pod(), {"status"})),
        running_(std::make_shared<std::atomic<bool>>(true)) {}

  const char* name() const override { return "pod_worker"; }

  behavior_type make_behavior() override {
    way_ = std::make_shared<way_back>(caf::actor_cast<caf::actor>(caf::strong_actor_ptr{ctrl()}));
    refresh();
    return {[this](assign_atom, const object_ref& pod) {
              life_.update(pod->parse());
              advance();
            },
            [this](unassign_atom) {
              life_.unassign();
              if (finishing_) clean_up();
              advance();
            },
            [this](refresh_atom) { refresh(); },
            [this](logs_atom, const log_request& request, uint64_t id, stream_sink& sink) {
              return open_log(request, id, sink);
            },
            [this](tick_atom, uint64_t generation) {
              if (generation != generation_) return;
              armed_.reset();
              advance();
            },
            [this](const task& t) { t.run(); }};
  }

  void on_exit() override {
    way_->close();
    *running_ = false;
    owner_ = nullptr;
    context_ = nullptr;
    after_refresh_.clear();
  }

 private:
  // One container on its way up.
  struct bring_up {
    container_spec spec;  ///< of `pod`
    json pod;
    std::string sandbox;
    std::uint32_t attempt = 0;
    std::optional<image_state> image;
    model::time_point began;
    std::string id;
  };
  using bring_up_ptr = std::shared_ptr<bring_up>;

  runtime& rt() { return *context_->options.runtime; }
  const std::string& uid() const { return life_.uid(); }
  std::string pod_name() const { return string_at(life_.pod(), {"metadata", "name"}); }
  std::string pod_ns() const { return string_at(life_.pod(), {"metadata", "namespace"}); }

  /// A callback for the runtime that comes back as a message.
  template <class T, class F>
  model::kubelet::done<T> back(F f) {
    return [way = way_, f](outcome<T> o) { way->post([f, o = std::move(o)] { f(o); }); };
  }

  void later(milliseconds delay, std::function<void()> f) {
    delayed_send(this, delay, task{std::move(f)});
  }

  void note(const std::string& type, const std::string& reason, const std::string& message,
            const std::string& container = {}) {
    model::event_note n;
    n.about.kind = "Pod";
    n.about.ns = pod_ns();
    n.about.name = pod_name();
    n.about.uid = uid();
    n.about.resource_version = string_at(life_.pod(), {"metadata", "resourceVersion"});
    if (!container.empty()) {
      const auto kind = container_named(life_.pod(), container).kind;
      n.about.field_path =
          (kind == container_kind::main ? "spec.containers{" : "spec.initContainers{") + container +
          "}";
    }
    n.type = type;
    n.reason = reason;
    n.message = message;
    n.component = "kubelet";
    n.host = context_->options.node_name;
    if (!life_.unassigned()) send(context_->events, record_atom::value, std::move(n));
  }

  // Observing.

  void refresh() {
    if (reading_) {
      again_ = true;
      return;
    }
    reading_ = true;
    auto ready = std::make_shared<std::vector<std::function<void()>>>(std::move(after_refresh_));
    after_refresh_.clear();
    rt().state(uid(), back<pod_state>([this, ready](const outcome<pod_state>& o) {
                 reading_ = false;
                 if (!o) {
                   after_refresh_.insert(after_refresh_.begin(), ready->begin(), ready->end());
                   later(seconds{1}, [this] { refresh(); });
                   return;
                 }
                 life_.observe(o.value);
                 tell_logs();
                 for (auto& f : *ready) f();
                 if (again_ || !after_refresh_.empty()) {
                   again_ = false;
                   refresh();
                 }
                 advance();
               }));
  }

  /// Runs `f` once the runtime's state was read anew from now on: what an operation did is seen
  /// before its end is believed.
  void after_fresh_state(std::function<void()> f) {
    after_refresh_.push_back(std::move(f));
    refresh();
  }

  // Deciding.

  void advance() {
    if (finishing_) return;
    const auto now = context_->now();
    for (auto& a : life_.step(now)) perform(a);
    if (finishing_) return;
    auto next = life_.wake();
    auto probed = run_probes(now);
    if (probed && (!next || *probed < *next)) next = probed;
    if (next) arm(*next);
    report();
  }

  void arm(model::time_point t) {
    if (armed_ && *armed_ <= t) return;
    armed_ = t;
    const auto delay =
        std::chrono::duration_cast<milliseconds>(t - context_->now()) + milliseconds{1};
    delayed_send(this, std::max(delay, milliseconds{1}), tick_atom::value, ++generation_);
  }

  void perform(const action& a) {
    switch (a.what) {
      case action::kind::prepare:
        return prepare();
      case action::kind::run_sandbox:
        return run_sandbox(a.attempt);
      case action::kind::start_container:
        return launch_container(a);
      case action::kind::stop_container:
        return stop_container(a);
      case action::kind::stop_sandbox:
        return rt().stop_sandbox(
            a.id, back<nothing>([this, id = a.id](const outcome<nothing>& o) {
              if (o)
                after_fresh_state([this, id] { life_.sandbox_stopped(id, true); });
              else
                later(seconds{1}, [this, id] {
                  life_.sandbox_stopped(id, false);
                  advance();
                });
            }));
      case action::kind::remove_container:
        return rt().remove_container(a.id,
                                     back<nothing>([this, id = a.id](const outcome<nothing>& o) {
                                       if (o)
                                         after_fresh_state([this, id] { life_.removed(id); });
                                       else
                                         later(seconds{10}, [this, id] { life_.removed(id); });
                                     }));
      case action::kind::note:
        return note(a.type, a.reason, a.message, a.container);
      case action::kind::finish:
        return finish();
    }
  }

  // Volumes.

  /// Fetches what `references` name; `f` gets the objects or an error other than "not found".
  void fetch(const std::vector<data_reference>& references,
             std::function<void(std::shared_ptr<const object_map>, const std::string&)> f) {
    struct gathering {
      std::shared_ptr<object_map> objects = std::make_shared<object_map>();
      std::string error;
      std::size_t open = 0;
    };
    auto all = std::make_shared<gathering>();
    all->open = references.size();
    if (references.empty()) return f(all->objects, {});
    for (const auto& r : references) {
      ask_api(this, *context_, "GET",
              "/api/v1/namespaces/" + pod_ns() + "/" + r.resource + "/" + r.name, nullptr,
              json_type, [all, r, f](const api_answer& a) {
                if (a.ok()) {
                  (*all->objects)[{r.resource, r.name}] = a.body;
                  // A single object's document says its kind; lists' items may not.
                  (*all->objects)[{r.resource, r.name}]["kind"] =
                      r.resource == "secrets" ? "Secret" : "ConfigMap";
                } else if (a.code != 404) {
                  all->error = a.message;
                }
                if (--all->open == 0) f(all->objects, all->error);
              });
    }
  }

  pod_facts facts() const {
    auto f = context_->node.pod;
    f.host_ips = context_->host_ips;
    for (const auto& ip : at(last_status_, {"podIPs"})) f.pod_ips.push_back(string_at(ip, {"ip"}));
    if (const auto* s = life_.sandbox(); s && !s->ips.empty()) f.pod_ips = s->ips;
    return f;
  }

  void prepare() {
    fetch(volume_references(life_.pod()), [this](auto objects, const std::string& error) {
      if (!error.empty()) return prepared(error);
      auto plan = plan_volumes(life_.pod(), context_->pod_dir(uid()), facts(), lookup_in(objects));
      volumes_ = plan.volumes;
      if (!plan.error.empty() || !context_->on_disk()) return prepared(plan.error);
      plan.directories.push_back(
          {log_directory(context_->node.log_root, life_.pod()), 0755, false, 0});
      run_aside<std::string>(
          this, *context_, id(), [plan = std::move(plan)] { return write_volumes(plan); },
          [this](std::string e) { prepared(e); });
    });
  }

  void prepared(const std::string& error) {
    if (!error.empty()) note("Warning", "FailedMount", error);
    life_.prepared(error, context_->now());
    advance();
  }

  // Sandbox.

  void run_sandbox(std::uint32_t attempt) {
    auto config = make_sandbox(life_.pod(), attempt, context_->node);
    rt().run_sandbox(config, back<std::string>([this](const outcome<std::string>& o) {
                       if (!o)
                         note("Warning", "FailedCreatePodSandBox",
                              "Failed to create pod sandbox: rpc error: code = " +
                                  code_text(o.error.code) + " desc = " + o.error.message);
                       after_fresh_state([this, error = o.error] {
                         life_.sandbox_ran(error ? error.message : "", context_->now());
                       });
                     }));
  }

  static std::string code_text(int code) {
    switch (code) {
      case runtime_error::deadline_exceeded:
        return "DeadlineExceeded";
      case runtime_error::not_found:
        return "NotFound";
      case runtime_error::unavailable:
        return "Unavailable";
      default:
        return "Unknown";
    }
  }

  // Starting a container: image, configuration, create, start, postStart.

  void launch_container(const action& a) {
    auto l = std::make_shared<bring_up>();
    l->pod = life_.pod();
    l->spec = container_named(l->pod, a.container);
    l->sandbox = a.id;
    l->attempt = a.attempt;
    l->began = context_->now();
    const auto image = string_at(*l->spec.spec, {"image"});
    if (image_pull_policy(*l->spec.spec) == "Always") return pull(l, image);
    rt().image(
        image, back<std::optional<image_state>>([this, l, image](const auto& o) {
          if (!o) return failed(l, "ImageInspectError", o.error.message);
          if (o.value) {
            l->image = o.value;
            note("Normal", "Pulled", "Container image \"" + image + "\" already present on machine",
                 l->spec.name);
            return configure(l);
          }
          if (image_pull_policy(*l->spec.spec) != "Never") return pull(l, image);
          note("Warning", "ErrImageNeverPull",
               "Container image \"" + image + "\" is not present with pull policy of Never",
               l->spec.name);
          failed(l, "ErrImageNeverPull",
                 "Container image \"" + image + "\" is not present with pull policy of Never");
        }));
  }

  void pull(const bring_up_ptr& l, const std::string& image) {
    note("Normal", "Pulling", "Pulling image \"" + image + "\"", l->spec.name);
    rt().pull(image, back<std::string>([this, l, image](const outcome<std::string>& o) {
                if (!o) {
                  const auto why =
                      "rpc error: code = " + code_text(o.error.code) + " desc = " + o.error.message;
                  note("Warning", "Failed", "Failed to pull image \"" + image + "\": " + why,
                       l->spec.name);
                  return failed(l, "ErrImagePull", why);
                }
                rt().image(image, back<std::optional<image_state>>([this, l, image](const auto& i) {
                             l->image = i.value;
                             const auto took = took_since(l->began);
                             note("Normal", "Pulled",
                                  "Successfully pulled image \"" + image + "\" in " + took + " (" +
                                      took + " including waiting). Image size: " +
                                      std::to_string(i.value ? i.value->size : 0) + " bytes.",
                                  l->spec.name);
                             configure(l);
                           }));
              }));
  }

  /// "850ms", "1.25s": as Go prints durations cut to milliseconds.
  std::string took_since(model::time_point t) const {
    const auto ms = std::chrono::duration_cast<milliseconds>(context_->now() - t).count();
    if (ms < 1000) return std::to_string(ms) + "ms";
    auto fraction = std::to_string(1000 + ms % 1000).substr(1);
    while (!fraction.empty() && fraction.back() == '0') fraction.pop_back();
    return std::to_string(ms / 1000) + (fraction.empty() ? "" : "." + fraction) + "s";
  }

  void configure(const bring_up_ptr& l) {
    fetch(environment_references(*l->spec.spec), [this, l](auto objects, const std::string& error) {
      if (!error.empty()) return failed(l, "CreateContainerConfigError", error);
      auto node = context_->node;
      node.pod = facts();
      auto plan =
          make_container(l->pod, l->spec, l->attempt, node, volumes_, lookup_in(objects), l->image);
      if (!plan.error.empty()) {
        note("Warning", "Failed", "Error: " + plan.error, l->spec.name);
        return failed(l, "CreateContainerConfigError", plan.error);
      }
      if (!context_->on_disk()) return create(l, plan.config);
      auto files = own_files(l, plan.config);
      run_aside<std::string>(
          this, *context_, id(),
          [files] {
            for (const auto& f : files)
              if (auto bad = write_file(f); !bad.empty()) return bad;
            return std::string{};
          },
          [this, l, config = plan.config](std::string bad) {
            if (!bad.empty()) return failed(l, "CreateContainerConfigError", bad);
            create(l, config);
          });
    });
  }

  /// The hosts file and the place of the termination message, mounted into the container; and
  /// directories that subPaths name.
  std::vector<volume_file> own_files(const bring_up_ptr& l, container_config& config) {
    std::vector<volume_file> files;
    auto mounted = [&](const std::string& path) {
      for (const auto& m : config.mounts)
        if (m.container_path == path) return true;
      return false;
    };
    const auto dir = context_->pod_dir(uid());
    const auto sandbox = make_sandbox(l->pod, 0, context_->node);
    if (!sandbox.host_network && !mounted("/etc/hosts")) {
      std::string hosts =
          "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n"
          "::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\n"
          "fe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n";
      const auto own = facts();
      for (const auto& ip : own.pod_ips) hosts += ip + "\t" + sandbox.hostname + "\n";
      for (const auto& alias : at(l->pod, {"spec", "hostAliases"})) {
        hosts += string_at(alias, {"ip"});
        for (const auto& name : at(alias, {"hostnames"})) hosts += "\t" + name.get<std::string>();
        hosts += "\n";
      }
      files.push_back({dir + "/etc-hosts", hosts, 0644});
      config.mounts.push_back({"/etc/hosts", files.back().path, false, {}});
    }
    const auto message =
        string_at(*l->spec.spec, {"terminationMessagePath"}, "/dev/termination-log");
    files.push_back(
        {dir + "/containers/" + config.name + "/" + std::to_string(config.attempt), "", 0666});
    config.annotations[termination_path_annotation] = files.back().path;
    config.mounts.push_back({message, files.back().path, false, {}});
    return files;
  }

  void create(const bring_up_ptr& l, const container_config& config) {
    if (life_.deleting()) return failed(l, "ContainerCreating", "");
    rt().create_container(
        l->sandbox, config, make_sandbox(l->pod, 0, context_->node),
        back<std::string>([this, l](const outcome<std::string>& o) {
          if (!o) {
            note("Warning", "Failed", "Error: " + o.error.message, l->spec.name);
            return failed(l, "CreateContainerError", o.error.message);
          }
          l->id = o.value;
          note("Normal", "Created", "Created container: " + l->spec.name, l->spec.name);
          if (life_.deleting()) return failed(l, "ContainerCreating", "");
          rt().start_container(
              l->id, back<nothing>([this, l](const outcome<nothing>& s) {
                if (!s) {
                  note("Warning", "Failed", "Error: " + s.error.message, l->spec.name);
                  return failed(l, "RunContainerError", s.error.message);
                }
                note("Normal", "Started", "Started container " + l->spec.name, l->spec.name);
                post_start(l);
              }));
        }));
  }

  void post_start(const bring_up_ptr& l) {
    const auto& command = at(*l->spec.spec, {"lifecycle", "postStart", "exec", "command"});
    if (!command.is_array()) return launched(l);
    rt().exec(l->id, command.get<std::vector<std::string>>(), seconds{0},
              back<exec_result>([this, l](const outcome<exec_result>& o) {
                if (!o || o.value.exit_code != 0) {
                  note("Warning", "FailedPostStartHook", "PostStartHook failed", l->spec.name);
                  life_.condemn(l->id, "FailedPostStartHook");
                }
                launched(l);
              }));
  }

  void launched(const bring_up_ptr& l) {
    after_fresh_state([this, l] { life_.container_started(l->spec.name, {}, context_->now()); });
  }

  void failed(const bring_up_ptr& l, const std::string& reason, const std::string& message) {
    if (reason == "ErrImagePull" || reason == "ErrImageNeverPull")
      note("Warning", "Failed", "Error: " + reason, l->spec.name);
    after_fresh_state([this, l, why = waiting{reason, message}] {
      life_.container_started(l->spec.name, why, context_->now());
    });
  }

  // Stopping.

  void stop_container(const action& a) {
    auto stop = [this, id = a.id, grace = a.grace] {
      rt().stop_container(id, grace, back<nothing>([this, id](const outcome<nothing>& o) {
                            if (!o)
                              return later(seconds{1}, [this, id] {
                                life_.container_stopped(id);
                                refresh();
                              });
                            after_fresh_state([this, id] { life_.container_stopped(id); });
                          }));
    };
    note("Normal", "Killing", a.message.empty() ? "Stopping container " + a.container : a.message,
         a.container);
    const auto spec = container_named(life_.pod(), a.container);
    static const json none;
    const auto& hook = at(spec.spec ? *spec.spec : none, {"lifecycle", "preStop"});
    if (const auto& nap = at(hook, {"sleep", "seconds"}); nap.is_number_integer())
      return later(std::min(seconds{nap.get<int>()}, a.grace), stop);
    const auto& command = at(hook, {"exec", "command"});
    if (!command.is_array()) return stop();
    rt().exec(a.id, command.get<std::vector<std::string>>(), a.grace,
              back<exec_result>([this, stop, name = a.container](const outcome<exec_result>& o) {
                if (!o || o.value.exit_code != 0)
                  note("Warning", "FailedPreStopHook", "PreStopHook failed", name);
                stop();
              }));
  }

  /// Everything has ended. The object goes once its last status is in.
  void finish() {
    finishing_ = true;
    if (life_.unassigned()) return clean_up();
    report();
    if (!posting_ && !post_due_) delete_object();
  }

  void delete_object() {
    if (deleted_ || life_.unassigned()) return clean_up();
    json body{{"apiVersion", "v1"},
              {"kind", "DeleteOptions"},
              {"gracePeriodSeconds", 0},
              {"preconditions", {{"uid", uid()}}}};
    ask_api(this, *context_, "DELETE", "/api/v1/namespaces/" + pod_ns() + "/pods/" + pod_name(),
            body, json_type, [this](const api_answer& a) {
              deleted_ = a.ok() || a.code == 404 || a.code == 409;
              if (deleted_) return clean_up();
              later(retry_delay(), [this] { delete_object(); });
            });
  }

  /// Removes all traces: containers, sandboxes, the pod's directory.
  void clean_up() {
    if (cleaning_) return;
    cleaning_ = true;
    auto open = std::make_shared<std::size_t>(life_.state().containers.size());
    auto one_done = [this, open](const outcome<nothing>&) {
      if (--*open == 0) remove_sandboxes();
    };
    if (*open == 0) return remove_sandboxes();
    for (const auto& c : life_.state().containers)
      rt().remove_container(c.id, back<nothing>(one_done));
  }

  void remove_sandboxes() {
    auto open = std::make_shared<std::size_t>(life_.state().sandboxes.size());
    auto one_done = [this, open](const outcome<nothing>&) {
      if (--*open == 0) remove_files();
    };
    if (*open == 0) return remove_files();
    for (const auto& s : life_.state().sandboxes)
      rt().remove_sandbox(s.id, back<nothing>(one_done));
  }

  void remove_files() {
    auto leave = [this](std::string error) {
      if (!error.empty()) spdlog::warn("kubelet: cleaning up {}: {}", uid(), error);
      send(owner_, gone_atom::value, uid());
      quit();
    };
    if (!context_->on_disk()) return leave({});
    run_aside<std::string>(
        this, *context_, id(),
        [dir = context_->pod_dir(uid()),
         logs = log_directory(context_->node.log_root, life_.pod())] {
          return remove_pod(dir, logs);
        },
        leave);
  }

  // Reporting.

  void report() {
    if (life_.unassigned() || posting_ || post_due_) return;
    auto status = pod_status(life_, last_status_, status_facts());
    if (status == posted_) return;
    post_due_ = true;
    // Changes that come together are told together.
    if (finishing_) return post();
    later(context_->options.status_delay, [this] { post(); });
  }

  status_context status_facts() const {
    return {context_->now(), first_seen_, context_->host_ips, context_->runtime_name};
  }

  void post() {
    post_due_ = false;
    if (posting_) return;
    auto status = pod_status(life_, last_status_, status_facts());
    if (status == posted_ || life_.unassigned()) return;
    posting_ = true;
    json body{{"metadata", {{"uid", uid()}}}, {"status", status}};
    // Lists that merge by key would keep addresses that are gone.
    for (const char* list : {"podIPs", "hostIPs"})
      if (at(last_status_, {list}).is_array() && at(last_status_, {list}) != at(status, {list}) &&
          status.contains(list))
        body["status"][list].insert(body["status"][list].begin(), json{{"$patch", "replace"}});
    ask_api(this, *context_, "PATCH",
            "/api/v1/namespaces/" + pod_ns() + "/pods/" + pod_name() + "/status", body,
            strategic_patch, [this, status](const api_answer& a) { posted(a, status); });
  }

  void posted(const api_answer& a, const json& status) {
    posting_ = false;
    const bool gone = a.code == 404 || a.code == 409;
    if (a.ok() || gone) {
      posted_ = last_status_ = status;
      retries_ = 0;
      if (finishing_) return delete_object();
      return report();
    }
    // 4xx: the API will not take this status; saying it again would not help until it changes.
    if (a.code >= 400 && a.code < 429 && a.code != 408) {
      spdlog::warn("kubelet: status of {}/{}: {}", pod_ns(), pod_name(), a.message);
      posted_ = status;
      if (finishing_) return delete_object();
      return;
    }
    post_due_ = true;
    later(retry_delay(), [this] {
      post();
      if (finishing_ && !posting_) delete_object();
    });
  }

  milliseconds retry_delay() {
    retries_ = std::min(retries_ + 1, 5u);
    return milliseconds{250u << retries_};
  }

  // Probes.

  struct probe_run {
    std::string container, id;
    probe check;
    bool busy = false;
  };

  /// Starts and runs what is due; when the next one is.
  std::optional<model::time_point> run_probes(model::time_point now) {
    if (life_.deleting() || !life_.ended().empty()) {
      probes_.clear();
      return std::nullopt;
    }
    std::erase_if(probes_, [&](const probe_run& p) {
      const auto* c = life_.newest(p.container);
      return !p.busy && (!c || c->id != p.id || c->state != container_state::phase::running);
    });
    for (const auto& c : containers_of(life_.pod())) adopt_probes(c);
    std::optional<model::time_point> next;
    for (auto& p : probes_) {
      if (p.busy) continue;
      const auto spec = container_named(life_.pod(), p.container);
      if (!spec.spec) continue;
      const bool startup = p.check.kind() == probe_kind::startup;
      const bool due = p.check.due() <= now;
      if (due && startup == life_.started(spec))
        p.check.postpone(now);
      else if (due)
        run_probe(p, spec);
      if (!p.busy && (!next || p.check.due() < *next)) next = p.check.due();
    }
    return next;
  }

  void adopt_probes(const container_spec& c) {
    const auto* state = life_.newest(c.name);
    if (!state || state->state != container_state::phase::running) return;
    const std::pair<probe_kind, const char*> kinds[] = {{probe_kind::startup, "startupProbe"},
                                                        {probe_kind::readiness, "readinessProbe"},
                                                        {probe_kind::liveness, "livenessProbe"}};
    for (const auto& [kind, field] : kinds) {
      const auto& spec = at(*c.spec, {field});
      if (!spec.is_object()) continue;
      const bool known = std::any_of(probes_.begin(), probes_.end(), [&, k = kind](const auto& p) {
        return p.id == state->id && p.check.kind() == k;
      });
      if (known) continue;
      const auto began = model::time_point{std::chrono::duration_cast<model::time_point::duration>(
          std::chrono::nanoseconds{state->started_at})};
      probes_.push_back({c.name, state->id, probe(kind, spec, began)});
    }
  }

  void run_probe(probe_run& p, const container_spec& c) {
    p.busy = true;
    const auto kind = p.check.kind();
    const char* field = kind == probe_kind::startup     ? "startupProbe"
                        : kind == probe_kind::readiness ? "readinessProbe"
                                                        : "livenessProbe";
    const json spec = at(*c.spec, {field});
    const auto timeout = p.check.timeout();
    auto told = [this, container = p.id, kind](std::string error) {
      probed(container, kind, error);
    };
    if (const auto& command = at(spec, {"exec", "command"}); command.is_array()) {
      rt().exec(
          p.id, command.get<std::vector<std::string>>(), timeout,
          back<exec_result>([told, timeout](const outcome<exec_result>& o) {
            if (!o)
              return told(o.error.code == runtime_error::deadline_exceeded
                              ? "command timed out after " + std::to_string(timeout.count()) + "s"
                              : o.error.message);
            // Empty output of a failed command still is a failure.
            told(o.value.exit_code == 0 ? std::string{} : o.value.output + " ");
          }));
      return;
    }
    const auto& http = at(spec, {"httpGet"});
    const auto& target = http.is_object() ? http : at(spec, {"tcpSocket"});
    const auto known = facts();
    auto host = string_at(target, {"host"});
    if (host.empty()) {
      const auto& own = make_sandbox(life_.pod(), 0, context_->node).host_network ? known.host_ips
                                                                                  : known.pod_ips;
      host = own.empty() ? "" : own.front();
    }
    const int port = port_of(at(target, {"port"}), *c.spec);
    if (string_at(http, {"scheme"}) == "HTTPS" || !target.is_object() || !context_->on_disk())
      return later(milliseconds{0}, [told, simulated = !context_->on_disk()] {
        told(simulated ? "" : "this kubelet has no such probe");
      });
    std::vector<std::pair<std::string, std::string>> headers;
    for (const auto& h : at(http, {"httpHeaders"}))
      headers.emplace_back(string_at(h, {"name"}), string_at(h, {"value"}));
    auto path = string_at(http, {"path"}, "/");
    if (path.empty() || path.front() != '/') path.insert(0, "/");
    run_aside<std::string>(
        this, *context_, id(),
        [is_http = http.is_object(), host, port, path, headers, timeout] {
          return is_http ? probe_http(host, port, path, headers, timeout)
                         : probe_tcp(host, port, timeout);
        },
        told);
  }

  void probed(const std::string& container, probe_kind kind, const std::string& error) {
    const auto now = context_->now();
    for (auto& p : probes_) {
      if (p.id != container || p.check.kind() != kind) continue;
      p.busy = false;
      if (!error.empty())
        note("Warning", "Unhealthy", std::string(to_text(kind)) + " probe failed: " + error,
             p.container);
      const auto verdict = p.check.result(error.empty(), now);
      if (!verdict) break;
      if (kind == probe_kind::readiness) {
        life_.set_ready(p.container, *verdict);
      } else if (*verdict) {
        if (kind == probe_kind::startup) life_.set_started(p.container, true);
      } else {
        life_.condemn(container, "Container " + p.container + " failed " +
                                     (kind == probe_kind::startup ? "startup" : "liveness") +
                                     " probe, will be restarted");
      }
      break;
    }
    advance();
  }

  // Logs.

  caf::result<stream_source> open_log(const log_request& request, uint64_t id, stream_sink& sink) {
    const auto spec = container_named(life_.pod(), request.container);
    if (!spec.spec)
      return to_error(model::bad_request("container " + request.container +
                                         " is not valid for pod " + pod_name()));
    const auto* c =
        request.previous ? life_.previous(request.container) : life_.newest(request.container);
    // What waits to be restarted has its last run as the newest.
    if (!c && request.previous)
      return to_error(model::bad_request("previous terminated container \"" + request.container +
                                         "\" in pod \"" + pod_name() + "\" not found"));
    if (!c || c->state == container_state::phase::created) {
      const auto why = life_.waits(request.container);
      return to_error(model::bad_request(
          "container \"" + request.container + "\" in pod \"" + pod_name() +
          "\" is waiting to start: " + (why ? why->reason : "ContainerCreating")));
    }
    log_options options;
    if (context_->on_disk())
      options.path = log_directory(context_->node.log_root, life_.pod()) + "/" + c->name + "/" +
                     std::to_string(c->attempt) + ".log";
    options.request = request;
    options.clock = context_->options.clock;
    auto& watch = log_watches_[c->id];
    if (!watch)
      watch = std::make_shared<std::atomic<bool>>(c->state == container_state::phase::running);
    auto alive = [whole = running_, container = watch] { return *whole && *container; };
    return spawn_log_source(home_system(), std::move(options), id, sink, alive);
  }

  /// Tells the followers of logs whose containers have ended.
  void tell_logs() {
    std::erase_if(log_watches_, [this](auto& entry) {
      for (const auto& c : life_.state().containers)
        if (c.id == entry.first && c.state == container_state::phase::running) return false;
      *entry.second = false;
      return true;
    });
  }

  context_ptr context_;
  std::shared_ptr<way_back> way_;
  pod_owner_actor owner_;
  pod_lifecycle life_;
  model::time_point first_seen_;
  volume_map volumes_;

  bool reading_ = false, again_ = false;
  std::vector<std::function<void()>> after_refresh_;

  uint64_t generation_ = 0;
  std::optional<model::time_point> armed_;

  json last_status_, posted_;
  bool posting_ = false, post_due_ = false;
  unsigned retries_ = 0;
  bool finishing_ = false, deleted_ = false, cleaning_ = false;

  std::vector<probe_run> probes_;
  std::shared_ptr<std::atomic<bool>> running_;
  std::map<std::string, std::shared_ptr<std::atomic<bool>>> log_watches_;
};

}  // namespace

pod_worker_actor spawn_pod_worker(caf::actor_system& system, context_ptr context,
                                  pod_owner_actor owner, json pod) {
  return system.spawn<pod_worker>(std::move(context), std::move(owner), std::move(pod));
}

}  // namespace troupe
