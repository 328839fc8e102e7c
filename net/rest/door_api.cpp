#include "net/rest/door_api.hpp"

#include "messages/errors.hpp"
#include "model/request_info.hpp"
#include "net/rest/audit_log.hpp"
#include "net/rest/bridge.hpp"
#include "net/rest/request_metrics.hpp"

#include <caf/all.hpp>

#include <utility>
#include <vector>

namespace troupe::rest {
namespace {

using hearers = std::vector<http::exchange::observer>;

http::response shown(const api_response& r, audit_notes notes = {}) {
  return to_http(r, {}, std::move(notes));
}

http::response shown(const caf::error& e) {
  return failure(e, {});
}

void tell(const hearers& all, const http::response& answer) {
  for (const auto& hear : all) hear(answer, false);
}

class door_api final : public door_api_actor::base {
 public:
  door_api(caf::actor_config& c, audited_api_actor api, std::shared_ptr<audit_log> audit,
           std::shared_ptr<request_metrics> metrics)
      : door_api_actor::base(c),
        api_(std::move(api)),
        audit_(std::move(audit)),
        metrics_(std::move(metrics)) {}

  const char* name() const override { return "door api"; }

 protected:
  behavior_type make_behavior() override {
    return {[this](request_atom, const std::string& address, api_request& r) {
              return on_request(address, r);
            },
            [this](open_atom, const std::string& address, api_request& r, std::uint64_t id,
                   const stream_sink& sink) { return on_open(address, r, id, sink); }};
  }

  void on_exit() override { api_ = nullptr; }

 private:
  /// Who hears of the answer. Nobody when the request cannot be understood: it is refused as bad.
  hearers begin(const std::string& address, const api_request& r) {
    auto parsed = model::parse_request(r.method, r.target);
    const auto* info = std::get_if<model::request_info>(&parsed);
    if (!info) return {};
    http::request as_http;
    as_http.method = r.method;
    as_http.target = r.target;
    as_http.content_type = r.content_type;
    as_http.user_agent = r.user_agent;
    as_http.address = address;
    metrics_->authenticated(true);
    hearers out{metrics_->begin(as_http, *info)};
    if (!audit_) return out;
    as_http.body = r.body.bytes();
    name_events(as_http);
    if (auto hear = audit_->begin(as_http, r.user, *info)) out.push_back(std::move(hear));
    return out;
  }

  caf::result<api_response> on_request(const std::string& address, api_request& r) {
    auto all = begin(address, r);
    auto promise = make_response_promise<api_response>();
    request(api_, caf::infinite, audited_atom::value, std::move(r))
        .then(
            [promise, all](api_response& answer, audit_notes& notes) mutable {
              tell(all, shown(answer, std::move(notes)));
              promise.deliver(std::move(answer));
            },
            [promise, all](caf::error& e) mutable {
              tell(all, shown(e));
              promise.deliver(std::move(e));
            });
    return promise;
  }

  caf::result<api_response, stream_source> on_open(const std::string& address, api_request& r,
                                                   std::uint64_t id, const stream_sink& sink) {
    auto all = begin(address, r);
    auto promise = make_response_promise<api_response, stream_source>();
    request(api_, caf::infinite, open_atom::value, std::move(r), id, sink)
        .then(
            [promise, all](api_response& answer, stream_source& source) mutable {
              if (source)
                follow(all, shown(answer), source);
              else
                tell(all, shown(answer));
              promise.deliver(std::move(answer), std::move(source));
            },
            [promise, all](caf::error& e) mutable {
              tell(all, shown(e));
              promise.deliver(std::move(e));
            });
    return promise;
  }

  /// A stream is complete when its source has ended.
  static void follow(const hearers& all, const http::response& head, const stream_source& source) {
    for (const auto& hear : all)
      if (auto ended = hear(head, true)) source->attach_functor(std::move(ended));
  }

  audited_api_actor api_;
  std::shared_ptr<audit_log> audit_;
  std::shared_ptr<request_metrics> metrics_;
};

constexpr const char* this_host = "127.0.0.1";

api_actor::behavior_type local_api(api_actor::pointer self, const door_api_actor& door) {
  return {[=](request_atom, api_request& r) {
            return self->delegate(door, request_atom::value, std::string(this_host), std::move(r));
          },
          [=](open_atom, api_request& r, std::uint64_t id, const stream_sink& sink) {
            return self->delegate(door, open_atom::value, std::string(this_host), std::move(r), id,
                                  sink);
          }};
}

}  // namespace

door_api_actor spawn_door_api(caf::actor_system& system, audited_api_actor api,
                              std::shared_ptr<audit_log> audit,
                              std::shared_ptr<request_metrics> metrics) {
  return system.spawn<door_api>(std::move(api), std::move(audit), std::move(metrics));
}

api_actor spawn_local_api(caf::actor_system& system, door_api_actor door) {
  return system.spawn(local_api, std::move(door));
}

}  // namespace troupe::rest
