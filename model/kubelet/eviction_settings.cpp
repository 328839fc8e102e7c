#include "model/kubelet/eviction_settings.hpp"

#include "model/go_duration.hpp"
#include "model/quantity.hpp"

#include <array>
#include <charconv>
#include <optional>

namespace troupe::model::kubelet {
namespace {

using enum eviction_signal;

struct signal_names {
  eviction_signal signal;
  const char *name, *resource;
};
constexpr std::array<signal_names, 6> signals{{
    {memory_available, "memory.available", "memory"},
    {nodefs_available, "nodefs.available", "ephemeral-storage"},
    {nodefs_inodes_free, "nodefs.inodesFree", "inodes"},
    {imagefs_available, "imagefs.available", "ephemeral-storage"},
    {imagefs_inodes_free, "imagefs.inodesFree", "inodes"},
    {pid_available, "pid.available", "pids"},
}};

std::optional<eviction_signal> signal_named(const std::string& name) {
  for (const auto& s : signals)
    if (s.name == name) return s.signal;
  return std::nullopt;
}

// Returns what is wrong.
std::string read_share(const std::string& text, double& share) {
  double percent = 0;
  const auto* end = text.data() + text.size() - 1;
  const auto [stopped, bad] = std::from_chars(text.data(), end, percent);
  if (bad != std::errc() || stopped != end) return "\"" + text + "\" is no percentage";
  if (percent < 0) return "eviction percentage threshold must be >= 0%: " + text;
  if (percent > 100) return "eviction percentage threshold must be <= 100%: " + text;
  share = percent / 100;
  return {};
}

std::string read_value(const std::string& text, eviction_value& out) {
  if (text.ends_with('%')) return read_share(text, out.share);
  std::string error;
  const auto amount = quantity::parse(text, error);
  if (!amount) return "\"" + text + "\": " + error;
  if (amount->negative()) return "eviction threshold must be positive: " + text;
  out.amount = amount->value();
  return {};
}

std::string read_grace(const std::string& text, std::chrono::seconds& out) {
  double seconds = 0;
  if (auto error = parse_go_duration(text, seconds); !error.empty()) return error;
  if (seconds < 0) return "eviction grace period must be a positive value: " + text;
  out = std::chrono::seconds{static_cast<std::int64_t>(seconds)};
  return {};
}

// Each entry of a map; returns the first fault.
template <class F>
eviction_fault each_signal(const char* field, const string_map& map, F f) {
  for (const auto& [name, text] : map) {
    const auto signal = signal_named(name);
    auto what = signal ? f(*signal, text) : std::string("unrecognized eviction signal");
    if (!what.empty()) return {field, name + ": " + what};
  }
  return {};
}

}  // namespace

const char* to_text(eviction_signal s) {
  return signals.at(static_cast<std::size_t>(s)).name;
}

const char* resource_of(eviction_signal s) {
  return signals.at(static_cast<std::size_t>(s)).resource;
}

std::int64_t eviction_value::of(std::int64_t capacity) const {
  return share > 0 ? static_cast<std::int64_t>(static_cast<double>(capacity) * share) : amount;
}

const string_map& default_eviction_hard() {
  static const string_map all{{"memory.available", "100Mi"},
                              {"nodefs.available", "10%"},
                              {"nodefs.inodesFree", "5%"},
                              {"imagefs.available", "15%"},
                              {"imagefs.inodesFree", "5%"}};
  return all;
}

eviction_fault read_thresholds(const eviction_texts& texts, std::vector<eviction_threshold>& out) {
  std::map<eviction_signal, std::chrono::seconds> graces;
  std::map<eviction_signal, eviction_value> reclaims;
  auto fault = each_signal(
      "evictionSoftGracePeriod", texts.soft_grace,
      [&](eviction_signal s, const std::string& text) { return read_grace(text, graces[s]); });
  if (fault.what.empty())
    fault = each_signal(
        "evictionMinimumReclaim", texts.least_reclaim,
        [&](eviction_signal s, const std::string& text) { return read_value(text, reclaims[s]); });
  const auto add = [&](eviction_signal s, const std::string& text, bool hard) -> std::string {
    eviction_threshold t{s, {}, {}, {}, hard};
    if (auto wrong = read_value(text, t.value); !wrong.empty()) return wrong;
    if (text == "0%" || text == "100%") return {};  // so it is switched off
    if (!hard && !graces.contains(s))
      return "grace period must be specified for the soft eviction threshold";
    if (!hard) t.grace = graces[s];
    if (const auto r = reclaims.find(s); r != reclaims.end()) t.least_reclaim = r->second;
    out.push_back(t);
    return {};
  };
  if (fault.what.empty())
    fault =
        each_signal("evictionHard", texts.hard,
                    [&](eviction_signal s, const std::string& text) { return add(s, text, true); });
  if (fault.what.empty())
    fault = each_signal(
        "evictionSoft", texts.soft,
        [&](eviction_signal s, const std::string& text) { return add(s, text, false); });
  return fault;
}

}  // namespace troupe::model::kubelet
