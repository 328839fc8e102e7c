#include "net/cri/client.hpp"

#include "model/json.hpp"
#include "net/cri/convert.hpp"
#include "net/cri/streaming.hpp"
#include "runtime.grpc.pb.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <map>
#include <mutex>

namespace troupe::net::cri {

using namespace model::kubelet;
using std::chrono::minutes;
using std::chrono::seconds;

namespace {

// How long a call may take: kubelet's runtime-request-timeout, and its longer ones.
constexpr seconds usual{120};
constexpr seconds pulling{minutes{30}};

/// One call under way; owned by itself until its answer is there.
template <class Request, class Response>
struct call {
  grpc::ClientContext context;
  Request request;
  Response response;

  call(Request r, seconds timeout) : request(std::move(r)) {
    context.set_deadline(std::chrono::system_clock::now() + timeout);
  }
};

runtime_error error_of(const grpc::Status& s) {
  if (s.ok()) return {};
  return {static_cast<int>(s.error_code()), s.error_message()};
}

/// Starts `method` of an async stub; `f` gets the outcome that `read` makes of the response.
template <class Stub, class Method, class Request, class Response, class Value, class Read>
void start(Stub* stub, Method method, std::type_identity<Response>, Request request,
           seconds timeout, done<Value> f, Read read) {
  auto c = std::make_shared<call<Request, Response>>(std::move(request), timeout);
  auto* raw = c.get();
  (stub->*method)(&raw->context, &raw->request, &raw->response,
                  [c, f = std::move(f), read = std::move(read)](const grpc::Status& s) {
                    outcome<Value> out;
                    out.error = error_of(s);
                    if (s.ok()) out.value = read(c->response);
                    f(std::move(out));
                  });
}

/// Gathers the answers of several calls; calls `f` once with the sorted whole or the first error.
struct gathering {
  std::mutex mutex;
  pod_state state;
  runtime_error error;
  std::size_t open;
  done<pod_state> f;

  gathering(std::size_t n, done<pod_state> g) : open(n), f(std::move(g)) {}

  void sort() {
    auto newest = [](const auto& a, const auto& b) {
      return std::pair(a.created_at, a.attempt) > std::pair(b.created_at, b.attempt);
    };
    std::sort(state.sandboxes.begin(), state.sandboxes.end(), newest);
    std::sort(state.containers.begin(), state.containers.end(), newest);
  }

  /// What vanished between the listing and the question is no error.
  template <class T>
  void take(outcome<T> o, std::vector<T>& into) {
    std::unique_lock lock(mutex);
    if (o)
      into.push_back(std::move(o.value));
    else if (o.error.code != runtime_error::not_found)
      error = o.error;
    if (--open > 0) return;
    lock.unlock();
    sort();
    f({std::move(state), error});
  }
};

/// The channel to an endpoint, kept until the process ends. With its last channel gRPC 1.51 ends
/// the threads that run callbacks and frees their queue; were that channel dropped in a callback,
/// the thread would go on in freed memory.
std::shared_ptr<grpc::Channel> channel_to(const std::string& endpoint) {
  static std::mutex mutex;
  static auto& channels = *new std::map<std::string, std::shared_ptr<grpc::Channel>>;
  std::lock_guard lock(mutex);
  auto& channel = channels[endpoint];
  if (channel) return channel;
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(64 << 20);
  // A runtime that was restarted is found again within a second.
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 200);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
  channel = grpc::CreateCustomChannel(endpoint, grpc::InsecureChannelCredentials(), arguments);
  return channel;
}

class client final : public runtime, public std::enable_shared_from_this<client> {
 public:
  explicit client(const std::string& endpoint) {
    const auto channel = channel_to(endpoint);
    runtime_ = pb::RuntimeService::NewStub(channel);
    images_ = pb::ImageService::NewStub(channel);
  }

