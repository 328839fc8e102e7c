#include "model/apply/last_applied.hpp"

#include "model/apply/typed_check.hpp"
#include "model/custom/kinds.hpp"

namespace troupe::model {
namespace {

/// All annotations of an object together may be as large.
constexpr std::size_t most_annotation_bytes = 256u << 10;

std::size_t size_of(const json& annotations) {
  std::size_t bytes = 0;
  for (const auto& [key, value] : annotations.items())
    bytes += key.size() + (value.is_string() ? value.get_ref<const std::string&>().size() : 0);
  return bytes;
}

}  // namespace

field_set last_applied_fields(const json& live, const kind_info& kind) {
  const json& text = at(live, {"metadata", "annotations", last_applied_annotation});
  if (!text.is_string()) return {};
  const auto parsed = parse_json(text.get_ref<const std::string&>());
  if (!parsed || string_at(parsed.value, {"apiVersion"}) != kind.api_version()) return {};
  if (custom_of(kind) == nullptr && !typed_faults(parsed.value, *kind.type).empty()) return {};
  field_set out = fields_of(parsed.value, *kind.type);
  const field_changes since = compare_fields(parsed.value, live, *kind.type);
  out.subtract(since.set);
  out.subtract(since.removed);
  return out;
}

void update_last_applied(json& object, const json& configuration) {
  const std::string key(last_applied_annotation);
  if (string_at(object, {"metadata", "annotations", key}).empty()) return;
  json config = configuration;
  if (const auto own = config["metadata"].find("annotations"); own != config["metadata"].end())
    if (own->is_object()) own->erase(key);
  json& annotations = object["metadata"]["annotations"];
  annotations[key] = config.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
  if (size_of(annotations) > most_annotation_bytes) annotations.erase(key);
}

}  // namespace troupe::model
