#include "actors/api/hook_call.hpp"

#include "net/http/client.hpp"

namespace troupe::api {
namespace {

constexpr std::size_t largest_answer = 3u << 20;

/// The path of a URL, with the time-out that Kubernetes tells webhooks of.
std::string target_of(const model::hook& h) {
  const auto host = h.url.find("://");
  const auto path = h.url.find('/', host == h.url.npos ? 0 : host + 3);
  std::string out = path == h.url.npos ? "/" : h.url.substr(path);
  out += out.find('?') == out.npos ? "?timeout=" : "&timeout=";
  return out + std::to_string(h.timeout.count()) + "s";
}

}  // namespace

hook_reply call_hook(const hook_call& c) {
  http::client_options o;
  o.url = c.hook->url;
  o.ca = c.hook->ca;
  o.dial = c.address;
  o.timeout = c.hook->timeout;
  o.body_limit = largest_answer;
  http::client client(std::move(o));
  auto r = client.send("POST", target_of(*c.hook), c.body);
  if (r) return {r.code, std::move(r.body), {}};
  return {0, {}, "failed to call webhook: Post \"" + c.hook->url + "\": " + r.error};
}

std::string name_of(const hook_call& c) {
  return c.hook->configuration + "/" + c.hook->name;
}

}  // namespace troupe::api
