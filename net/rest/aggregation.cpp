#include "net/rest/aggregation.hpp"

#include "model/base64.hpp"
#include "model/json_read.hpp"
#include "model/json_writer.hpp"
#include "model/openapi/merge.hpp"
#include "store/service_address.hpp"

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace troupe::rest {
namespace {

using namespace std::chrono_literals;
using model::api_service;
using model::json;
using headers = std::vector<std::pair<std::string, std::string>>;
using steady = std::chrono::steady_clock;

// Those of kube-aggregator.
constexpr auto check_patience = 5s;
constexpr auto own_patience = 30s;
constexpr std::chrono::milliseconds check_again = 30s;
constexpr std::chrono::milliseconds first_retry = 250ms;
// Changes come in bursts: a rollout writes the EndpointSlice with each pod.
constexpr std::chrono::milliseconds change_pause = 100ms;
constexpr std::size_t largest_discovery = 4u << 20;
constexpr std::size_t most_groups = 64;  // of a document that was merged, kept for its next reader

bool is_token(unsigned char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
         std::string_view("!#$&'*+-.^_`|~").find(static_cast<char>(c)) != std::string_view::npos;
}

// As client-go's transport writes keys that are no names of headers.
std::string header_key(const std::string& key) {
  constexpr const char* digits = "0123456789ABCDEF";
  std::string out;
  for (const char c : key) {
    const auto byte = static_cast<unsigned char>(c);
    if (is_token(byte)) {
      out += c;
    } else {
      out += '%';
      out += digits[byte >> 4];
      out += digits[byte & 15];
    }
  }
  return out;
}

bool fits_header(std::string_view value) {
  return std::ranges::none_of(
      value, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; });
}

void answer_text(const http::exchange_ptr& x, int code, std::string text) {
  text += '\n';
  x->respond({code,
              "text/plain; charset=utf-8",
              std::make_shared<const std::string>(std::move(text)),
              {{"X-Content-Type-Options", "nosniff"}}});
}

std::string name_of(const api_service& s) {
  return s.service_name + "." + s.service_ns + ".svc";
}

http::relay_target target_of(const api_service& s, std::string dial) {
  return {name_of(s), std::move(dial), s.ca, s.insecure};
}

std::string path_of_group(const api_service& s) {
  return "/apis/" + s.group + "/" + s.version;
}

// "group/version" of a path below one of the two places where others' come; empty: elsewhere.
std::string group_version_of(const model::request_info& info) {
  if (info.is_resource && !info.group.empty()) return info.group + "/" + info.version;
  std::string_view path = info.path;
  for (const std::string_view prefix : {"/openapi/v3/apis/", "/apis/"}) {
    if (!path.starts_with(prefix)) continue;
    path.remove_prefix(prefix.size());
    while (path.ends_with('/')) path.remove_suffix(1);
    return std::ranges::count(path, '/') == 1 ? std::string(path) : std::string();
  }
  return {};
}

// What is asked for ourselves, with all rights.
http::relay_request own_request(std::string target) {
  return {"GET",
          std::move(target),
          {},
          {{"Accept", "application/json"},
           {"User-Agent", "troupe"},
           {"X-Remote-User", "system:kube-aggregator"},
           {"X-Remote-Group", "system:masters"}}};
}

}  // namespace

http::relay_request relayed(http::request& r, headers more) {
  http::relay_request out{std::move(r.method), std::move(r.target), std::move(r.body),
                          std::move(more)};
  const auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) out.headers.emplace_back(name, value);
  };
  add("Accept", r.accept);
  add("Content-Type", r.content_type);
  add("If-None-Match", r.if_none_match);
  add("User-Agent", r.user_agent);
  add("X-Forwarded-For", r.address);
  add("Audit-ID", r.audit_id);
  if (!r.upgrade) return out;
  const bool websocket = r.upgrade->protocol == "websocket";
  add("Connection", "Upgrade");
  add("Upgrade", websocket ? "websocket" : "SPDY/3.1");
  add("Sec-WebSocket-Key", r.upgrade->key);
  add("Sec-WebSocket-Version", r.upgrade->version);
  for (const auto& p : r.upgrade->protocols)
    add(websocket ? "Sec-WebSocket-Protocol" : "X-Stream-Protocol-Version", p);
  return out;
}

