#include "cli/client/edge_connection.hpp"

#include "cli/client/host_port.hpp"
#include "messages/errors.hpp"
#include "model/random.hpp"

#include <caf/all.hpp>

namespace troupe::cli {
namespace {

using namespace std::chrono_literals;

constexpr auto login_patience = 10s;
constexpr auto answer_patience = 70s;       // the server gives up after 60
constexpr std::uint32_t chunk_window = 16;  // chunks of at most 256 KiB under way

// A failed answer of the session, as the API would have given it.
client_response answer_of(const caf::error& e) {
  const auto s = to_status(e);
  return {s.code, model::to_text(s), {}};
}

// Hands over what comes until the end, the reader's wish or the loss of the connection.
void pump(caf::scoped_actor& self, const stream_source& source, std::uint64_t id,
          const std::function<bool(std::string_view)>& on_chunk) {
  self->monitor(source);
  self->send(source, credit_atom::value, id, chunk_window);
  bool open = true;
  caf::error why;
  while (open)
    self->receive(
        [&](chunk_atom, std::uint64_t, const blob_ref& bytes) {
          open = on_chunk(bytes.bytes());
          if (open)
            self->send(source, credit_atom::value, id, std::uint32_t{1});
          else
            self->send(source, cancel_atom::value, id);
        },
        [&](end_atom, std::uint64_t, const caf::error& e) {
          open = false;
          why = e;
        },
        [&](const caf::down_msg&) {
          open = false;
          why = to_error(model::unavailable("lost the connection to the cluster"));
        });
  self->demonitor(source.address());
  if (why) throw connection_lost(to_status(why).message);
}

std::pair<std::string, std::uint16_t> address_of(const edge_access& access) {
  const auto out = split_host_port(access.address);
  if (!out)
    throw role_error(access.named_by + " has an edge door \"" + access.address +
                     "\", not host:port");
  return *out;
}

}  // namespace

edge_access edge_access_of(const cluster_access& access) {
  const auto file = access.file.string();
  if (access.edge.empty())
    throw role_error(file + " does not say where the cluster's edge door is (cluster extension " +
                     "troupe.io/edge); use the one that `troupe kubeconfig` prints");
  if (access.client.certificate.empty() || access.client.key.empty() || access.ca.empty())
    throw role_error(file + " has no client certificate, key or CA; the edge door takes no tokens");
  // CAF reads certificates from files only; these have no name and end with the process.
  const auto certificate = std::make_shared<secret_file>("certificate", access.client.certificate);
  const auto key = std::make_shared<secret_file>("key", access.client.key);
  const auto ca = std::make_shared<secret_file>("ca", access.ca);
  edge_access out{access.edge, file, {certificate->path(), key->path(), ca->path()}, access.ns, {}};
  out.secrets = {certificate, key, ca};
  return out;
}

edge_access edge_access_of(const membership& member) {
  return {member.doors.edge, "the cluster's cluster-info", member.files, "default", {}};
}

edge_connection::edge_connection(edge_access access, bool redial, std::string agent)
    : access_(std::move(access)),
      agent_(std::move(agent)),
      config_(access_.files, 1),
      system_(config_) {
  edge::link_options o;
  std::tie(o.host, o.port) = address_of(access_);
  o.files = access_.files;
  o.incarnation = model::entropy_seed();
  o.seed = model::entropy_seed();
  o.request_timeout = answer_patience;
  o.redial = redial;
  link_ = edge::spawn_link(system_, o);
  try {
    log_in();
  } catch (...) {
    caf::anon_send_exit(link_, caf::exit_reason::user_shutdown);
    throw;
  }
}

edge_connection::~edge_connection() {
  caf::anon_send_exit(link_, caf::exit_reason::user_shutdown);
}

void edge_connection::log_in() {
  caf::scoped_actor self{system_};
  self->request(link_, login_patience, edge::ready_atom::value)
      .receive([](bool) {},
               [&](const caf::error& e) {
                 const auto s = to_status(e);
                 const bool refused = s.code == 400 || s.code == 401 || s.code == 429;
                 throw role_error(
                     refused ? "the cluster at " + access_.address + " refused the login of " +
                                   access_.named_by + ": " + s.message
                             : "no cluster answers at " + access_.address + " (named by " +
                                   access_.named_by +
                                   "); start it with `troupe up`, or name another with "
                                   "--kubeconfig");
               });
}

api_request edge_connection::make_request(const client_request& r) const {
  api_request out;
  out.method = r.method;
  out.target = r.target;
  out.content_type = r.content_type;
  out.accept = r.accept;
  out.user_agent = agent_;
  if (!r.body.empty()) out.body = blob_ref(r.body);
  return out;
}

client_response edge_connection::request(const api_actor& api, const client_request& r) {
  caf::scoped_actor self{system_};
  client_response out;
  self->request(api, caf::infinite, request_atom::value, make_request(r))
      .receive(
          [&](api_response& a) {
            out = {a.code, a.body.bytes(), std::move(a.warnings)};
          },
          [&](const caf::error& e) { out = answer_of(e); });
  return out;
}

client_response edge_connection::stream(const std::string& target, const std::string& accept,
                                        const std::function<bool(std::string_view)>& on_chunk) {
  caf::scoped_actor self{system_};
  client_response out;
  stream_source source;
  const auto id = model::entropy_seed();
  const auto sink = caf::actor_cast<stream_sink>(caf::actor_cast<caf::actor>(self.ptr()));
  self->request(link_, caf::infinite, open_atom::value,
                make_request({"GET", target, "", "", accept}), id, sink)
      .receive(
          [&](api_response& a, const stream_source& s) {
            out = {a.code, a.body.bytes(), std::move(a.warnings)};
            source = s;
          },
          [&](const caf::error& e) { out = answer_of(e); });
  if (source) pump(self, source, id, on_chunk);
  return out;
}

}  // namespace troupe::cli
