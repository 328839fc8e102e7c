#include "net/rest/health.hpp"

#include "model/instruments/instruments.hpp"

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

using names = std::set<std::string, std::less<>>;

// What is left out was not asked.
void note_all(std::span<const health_check> checks, std::span<const std::string> faults,
              std::string_view which, const names& excluded, health_record& record) {
  if (excluded.empty() && std::ranges::all_of(faults, &std::string::empty))
    return record.all_healthy(which);
  if (!excluded.contains("ping")) record.note(which, "ping", true);
  for (std::size_t i = 0; i < checks.size(); ++i)
    for (const auto& name : checks[i].names)
      if (is_of(checks[i], which) && !excluded.contains(name))
        record.note(which, name, faults[i].empty());
}

// Each check of an endpoint, by all of its names.
template <class F>
void each_name(std::span<const health_check> checks, std::string_view which, F&& f) {
  f("ping");
  for (const auto& check : checks)
    if (is_of(check, which))
      for (const auto& name : check.names) f(name);
}

}  // namespace

health_record::endpoint& health_record::find(std::string_view which) {
  return *std::ranges::find(endpoints_, which, &endpoint::name);
}

void health_record::all_healthy(std::string_view which) {
  find(which).healthy.fetch_add(1, std::memory_order_relaxed);
}

void health_record::note(std::string_view which, const std::string& check, bool healthy) {
  auto& of = find(which);
  const std::lock_guard lock(mutex_);
  auto& t = of.notes[check];
  ++(healthy ? t.success : t.error);
  t.healthy = healthy;
  t.noted_after = of.healthy.load(std::memory_order_relaxed);
}

std::string health_record::text(std::span<const health_check> checks) const {
  const std::lock_guard lock(mutex_);
  const auto each = [&](const auto& f) {
    for (const auto& of : endpoints_)
      each_name(checks, of.name, [&](const std::string& name) {
        const auto noted = of.notes.find(name);
        tally t = noted == of.notes.end() ? tally{} : noted->second;
        const auto healthy = of.healthy.load(std::memory_order_relaxed);
        t.healthy = t.healthy || healthy > t.noted_after;
        t.success += healthy;
        if (t.success + t.error > 0) f(of.name, name, t);
      });
  };
  static const std::vector<std::string> by{"name", "type"}, by_status{"name", "status", "type"};
  std::string out;
  model::exposition last(out, "kubernetes_healthcheck",
                         "Whether a check was healthy when it was asked last.", "gauge", by);
  each([&](const char* which, const std::string& name, const tally& t) {
    last.value({name, which}, std::int64_t{t.healthy});
  });
  model::exposition total(out, "kubernetes_healthchecks_total",
                          "How often a check was asked, by what it said.", "counter", by_status);
  each([&](const char* which, const std::string& name, const tally& t) {
    if (t.error > 0) total.value({name, "error", which}, t.error);
    if (t.success > 0) total.value({name, "success", which}, t.success);
  });
  return out;
}

std::optional<health_answer> judge_health(std::span<const health_check> checks,
                                          const model::request_info& info, std::string_view which,
                                          health_record& record) {
  if (info.path.size() > which.size() + 2)
    return judge_one(checks, which, std::string_view(info.path).substr(which.size() + 2));
  names excluded;
  for (auto [at, end] = info.query.equal_range("exclude"); at != end; ++at)
    excluded.insert(at->second);
  std::vector<std::string> faults;
  for (const auto& check : checks) faults.push_back(is_of(check, which) ? check.fault() : "");
  note_all(checks, faults, which, excluded, record);
  const bool verbose = info.query.contains("verbose");
  std::string report = "[+]ping ok\n";
  if (excluded.erase("ping") > 0) report = "[+]ping excluded: ok\n";
  bool healthy = true;
  for (std::size_t i = 0; i < checks.size(); ++i) {
    const auto& check = checks[i];
    const auto& fault = faults[i];
    if (!is_of(check, which) || (fault.empty() && !verbose)) continue;
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
    std::string unknown;
    for (const auto& name : excluded) unknown += (unknown.empty() ? "\"" : ", \"") + name + "\"";
    report += "warn: some health checks cannot be excluded: no matches for " + unknown + "\n";
  }
  report += std::string(which) + (healthy ? " check passed\n" : " check failed\n");
  return health_answer{healthy ? 200 : 500, std::move(report)};
}

}  // namespace troupe::rest
