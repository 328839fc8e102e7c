#pragma once

#include "model/request_info.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
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

/// What the checks have said, for /metrics/slis (KEP-3466, Kubernetes Component Health SLIs). Any
/// thread.
class health_record {
 public:
  /// `which` (healthz, livez, readyz) had nothing to say against any check.
  void all_healthy(std::string_view which);
  void note(std::string_view which, const std::string& check, bool healthy);
  /// In Prometheus' format.
  std::string text(std::span<const health_check> checks) const;

 private:
  struct tally {
    std::uint64_t success = 0, error = 0;
    bool healthy = true;            // at the last note,
    std::uint64_t noted_after = 0;  // which came after so many times of all_healthy()
  };
  struct endpoint {
    const char* name;
    std::atomic<std::uint64_t> healthy{0};
    std::map<std::string, tally> notes;
  };

  endpoint& find(std::string_view which);

  mutable std::mutex mutex_;  // of the notes
  std::array<endpoint, 3> endpoints_{{{"healthz"}, {"livez"}, {"readyz"}}};
};

/// What /healthz, /livez or /readyz (`which`, without slash) answers, as apiserver does: "ok", a
/// line a check with ?verbose or when one fails, but for those that ?exclude names; or one check
/// alone (/livez/etcd), which is not recorded. Nothing when there is no such check.
std::optional<health_answer> judge_health(std::span<const health_check> checks,
                                          const model::request_info& info, std::string_view which,
                                          health_record& record);

}  // namespace rest
}  // namespace troupe
