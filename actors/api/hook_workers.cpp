#include "actors/api/hook_workers.hpp"

#include "net/http/client.hpp"

#include <caf/all.hpp>

#include <algorithm>
#include <deque>
#include <map>
#include <optional>

namespace troupe::api {
namespace {

constexpr std::size_t most_workers = 32;
constexpr std::size_t most_of_one = 16;
constexpr std::size_t most_waiting = 1024;
constexpr std::size_t largest_answer = 3u << 20;

/// The path of a URL, with the time-out that Kubernetes tells webhooks of.
std::string target_of(const model::hook& h) {
  const auto host = h.url.find("://");
  const auto path = h.url.find('/', host == h.url.npos ? 0 : host + 3);
  std::string out = path == h.url.npos ? "/" : h.url.substr(path);
  out += out.find('?') == out.npos ? "?timeout=" : "&timeout=";
  return out + std::to_string(h.timeout.count()) + "s";
}

hook_reply send(const hook_call& c) {
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

// One thread: it blocks for as long as its webhook takes.
caf::behavior worker(caf::event_based_actor*) {
  return {[](hook_call_atom, const hook_call& c) { return send(c); }};
}

struct pool_state {
  struct waiting {
    hook_call call;
    caf::response_promise promise;
  };
  std::vector<caf::actor> idle;
  std::size_t spawned = 0;
  std::deque<waiting> queue;
  std::map<std::string, std::size_t> busy;  // calls under way by webhook
  const char* name = "hook-workers";
};

using pool = caf::stateful_actor<pool_state>;

std::string name_of(const hook_call& c) {
  return c.hook->configuration + "/" + c.hook->name;
}

void pump(pool* self);

void run(pool* self, pool_state::waiting w) {
  auto& s = self->state;
  if (s.idle.empty()) {
    s.idle.push_back(self->spawn<caf::detached + caf::linked>(worker));
    ++s.spawned;
  }
  const caf::actor to = s.idle.back();
  s.idle.pop_back();
  const std::string name = name_of(w.call);
  ++s.busy[name];
  auto done = [self, to, name, promise = w.promise](hook_reply r) mutable {
    auto& state = self->state;
    state.idle.push_back(to);
    if (--state.busy[name] == 0) state.busy.erase(name);
    promise.deliver(std::move(r));
    pump(self);
  };
  self->request(to, caf::infinite, hook_call_atom::value, std::move(w.call))
      .then([done](hook_reply& r) mutable { done(std::move(r)); },
            [self, done](const caf::error& e) mutable {
              done({0, {}, self->system().render(e)});
            });
}

void pump(pool* self) {
  auto& s = self->state;
  for (auto at = s.queue.begin(); at != s.queue.end();) {
    if (s.idle.empty() && s.spawned == most_workers) return;
    const auto busy = s.busy.find(name_of(at->call));
    if (busy != s.busy.end() && busy->second >= most_of_one) {
      ++at;
      continue;
    }
    auto next = std::move(*at);
    at = s.queue.erase(at);
    run(self, std::move(next));
  }
}

caf::behavior workers(pool* self) {
  return {[self](hook_call_atom, hook_call& c) -> caf::result<hook_reply> {
    if (self->state.queue.size() >= most_waiting)
      return hook_reply{0, {}, "too many calls of webhooks are waiting"};
    auto promise = self->make_response_promise();
    self->state.queue.push_back({std::move(c), promise});
    pump(self);
    return promise;
  }};
}

}  // namespace

caf::actor spawn_hook_workers(caf::actor_system& system) {
  return system.spawn(workers);
}

}  // namespace troupe::api
