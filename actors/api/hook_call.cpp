#include "actors/api/hook_call.hpp"

#include "net/http/client.hpp"

#include <algorithm>
#include <chrono>

namespace troupe::api {
namespace {

constexpr std::size_t largest_answer = 3u << 20;

/// Where the path of a URL begins.
std::size_t path_of(const std::string& url) {
  const auto host = url.find("://");
  return std::min(url.find('/', host == url.npos ? 0 : host + 3), url.size());
}

}  // namespace

std::string asked_url(const model::hook& h) {
  std::string out = h.url;
  if (path_of(out) == out.size()) out += '/';
  out += out.find('?') == out.npos ? "?timeout=" : "&timeout=";
  return out + std::to_string(h.timeout.count()) + "s";
}

hook_reply call_hook(const hook_call& c) {
  http::client_options o;
  o.url = c.hook->url;
  o.ca = c.hook->ca;
  o.dial = c.address;
  o.timeout = c.hook->timeout;
  o.body_limit = largest_answer;
  http::client client(std::move(o));
  const auto before = std::chrono::steady_clock::now();
  auto r = client.send("POST", asked_url(*c.hook).substr(path_of(c.hook->url)), c.body);
  if (r) return {r.code, std::move(r.body), {}};
  // Go's words for whatever had not come to an end by then.
  if (std::chrono::steady_clock::now() - before >= c.hook->timeout)
    r.error = "context deadline exceeded";
  return {0, {}, "failed to call webhook: Post \"" + asked_url(*c.hook) + "\": " + r.error};
}

std::string name_of(const hook_call& c) {
  return c.hook->configuration + "/" + c.hook->name;
}

}  // namespace troupe::api
