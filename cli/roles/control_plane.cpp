#include "cli/roles/control_plane.hpp"

#include "actors/controllers/controllers.hpp"
#include "actors/controllers/legacy_tokens.hpp"
#include "actors/controllers/plugin.hpp"
#include "actors/controllers/service_account_tokens.hpp"
#include "actors/edge/edge.hpp"
#include "actors/edge/peers.hpp"
#include "actors/events/recorder.hpp"
#include "actors/scheduler/node_registry.hpp"
#include "actors/store/mirror.hpp"
#include "cli/roles/bootstrap.hpp"
#include "cli/roles/data_dir.hpp"
#include "cli/roles/health_checks.hpp"
#include "cli/roles/host.hpp"
#include "cli/roles/token_authenticator.hpp"
#include "model/random.hpp"
#include "model/service_addresses.hpp"
#include "net/rest/gateway.hpp"
#include "net/tls/files.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <thread>

namespace troupe::cli {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t api_actors = 2;
constexpr auto load_patience = 60s;

// The store and the cache that it fills.
void start_store(caf::actor_system& system, journal_source& journal, control_plane& out,
                 parts& all) {
  out.cache = std::make_shared<store::cache>();
  out.health = std::make_shared<store_health>();
  store_options o;
  o.journal = journal.open();
  o.cache = out.cache;
  o.health = out.health;
  o.seed = model::entropy_seed();
  o.stepped_down = [] {
    spdlog::critical("another control plane writes to this store now; leaving it alone");
  };
  out.store = spawn_store(system, std::move(o));
  all.add_actor("store", out.store);
  const auto end = std::chrono::steady_clock::now() + load_patience;
  while (!out.health->loaded) {
    if (std::chrono::steady_clock::now() > end)
      throw role_error("the store could not load its journal in time");
    std::this_thread::sleep_for(200us);
  }
}

http::server_options listeners(const settings& s, const cluster_pki& pki) {
  http::server_options o;
  auto tls = std::make_shared<http::tls_options>();
  tls->certificate = pki.api_server.certificate;
  tls->key = pki.api_server.key;
  tls->client_ca = pki.ca.certificate;
  o.listeners.push_back({s.string("bindAddress"), s.port("securePort"), tls});
  if (const auto& insecure = s.string("insecureBindAddress"); !insecure.empty())
    o.listeners.push_back({insecure, s.port("insecurePort"), nullptr});
  return o;
}

std::shared_ptr<store::rights> authorizers(const settings& s, const control_plane& out) {
  using enum store::authorization_mode;
  std::vector<store::authorization_mode> modes;
  for (const auto& name : s.list("authorizationMode"))
    modes.push_back(name == "AlwaysAllow"  ? always_allow
                    : name == "AlwaysDeny" ? always_deny
                    : name == "Node"       ? node
                                           : rbac);
  if (modes.empty()) throw s.error("authorizationMode", "must name at least one mode");
  return std::make_shared<store::rights>(out.cache, std::move(modes));
}

// What the tokens of service accounts are signed with, and what else they are verified by: keys
// that signed before, or sign elsewhere.
std::shared_ptr<const tls::token_keys> read_keys(const settings& s, const cluster_pki& pki) {
  const auto read = [&](std::string_view path, const std::string& file) {
    try {
      return tls::read_token_keys(tls::read_file(file));
    } catch (const std::exception& e) {
      throw s.error(path, file + ": " + e.what());
    }
  };
  const auto& own = s.string("serviceAccountSigningKeyFile");
  std::vector<tls::token_key> signing =
      own.empty() ? tls::read_token_keys(pki.token_key) : read("serviceAccountSigningKeyFile", own);
  if (signing.size() != 1 || !signing.front().can_sign())
    throw s.error("serviceAccountSigningKeyFile", own + ": must hold one private key");
  std::vector<tls::token_key> verifying;
  for (const auto& file : s.list("serviceAccountKeyFile"))
    for (auto& key : read("serviceAccountKeyFile", file)) verifying.push_back(std::move(key));
  return std::make_shared<const tls::token_keys>(std::move(signing.front()), std::move(verifying));
}

void set_up_tokens(const settings& s, const cluster_pki& pki, control_plane& out) {
  out.token_keys = read_keys(s, pki);
  out.tokens = std::make_shared<const model::token_issuer>(model::token_issuer{
      s.string("serviceAccountIssuer"),
      [key = out.token_keys](const model::json& claims) { return key->sign(claims.dump()); }});
  token_sources from{out.cache, out.token_keys, out.tokens->issuer, {}};
  if (const auto& file = s.string("tokenAuthFile"); !file.empty())
    from.known = read_static_tokens(file);
  out.token_uses = std::make_shared<token_use_actor>();
  from.used = [to = out.token_uses](const model::object_ptr& secret) {
    if (*to) caf::anon_send(*to, used_atom::value, object_ref(secret));
  };
  out.authenticate = make_token_authenticator(std::move(from));
}

void set_up_audit(const settings& s, gateway_options& o) {
  const auto& file = s.string("audit.policyFile");
  o.audit_log = s.string("audit.logPath");
  if (file.empty() != o.audit_log.empty())
    throw s.error(file.empty() ? "audit.logPath" : "audit.policyFile",
                  "needs the other one of audit.policyFile and audit.logPath");
  if (file.empty()) return;
  auto policy = model::read_audit_policy(tls::read_file(file));
  if (auto* fault = std::get_if<std::string>(&policy))
    throw s.error("audit.policyFile", file + ": " + *fault);
  o.audit_policy = std::move(std::get<model::audit_policy>(policy));
}

void start_gateway(caf::actor_system& system, const settings& s, const cluster_pki& pki,
                   const std::string& host, control_plane& out, parts& all) {
  gateway_options o;
  o.http = listeners(s, pki);
  o.cache = out.cache;
  o.apis = out.apis;
  o.authenticate = [by = out.authenticate](std::string_view token) {
    std::vector<std::string> audiences;
    return by(token, audiences);
  };
  o.rights = out.rights;
  o.proxy_certificate = pki.front_proxy.certificate;
  o.proxy_key = pki.front_proxy.key;
  set_up_audit(s, o);
  o.seats = static_cast<unsigned>(s.integer("maxRequestsInflight") +
                                  s.integer("maxMutatingRequestsInflight"));
  o.issuer = out.tokens->issuer;
  o.jwks = out.token_keys->jwks();
  o.address = host;
  o.metrics = out.metrics;
  o.checks = health_checks([health = out.health] { return health->ready(); });
  auto door = std::make_shared<gateway>(system, std::move(o));
  all.add("gateway", [door] { door->stop(); });
  out.aggregated_api = door->aggregated_api();
  out.door_api = door->door_api();
  out.https_port = door->ports().at(0);
  out.server = "https://" + join_host_port(host, door->ports().at(0));
  if (door->ports().size() > 1)
    out.insecure_server =
        "http://" + join_host_port(s.string("insecureBindAddress"), door->ports()[1]);
}

// The port of a door: what was given, else as far from the HTTPS port as the defaults are, so that
// two control planes on one host do not meet; any free one beside an HTTPS port of 0.
std::uint16_t door_port(const settings& s, std::string_view path, unsigned distance) {
  const unsigned https = s.port("securePort");
  if (s.given(path)) return s.port(path);
  return https == 0 || https + distance > 65535 ? 0 : static_cast<std::uint16_t>(https + distance);
}

model::service_ranges service_ranges(const settings& s) {
  model::service_ranges out;
  const auto read = [&](const char* option, auto reader) {
    if (const auto fault = reader(s.string(option), out); !fault.empty())
      throw s.error(option, fault);
  };
  read("serviceClusterIPRange", model::read_service_addresses);
  read("serviceNodePortRange", model::read_service_ports);
  return out;
}

std::vector<model::cidr_set> pod_ranges(const settings& s) {
  std::vector<model::cidr_set> out;
  for (const auto& text : s.list("clusterCIDR")) {
    const bool v6 = text.find(':') != std::string::npos;
    std::string fault;
    auto set = model::cidr_set::parse(
        text, v6 ? 64 : static_cast<int>(s.integer("nodeCIDRMaskSize")), fault);
    if (!set) throw s.error("clusterCIDR", fault);
    out.push_back(std::move(*set));
  }
  if (out.size() > 2) throw s.error("clusterCIDR", "there is one range a family of addresses");
  return out;
}

void start_edge(const settings& s, const cluster_pki& pki, const std::string& host,
                control_plane& out, parts& all) {
  edge::edge_door_options o;
  const auto& own = s.string("edge.bindAddress");
  o.address = own.empty() ? s.string("bindAddress") : own;
  o.port = door_port(s, "edge.port", 1);
  o.files = {pki.dir / "apiserver.crt", pki.dir / "apiserver.key", pki.dir / "ca.crt"};
  o.api = out.door_api;
  o.registry = out.registry;
  o.max_sessions = static_cast<std::size_t>(s.integer("edge.maxSessions"));
  auto door = std::make_shared<edge::edge_door>(o);
  out.edge = join_host_port(host, door->port());
  all.add("edge door", [door]() mutable { door.reset(); });
}

// The signature of the CA that belongs to the signer; a peer also gets the CA it is to believe.
std::string sign_request(const cluster_pki& pki, const signing_request& r) {
  const bool peer = r.signer == "troupe.io/peer";
  const auto now = std::chrono::system_clock::now();
  auto wanted = tls::for_one_year({r.common_name, r.organizations},
                                  peer ? tls::usage::peer : tls::usage::client, {}, now);
  if (r.lifetime.count() > 0) wanted.not_after = std::min(wanted.not_after, now + r.lifetime);
  const auto certificate = tls::sign_request(peer ? pki.peer_ca : pki.ca, r.request, wanted);
  return peer ? certificate + pki.peer_ca.certificate : certificate;
}

void start_controllers(caf::actor_system& system, const settings& s, const cluster_pki& pki,
                       const std::string& host, const control_plane& out, parts& all) {
  controller_options o;
  o.api = out.aggregated_api;
  o.store = out.store;
  o.cache = out.cache;
  o.nodes = out.registry;
  o.seed = model::entropy_seed();
  events::recorder_options events;
  events.store = out.store;
  events.seed = model::entropy_seed();
  o.recorder = events::spawn_recorder(system, events);
  all.add_stopping("controllers' events", o.recorder);
  csr_options csr;
  csr.sign = [pki](const signing_request& r) { return sign_request(pki, r); };
  const bootstrap_options bootstrap{pki.ca.certificate, pki.front_proxy_ca.certificate};
  const kubernetes_service_options service{host, out.https_port,
                                           model::first_address(service_ranges(s))};
  for (const auto& c : spawn_controllers(system, o, std::move(csr), bootstrap, service))
    all.add_actor("controller", c);
  all.add_actor("controller", spawn_service_account_token_controller(
                                  system, o, {out.tokens, pki.ca.certificate}));
  all.add_actor("controller", spawn_legacy_token_cleaner(system, o));
  all.add_actor("controller",
                spawn_api_identity_controller(
                    system, o, {host_name(), model::random_source{model::entropy_seed()}.uuid()}));
  if (auto ranges = pod_ranges(s); !ranges.empty())
    all.add_actor("controller", spawn_node_cidr_controller(system, o, std::move(ranges)));
  for (const auto& path : s.list("controllers.plugins"))
    for (const auto& c : spawn_plugin(system, o, path)) all.add_actor("controller", c);
}

void start_peer_door(caf::actor_system& system, const settings& s, const std::string& host,
                     control_plane& out, parts& all) {
  const auto mirror = spawn_mirror_source(system, out.cache, model::entropy_seed());
  all.add_actor("mirror source", mirror);
  const auto& own = s.string("peer.bindAddress");
  auto door = std::make_shared<edge::peer_door>(
      system, edge::peer_handles{out.store, out.registry, mirror},
      own.empty() ? s.string("bindAddress") : own, door_port(s, "peer.port", 2));
  out.peer = join_host_port(host, door->port());
  all.add("peer door", [door]() mutable { door.reset(); });
}

}  // namespace

