#include "actors/edge/login_book.hpp"

#include "net/tls/pki.hpp"

#include <algorithm>

namespace troupe::edge {
namespace {

constexpr std::size_t max_open = 256;
constexpr std::size_t max_certificate = 16u << 10;
constexpr std::chrono::seconds patience{10};
constexpr std::size_t nonce_bytes = 32;

model::status refuse(std::string why) {
  auto s = model::unauthorized();
  s.message = std::move(why);
  return s;
}

}  // namespace

login_book::login_book(std::string ca, model::wall_clock clock)
    : ca_(std::move(ca)), clock_(std::move(clock)) {}

std::variant<std::string, model::status> login_book::hello(const edge_hello& h) {
  if (h.protocol != edge_protocol)
    return model::bad_request("this door speaks protocol " + std::to_string(edge_protocol) +
                              ", not " + std::to_string(h.protocol));
  if (h.certificate.size() > max_certificate) return refuse("the certificate is too large");
  const auto now = clock_();
  try {
    if (const auto why = tls::refusal(h.certificate, ca_, tls::usage::client, now); !why.empty())
      return refuse("the client certificate is refused: " + why);
  } catch (const tls::pki_error& e) {
    return refuse(e.what());
  }
  while (!open_.empty() && (open_.front().until < now || open_.size() >= max_open))
    open_.pop_front();
  auto nonce = tls::random_bytes(nonce_bytes);
  open_.push_back({nonce, h, now + patience});
  return nonce;
}

std::variant<login_book::login, model::status> login_book::prove(const std::string& nonce,
                                                                 const std::string& signature) {
  const auto it = std::find_if(open_.begin(), open_.end(), [&](const pending& e) {
    return tls::equal_in_constant_time(e.nonce, nonce);
  });
  if (it == open_.end()) return refuse("nobody was given this nonce, or it has been used");
  const auto login_attempt = std::move(*it);
  open_.erase(it);
  if (login_attempt.until < clock_()) return refuse("the proof came too late");
  try {
    if (!tls::verify(login_attempt.hello.certificate,
                     login_text(nonce, login_attempt.hello.incarnation), signature))
      return refuse("the proof does not fit the certificate's key");
    auto who = tls::parse_certificate(login_attempt.hello.certificate).subject;
    who.organizations.emplace_back("system:authenticated");
    return login{{std::move(who.common_name), std::move(who.organizations)},
                 login_attempt.hello.incarnation};
  } catch (const tls::pki_error& e) {
    return refuse(e.what());
  }
}

}  // namespace troupe::edge
