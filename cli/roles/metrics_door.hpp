#pragma once

#include "cli/config/settings.hpp"
#include "model/instruments/instruments.hpp"
#include "net/http/server.hpp"

#include <memory>

namespace troupe::cli {

/// Serves /metrics and /healthz over plain HTTP on a loopback address, for a process that has no
/// gateway: nobody is asked who they are.
class metrics_door {
 public:
  /// Listens where scheduler.metricsBindAddress says (host:port); nowhere when it is empty. Throws
  /// std::system_error, and what settings::error() makes of an address that is not of this host
  /// alone.
  metrics_door(const settings& s, const std::shared_ptr<model::instruments>& metrics);

 private:
  std::unique_ptr<http::server> server_;
};

}  // namespace troupe::cli
