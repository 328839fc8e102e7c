#include "cli/commands/taint_edit.hpp"

#include "cli/commands/session.hpp"
#include "model/label_names.hpp"

#include <algorithm>
#include <array>

namespace troupe::cli {

using model::at;
using model::json;
using model::string_at;
using model::taint;

namespace {

constexpr std::array<std::string_view, 3> effects{"NoSchedule", "PreferNoSchedule", "NoExecute"};

[[noreturn]] void refuse(const std::string& text, const std::string& fault = {}) {
  throw command_failure("error: invalid taint spec: " + text + (fault.empty() ? "" : ", " + fault));
}

/// "key", "key:Effect" or "key=value:Effect".
taint parse_taint(const std::string& text) {
  taint out;
  const auto colon = text.find(':');
  std::string name = text.substr(0, colon);
  if (colon != std::string::npos) {
    out.effect = text.substr(colon + 1);
    if (out.effect.find(':') != std::string::npos) refuse(text);
    if (std::find(effects.begin(), effects.end(), out.effect) == effects.end())
      throw command_failure("error: invalid taint effect: " + out.effect +
                            ", unsupported taint effect");
    if (const auto equals = name.find('='); equals != std::string::npos) {
      out.value = name.substr(equals + 1);
      name.resize(equals);
      if (out.value.find('=') != std::string::npos) refuse(text);
      if (const auto fault = model::label_value_fault(out.value); !fault.empty())
        refuse(text, fault);
    }
  }
  if (const auto fault = model::qualified_name_fault(name); !fault.empty()) refuse(text, fault);
  out.key = std::move(name);
  return out;
}

bool same_place(const taint& a, const json& b) {
  return string_at(b, {"key"}) == a.key && string_at(b, {"effect"}) == a.effect;
}

bool covers(const taint& removed, const taint& added) {
  return removed.key == added.key && (removed.effect.empty() || removed.effect == added.effect);
}

std::string place_text(const taint& t) {
  return t.effect.empty() ? t.key : t.key + ":" + t.effect;
}

json as_json(const taint& t) {
  json out = {{"key", t.key}, {"effect", t.effect}};
  if (!t.value.empty()) out["value"] = t.value;
  return out;
}

void refuse_contradictions(const taint_edit& edit) {
  std::string both;
  for (const taint& a : edit.add)
    for (const taint& r : edit.remove)
      if (covers(r, a))
        both += (both.empty() ? "" : ", ") + ("{\"" + r.key) + "\":\"" + r.effect + "\"}";
  if (!both.empty())
    throw command_failure(
        "error: can not both modify and remove the following taint(s) in the same command: " +
        both);
}

void refuse_overwrites(const taint_edit& edit, const json& node) {
  std::string taken;
  for (const taint& t : edit.add)
    for (const json& old : at(node, {"spec", "taints"}))
      if (same_place(t, old)) taken += (taken.empty() ? "" : ",") + t.key;
  if (!taken.empty())
    throw command_failure("error: node " + string_at(node, {"metadata", "name"}) + " already has " +
                          taken + " taint(s) with same effect(s) and --overwrite is false");
}

}  // namespace

taint_edit parse_taint_edit(const std::vector<std::string>& changes) {
  taint_edit out;
  for (const std::string& change : changes) {
    if (change.ends_with('-')) {
      taint t = parse_taint(change.substr(0, change.size() - 1));
      t.value.clear();
      out.remove.push_back(std::move(t));
      continue;
    }
    taint t = parse_taint(change);
    if (t.effect.empty()) refuse(change);
    for (const taint& other : out.add)
      if (other.key == t.key && other.effect == t.effect)
        throw command_failure("error: duplicated taints with the same key and effect: " +
                              place_text(t));
    out.add.push_back(std::move(t));
  }
  refuse_contradictions(out);
  return out;
}

edited_taints edit_taints(const taint_edit& edit, const json& node, bool overwrite) {
  if (!overwrite) refuse_overwrites(edit, node);
  const json& old = at(node, {"spec", "taints"});
  std::vector<json> now;
  for (const taint& t : edit.add) now.push_back(as_json(t));
  for (const json& t : old)
    if (std::none_of(edit.add.begin(), edit.add.end(),
                     [&](const taint& a) { return same_place(a, t); }))
      now.push_back(t);
  const bool added = now.size() != old.size();
  bool removed = false;
  for (const taint& t : edit.remove) {
    const auto gone = std::erase_if(now, [&](const json& one) {
      return string_at(one, {"key"}) == t.key &&
             (t.effect.empty() || string_at(one, {"effect"}) == t.effect);
    });
    if (gone == 0) throw command_failure("error: taint \"" + place_text(t) + "\" not found");
    removed = true;
  }
  return {now, (added && removed) || overwrite ? "modified" : added ? "tainted" : "untainted"};
}

}  // namespace troupe::cli