std::optional<headers> identity_headers(const user_info& user) {
  headers out;
  out.emplace_back("X-Remote-User", user.name);
  for (const auto& g : user.groups) out.emplace_back("X-Remote-Group", g);
  for (const auto& [key, values] : user.extra)
    for (const auto& v : values) out.emplace_back("X-Remote-Extra-" + header_key(key), v);
  if (!std::ranges::all_of(out, [](const auto& h) { return fits_header(h.second); }))
    return std::nullopt;
  return out;
}

// What is known of one server.
struct aggregation::watched {
  std::string seen;        ///< versions of all that it was judged by
  steady::time_point due;  ///< when to look again
  bool asking = false;     ///< a check is under way
  unsigned failures = 0;   ///< in a row
  model::extension_version shown;
};

aggregation::aggregation(aggregation_options options)
    : options_(std::move(options)), relay_({options_.certificate, options_.key}) {
  for (const std::string_view resource :
       {model::api_services_resource, std::string_view("services"),
        std::string_view("endpointslices.discovery.k8s.io")}) {
    const bool own = resource == model::api_services_resource;
    woken_.push_back(options_.cache->subscribe(resource, [this, own] {
      if (own) stale_ = true;
      if (own || any_) schedule(change_pause);
    }));
  }
  schedule(0ms);
}

aggregation::~aggregation() {
  stop();
}

void aggregation::stop() {
  woken_.clear();
  relay_.stop();
}

void aggregation::follow() {
  if (!stale_.load(std::memory_order_relaxed) || !stale_.exchange(false)) return;
  std::map<std::string, service_ptr, std::less<>> now;
  for (const auto& o : options_.cache->list(model::api_services_resource).objects) {
    auto s = model::read_api_service(o->parse());
    if (s.local || s.group.empty()) continue;
    auto key = s.group + "/" + s.version;
    now.emplace(std::move(key), std::make_shared<const api_service>(std::move(s)));
  }
  const std::lock_guard lock(guard_);
  served_ = std::move(now);
  any_ = !served_.empty();
}

std::shared_ptr<const api_service> aggregation::find(const model::request_info& info) {
  if (!any()) return nullptr;
  const std::string key = group_version_of(info);
  if (key.empty()) return nullptr;
  const std::lock_guard lock(guard_);
  const auto found = served_.find(key);
  return found == served_.end() ? nullptr : found->second;
}

void aggregation::pass(const http::exchange_ptr& x, const user_info& user, const api_service& to) {
  if (!to.available) return answer_text(x, 503, "service unavailable");
  auto dial = store::service_address(*options_.cache, to.service_ns, to.service_name, to.port);
  if (!dial) return answer_text(x, 503, "service unavailable");
  auto who = identity_headers(user);
  if (!who) return answer_text(x, 500, "the user's name cannot be passed on in a header");
  relay_.pass(x, target_of(to, std::move(*dial)), relayed(x->in(), std::move(*who)),
              [this, name = to.name](const http::exchange_ptr& failed, const std::string& why) {
                answer_text(failed, 503, "error trying to reach service: " + why);
                // Who cannot be reached is looked at now.
                if (const auto w = watched_.find(name); w != watched_.end()) {
                  w->second.due = steady::now();
                  schedule(0ms);
                }
              });
}

bool aggregation::any() {
  follow();
  return any_.load(std::memory_order_relaxed);
}

bool aggregation::serves(const api_request& r) {
  // Most are ours, and need not be taken apart.
  if (!any()) return false;
  const auto info = model::parse_request(r.method, r.target);
  const auto* of = std::get_if<model::request_info>(&info);
  return of && find(*of);
}

std::optional<std::pair<http::relay_target, http::relay_request>> aggregation::route(
    const api_request& r) {
  const auto info = model::parse_request(r.method, r.target);
  const auto* of = std::get_if<model::request_info>(&info);
  const auto to = of ? find(*of) : nullptr;
  if (!to || !to->available) return std::nullopt;
  auto dial = store::service_address(*options_.cache, to->service_ns, to->service_name, to->port);
  auto who = identity_headers(r.user);
  if (!dial || !who) return std::nullopt;
  http::relay_request what{r.method, r.target, std::string(r.body.bytes()), std::move(*who)};
  what.headers.emplace_back("Accept", r.accept.empty() ? "application/json" : r.accept);
  what.headers.emplace_back("User-Agent", r.user_agent);
  if (!what.body.empty())
    what.headers.emplace_back("Content-Type",
                              r.content_type.empty() ? "application/json" : r.content_type);
  return std::pair(target_of(*to, std::move(*dial)), std::move(what));
}

