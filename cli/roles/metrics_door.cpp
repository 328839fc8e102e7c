#include "cli/roles/metrics_door.hpp"

#include "cli/roles/host.hpp"
#include "net/rest/request_metrics.hpp"

#include <spdlog/spdlog.h>

namespace troupe::cli {
namespace {

constexpr const char* setting = "scheduler.metricsBindAddress";

bool is_loopback(const std::string& host) {
  return host.starts_with("127.") || host == "::1" || host == "localhost";
}

http::response text(int code, std::string body, const char* type = "text/plain; charset=utf-8") {
  return {code, type, std::make_shared<const std::string>(std::move(body)), {}};
}

}  // namespace

metrics_door::metrics_door(const settings& s, const std::shared_ptr<model::instruments>& metrics) {
  const auto& where = s.string(setting);
  if (where.empty()) return;
  const auto address = split_host_port(where);
  if (!address) throw s.error(setting, "must be host:port");
  if (!is_loopback(address->first))
    throw s.error(setting, "must be a loopback address: whoever reaches it may read it");
  rest::show_process(*metrics);
  http::server_options o;
  o.threads = 1;
  o.max_connections = 64;
  o.listeners.push_back(
      {address->first == "localhost" ? "127.0.0.1" : address->first, address->second, nullptr});
  server_ = std::make_unique<http::server>(o, [metrics](const http::exchange_ptr& x) {
    const auto& r = x->in();
    if (r.method != "GET") return x->respond(text(405, "only GET\n"));
    if (r.target == "/metrics")
      return x->respond(text(200, metrics->text(), model::instruments::content_type));
    if (r.target == "/healthz") return x->respond(text(200, "ok"));
    x->respond(text(404, "404 page not found\n"));
  });
  spdlog::info("metrics at http://{}/metrics",
               join_host_port(address->first, server_->ports().front()));
}

}  // namespace troupe::cli
