#include "cli/client/edge_client.hpp"

#include "actors/edge/edge.hpp"
#include "cli/client/secret_file.hpp"
#include "cli/roles/data_dir.hpp"
#include "cli/roles/host.hpp"
#include "messages/errors.hpp"
#include "model/random.hpp"

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

namespace troupe::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto login_patience = 10s;
constexpr auto answer_patience = 70s;   // the server gives up after 60
constexpr std::uint32_t window = 16;    // chunks of at most 256 KiB under way
constexpr std::uint64_t stream_id = 1;  // one stream at a time

// CAF reads certificates from files only; these have no name and end with the process.
struct identity {
  explicit identity(const cluster_access& access)
      : certificate("certificate", access.client.certificate),
        key("key", access.client.key),
        ca("ca", access.ca) {}
  edge::tls_files files() const { return {certificate.path(), key.path(), ca.path()}; }

  secret_file certificate, key, ca;
};

// A failed answer of the session, as the API would have given it.
client_response answer_of(const caf::error& e) {
  const auto s = to_status(e);
  return {s.code, model::to_text(s), {}};
}

api_request make_request(const client_request& r) {
  api_request out;
  out.method = r.method;
  out.target = r.target;
  out.content_type = r.content_type;
  out.accept = r.accept;
  out.user_agent = "troupe";
  if (!r.body.empty()) out.body = blob_ref(r.body);
  return out;
}

class edge_client : public api_client {
 public:
  edge_client(const cluster_access& access, const std::string& host, std::uint16_t port)
      : identity_(access), config_(identity_.files(), 1), system_(config_), ns_(access.ns) {
    edge::link_options o;
    o.host = host;
    o.port = port;
    o.files = identity_.files();
    o.incarnation = model::entropy_seed();
    o.request_timeout = answer_patience;
    o.redial = false;
    link_ = edge::spawn_link(system_, o);
    log_in(access);
  }
  ~edge_client() override { caf::anon_send_exit(link_, caf::exit_reason::user_shutdown); }

  client_response request(const client_request& r) override {
    client_response out;
    self_->request(link_, caf::infinite, request_atom::value, make_request(r))
        .receive(
            [&](api_response& a) {
              out = {a.code, a.body.bytes(), std::move(a.warnings)};
            },
            [&](const caf::error& e) { out = answer_of(e); });
    return out;
  }

  client_response stream(const std::string& target, const std::string& accept,
                         const std::function<bool(std::string_view)>& on_chunk) override {
    client_response out;
    stream_source source;
    const auto sink = caf::actor_cast<stream_sink>(caf::actor_cast<caf::actor>(self_.ptr()));
    self_
        ->request(link_, caf::infinite, open_atom::value,
                  make_request({"GET", target, "", "", accept}), stream_id, sink)
        .receive(
            [&](api_response& a, const stream_source& s) {
              out = {a.code, a.body.bytes(), std::move(a.warnings)};
              source = s;
            },
            [&](const caf::error& e) { out = answer_of(e); });
    if (source) pump(source, on_chunk);
    return out;
  }

  std::string default_namespace() const override { return ns_; }

 private:
  void log_in(const cluster_access& access) {
    self_->request(link_, login_patience, edge::ready_atom::value)
        .receive([](bool) {},
                 [&](const caf::error& e) {
                   caf::anon_send_exit(link_, caf::exit_reason::user_shutdown);
                   const auto s = to_status(e);
                   const bool refused = s.code == 400 || s.code == 401 || s.code == 429;
                   throw role_error(
                       refused ? "the cluster at " + access.edge + " refused the login of " +
                                     access.file.string() + ": " + s.message
                               : "no cluster answers at " + access.edge + " (named by " +
                                     access.file.string() +
                                     "); start it with `troupe up`, or name another with "
                                     "--kubeconfig");
                 });
  }

  // Hands over what comes until the end, the reader's wish or the loss of the connection.
  void pump(const stream_source& source, const std::function<bool(std::string_view)>& on_chunk) {
    self_->monitor(source);
    self_->send(source, credit_atom::value, stream_id, window);
    bool open = true;
    caf::error why;
    while (open)
      self_->receive(
          [&](chunk_atom, std::uint64_t, const blob_ref& bytes) {
            open = on_chunk(bytes.bytes());
            if (open)
              self_->send(source, credit_atom::value, stream_id, std::uint32_t{1});
            else
              self_->send(source, cancel_atom::value, stream_id);
          },
          [&](end_atom, std::uint64_t, const caf::error& e) {
            open = false;
            why = e;
          },
          [&](const caf::down_msg&) {
            open = false;
            why = to_error(model::unavailable("lost the connection to the cluster"));
          });
    self_->demonitor(source.address());
    if (why) throw std::runtime_error(to_status(why).message);
  }

  identity identity_;
  edge::network_config config_;
  caf::actor_system system_;
  caf::scoped_actor self_{system_};
  edge::link_actor link_;
  std::string ns_;
};

}  // namespace

std::unique_ptr<api_client> connect_to_edge(const std::string& kubeconfig) {
  const auto access = load_kubeconfig(kubeconfig_path(kubeconfig));
  const auto file = access.file.string();
  if (access.edge.empty())
    throw role_error(file + " does not say where the cluster's edge door is (cluster extension " +
                     "troupe.io/edge); use the one that `troupe kubeconfig` prints");
  const auto address = split_host_port(access.edge);
  if (!address) throw role_error(file + " has an edge door \"" + access.edge + "\", not host:port");
  if (access.client.certificate.empty() || access.client.key.empty() || access.ca.empty())
    throw role_error(file + " has no client certificate, key or CA; the edge door takes no tokens");
  // What goes wrong is said by the command that fails, in one line.
  spdlog::set_level(spdlog::level::off);
  return std::make_unique<edge_client>(access, address->first, address->second);
}

}  // namespace troupe::cli
