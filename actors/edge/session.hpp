#pragma once

#include "messages/door_api.hpp"
#include "messages/edge.hpp"

#include <caf/typed_event_based_actor.hpp>

namespace troupe::edge {

struct session_options {
  user_info user;
  std::string address;  ///< the dialer's IP address; empty: not known
  std::string secret;
  door_api_actor api;
  node_registry_actor registry;  ///< null: nobody can attach
  caf::strong_actor_ptr dialer;  ///< the session ends when it goes down
};

/// One login at the edge door.
class session : public session_actor::base {
 public:
  session(caf::actor_config& cfg, session_options options);
  const char* name() const override { return "session"; }
  behavior_type make_behavior() override;
  void on_exit() override;

 private:
  /// Why a message with this secret and this request is not passed on; none when it is.
  caf::error refusal(const std::string& secret, const api_request* r = nullptr);
  caf::result<api_response> request_of_user(const std::string& secret, api_request& r);
  caf::result<api_response, stream_source> open(const std::string& secret, api_request& r,
                                                std::uint64_t id, const stream_sink& sink);
  caf::result<bool> attach(const std::string& secret, const std::string& node,
                           std::uint64_t incarnation, const kubelet_actor& kubelet);

  session_options options_;
  kubelet_actor relay_;  ///< what the node's proxy has for our kubelet
  std::size_t under_way_ = 0;
};

}  // namespace troupe::edge
