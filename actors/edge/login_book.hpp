#pragma once

#include "messages/edge.hpp"
#include "model/status.hpp"
#include "model/time.hpp"

#include <deque>
#include <variant>

namespace troupe::edge {

/// The logins under way at a door: who was given which nonce. No actor.
class login_book {
 public:
  /// `ca`: PEM of the CA whose client certificates are let in.
  login_book(std::string ca, model::wall_clock clock);

  struct login {
    user_info user;
    std::uint64_t incarnation = 0;
  };

  /// A fresh nonce for this certificate, or why it gets none.
  std::variant<std::string, model::status> hello(const edge_hello& h);
  /// Who holds the certificate that the nonce was made for. A nonce serves once.
  std::variant<login, model::status> prove(const std::string& nonce, const std::string& signature);

  std::size_t open() const { return open_.size(); }

 private:
  struct pending {
    std::string nonce;
    edge_hello hello;
    model::time_point until;
  };

  std::string ca_;
  model::wall_clock clock_;
  std::deque<pending> open_;  ///< oldest first
};

}  // namespace troupe::edge