void aggregation::fetch(const api_request& r, std::function<void(api_response)> done) {
  const auto unavailable = [](const std::string& why) {
    api_response out;
    out.code = 503;
    out.body = blob_ref(model::to_text(model::unavailable(why)));
    return out;
  };
  auto way = route(r);
  if (!way) return done(unavailable("service unavailable"));
  relay_.fetch(std::move(way->first), std::move(way->second), own_patience, largest_discovery,
               [done = std::move(done), unavailable](const http::client_reply& reply) {
                 if (!reply)
                   return done(unavailable("error trying to reach service: " + reply.error));
                 api_response out;
                 out.code = static_cast<std::uint16_t>(reply.code);
                 out.content_type = reply.content_type;
                 out.body = blob_ref(reply.body);
                 done(std::move(out));
               });
}

std::shared_ptr<http::relay_stream> aggregation::listen(const api_request& r,
                                                        http::relay_listener listener) {
  auto way = route(r);
  if (!way) return nullptr;
  return relay_.listen(std::move(way->first), std::move(way->second), std::move(listener));
}

// Once for all that happens until then.
void aggregation::schedule(std::chrono::milliseconds after) {
  if (look_posted_.exchange(true)) return;
  relay_.post([this, after] {
    relay_.post_after(after, [this] {
      look_posted_ = false;
      look();
    });
  });
}

// On the relay's thread, as all that follows.
void aggregation::look() {
  follow();
  std::vector<service_ptr> all;
  {
    const std::lock_guard lock(guard_);
    for (const auto& [key, s] : served_) all.push_back(s);
  }
  const auto gone = std::erase_if(watched_, [&](const auto& w) {
    return std::ranges::none_of(all, [&](const auto& s) { return s->name == w.first; });
  });
  if (gone > 0) publish();
  for (const auto& s : all) look_at(s);
  auto next = steady::time_point::max();
  for (const auto& [name, w] : watched_)
    if (!w.asking) next = std::min(next, w.due);
  if (next == steady::time_point::max()) return;
  arm(std::max(next, steady::now() + change_pause));
}

// One timer counts: the earliest.
void aggregation::arm(steady::time_point at) {
  if (at >= armed_) return;
  armed_ = at;
  const auto wait = std::chrono::duration_cast<std::chrono::milliseconds>(at - steady::now());
  relay_.post_after(wait, [this, at] {
    if (armed_ != at) return;
    armed_ = steady::time_point::max();
    schedule(0ms);
  });
}

void aggregation::look_at(const service_ptr& s) {
  auto& w = watched_[s->name];
  const auto service = options_.cache->get({"services", s->service_ns, s->service_name});
  const auto slices = store::slices_of(*options_.cache, s->service_ns, s->service_name);
  std::string seen = model::to_base64(s->ca);
  seen += name_of(*s);
  seen += ' ';
  seen += std::to_string(s->port) + (s->insecure ? " insecure " : " ") +
          std::to_string(s->group_priority) + " " + std::to_string(s->version_priority);
  if (service) seen += " " + std::to_string(service->version());
  for (const auto& o : slices) seen += " " + std::to_string(o->version());
  if (w.asking || (seen == w.seen && steady::now() < w.due)) return;
  if (seen != w.seen) w.failures = 0;
  w.seen = std::move(seen);
  auto& e = w.shown;
  e.group = s->group;
  e.version = s->version;
  e.group_priority = s->group_priority;
  e.version_priority = s->version_priority;
  std::vector<json> documents;
  for (const auto& o : slices) documents.push_back(o->parse());
  if (const auto bad = model::judge_backend(*s, service ? service->parse() : json(), documents))
    return conclude(s, *bad);
  const auto dial =
      store::service_address(*options_.cache, s->service_ns, s->service_name, s->port);
  if (!dial) return conclude(s, model::judge_answer(*s, "the service has no address"));
  ask(s, *dial);
}

void aggregation::ask(const service_ptr& s, const std::string& dial) {
  watched_[s->name].asking = true;
  relay_.fetch(target_of(*s, dial), own_request(path_of_group(*s)), check_patience,
               largest_discovery, [this, s, dial](const http::client_reply& r) {
                 answered(s, r);
                 if (!r || r.code >= 300) return;
                 ask_openapi(s, dial);
                 ask_openapi_2(s, dial);
               });
}

