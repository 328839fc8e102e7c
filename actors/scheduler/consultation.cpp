#include "actors/scheduler/consultation.hpp"

#include "model/scheduling/extension.hpp"
#include "net/http/client.hpp"
#include "net/tls/files.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <set>

namespace troupe::scheduler {
namespace {

constexpr std::size_t largest_answer = 64u << 20;
// What an extender's scores, from 0 to 10, are worth among those from 0 to 100.
constexpr std::int64_t scale = 10;
// An extender may say any number: so much of it counts.
constexpr std::int64_t most_score = 1 << 20;

std::string pem(const std::string& text, const std::string& file) {
  return text.empty() && !file.empty() ? tls::read_file(file) : text;
}

// "host:port" of a URL.
std::string authority_of(const std::string& url) {
  const auto scheme = url.find("://");
  const auto from = scheme == url.npos ? 0 : scheme + 3;
  auto out = url.substr(from, url.find('/', from) - from);
  if (out.find(':', out.rfind(']') == out.npos ? 0 : out.rfind(']')) == out.npos)
    out += url.starts_with("https") ? ":443" : ":80";
  return out;
}

http::client_options options_of(const model::extender_config& e) {
  http::client_options o;
  const auto& t = e.transport;
  o.url = e.url_prefix;
  if (!t.server_name.empty()) {
    const auto authority = authority_of(e.url_prefix);
    o.dial = authority;
    o.url = "https://" + t.server_name + authority.substr(authority.rfind(':'));
  }
  o.insecure = t.insecure;
  o.ca = pem(t.ca, t.ca_file);
  o.certificate = pem(t.certificate, t.certificate_file);
  o.key = pem(t.key, t.key_file);
  o.timeout = e.timeout;
  o.body_limit = largest_answer;
  return o;
}

struct answer {
  std::string body, error;
};

answer call(const model::extender_config& e, const std::string& verb, std::string body) {
  const auto url = model::extender_url(e, verb);
  try {
    http::client client(options_of(e));
    const auto path = url.find('/', url.find("://") == url.npos ? 0 : url.find("://") + 3);
    auto r = client.send("POST", path == url.npos ? "/" : url.substr(path), std::move(body));
    if (!r) return {{}, "Post \"" + url + "\": " + r.error};
    if (r.code != 200)
      return {
          {},
          "failed " + verb + " with extender at URL " + url + ", code " + std::to_string(r.code)};
    return {std::move(r.body), {}};
  } catch (const std::runtime_error& fault) {  // a file of its TLS configuration
    return {{}, fault.what()};
  }
}

// Keeps the nodes that an extender allows; its fault, unless it may be ignored.
std::string filter(const model::extender_config& e, const consultation& c,
                   std::vector<model::object_ptr>& left, counsel& out) {
  std::set<std::string> asked;
  for (const auto& n : left) asked.insert(n->key().name);
  auto got = call(e, e.filter_verb, model::extender_args(e, *c.pod, left));
  model::extender_verdict v;
  if (got.error.empty())
    v = model::read_filter_result(e, got.body, asked);
  else
    v.error = std::move(got.error);
  if (!v.error.empty()) {
    if (!e.ignorable) return v.error;
    spdlog::warn("extender {} is left out: {}", e.url_prefix, v.error);
    return {};
  }
  const std::set<std::string> allowed(v.nodes.begin(), v.nodes.end());
  std::erase_if(left, [&](const auto& n) { return !allowed.contains(n->key().name); });
  out.failed.merge(v.failed);
  out.unresolvable.merge(v.unresolvable);
  return {};
}

// An extender that cannot score leaves that to the others.
void prioritize(const model::extender_config& e, const consultation& c,
                const std::vector<model::object_ptr>& left, counsel& out) {
  const auto got = call(e, e.prioritize_verb, model::extender_args(e, *c.pod, left));
  if (!got.error.empty())
    return spdlog::warn("extender {} does not score: {}", e.url_prefix, got.error);
  for (const auto& [node, score] : model::read_priorities(got.body))
    if (const auto at = out.scores.find(node); at != out.scores.end())
      at->second += std::clamp(score, -most_score, most_score) * e.weight * scale;
}

counsel bind(const consultation& c) {
  auto got = call(*c.binder, c.binder->bind_verb, model::extender_binding(*c.pod, c.node));
  counsel out;
  out.error = got.error.empty() ? model::read_binding_result(got.body) : std::move(got.error);
  return out;
}

// Each is asked about what those before it have left.
counsel preempt(const consultation& c) {
  counsel out;
  out.candidates = c.candidates;
  for (const auto& e : c.extenders) {
    if (e->preempt_verb.empty() || out.candidates.empty()) continue;
    auto got =
        call(*e, e->preempt_verb, model::extender_preemption_args(*e, *c.pod, out.candidates));
    model::preemption_verdict v;
    if (got.error.empty())
      v = model::read_preemption_result(*e, got.body, out.candidates);
    else
      v.error = std::move(got.error);
    if (v.error.empty()) {
      out.candidates = std::move(v.candidates);
    } else if (e->ignorable) {
      spdlog::warn("extender {} is left out: {}", e->url_prefix, v.error);
    } else {
      out.error = std::move(v.error);
      return out;
    }
  }
  return out;
}

}  // namespace

counsel consult(const consultation& c) {
  if (c.binder) return bind(c);
  if (!c.candidates.empty()) return preempt(c);
  counsel out;
  auto left = c.nodes;
  for (const auto& e : c.extenders) {
    if (left.empty()) break;
    if (e->filter_verb.empty()) continue;
    out.error = filter(*e, c, left, out);
    if (!out.error.empty()) return out;
  }
  for (const auto& n : left) out.scores[n->key().name] = 0;
  if (left.size() > 1)
    for (const auto& e : c.extenders)
      if (!e->prioritize_verb.empty()) prioritize(*e, c, left, out);
  return out;
}

std::string name_of(const consultation& c) {
  std::string out;
  if (c.binder) out += c.binder->url_prefix;
  for (const auto& e : c.extenders) out.append(e->url_prefix).append("\n");
  return out;
}

}  // namespace troupe::scheduler
