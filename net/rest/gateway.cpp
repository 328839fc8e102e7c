#include "net/rest/gateway.hpp"

#include "model/custom/kinds.hpp"
#include "model/impersonation.hpp"
#include "model/proxy_target.hpp"
#include "model/request_timeout.hpp"
#include "model/warnings/warnings.hpp"
#include "net/rest/aggregated_api.hpp"
#include "net/rest/aggregation.hpp"
#include "net/rest/audit_log.hpp"
#include "net/rest/bridge.hpp"
#include "net/rest/documents.hpp"
#include "net/rest/door_api.hpp"
#include "net/rest/flow_control.hpp"
#include "net/rest/own_documents.hpp"
#include "net/rest/proxy.hpp"
#include "net/rest/request_metrics.hpp"
#include "net/rest/tunnels.hpp"
#include "store/reads.hpp"
#include "store/rights.hpp"
#include "store/served.hpp"

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <atomic>

namespace troupe {
namespace {

using http::exchange_ptr;
using model::request_info;
using model::status;

using body_ptr = std::shared_ptr<const std::string>;

const user_info anonymous{"system:anonymous", {"system:unauthenticated"}, {}, {}};
const user_info unsecured{"system:unsecured", {"system:masters", "system:authenticated"}, {}, {}};

http::response response_of(int code, body_ptr body, std::string content_type) {
  return {code, std::move(content_type), std::move(body), {{"Cache-Control", "no-cache, private"}}};
}

void answer(const exchange_ptr& x, int code, body_ptr body,
            std::string content_type = "application/json") {
  x->respond(response_of(code, std::move(body), std::move(content_type)));
}

// A read's answer, with what is to be said of its kind.
void answer_read(const exchange_ptr& x, const store::read_request& r, store::read_body body) {
  const auto type = body.code == 200 ? r.show.content_type() : "application/json";
  auto out = response_of(body.code, std::move(body.text), std::string(type));
  if (const auto warning = model::deprecation_of(r.kind); !warning.empty())
    rest::add_warning(out, warning);
  x->respond(std::move(out));
}

void refuse(const exchange_ptr& x, const status& s) {
  const auto show = store::rendering_of_status(x->in().accept);
  http::response r{s.code,
                   std::string(show.content_type()),
                   std::make_shared<const std::string>(store::encode(model::to_text(s), show)),
                   {{"Cache-Control", "no-cache, private"}}};
  if (s.retry_after) r.headers.emplace_back("Retry-After", std::to_string(*s.retry_after));
  if (s.code == 401) r.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"troupe\"");
  x->respond(std::move(r));
}

status not_served() {
  return {404, "NotFound", "the server could not find the requested resource"};
}

status too_many() {
  return model::too_many_requests("Too many requests, please try again later.", 1);
}

status method_not_allowed() {
  return {405, "MethodNotAllowed",
          "the server does not allow this method on the requested resource"};
}

// Resources know no other methods: no HEAD and no OPTIONS either.
bool has_verb(std::string_view method) {
  constexpr std::array<std::string_view, 5> methods{"GET", "POST", "PUT", "PATCH", "DELETE"};
  return std::ranges::find(methods, method) != methods.end();
}

// A watch as the body of a response.
class watch_body final : public http::body_source {
 public:
  watch_body(std::unique_ptr<store::watch> w, model::wall_clock clock)
      : watch_(std::move(w)), clock_(std::move(clock)) {}

  bool pull(std::string& out, std::size_t limit) override {
    return watch_->pull(out, limit, clock_());
  }
  std::chrono::steady_clock::time_point due() const override {
    return std::chrono::steady_clock::now() + (watch_->due() - clock_());
  }
  void wake_by(store::cache::wake_fn wake) { watch_->wake_by(std::move(wake)); }

 private:
  std::unique_ptr<store::watch> watch_;
  model::wall_clock clock_;
};

// A large list as the body of a response.
class list_stream final : public http::body_source {
 public:
  explicit list_stream(std::unique_ptr<store::list_text> text) : text_(std::move(text)) {}
  bool pull(std::string& out, std::size_t limit) override { return text_->pull(out, limit); }
  bool endless() const override { return false; }

 private:
  std::unique_ptr<store::list_text> text_;
};

}  // namespace

