#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace troupe::cli::bench {

/// A measurement cannot be made; what() says why.
struct bench_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Where an API server is, and who we are to it.
struct endpoint {
  std::string host;
  std::uint16_t port = 0;
  bool tls = false;
  std::string ca;           ///< PEM
  std::string certificate;  ///< PEM; empty: none
  std::string key;          ///< PEM
  std::string token;        ///< bearer token; empty: none
};

/// From "http://host:port" or "https://host:port". Throws bench_error.
endpoint parse_server(std::string_view url);
/// The current context of a kubeconfig file. Throws bench_error.
endpoint read_kubeconfig(const std::string& path);

/// The bytes of one HTTP/1.1 request.
std::string make_request(const endpoint& to, std::string_view method, std::string_view target,
                         std::string_view body = {},
                         std::string_view content_type = "application/json");

}  // namespace troupe::cli::bench