  void version(done<runtime_version> f) override;
  void condition(done<runtime_condition> f) override;
  void run_sandbox(const sandbox_config& config, done<std::string> f) override;
  void stop_sandbox(const std::string& id, done<nothing> f) override;
  void remove_sandbox(const std::string& id, done<nothing> f) override;
  void create_container(const std::string& sandbox, const container_config& config,
                        const sandbox_config& sandbox_config, done<std::string> f) override;
  void start_container(const std::string& id, done<nothing> f) override;
  void stop_container(const std::string& id, seconds grace, done<nothing> f) override;
  void remove_container(const std::string& id, done<nothing> f) override;
  void exec(const std::string& id, const std::vector<std::string>& command, seconds timeout,
            done<exec_result> f) override;
  void open_tunnel(const std::string& id, const tunnel_options& options, tunnel_events events,
                   done<std::shared_ptr<tunnel>> f) override;
  void reopen_log(const std::string& id, done<nothing> f) override;
  void state(const std::string& pod_uid, done<pod_state> f) override;
  void overview(done<std::vector<brief_state>> f) override;
  void usage(done<std::vector<container_usage>> f) override;
  /// containerd before 1.7 has no event stream.
  bool watch(std::function<void(const std::string&)>) override { return false; }
  void image(const std::string& name, done<std::optional<image_state>> f) override;
  void pull(const std::string& name, const std::optional<registry_login>& as,
            done<std::string> f) override;
  void images(done<std::vector<image_state>> f) override;
  void images_in_use(done<std::set<std::string>> f) override;
  void remove_image(const std::string& id, done<nothing> f) override;
  void image_directory(done<std::string> f) override;

 private:
  void describe(std::vector<std::string> sandboxes, const pb::ListContainersResponse& containers,
                done<pod_state> f);

  pb::RuntimeService::StubInterface::async_interface* rt() { return runtime_->async(); }
  pb::ImageService::StubInterface::async_interface* im() { return images_->async(); }