public_address find_public_address(const settings& s) {
  const auto& bind = s.string("bindAddress");
  public_address out;
  const auto own = host_addresses();
  out.host = s.string("advertiseAddress");
  if (out.host.empty()) out.host = is_wildcard(bind) && !own.empty() ? own.front() : bind;
  out.names = {"localhost",
               "127.0.0.1",
               "kubernetes",
               "kubernetes.default",
               "kubernetes.default.svc",
               "kubernetes.default.svc.cluster.local",
               model::first_address(service_ranges(s))};
  auto add = [&](const std::string& name) {
    if (std::find(out.names.begin(), out.names.end(), name) == out.names.end())
      out.names.push_back(name);
  };
  add(out.host);
  add(host_name());
  if (is_wildcard(bind)) std::for_each(own.begin(), own.end(), add);
  for (const auto& name : s.list("certSANs")) add(name);
  return out;
}

control_plane start_control_plane(caf::actor_system& system, const settings& s,
                                  const cluster_pki& pki, journal_source& journal, bool peers,
                                  parts& all) {
  control_plane out;
  const auto host = find_public_address(s).host;
  start_store(system, journal, out, all);
  out.rights = authorizers(s, out);
  set_up_tokens(s, pki, out);
  scheduler::node_registry_options nodes;
  nodes.cache = out.cache;
  nodes.store = out.store;
  nodes.grace_period = s.duration("nodeMonitorGracePeriod");
  out.registry = scheduler::spawn_node_registry(system, std::move(nodes));
  all.add_stopping("node registry", out.registry);
  for (std::size_t i = 0; i < api_actors; ++i) {
    api_options o;
    o.cache = out.cache;
    o.store = out.store;
    o.nodes = out.registry;
    o.authenticate = out.authenticate;
    o.tokens = out.tokens;
    o.rights = out.rights;
    o.seed = model::entropy_seed();
    o.services = service_ranges(s);
    out.apis.push_back(spawn_api(system, std::move(o)));
    all.add_actor("api", out.apis.back());
  }
  *out.token_uses = spawn_token_use_recorder(system, out.apis.front());
  all.add_actor("recorder of tokens' uses", *out.token_uses);
  if (peers) start_peer_door(system, s, host, out, all);
  start_gateway(system, s, pki, host, out, all);
  start_edge(s, pki, host, out, all);
  start_controllers(system, s, pki, host, out, all);
  create_cluster_objects(system, out.apis.front(), *out.cache, pki.ca.certificate,
                         {out.server, out.edge, out.peer});
  return out;
}

}  // namespace troupe::cli