struct gateway::impl {
  gateway_options options;
  std::vector<caf::actor> bridges;
  std::atomic<std::size_t> turn{0};
  std::shared_ptr<rest::audit_log> audit;    // null: nothing is written down
  std::unique_ptr<rest::flow_control> flow;  // null: no request waits for another one
  std::shared_ptr<rest::request_metrics> metrics;
  rest::health_record health;
  std::shared_ptr<rest::aggregation> others;  // null: there is no API actor to tell of them
  audited_api_actor aggregated;
  door_api_actor door_api;
  rest::proxy proxies;
  std::unique_ptr<http::server> server;  // goes before what its connections use

  impl(caf::actor_system& system, gateway_options o)
      : options(std::move(o)), proxies(options.cache) {
    if (!options.rights) options.rights = std::make_shared<store::rights>(options.cache);
    if (!options.audit_log.empty())
      audit = std::make_shared<rest::audit_log>(options.audit_policy, options.audit_log,
                                                options.clock, options.rights);
    if (options.seats > 0)
      flow = std::make_unique<rest::flow_control>(
          rest::flow_options{options.cache, options.seats, options.http.threads});
    if (!options.metrics) options.metrics = std::make_shared<model::instruments>();
    metrics = std::make_shared<rest::request_metrics>(options.metrics, options.cache);
    rest::show_process(*options.metrics);
    rest::show_objects(*options.metrics, options.cache);
    if (flow) rest::show_seats(*options.metrics, options.cache, options.seats);
    for (const auto& api : options.apis) bridges.push_back(rest::spawn_bridge(system, api));
    if (!options.apis.empty()) {
      others = std::make_shared<rest::aggregation>(
          rest::aggregation_options{options.cache, options.apis.front(), options.proxy_certificate,
                                    options.proxy_key, options.clock});
      aggregated = rest::spawn_aggregated_api(
          system, {options.apis.front(), others, options.cache, options.rights, options.clock});
      door_api = rest::spawn_door_api(system, aggregated, audit, metrics);
    }
    server = std::make_unique<http::server>(
        options.http, [this](exchange_ptr x) { guarded(x, [&] { handle(x); }); });
  }

  template <class F>
  static void guarded(const exchange_ptr& x, F f) {
    try {
      f();
    } catch (const std::exception& e) {
      spdlog::error("gateway: unexpected: {}", e.what());
      refuse(x, model::internal_error("Internal error occurred: " + std::string(e.what())));
    }
  }

  void stop() {
    if (server) server->stop();
    if (others) others->stop();
    proxies.stop();
    for (auto& b : bridges) caf::anon_send_exit(b, caf::exit_reason::user_shutdown);
    bridges.clear();
    if (door_api) caf::anon_send_exit(door_api, caf::exit_reason::user_shutdown);
    door_api = nullptr;
    if (aggregated) caf::anon_send_exit(aggregated, caf::exit_reason::user_shutdown);
    aggregated = nullptr;
  }

  // 401 when credentials came that are none.
  std::optional<user_info> authenticate(const http::request& r) const {
    if (!r.secure) return unsecured;
    if (r.peer) {
      user_info u{r.peer->common_name, r.peer->organizations, {}, {}};
      u.groups.emplace_back("system:authenticated");
      return u;
    }
    constexpr std::string_view scheme = "Bearer ";
    if (std::string_view(r.authorization).starts_with(scheme)) {
      if (!options.authenticate) return std::nullopt;
      auto u = options.authenticate(std::string_view(r.authorization).substr(scheme.size()));
      if (u) u->groups.emplace_back("system:authenticated");
      return u;
    }
    if (r.peer_rejected || !r.authorization.empty()) return std::nullopt;
    return anonymous;
  }

