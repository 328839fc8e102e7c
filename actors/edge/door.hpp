#pragma once

#include "actors/edge/login_book.hpp"
#include "messages/door_api.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <set>

namespace troupe::edge {

struct door_options {
  door_api_actor api;
  node_registry_actor registry;
  std::string ca;  ///< PEM
  model::wall_clock clock = model::system_wall_clock();
  std::size_t max_sessions = 6000;
};

/// Lets dialers in.
class door : public door_actor::base {
 public:
  door(caf::actor_config& cfg, door_options options);
  const char* name() const override { return "door"; }
  behavior_type make_behavior() override;
  void on_exit() override;

 private:
  caf::result<std::string> hello(const edge_hello& h);
  caf::result<session_actor, std::string> prove(const std::string& nonce,
                                                const std::string& signature);
  std::pair<session_actor, std::string> let_in(user_info user, std::string address,
                                               const caf::strong_actor_ptr& dialer);

  door_options options_;
  login_book logins_;
  std::set<caf::actor_addr> sessions_;
};

}  // namespace troupe::edge
