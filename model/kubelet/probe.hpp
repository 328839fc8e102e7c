#pragma once

#include "model/json.hpp"
#include "model/time.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace troupe::model::kubelet {

enum class probe_kind : std::uint8_t { startup, readiness, liveness };

/// "Startup", "Readiness", "Liveness".
const char* to_text(probe_kind k);

/// One probe of one run of a container: when it is due and what its results mean.
class probe {
 public:
  /// `spec` is core/v1 Probe; `started` when the container was started.
  probe(probe_kind kind, const json& spec, time_point started);

  probe_kind kind() const { return kind_; }
  time_point due() const { return due_; }
  std::chrono::seconds timeout() const { return timeout_; }
  /// How long the container has to end when it fails; none: as long as the pod says.
  std::optional<std::chrono::seconds> grace() const { return grace_; }
  /// The container is to end: there is nothing to ask any more.
  bool over() const { return kind_ != probe_kind::readiness && verdict_ == false; }

  /// Takes a result; the verdict when a threshold was reached: of readiness it may change either
  /// way, of the others each counts once.
  std::optional<bool> result(bool ok, time_point now);
  /// Not now: the container has not passed its startup probe yet.
  void postpone(time_point now) { due_ = now + period_; }

 private:
  probe_kind kind_;
  std::chrono::seconds period_, timeout_;
  std::optional<std::chrono::seconds> grace_;
  int success_, failure_;
  int run_ = 0;  ///< equal results in a row
  bool last_ = false;
  std::optional<bool> verdict_;
  time_point due_;
};

/// The port of an httpGet or tcpSocket: a number, or the name of one of the container's; 0 when
/// there is none.
int port_of(const json& port, const json& container);

}  // namespace troupe::model::kubelet