  void handle(const exchange_ptr& x) {
    const http::request& r = x->in();
    rest::name_events(x->in());
    x->add_header("Audit-Id", r.audit_id);
    auto user = authenticate(r);
    metrics->authenticated(user.has_value());
    auto parsed = model::parse_request(r.method, r.target);
    auto* bad_target = std::get_if<status>(&parsed);
    if (bad_target) return refuse(x, user ? *bad_target : model::unauthorized());
    auto& info = std::get<request_info>(parsed);
    metrics->begin(x, info);
    if (!model::is_long_running(info))
      if (auto bad = model::check_timeout(info)) return refuse(x, *bad);
    if (!user) {
      if (audit) audit->begin_refused(x, info);
      return refuse(x, model::unauthorized());
    }
    const auto audited = audit ? audit->begin(x, *user, info) : nullptr;
    if (!r.impersonate.empty()) {
      auto other = model::impersonate(*options.rights, {user->name, user->groups}, r.impersonate);
      if (auto* bad = std::get_if<status>(&other)) {
        if (audited) audited->allowed = false;
        return refuse(x, *bad);
      }
      auto& to = std::get<model::impersonated>(other);
      user = user_info{std::move(to.name), std::move(to.groups), std::move(to.uid),
                       std::move(to.extra)};
      if (audited) audited->impersonated = rest::audited(*user);
    }
    take_turn(x, std::move(*user), std::move(info));
  }

  // Now, later, or never: what comes before is worth no seat.
  void take_turn(const exchange_ptr& x, user_info user, request_info info) {
    if (!flow) return serve(x, std::move(user), std::move(info));
    const bool reads = info.verb == "get" || info.verb == "list" || !info.is_resource;
    const auto later = [&]() -> rest::flow_control::work {
      return [this, x, user, info](bool in_time) {
        guarded(x, [&] {
          if (!in_time) return refuse(x, too_many());
          const rest::read_slice slice;
          serve(x, user, info);
        });
      };
    };
    switch (flow->admit(x, {user.name, user.groups}, info, reads, later)) {
      case rest::flow_control::verdict::later:
        return;
      case rest::flow_control::verdict::refused:
        return refuse(x, too_many());
      case rest::flow_control::verdict::run:
        const rest::read_slice slice;
        return serve(x, std::move(user), std::move(info));
    }
  }

  void serve(const exchange_ptr& x, user_info user, request_info info) {
    const http::request& r = x->in();
    if (others) {
      if (const auto server_of = others->find(info))
        return pass_to_other(x, user, info, *server_of);
    }
    if (!info.is_resource || info.resource.empty()) {
      if (auto bad = model::authorize(*options.rights, {user.name, user.groups}, info))
        return refuse(x, *bad);
      return serve_path(x, info);
    }
    if (!has_verb(r.method)) return refuse(x, method_not_allowed());
    if (model::is_proxied(info)) {
      if (auto bad = model::authorize(*options.rights, {user.name, user.groups}, info))
        return refuse(x, *bad);
      return proxies.pass(x, info);
    }
    if (model::connects(info)) return connect(x, std::move(user), info);
    const bool read = info.verb == "get" || info.verb == "list" || info.verb == "watch";
    if (!read || info.subresource == "log") return pass_on(x, std::move(user), read);
    if (auto bad = model::authorize(*options.rights, {user.name, user.groups}, info))
      return refuse(x, *bad);
    serve_read(x, std::make_shared<const request_info>(std::move(info)), std::move(user));
  }

  // What another server serves: judged here, for it knows us only.
  void pass_to_other(const exchange_ptr& x, const user_info& user, const request_info& info,
                     const model::api_service& to) {
    if (info.is_resource && !has_verb(x->in().method)) return refuse(x, method_not_allowed());
    if (auto bad = model::authorize(*options.rights, {user.name, user.groups}, info))
      return refuse(x, *bad);
    others->pass(x, user, to);
  }

  void pass_on(const exchange_ptr& x, user_info user, bool stream) {
    if (bridges.empty()) return refuse(x, model::unavailable("no API actor is here"));
    rest::forward f{x, request_of(x->in(), std::move(user))};
    if (stream)
      caf::anon_send(next_bridge(), open_atom::value, std::move(f));
    else
      caf::anon_send(next_bridge(), rest::forward_atom::value, std::move(f));
  }

  static api_request request_of(http::request& r, user_info user) {
    api_request out;
    out.method = std::move(r.method);
    out.target = std::move(r.target);
    out.content_type = std::move(r.content_type);
    out.accept = std::move(r.accept);
    out.user_agent = std::move(r.user_agent);
    out.body = blob_ref(std::move(r.body));
    out.user = std::move(user);
    return out;
  }

