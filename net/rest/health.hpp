#pragma once

#include "model/request_info.hpp"

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace troupe {

/// Checks behind /healthz, /livez and /readyz that are one to us, and have several names.
struct health_check {
  std::vector<std::string> names;      ///< "etcd"
  std::function<std::string()> fault;  ///< "": healthy. Must not block
  bool only_ready = false;             ///< of /readyz alone
};

namespace rest {

struct health_answer {
  int code = 200;
  std::string text;
};

/// What /healthz, /livez or /readyz (`which`, without slash) answers, as apiserver does: "ok", a
/// line a check with ?verbose or when one fails, but for those that ?exclude names; or one check
/// alone (/livez/etcd). Nothing when there is no such check.
std::optional<health_answer> judge_health(std::span<const health_check> checks,
                                          const model::request_info& info, std::string_view which);

}  // namespace rest
}  // namespace troupe
