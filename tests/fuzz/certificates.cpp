#include "net/tls/pki.hpp"
#include "tests/fuzz/target.hpp"

#include <chrono>

using namespace troupe;

namespace {

const model::time_point now{std::chrono::seconds(1'700'000'000)};

const tls::credential& authority() {
  static const auto own = tls::make_ca("fuzz", now);
  return own;
}

/// What `f` gives, or nothing when it says that the text is wrong.
template <class F>
bool taken(F f) {
  try {
    f();
    return true;
  } catch (const tls::pki_error& e) {
    require(*e.what() != '\0', "refused without a word");
    return false;
  }
}

}  // namespace

// The input is a certificate, a chain, a key or a request.
void fuzz(std::string_view input) {
  const std::string text(input);
  tls::certificate_info found;
  if (taken([&] { found = tls::parse_certificate(text); })) {
    std::string why = "refused";
    taken([&] { why = tls::refusal(text, authority().certificate, tls::usage::client, now); });
    // Of what the authority has signed: a client's, and its own.
    const auto& name = found.subject.common_name;
    require(!why.empty() || name == "jane" || name == "fuzz", "a forged certificate is good");
  }
  taken([&] { tls::refusal(authority().certificate, text, tls::usage::client, now); });
  taken([&] { tls::pin(text); });
  taken([&] { tls::matches({text, text}); });
  taken([&] { tls::verify(text, "data", "signature"); });
  tls::request_info asked;
  if (taken([&] { asked = tls::parse_request(text); }))
    taken([&] {
      const auto made = tls::sign_request(
          authority(), text, tls::for_one_year({"jane", {}}, tls::usage::client, {}, now));
      require(tls::parse_certificate(made).subject.common_name == "jane",
              "a request chose its own name");
    });
}

std::vector<std::string> seeds() {
  const auto client =
      tls::issue(authority(), tls::for_one_year({"jane", {"dev", "ops"}}, tls::usage::client,
                                                {"a.example.com", "10.0.0.1", "::1"}, now));
  const auto other = tls::make_ca("other", now);
  const auto request = tls::make_request(tls::make_key(), {"joe", {"system:masters"}}, {"b"});
  return {
      client.certificate,
      client.certificate + authority().certificate,
      client.key,
      client.key + client.certificate,
      tls::issue(other, tls::for_one_year({"joe", {}}, tls::usage::client, {}, now)).certificate,
      request,
      "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
      "-----BEGIN CERTIFICATE REQUEST-----\n\n-----END CERTIFICATE REQUEST-----\n"};
}