  const caf::actor& next_bridge() {
    return bridges[turn.fetch_add(1, std::memory_order_relaxed) % bridges.size()];
  }

  // exec, attach and portforward: what is asked is judged here, as far as the cache knows, so that
  // a request is refused for what is wrong with it before it is for not leaving HTTP.
  void connect(const exchange_ptr& x, user_info user, const request_info& info) {
    if (auto bad = model::authorize(*options.rights, {user.name, user.groups}, info))
      return refuse(x, *bad);
    const auto* kind = model::schema::instance().by_resource("pods");
    if (info.version != kind->version) return refuse(x, not_served());
    const auto* sub = kind->subresource(info.subresource);
    if (std::find(sub->verbs.begin(), sub->verbs.end(), info.verb) == sub->verbs.end())
      return refuse(x, method_not_allowed());
    const model::object_key key{"pods", info.ns, info.name};
    if (!options.cache->get(key)) return refuse(x, model::not_found(key));
    auto wanted = model::read_connection(info);
    if (auto* bad = std::get_if<status>(&wanted)) return refuse(x, *bad);
    auto how = rest::agree(x->in().upgrade.get(), info, std::get<model::pod_connection>(wanted));
    if (auto* bad = std::get_if<status>(&how)) return refuse(x, *bad);
    if (bridges.empty()) return refuse(x, model::unavailable("no API actor is here"));
    rest::tunnel_forward f{x, request_of(x->in(), std::move(user)),
                           std::move(std::get<rest::agreement>(how)),
                           info.subresource != "portforward"};
    caf::anon_send(next_bridge(), tunnel_atom::value, std::move(f));
  }

  // Reads of resources.

  void serve_read(const exchange_ptr& x, const std::shared_ptr<const request_info>& info,
                  user_info user) {
    const auto found = store::find_kind(*options.cache, info->group, info->version, info->resource);
    const auto* kind = found.kind;
    if (!kind) return refuse(x, not_served());
    if (auto bad = check_read(*info, *kind)) return refuse(x, *bad);
    // Whose versions a webhook converts is for the API actors, which can wait for it.
    if (const auto* custom = model::custom_of(*kind);
        custom && custom->definition->converts && !kind->stored)
      return pass_on(x, std::move(user), info->verb == "watch");
    auto needed = store::needed_version(*info);
    if (auto* bad = std::get_if<status>(&needed)) return refuse(x, *bad);
    const auto version = std::get<std::uint64_t>(needed);
    if (version <= options.cache->version()) return read(x, *info, *kind);
    // The answer that comes first counts.
    options.cache->when(version, [this, weak = std::weak_ptr(x), info, found] {
      if (auto waiting = weak.lock())
        waiting->post([this, waiting, info, found] { read(waiting, *info, *found.kind); });
    });
    x->post_after(options.version_wait, [this, x, info, found, version] {
      if (info->verb == "watch") return read(x, *info, *found.kind);  // it says so itself
      refuse(x, store::too_large_version(version, options.cache->version()));
    });
  }

  static std::optional<status> check_read(const request_info& info, const model::kind_info& kind) {
    const std::vector<std::string_view>* verbs = &kind.verbs;
    if (!info.subresource.empty()) {
      const auto* sub = kind.subresource(info.subresource);
      if (!sub) return not_served();
      verbs = &sub->verbs;
    }
    if (std::ranges::find(*verbs, info.verb) != verbs->end()) return std::nullopt;
    // Of what is built in there is no such route; custom resources are asked by one handler.
    if (!model::custom_of(kind)) return method_not_allowed();
    return model::method_not_supported(kind.resource, info.verb);
  }

  void read(const exchange_ptr& x, const request_info& info, const model::kind_info& kind) {
    auto show = store::negotiate_for(kind, info, x->in().accept, x->in().user_agent);
    if (auto* bad = std::get_if<status>(&show)) return refuse(x, *bad);
    const store::read_request request{info, kind, std::get<store::rendering>(show),
                                      options.clock()};
    if (info.verb == "watch") return watch(x, request);
    if (info.verb == "list") return list(x, request);
    auto made = store::get(*options.cache, request);
    if (auto* bad = std::get_if<status>(&made)) return refuse(x, *bad);
    answer_read(x, request, std::move(std::get<store::read_body>(made)));
  }

