#include "actors/edge/session.hpp"

#include "actors/edge/relays.hpp"
#include "messages/errors.hpp"
#include "net/tls/pki.hpp"

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

namespace troupe::edge {
namespace {

constexpr std::size_t max_body = 3u << 20;
constexpr std::size_t max_under_way = 4096;
constexpr std::string_view node_user = "system:node:";

}  // namespace

session::session(caf::actor_config& cfg, session_options options)
    : session_actor::base(cfg), options_(std::move(options)) {
  set_down_handler([this](const caf::down_msg&) { quit(); });
  if (options_.dialer) monitor(options_.dialer);
}

session::behavior_type session::make_behavior() {
  return {[this](request_atom, const std::string& secret, api_request& r) {
            return request_of_user(secret, r);
          },
          [this](open_atom, const std::string& secret, api_request& r, std::uint64_t id,
                 const stream_sink& sink) { return open(secret, r, id, sink); },
          [this](attach_atom, const std::string& secret, const std::string& node,
                 std::uint64_t incarnation, const kubelet_actor& kubelet) {
            return attach(secret, node, incarnation, kubelet);
          }};
}

void session::on_exit() {
  if (relay_) send_exit(relay_, caf::exit_reason::remote_link_unreachable);
  relay_ = nullptr;
  options_.api = nullptr;
  options_.registry = nullptr;
  options_.dialer = nullptr;
}

caf::error session::refusal(const std::string& secret, const api_request* r) {
  if (!tls::equal_in_constant_time(secret, options_.secret)) {
    spdlog::warn("edge: a message without the session's secret, for {}", options_.user.name);
    return to_error(model::unauthorized());
  }
  if (under_way_ >= max_under_way)
    return to_error(model::too_many_requests("too many requests of this session are under way", 1));
  if (r && r->body.bytes().size() > max_body)
    return to_error(
        model::request_too_large("Request entity too large: limit is " + std::to_string(max_body)));
  return caf::none;
}

caf::result<api_response> session::request_of_user(const std::string& secret, api_request& r) {
  if (auto error = refusal(secret, &r)) return error;
  r.user = options_.user;
  auto promise = make_response_promise<api_response>();
  ++under_way_;
  request(options_.api, caf::infinite, request_atom::value, options_.address, std::move(r))
      .then(
          [this, promise](api_response& answer) mutable {
            --under_way_;
            promise.deliver(std::move(answer));
          },
          [this, promise](caf::error& e) mutable {
            --under_way_;
            promise.deliver(std::move(e));
          });
  return promise;
}

caf::result<api_response, stream_source> session::open(const std::string& secret, api_request& r,
                                                       std::uint64_t id, const stream_sink& sink) {
  if (auto error = refusal(secret, &r)) return error;
  if (!sink) return to_error(model::bad_request("a stream needs somebody to read it"));
  r.user = options_.user;
  auto relay = spawn<stream_relay>(stream_end{sink, id, id});
  auto promise = make_response_promise<api_response, stream_source>();
  ++under_way_;
  request(options_.api, caf::infinite, open_atom::value, options_.address, std::move(r), id,
          caf::actor_cast<stream_sink>(relay))
      .then(
          [this, promise, relay](api_response& answer, const stream_source& source) mutable {
            --under_way_;
            if (source) {
              send(relay, source_atom::value, source);
              promise.deliver(std::move(answer), caf::actor_cast<stream_source>(relay));
            } else {
              send_exit(relay, caf::exit_reason::user_shutdown);
              promise.deliver(std::move(answer), stream_source{});
            }
          },
          [this, promise, relay](caf::error& e) mutable {
            --under_way_;
            send_exit(relay, caf::exit_reason::user_shutdown);
            promise.deliver(std::move(e));
          });
  return promise;
}

caf::result<bool> session::attach(const std::string& secret, const std::string& node,
                                  std::uint64_t incarnation, const kubelet_actor& kubelet) {
  if (auto error = refusal(secret)) return error;
  if (options_.user.name != std::string(node_user) + node || !kubelet || !options_.registry)
    return to_error(
        model::forbidden({"nodes", "", node},
                         "user \"" + options_.user.name + "\" is not the kubelet of this node"));
  // The one before ends when the new one is known, so that the node is not seen without a kubelet.
  auto before = std::exchange(relay_, spawn<kubelet_relay>(kubelet));
  auto end_before = [this, before = std::move(before)] {
    if (before) send_exit(before, caf::exit_reason::user_shutdown);
  };
  auto promise = make_response_promise<bool>();
  request(options_.registry, caf::infinite, attach_atom::value, node, incarnation, relay_)
      .then(
          [promise, node, end_before](bool attached) mutable {
            end_before();
            spdlog::info("edge: kubelet of {} attached", node);
            promise.deliver(attached);
          },
          [promise, end_before](caf::error& e) mutable {
            end_before();
            promise.deliver(std::move(e));
          });
  return promise;
}

}  // namespace troupe::edge