void aggregation::answered(const service_ptr& s, const http::client_reply& r) {
  const auto found = watched_.find(s->name);
  if (found == watched_.end()) return;
  found->second.asking = false;
  std::string error = r.error;
  if (r && (r.code < 200 || r.code >= 300))
    error = "bad status from https://" + name_of(*s) + ":" + std::to_string(s->port) +
            path_of_group(*s) + ": " + std::to_string(r.code);
  if (error.empty()) {
    const json list = model::read_json(r.body);
    // A server that is up but says nothing of use is shown without resources, as it is.
    found->second.shown.resources = model::aggregated_resources(list, s->group, s->version);
  }
  conclude(s, model::judge_answer(*s, error));
}

void aggregation::ask_openapi(const service_ptr& s, const std::string& dial) {
  relay_.fetch(target_of(*s, dial), own_request("/openapi/v3"), check_patience, largest_discovery,
               [this, s](const http::client_reply& r) {
                 const auto found = watched_.find(s->name);
                 if (found == watched_.end()) return;
                 std::string address;
                 if (r && r.code == 200) {
                   const std::string key = "apis/" + s->group + "/" + s->version;
                   const json index = model::read_json(r.body);
                   address = model::string_at(index, {"paths", key, "serverRelativeURL"});
                   // Only what is passed on to it.
                   if (!address.starts_with("/openapi/v3/" + key)) address.clear();
                 }
                 if (std::exchange(found->second.shown.openapi, address) != address) publish();
               });
}

void aggregation::ask_openapi_2(const service_ptr& s, const std::string& dial) {
  relay_.fetch(target_of(*s, dial), own_request("/openapi/v2"), check_patience, largest_discovery,
               [this, s](const http::client_reply& r) {
                 const auto found = watched_.find(s->name);
                 if (found == watched_.end() || !r) return;
                 json part;
                 if (r.code == 200)
                   part = model::openapi_2_of(model::read_json(r.body), s->group, s->version);
                 auto& known = found->second.shown.openapi_2;
                 if (known ? *known == part : part.is_null()) return;
                 known = part.is_null() ? nullptr : std::make_shared<const json>(std::move(part));
                 publish();
               });
}

// Everything about a server is known for now: its condition is written where it changed.
void aggregation::conclude(const service_ptr& s, const model::api_availability& a) {
  auto& w = watched_[s->name];
  w.failures = a.available ? 0 : w.failures + 1;
  w.due = steady::now() +
          (a.available ? check_again
                       : std::min(check_again, first_retry * (1u << std::min(w.failures, 7u))));
  w.shown.current = a.available;
  publish();
  schedule(change_pause);
  const auto stored = options_.cache->get({std::string(model::api_services_resource), "", s->name});
  if (!stored) return;
  json document = stored->parse();
  if (!model::set_available(document, a, options_.clock())) return;
  if (!a.available) spdlog::warn("APIService {}: {}: {}", s->name, a.reason, a.message);
  // The version goes along: what was written meanwhile wakes us, and is judged anew.
  document["metadata"]["resourceVersion"] = std::to_string(stored->version());
  api_request r;
  r.method = "PUT";
  r.target = "/apis/apiregistration.k8s.io/v1/apiservices/" + s->name + "/status";
  r.content_type = "application/json";
  r.user_agent = "kube-aggregator";
  r.body = blob_ref(model::dump(document));
  r.user = {"system:kube-aggregator", {"system:masters", "system:authenticated"}, {}, {}};
  caf::anon_send(options_.api, request_atom::value, std::move(r));
}

void aggregation::publish() {
  std::vector<model::extension_version> now;
  for (const auto& [name, w] : watched_) now.push_back(w.shown);
  const std::lock_guard lock(guard_);
  if (now == shown_) return;
  shown_ = std::move(now);
  ++shown_number_;
}

model::document aggregation::merged(std::string_view path, const model::document& base) {
  if (!any_.load(std::memory_order_relaxed)) return base;
  std::string key(path);
  key += ' ';
  key += base.content_type;
  const std::lock_guard lock(guard_);
  const auto found = made_.find(key);
  if (found != made_.end() && found->second.number == shown_number_ &&
      found->second.base == base.text)
    return found->second.text;
  auto text = path == "/openapi/v2"          ? model::merge_openapi_2(base, shown_)
              : path.starts_with("/openapi") ? model::merge_openapi_index(base, shown_)
                                             : model::merge_discovery(path, base, shown_);
  if (made_.size() >= most_groups) made_.clear();
  made_.insert_or_assign(std::move(key), made{shown_number_, base.text, text});
  return text;
}

}  // namespace troupe::rest