  void list(const exchange_ptr& x, const store::read_request& request) {
    auto read = store::read_list(*options.cache, request);
    if (auto* bad = std::get_if<status>(&read)) return refuse(x, *bad);
    auto& page = std::get<store::page>(read);
    // What is compressed is made whole first.
    if (x->in().takes_chunks && !http::accepts_gzip(x->in())) {
      if (auto text = store::streamed_list(request, page)) {
        http::response head;
        head.content_type = request.show.content_type();
        head.headers.emplace_back("Cache-Control", "no-cache, private");
        return x->stream(std::move(head), std::make_shared<list_stream>(std::move(text)));
      }
    }
    answer_read(x, request, store::list_answer(request, page));
  }

  void watch(const exchange_ptr& x, const store::read_request& request) {
    auto opened = store::watch::open(options.cache, request, options.watch_timeout);
    if (auto* bad = std::get_if<status>(&opened)) return refuse(x, *bad);
    std::get<std::unique_ptr<store::watch>>(opened)->count_by(metrics->watched(request.kind));
    auto body = std::make_shared<watch_body>(
        std::move(std::get<std::unique_ptr<store::watch>>(opened)), options.clock);
    body->wake_by(x->waker());
    http::response head;
    head.content_type = request.show.content_type(true);
    head.headers.emplace_back("Cache-Control", "no-cache, private");
    x->stream(std::move(head), std::move(body));
  }

  // Everything that is no resource.

  void serve_path(const exchange_ptr& x, const request_info& info) {
    if (info.verb != "get" && info.verb != "head") return refuse(x, method_not_allowed());
    const std::string_view path = info.path;
    for (const std::string_view check : {"/healthz", "/livez", "/readyz"})
      if (path == check || (path.starts_with(check) && path.substr(check.size()).starts_with('/')))
        return serve_health(x, info, check.substr(1));
    if (path == "/version" || path == "/version/")
      return answer(x, 200,
                    std::make_shared<const std::string>(rest::version_text(options.version)));
    if (path == "/metrics")
      return answer(x, 200, std::make_shared<const std::string>(options.metrics->text()),
                    model::instruments::content_type);
    if (path == "/metrics/slis")
      return answer(x, 200, std::make_shared<const std::string>(health.text(options.checks)),
                    model::instruments::content_type);
    if (!options.issuer.empty() && path == "/openid/v1/jwks")
      return answer(x, 200, std::make_shared<const std::string>(options.jwks),
                    "application/jwk-set+json");
    if (!options.issuer.empty() && path == "/.well-known/openid-configuration")
      return answer(x, 200,
                    std::make_shared<const std::string>(rest::openid_configuration(
                        options.issuer, options.jwks, options.address, server->ports().front())));
    rest::merge_document merge;
    if (others)
      merge = [this](std::string_view at, const model::document& base) {
        return others->merged(at, base);
      };
    auto found = rest::answer_document(info, x->in(), *options.cache->custom_kinds(),
                                       options.clock(), merge);
    if (auto* bad = std::get_if<status>(&found)) return refuse(x, *bad);
    x->respond(std::move(std::get<http::response>(found)));
  }

  void serve_health(const exchange_ptr& x, const request_info& info, std::string_view which) {
    static const auto ok = std::make_shared<const std::string>("ok");
    auto found = rest::judge_health(options.checks, info, which, health);
    if (!found) return refuse(x, not_served());
    auto text =
        found->text == *ok ? ok : std::make_shared<const std::string>(std::move(found->text));
    answer(x, found->code, std::move(text), "text/plain; charset=utf-8");
  }
};

gateway::gateway(caf::actor_system& system, gateway_options options)
    : impl_(std::make_unique<impl>(system, std::move(options))) {}

gateway::~gateway() {
  impl_->stop();
}

api_actor gateway::aggregated_api() const {
  return impl_->aggregated;
}

door_api_actor gateway::door_api() const {
  return impl_->door_api;
}

const std::vector<std::uint16_t>& gateway::ports() const {
  return impl_->server->ports();
}

void gateway::stop() {
  impl_->stop();
}

}  // namespace troupe
