#include "model/propagation.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

enum class fate : std::uint8_t { background, foreground, orphan };

std::optional<fate> fate_asked(const propagation& asked) {
  if (asked.orphan) return *asked.orphan ? fate::orphan : fate::background;
  if (asked.policy == "Orphan") return fate::orphan;
  if (asked.policy == "Foreground") return fate::foreground;
  if (asked.policy == "Background") return fate::background;
  return std::nullopt;
}

// The first of the two finalizers decides.
std::optional<fate> fate_begun(const json& object) {
  const json& finalizers = at(object, {"metadata", "finalizers"});
  if (!finalizers.is_array()) return std::nullopt;
  for (const json& f : finalizers) {
    if (f == orphan_finalizer) return fate::orphan;
    if (f == foreground_finalizer) return fate::foreground;
  }
  return std::nullopt;
}

bool set_finalizers(json& object, fate what) {
  const json before = at(object, {"metadata", "finalizers"});
  json after = json::array();
  if (before.is_array())
    for (const json& f : before)
      if (f != orphan_finalizer && f != foreground_finalizer) after.push_back(f);
  if (what == fate::orphan) after.push_back(orphan_finalizer);
  if (what == fate::foreground) after.push_back(foreground_finalizer);
  const bool same = before.is_array() ? std::is_permutation(before.begin(), before.end(),
                                                            after.begin(), after.end())
                                      : after.empty();
  if (same) return false;
  if (after.empty())
    object["metadata"].erase("finalizers");
  else
    object["metadata"]["finalizers"] = std::move(after);
  return true;
}

}  // namespace

bool has_finalizer(const json& object, std::string_view name) {
  const json& finalizers = at(object, {"metadata", "finalizers"});
  return finalizers.is_array() &&
         std::find(finalizers.begin(), finalizers.end(), name) != finalizers.end();
}

bool orphans_by_default(const kind_info& kind) {
  return kind.resource == "replicationcontrollers" || kind.resource == "jobs.batch";
}

bool leaves_dependents(const kind_info& kind, const propagation& asked) {
  if (kind.resource == "events") return true;
  const auto what = fate_asked(asked);
  return what ? *what == fate::background : !orphans_by_default(kind);
}

bool set_dependents_finalizers(const kind_info& kind, json& object, const propagation& asked) {
  if (kind.resource == "events") return false;  // nothing may depend on an event
  auto what = fate_asked(asked);
  if (!what) what = fate_begun(object);
  if (!what) what = orphans_by_default(kind) ? fate::orphan : fate::background;
  return set_finalizers(object, *what);
}

bool set_asked_finalizers(json& object, const propagation& asked) {
  const auto what = fate_asked(asked);
  return what && set_finalizers(object, *what);
}

}  // namespace troupe::model
