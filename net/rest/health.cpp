#include "net/rest/health.hpp"

#include <algorithm>
#include <set>

namespace troupe::rest {
namespace {

bool is_of(const health_check& check, std::string_view which) {
  return !check.only_ready || which == "readyz";
}

std::optional<health_answer> judge_one(std::span<const health_check> checks, std::string_view which,
                                       std::string_view name) {
  if (name == "ping") return health_answer{200, "ok"};
  for (const auto& check : checks) {
    if (!is_of(check, which) || std::ranges::find(check.names, name) == check.names.end()) continue;
    const std::string fault = check.fault();
    if (fault.empty()) return health_answer{200, "ok"};
    return health_answer{500, "internal server error: " + fault + "\n"};
  }
  return std::nullopt;
}

}  // namespace

std::optional<health_answer> judge_health(std::span<const health_check> checks,
                                          const model::request_info& info, std::string_view which) {
  if (info.path.size() > which.size() + 2)
    return judge_one(checks, which, std::string_view(info.path).substr(which.size() + 2));
  std::set<std::string, std::less<>> excluded;
  for (auto [at, end] = info.query.equal_range("exclude"); at != end; ++at)
    excluded.insert(at->second);
  const bool verbose = info.query.contains("verbose");
  std::string report = "[+]ping ok\n";
  if (excluded.erase("ping") > 0) report = "[+]ping excluded: ok\n";
  bool healthy = true;
  for (const auto& check : checks) {
    if (!is_of(check, which)) continue;
    const std::string fault = check.fault();
    if (fault.empty() && !verbose) continue;
    for (const auto& name : check.names) {
      const bool left_out = excluded.erase(name) > 0;
      healthy = healthy && (left_out || fault.empty());
      if (left_out)
        report += "[+]" + name + " excluded: ok\n";
      else
        report +=
            fault.empty() ? "[+]" + name + " ok\n" : "[-]" + name + " failed: " + fault + "\n";
    }
  }
  if (healthy && !verbose) return health_answer{200, "ok"};
  if (verbose && !excluded.empty()) {
    std::string names;
    for (const auto& name : excluded) names += (names.empty() ? "\"" : ", \"") + name + "\"";
    report += "warn: some health checks cannot be excluded: no matches for " + names + "\n";
  }
  report += std::string(which) + (healthy ? " check passed\n" : " check failed\n");
  return health_answer{healthy ? 200 : 500, std::move(report)};
}

}  // namespace troupe::rest
