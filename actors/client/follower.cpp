#include "actors/client/follower.hpp"

#include "messages/errors.hpp"

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>

namespace troupe::client {
namespace {

constexpr std::uint32_t watch_window = 16;  // chunks of at most 256 KiB under way
constexpr const char* agent = "troupe-client";

model::status failure_of(const api_response& a) {
  return model::status_from_text(a.body.bytes());
}

}  // namespace

follower::follower(caf::actor_config& cfg, follower_options options)
    : follower_actor::base(cfg), options_(std::move(options)), random_(options_.seed) {
  set_down_handler([this](const caf::down_msg& down) {
    for (auto& f : all_)
      if (f.source && f.source.address() == down.source)
        over(f, model::unavailable("the connection to the cluster is lost"));
  });
}

follower::behavior_type follower::make_behavior() {
  return {[this](request_atom, const api_request& r) { return pass(r); },
          [this](open_atom, const api_request& r, std::uint64_t id, const stream_sink& sink) {
            return delegate(options_.api, open_atom::value, r, id, sink);
          },
          [this](chunk_atom, std::uint64_t id, const blob_ref& bytes) { take_chunk(id, bytes); },
          [this](end_atom, std::uint64_t id, const caf::error& why) {
            if (auto* f = of_stream(id))
              over(*f, why ? std::optional{to_status(why)} : std::nullopt);
          },
          [this](follow_atom, std::vector<std::string>& resources) {
            return follow(std::move(resources));
          },
          [this](tick_atom) {
            start_due();
            release();
          }};
}

void follower::on_exit() {
  for (auto& f : all_)
    if (f.source) send(f.source, cancel_atom::value, f.stream);
  all_.clear();
  follows_.clear();
  writes_.clear();
  options_.api = nullptr;
}

// Requests

caf::result<api_response> follower::pass(const api_request& r) {
  auto promise = make_response_promise<api_response>();
  request(options_.api, caf::infinite, request_atom::value, r)
      .then([this, r, promise](api_response& a) mutable { answered(r, a, promise); },
            [promise](caf::error& e) mutable { promise.deliver(std::move(e)); });
  return promise;
}

void follower::answered(const api_request& r, api_response& answer,
                        caf::typed_response_promise<api_response>& promise) {
  const auto mark = mark_of(r, answer);
  const auto* f = mark ? of_resource(mark->key.resource) : nullptr;
  const bool elsewhere =
      mark && !options_.ns.empty() && !mark->key.ns.empty() && mark->key.ns != options_.ns;
  if (!f || !f->feed.filled() || elsewhere || mark->shows(*options_.cache, f->feed.version())) {
    promise.deliver(std::move(answer));
    return;
  }
  writes_.push_back(
      {*mark, clock_now() + options_.write_patience, std::move(answer), std::move(promise)});
  tick_in(options_.write_patience);
}

caf::result<bool> follower::follow(std::vector<std::string> resources) {
  for (const auto& resource : resources)
    if (!of_resource(resource)) all_.emplace_back(watch_feed(resource, options_.cache));
  auto promise = make_response_promise<bool>();
  follows_.push_back({std::move(resources), promise});
  start_due();
  release();
  return promise;
}

// Answers those who wait for what the cache shows by now.
void follower::release() {
  std::erase_if(follows_, [this](waiting_follow& w) {
    const bool all = std::all_of(w.resources.begin(), w.resources.end(), [&](const auto& r) {
      const auto* f = of_resource(r);
      return f && f->feed.filled();
    });
    if (all) w.promise.deliver(true);
    return all;
  });
  std::erase_if(writes_, [this, now = clock_now()](waiting_write& w) {
    const auto* f = of_resource(w.mark.key.resource);
    if (now < w.until && !w.mark.shows(*options_.cache, f->feed.version())) return false;
    w.promise.deliver(std::move(w.answer));
    return true;
  });
}

// Watches

void follower::start_due() {
  for (auto& f : all_) {
    if (f.busy || f.due > clock_now()) continue;
    f.busy = true;
    if (const auto known = built_in_resource(f.feed.resource()); known && f.path.empty())
      f.path = known->collection(options_.ns);
    if (f.path.empty())
      find_path(f);
    else
      open_watch(f);
  }
}

void follower::find_path(followed& f) {
  api_request r;
  r.method = "GET";
  r.target = "/apis";
  r.accept = aggregated_discovery;
  r.user_agent = agent;
  request(options_.api, caf::infinite, request_atom::value, std::move(r))
      .then([this, &f](const api_response& a) { take_discovery(f, a); },
            [this, &f](const caf::error& e) { over(f, to_status(e)); });
}

void follower::take_discovery(followed& f, const api_response& answer) {
  if (answer.code != 200) return over(f, failure_of(answer));
  const auto groups = model::parse_json(answer.body.bytes());
  const auto found = discovered_resource(groups.value, f.feed.resource());
  if (!found) return over(f, model::not_found({f.feed.resource(), "", ""}));
  f.path = found->collection(options_.ns);
  open_watch(f);
}

void follower::open_watch(followed& f) {
  api_request r;
  r.method = "GET";
  r.target = f.path + "?" + f.feed.query();
  r.user_agent = agent;
  const auto id = f.stream = random_.next();
  request(options_.api, caf::infinite, open_atom::value, std::move(r), id,
          caf::actor_cast<stream_sink>(this))
      .then([this, &f, id](const api_response& a, const stream_source& s) { opened(f, id, a, s); },
            [this, &f](const caf::error& e) { over(f, to_status(e)); });
}

void follower::opened(followed& f, std::uint64_t id, const api_response& answer,
                      const stream_source& source) {
  if (f.stream != id) {
    if (source) send(source, cancel_atom::value, id);
    return;
  }
  if (!source) return over(f, failure_of(answer));
  f.source = source;
  monitor(source);
  send(source, credit_atom::value, id, watch_window);
}

void follower::take_chunk(std::uint64_t id, const blob_ref& bytes) {
  auto* f = of_stream(id);
  if (!f || !f->source) return;
  const auto why = f->feed.take(bytes.bytes());
  if (why) {
    send(f->source, cancel_atom::value, id);
    over(*f, why);
  } else {
    f->failures = 0;
    f->told.clear();
    send(f->source, credit_atom::value, id, std::uint32_t{1});
  }
  release();
}

void follower::over(followed& f, const std::optional<model::status>& why) {
  if (f.source) demonitor(f.source.address());
  f.source = nullptr;
  f.stream = 0;
  f.busy = false;
  f.feed.ended(why);
  // A watch that ended in order, and one whose history is gone, are followed by the next at once.
  const bool at_once = f.failures == 0 && (!why || why->code == 410);
  if (why && why->code == 404) f.path.clear();  // another version may be served by now
  if (why && why->code != 410 && f.told != why->message) {
    f.told = why->message;
    spdlog::warn("cannot watch {}: {}", f.feed.resource(), why->message);
  }
  const auto pause =
      std::min(options_.longest_pause, options_.first_pause * (1u << std::min(f.failures++, 10u)));
  const auto jitter = random_.below(static_cast<std::uint64_t>(pause.count()) / 2 + 1);
  const auto after =
      at_once ? std::chrono::milliseconds{1} : pause + std::chrono::milliseconds(jitter);
  f.due = clock_now() + after;
  tick_in(after);
}

void follower::tick_in(time::duration pause) {
  delayed_send(this, pause, tick_atom::value);
}

follower::followed* follower::of_stream(std::uint64_t id) {
  const auto at = std::find_if(all_.begin(), all_.end(),
                               [&](const followed& f) { return id != 0 && f.stream == id; });
  return at == all_.end() ? nullptr : &*at;
}

follower::followed* follower::of_resource(const std::string& resource) {
  const auto at = std::find_if(all_.begin(), all_.end(),
                               [&](const followed& f) { return f.feed.resource() == resource; });
  return at == all_.end() ? nullptr : &*at;
}

}  // namespace troupe::client

namespace troupe {

follower_actor spawn_follower(caf::actor_system& system, follower_options options) {
  return system.spawn<client::follower>(std::move(options));
}

}  // namespace troupe
