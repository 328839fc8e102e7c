#include "actors/kubelet/disk.hpp"
#include "actors/kubelet/worker.hpp"
#include "model/kubelet/image_name.hpp"
#include "model/kubelet/service_environment.hpp"

namespace troupe {

using namespace model::kubelet;
using model::at;
using model::json;
using model::string_at;
using std::chrono::milliseconds;
using std::chrono::seconds;

object_lookup pod_worker::lookup_in(objects_ptr objects) {
  return [objects](const std::string& resource, const std::string& name) -> const json& {
    static const json none;
    auto i = objects->find({resource, name});
    return i == objects->end() ? none : i->second;
  };
}

void pod_worker::fetch(const std::vector<data_reference>& references,
                       std::function<void(objects_ptr, const std::string&)> f) {
  struct gathering {
    std::shared_ptr<object_map> objects = std::make_shared<object_map>();
    std::string error;
    std::size_t open = 0;
  };
  auto all = std::make_shared<gathering>();
  all->open = references.size();
  if (references.empty()) return f(all->objects, {});
  for (const auto& r : references) {
    const std::string place = r.resource == "persistentvolumes"
                                  ? "/api/v1/"
                                  : "/api/v1/namespaces/" + (r.ns.empty() ? pod_ns() : r.ns) + "/";
    ask_api(this, *context_, "GET", place + r.resource + (r.name.empty() ? "" : "/" + r.name),
            nullptr, json_type, [all, r, f](const api_answer& a) {
              if (a.ok()) {
                auto& object = (*all->objects)[{r.resource, r.name}] = a.document();
                // A single object's document says its kind; lists' items may not.
                if (r.resource == "secrets") object["kind"] = "Secret";
                if (r.resource == "configmaps") object["kind"] = "ConfigMap";
              } else if (a.code != 404) {
                all->error = a.message();
              }
              if (--all->open == 0) f(all->objects, all->error);
            });
  }
}

pod_facts pod_worker::facts() const {
  auto f = context_->node.pod;
  f.host_ips = context_->host_ips;
  f.pod_ips = known_ips_;
  if (const auto* s = life_.sandbox(); s && !s->ips.empty()) f.pod_ips = s->ips;
  return f;
}

void pod_worker::gather(std::function<void(objects_ptr, const std::string&)> f) {
  fetch(volume_references(life_.pod(), context_->on_disk()),
        [this, f](auto objects, const std::string& error) {
          if (!error.empty()) return f(objects, error);
          fetch(bound_volumes(life_.pod(), lookup_in(objects)),
                [this, f, objects](auto volumes, const std::string& failure) {
                  auto all = std::make_shared<object_map>(*objects);
                  all->insert(volumes->begin(), volumes->end());
                  if (tokens_) all->insert(tokens_->begin(), tokens_->end());
                  f(all, failure);
                });
        });
}

void pod_worker::prepare() {
  fetch_tokens([this](auto tokens, const std::string& refused) {
    if (!refused.empty()) return prepared(refused);
    tokens_ = tokens;
    gather([this](const objects_ptr& objects, const std::string& error) {
      if (!error.empty()) return prepared(error);
      prepare_from(objects);
    });
  });
}

void pod_worker::prepare_from(const objects_ptr& objects) {
  auto plan = plan_volumes(life_.pod(), context_->pod_dir(uid()), facts(), lookup_in(objects),
                           context_->on_disk());
  volumes_ = plan.volumes;
  if (!plan.error.empty() || !context_->on_disk()) return prepared(plan.error);
  plan.directories.push_back({log_directory(context_->node.log_root, life_.pod()), 0755, false, 0});
  run_aside<std::string>(
      this, *context_, id(), [plan = std::move(plan)] { return write_volumes(plan); },
      [this](std::string e) { prepared(e); });
}

void pod_worker::prepared(const std::string& error) {
  if (!error.empty()) note("Warning", "FailedMount", error);
  if (error.empty()) {
    keep_tokens_fresh();
    keep_volumes_fresh();
  }
  life_.prepared(error, context_->now());
  advance();
}

void pod_worker::run_sandbox(std::uint32_t attempt) {
  auto config = make_sandbox(life_.pod(), attempt, context_->node);
  rt().run_sandbox(config, back<std::string>([this](const outcome<std::string>& o) {
                     if (!o)
                       note("Warning", "FailedCreatePodSandBox",
                            "Failed to create pod sandbox: " + rpc_text(o.error));
                     after_fresh_state([this, error = o.error] {
                       life_.sandbox_ran(error ? error.message : "", context_->now());
                     });
                   }));
}

void pod_worker::launch_container(const action& a) {
  auto l = std::make_shared<bring_up>();
  l->document = life_.document();
  l->spec = container_named(l->pod(), a.container);
  l->sandbox = a.id;
  l->attempt = a.attempt;
  l->began = context_->now();
  const auto image = string_at(l->container(), {"image"});
  if (const auto fault = image_name_fault(image); !fault.empty()) {
    const auto why = "Failed to apply default image tag \"" + image +
                     "\": couldn't parse image name \"" + image + "\": " + fault;
    note("Warning", "InspectFailed", why, l->spec.name);
    return failed(l, "InvalidImageName", why);
  }
  if (image_pull_policy(l->container()) == "Always") return pull(l, image);
  rt().image(image, back<std::optional<image_state>>([this, l, image](const auto& o) {
               if (!o) return failed(l, "ImageInspectError", o.error.message);
               if (o.value) {
                 l->image = o.value;
                 note("Normal", "Pulled",
                      "Container image \"" + image + "\" already present on machine", l->spec.name);
                 return configure(l);
               }
               if (image_pull_policy(l->container()) != "Never") return pull(l, image);
               note("Warning", "ErrImageNeverPull",
                    "Container image \"" + image + "\" is not present with pull policy of Never",
                    l->spec.name);
               failed(l, "ErrImageNeverPull",
                      "Container image \"" + image + "\" is not present with pull policy of Never");
             }));
}

void pod_worker::configure(const bring_up_ptr& l) {
  auto wanted = environment_references(l->container());
  // Nothing reads the environment of a simulated container.
  if (context_->on_disk()) {
    const auto services = service_references(l->pod());
    wanted.insert(wanted.end(), services.begin(), services.end());
  }
  fetch(wanted, [this, l](auto objects, const std::string& error) {
    if (!error.empty()) return failed(l, "CreateContainerConfigError", error);
    auto node = context_->node;
    node.pod = facts();
    auto plan =
        make_container(l->pod(), l->spec, l->attempt, node, volumes_, lookup_in(objects), l->image);
    if (const auto target = string_at(l->container(), {"targetContainerName"}); !target.empty()) {
      const auto* seen = life_.newest(target);
      if (seen)
        plan.config.sees = seen->id;
      else
        plan.error = "unable to find target container " + target;
    }
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

void pod_worker::create(const bring_up_ptr& l, const container_config& config) {
  if (life_.deleting()) return failed(l, "ContainerCreating", "");
  rt().create_container(l->sandbox, config, make_sandbox(l->pod(), 0, context_->node),
                        back<std::string>([this, l](const outcome<std::string>& o) {
                          if (!o) {
                            note("Warning", "Failed", "Error: " + o.error.message, l->spec.name);
                            return failed(l, "CreateContainerError", o.error.message);
                          }
                          l->id = o.value;
                          note("Normal", "Created", "Created container: " + l->spec.name,
                               l->spec.name);
                          start(l);
                        }));
}

void pod_worker::start(const bring_up_ptr& l) {
  if (life_.deleting()) return failed(l, "ContainerCreating", "");
  rt().start_container(l->id, back<nothing>([this, l](const outcome<nothing>& o) {
                         if (!o) {
                           note("Warning", "Failed", "Error: " + o.error.message, l->spec.name);
                           return failed(l, "RunContainerError", o.error.message);
                         }
                         note("Normal", "Started", "Started container " + l->spec.name,
                              l->spec.name);
                         post_start(l);
                       }));
}

void pod_worker::post_start(const bring_up_ptr& l) {
  run_hook(at(l->container(), {"lifecycle", "postStart"}), l->spec, l->id, seconds{0},
           [this, l](bool well) {
             if (!well) {
               note("Warning", "FailedPostStartHook", "PostStartHook failed", l->spec.name);
               life_.condemn(l->id, "FailedPostStartHook");
             }
             launched(l);
           });
}

void pod_worker::launched(const bring_up_ptr& l) {
  after_fresh_state([this, l] { life_.container_started(l->spec.name, {}, context_->now()); });
}

void pod_worker::failed(const bring_up_ptr& l, const std::string& reason,
                        const std::string& message) {
  if (reason == "ErrImagePull" || reason == "ErrImageNeverPull" || reason == "InvalidImageName")
    note("Warning", "Failed", "Error: " + reason, l->spec.name);
  after_fresh_state([this, l, why = waiting{reason, message}] {
    life_.container_started(l->spec.name, why, context_->now());
  });
}

}  // namespace troupe
