#pragma once

#include "actors/edge/edge.hpp"
#include "messages/edge.hpp"
#include "model/random.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <functional>
#include <map>
#include <optional>

namespace troupe::edge {

/// Keeps a login at a remote edge door: dials, proves who it is, dials again after a loss with
/// growing pauses, and attaches the local kubelet anew each time. While the door is out of reach
/// requests fail at once with 503.
class link : public link_actor::base {
 public:
  link(caf::actor_config& cfg, link_options options);
  const char* name() const override { return "edge-link"; }
  behavior_type make_behavior() override;
  void on_exit() override;

 private:
  using failure = std::function<void(caf::error)>;
  struct attachment {
    std::string node;
    std::uint64_t incarnation = 0;
    kubelet_actor kubelet;
  };

  void dial();
  // Answers to an attempt that has failed meanwhile are ignored.
  bool current(std::uint64_t attempt) const { return dialing_ && attempt == attempt_; }
  void greet(std::uint64_t attempt, const door_actor& door);
  void log_in(std::uint64_t attempt, const door_actor& door, const std::string& nonce,
              const tls::credential& who);
  void logged_in(const session_actor& s, const std::string& secret);
  /// The attempt failed: tell those who wait when no further one can help, and try again later.
  void failed(std::uint64_t attempt, const caf::error& why);
  void on_down(const caf::down_msg& down);
  void reattach();

  /// Remembers a request so that a loss of the door fails it at once; returns its number.
  std::uint64_t remember(failure f);
  bool forget(std::uint64_t number) { return under_way_.erase(number) > 0; }

  caf::result<api_response> pass_request(const api_request& r);
  caf::result<api_response, stream_source> pass_open(const api_request& r, std::uint64_t id,
                                                     const stream_sink& sink);
  caf::result<bool> pass_attach(attachment a);

  link_options options_;
  model::random_source random_;
  std::chrono::milliseconds pause_;
  bool dialing_ = false;
  std::uint64_t attempt_ = 0;
  caf::error given_up_;  ///< why no login is tried any more
  caf::strong_actor_ptr door_;
  session_actor session_;
  std::string secret_;
  std::optional<attachment> attached_;
  bool attach_due_ = false;                                 ///< the last attempt failed
  std::vector<caf::typed_response_promise<bool>> waiting_;  ///< for a login
  std::map<std::uint64_t, failure> under_way_;
  std::uint64_t next_ = 0;
};

}  // namespace troupe::edge
