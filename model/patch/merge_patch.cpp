#include "model/patch/patch.hpp"

namespace troupe::model {
namespace {

void merge(json& target, const json& patch) {
  if (!patch.is_object()) {
    target = patch;
    return;
  }
  if (!target.is_object()) target = json::object();
  for (const auto& [key, value] : patch.items()) {
    if (value.is_null()) {
      target.erase(key);
    } else {
      merge(target[key], value);
    }
  }
}

}  // namespace

patched merge_patch(const json& document, const json& patch) {
  json out = document;
  merge(out, patch);
  return out;
}

}  // namespace troupe::model