  std::unique_ptr<pb::RuntimeService::StubInterface> runtime_;
  std::unique_ptr<pb::ImageService::StubInterface> images_;
};

// Names the method, its request and its response at once; overloads of the generated stub would
// otherwise need a cast at each call.
#define CRI_CALL(SERVICE, METHOD, TIMEOUT, REQUEST, DONE, READ)                                   \
  start(SERVICE(),                                                                                \
        static_cast<void (std::remove_pointer_t<decltype(SERVICE())>::*)(                         \
            grpc::ClientContext*, const pb::METHOD##Request*, pb::METHOD##Response*,              \
            std::function<void(grpc::Status)>)>(                                                  \
            &std::remove_pointer_t<decltype(SERVICE())>::METHOD),                                 \
        std::type_identity<pb::METHOD##Response>{}, std::move(REQUEST), TIMEOUT, std::move(DONE), \
        READ)

constexpr auto ignore = [](const auto&) { return nothing{}; };

/// The client was dropped between two calls.
runtime_error closed() {
  return {runtime_error::unavailable, "the runtime client was closed"};
}

/// Stopping and removing what is gone is what was wanted.
done<nothing> absent_is_done(done<nothing> f) {
  return [f = std::move(f)](outcome<nothing> o) {
    if (o.error.code == runtime_error::not_found) o.error = {};
    f(o);
  };
}

void client::version(done<runtime_version> f) {
  pb::VersionRequest q;
  CRI_CALL(rt, Version, usual, q, f, [](const pb::VersionResponse& r) {
    return (runtime_version{r.runtime_name(), r.runtime_version()});
  });
}

void client::condition(done<runtime_condition> f) {
  pb::StatusRequest q;
  CRI_CALL(rt, Status, seconds{10}, q, f, [](const pb::StatusResponse& r) {
    runtime_condition c;
    for (const auto& one : r.status().conditions()) {
      if (one.type() == "RuntimeReady") c.ready = one.status();
      if (one.type() == "NetworkReady") c.network_ready = one.status();
      if (one.status()) continue;
      if (!c.message.empty()) c.message += ", ";
      c.message += "container runtime " +
                   std::string(one.type() == "NetworkReady" ? "network" : "") +
                   " not ready: " + one.type() + "=false reason:" + one.reason() +
                   " message:" + one.message();
    }
    return c;
  });
}

void client::run_sandbox(const sandbox_config& config, done<std::string> f) {
  pb::RunPodSandboxRequest q;
  *q.mutable_config() = to_message(config);
  // The runtime may first have to pull the sandbox image.
  CRI_CALL(rt, RunPodSandbox, usual * 2, q, f,
           [](const pb::RunPodSandboxResponse& r) { return r.pod_sandbox_id(); });
}

void client::stop_sandbox(const std::string& id, done<nothing> f) {
  pb::StopPodSandboxRequest q;
  q.set_pod_sandbox_id(id);
  auto g = absent_is_done(std::move(f));
  CRI_CALL(rt, StopPodSandbox, usual, q, g, ignore);
}

void client::remove_sandbox(const std::string& id, done<nothing> f) {
  pb::RemovePodSandboxRequest q;
  q.set_pod_sandbox_id(id);
  auto g = absent_is_done(std::move(f));
  CRI_CALL(rt, RemovePodSandbox, usual, q, g, ignore);
}

void client::create_container(const std::string& sandbox, const container_config& config,
                              const sandbox_config& sandbox_config, done<std::string> f) {
  pb::CreateContainerRequest q;
  q.set_pod_sandbox_id(sandbox);
  *q.mutable_config() = to_message(config, sandbox_config);
  *q.mutable_sandbox_config() = to_message(sandbox_config);
  CRI_CALL(rt, CreateContainer, usual, q, f,
           [](const pb::CreateContainerResponse& r) { return r.container_id(); });
}

void client::start_container(const std::string& id, done<nothing> f) {
  pb::StartContainerRequest q;
  q.set_container_id(id);
  CRI_CALL(rt, StartContainer, usual, q, f, ignore);
}

void client::stop_container(const std::string& id, seconds grace, done<nothing> f) {
  pb::StopContainerRequest q;
  q.set_container_id(id);
  q.set_timeout(grace.count());
  auto g = absent_is_done(std::move(f));
  CRI_CALL(rt, StopContainer, usual + grace, q, g, ignore);
}

void client::remove_container(const std::string& id, done<nothing> f) {
  pb::RemoveContainerRequest q;
  q.set_container_id(id);
  auto g = absent_is_done(std::move(f));
  CRI_CALL(rt, RemoveContainer, usual, q, g, ignore);
}

void client::exec(const std::string& id, const std::vector<std::string>& command, seconds timeout,
                  done<exec_result> f) {
  pb::ExecSyncRequest q;
  q.set_container_id(id);
  for (const auto& c : command) q.add_cmd(c);
  q.set_timeout(timeout.count());
  // Without a time-out of its own a command may run as long as a pull.
  const auto limit = timeout.count() > 0 ? timeout + seconds{10} : pulling;
  CRI_CALL(rt, ExecSync, limit, q, f, [](const pb::ExecSyncResponse& r) {
    return (exec_result{r.exit_code(), r.stdout() + r.stderr()});
  });
}

void client::open_tunnel(const std::string& id, const tunnel_options& o, tunnel_events events,
                         done<std::shared_ptr<tunnel>> f) {
  done<std::string> told = [o, events = std::move(events), f](const outcome<std::string>& url) {
    if (!url) return f({{}, url.error});
    open_stream(url.value, o, events, f);
  };
  const auto url_of = [](const auto& r) { return r.url(); };
  auto choose = [&o](auto& q) {
    q.set_tty(o.tty);
    q.set_stdin(o.in);
    q.set_stdout(o.out);
    q.set_stderr(o.err);
  };
  if (o.what == tunnel_options::use::port_forward) {
    pb::PortForwardRequest q;
    q.set_pod_sandbox_id(id);
    CRI_CALL(rt, PortForward, usual, q, told, url_of);
  } else if (o.what == tunnel_options::use::attach) {
    pb::AttachRequest q;
    q.set_container_id(id);
    choose(q);
    CRI_CALL(rt, Attach, usual, q, told, url_of);
  } else {
    pb::ExecRequest q;
    q.set_container_id(id);
    for (const auto& word : o.command) q.add_cmd(word);
    choose(q);
    CRI_CALL(rt, Exec, usual, q, told, url_of);
  }
}

void client::reopen_log(const std::string& id, done<nothing> f) {
  pb::ReopenContainerLogRequest q;
  q.set_container_id(id);
  CRI_CALL(rt, ReopenContainerLog, usual, q, f, ignore);
}

void client::describe(std::vector<std::string> sandboxes,
                      const pb::ListContainersResponse& containers, done<pod_state> f) {
  const auto count = sandboxes.size() + static_cast<std::size_t>(containers.containers_size());
  if (count == 0) return f({});
  auto all = std::make_shared<gathering>(count, std::move(f));
  for (const auto& id : sandboxes) {
    pb::PodSandboxStatusRequest q;
    q.set_pod_sandbox_id(id);
    done<sandbox_state> g = [all](outcome<sandbox_state> o) {
      all->take(std::move(o), all->state.sandboxes);
    };
    CRI_CALL(rt, PodSandboxStatus, usual, q, g,
             [](const pb::PodSandboxStatusResponse& r) { return from_message(r.status()); });
  }
  for (const auto& c : containers.containers()) {
    pb::ContainerStatusRequest q;
    q.set_container_id(c.id());
    done<container_state> g = [all](outcome<container_state> o) {
      all->take(std::move(o), all->state.containers);
    };
    CRI_CALL(rt, ContainerStatus, usual, q, g,
             ([sandbox = c.pod_sandbox_id()](const pb::ContainerStatusResponse& r) {
               auto s = from_message(r.status());
               s.sandbox_id = sandbox;
               return s;
             }));
  }
}

void client::state(const std::string& pod_uid, done<pod_state> f) {
  pb::ListPodSandboxRequest q;
  (*q.mutable_filter()->mutable_label_selector())[pod_uid_label] = pod_uid;
  done<std::vector<std::string>> listed = [weak = weak_from_this(), pod_uid,
                                           f](outcome<std::vector<std::string>> sandboxes) {
    auto self = weak.lock();
    if (!self) sandboxes.error = closed();
    if (!sandboxes) return f({{}, sandboxes.error});
    auto rt = [&] { return self->rt(); };
    pb::ListContainersRequest r;
    (*r.mutable_filter()->mutable_label_selector())[pod_uid_label] = pod_uid;
    done<pb::ListContainersResponse> g = [weak, f, ids = std::move(sandboxes.value)](
                                             outcome<pb::ListContainersResponse> containers) {
      auto owner = weak.lock();
      if (!owner) containers.error = closed();
      if (!containers) return f({{}, containers.error});
      owner->describe(ids, containers.value, f);
    };
    CRI_CALL(rt, ListContainers, usual, r, g,
             [](const pb::ListContainersResponse& m) { return m; });
  };
  CRI_CALL(rt, ListPodSandbox, usual, q, listed, [](const pb::ListPodSandboxResponse& r) {
    std::vector<std::string> ids;
    for (const auto& item : r.items()) ids.push_back(item.id());
    return ids;
  });
}

void client::overview(done<std::vector<brief_state>> f) {
  using list = std::vector<brief_state>;
  pb::ListPodSandboxRequest q;
  done<list> sandboxes = [weak = weak_from_this(), f](outcome<list> first) {
    auto self = weak.lock();
    if (!self) first.error = closed();
    if (!first) return f(first);
    auto rt = [&] { return self->rt(); };
    pb::ListContainersRequest r;
    done<list> g = [f, first](outcome<list> second) {
      second.value.insert(second.value.end(), first.value.begin(), first.value.end());
      std::sort(second.value.begin(), second.value.end());
      f(std::move(second));
    };
    CRI_CALL(rt, ListContainers, seconds{10}, r, g, [](const pb::ListContainersResponse& m) {
      list out;
      for (const auto& c : m.containers()) {
        auto label = [&](const char* key) {
          auto i = c.labels().find(key);
          return i == c.labels().end() ? std::string{} : i->second;
        };
        out.push_back({c.id(), label(pod_namespace_label), label(pod_name_label),
                       label(pod_uid_label), static_cast<int>(c.state())});
      }
      return out;
    });
  };
  CRI_CALL(rt, ListPodSandbox, seconds{10}, q, sandboxes, [](const pb::ListPodSandboxResponse& m) {
    list out;
    for (const auto& s : m.items())
      out.push_back({s.id(), s.metadata().namespace_(), s.metadata().name(), s.metadata().uid(),
                     static_cast<int>(s.state())});
    return out;
  });
}

void client::usage(done<std::vector<container_usage>> f) {
  pb::ListContainerStatsRequest q;
  CRI_CALL(rt, ListContainerStats, seconds{10}, q, f, [](const pb::ListContainerStatsResponse& r) {
    std::vector<container_usage> out;
    for (const auto& s : r.stats())
      if (s.has_cpu() && s.has_memory()) out.push_back(from_message(s));
    return out;
  });
}

void client::image(const std::string& name, done<std::optional<image_state>> f) {
  pb::ImageStatusRequest q;
  q.mutable_image()->set_image(name);
  CRI_CALL(im, ImageStatus, usual, q, f, [](const pb::ImageStatusResponse& r) {
    return r.has_image() ? std::optional(from_message(r.image())) : std::nullopt;
  });
}

void client::pull(const std::string& name, const std::optional<registry_login>& as,
                  done<std::string> f) {
  pb::PullImageRequest q;
  q.mutable_image()->set_image(name);
  if (as) {
    q.mutable_auth()->set_username(as->username);
    q.mutable_auth()->set_password(as->password);
  }
  CRI_CALL(im, PullImage, pulling, q, f,
           [](const pb::PullImageResponse& r) { return r.image_ref(); });
}

void client::images(done<std::vector<image_state>> f) {
  pb::ListImagesRequest q;
  CRI_CALL(im, ListImages, usual, q, f, [](const pb::ListImagesResponse& r) {
    std::vector<image_state> out;
    for (const auto& i : r.images()) out.push_back(from_message(i));
    return out;
  });
}

// The image of sandboxes is in use, too; older runtimes do not say that they want to keep it.
void client::images_in_use(done<std::set<std::string>> f) {
  pb::StatusRequest q;
  q.set_verbose(true);
  done<std::string> known = [weak = weak_from_this(), f](outcome<std::string> sandboxes) {
    auto self = weak.lock();
    if (!self) sandboxes.error = closed();
    if (!sandboxes) return f({{}, sandboxes.error});
    auto rt = [&] { return self->rt(); };
    pb::ListContainersRequest r;
    CRI_CALL(rt, ListContainers, usual, r, f,
             ([image = sandboxes.value](const pb::ListContainersResponse& m) {
               std::set<std::string> out{image};
               for (const auto& c : m.containers()) {
                 out.insert(c.image_ref());
                 out.insert(c.image().image());
               }
               return out;
             }));
  };
  CRI_CALL(rt, Status, seconds{10}, q, known, [](const pb::StatusResponse& r) {
    const auto config = r.info().find("config");
    if (config == r.info().end()) return std::string{};
    return model::string_at(model::parse_json(config->second).value, {"sandboxImage"});
  });
}

void client::remove_image(const std::string& id, done<nothing> f) {
  pb::RemoveImageRequest q;
  q.mutable_image()->set_image(id);
  auto g = absent_is_done(std::move(f));
  CRI_CALL(im, RemoveImage, usual, q, g, ignore);
}

void client::image_directory(done<std::string> f) {
  pb::ImageFsInfoRequest q;
  CRI_CALL(im, ImageFsInfo, usual, q, f, [](const pb::ImageFsInfoResponse& r) {
    return r.image_filesystems().empty() ? std::string{}
                                         : r.image_filesystems(0).fs_id().mountpoint();
  });
}

#undef CRI_CALL

}  // namespace

std::shared_ptr<model::kubelet::runtime> connect(const std::string& endpoint) {
  return std::make_shared<client>(endpoint);
}

}  // namespace troupe::net::cri
