#include "model/conversion.hpp"

#include "model/conversion/autoscaler.hpp"
#include "model/custom/kinds.hpp"
#include "model/defaults/defaults.hpp"

#include <string>
#include <utility>

namespace troupe::model {
namespace {

/// An event's fields in core/v1 and in events.k8s.io/v1, where the names differ.
constexpr std::pair<const char*, const char*> event_fields[] = {
    {"involvedObject", "regarding"},
    {"message", "note"},
    {"source", "deprecatedSource"},
    {"firstTimestamp", "deprecatedFirstTimestamp"},
    {"lastTimestamp", "deprecatedLastTimestamp"},
    {"count", "deprecatedCount"},
    {"reportingComponent", "reportingController"}};

void rename(json& object, const char* from, const char* to) {
  const auto found = object.find(from);
  if (found == object.end()) return;
  json value = std::move(*found);
  object.erase(found);
  object[to] = std::move(value);
}

}  // namespace

void convert(const kind_info& from, const kind_info& to, json& document) {
  if (!document.is_object() || &from == &to) return;
  document["apiVersion"] = to.api_version();
  document["kind"] = to.kind;
  if (from.resource == "events") {
    for (const auto& [core, events] : event_fields) {
      if (to.group.empty())
        rename(document, events, core);
      else
        rename(document, core, events);
    }
  } else if (from.resource == "horizontalpodautoscalers.autoscaling") {
    if (to.version == "v1")
      autoscaler_to_v1(document);
    else
      autoscaler_to_v2(document);
  }
}

const kind_info& judged_as(const kind_info& kind) {
  if (kind.stored || kind.resource == "events" || custom_of(kind)) return kind;
  return *schema::instance().by_resource(kind.resource);
}

// What was written after the definition was changed last has all that it asks for. What is older
// may lack defaults, and be stored in what was the version for storage then.
bool shown_as_stored(const kind_info& kind, const object& stored) {
  if (!kind.stored) return false;
  const custom_version* custom = custom_of(kind);
  if (!custom || stored.version() > custom->definition->object->version()) return true;
  return custom->definition->versions.size() == 1 && !custom->schema().has_defaults;
}

// "apiVersion":"..." stands at the beginning of every stored text.
bool is_written_as(const kind_info& kind, const object& stored) {
  return stored.bytes().starts_with("{\"apiVersion\":\"" + kind.api_version() + "\"");
}

json parse_as(const kind_info& kind, const object& stored) {
  json document = stored.parse();
  if (shown_as_stored(kind, stored)) return document;
  if (!custom_of(kind)) {
    convert(stored_kind(kind), kind, document);
    return document;
  }
  document["apiVersion"] = kind.api_version();
  apply_defaults(kind, document);
  return document;
}

draft encode_from(const kind_info& kind, json document, std::string_view managed_fields) {
  if (!kind.stored) {
    const kind_info& stored = stored_kind(kind);
    convert(kind, stored, document);
    apply_defaults(stored, document);
  }
  draft encoded = encode(kind.resource, document, managed_fields);
  discard(std::move(document));
  return encoded;
}

std::string stored_field(const kind_info& kind, std::string_view field) {
  if (kind.stored || kind.resource != "events") return std::string(field);
  const auto first = field.substr(0, field.find('.'));
  for (const auto& [core, events] : event_fields) {
    if (first == core) return {};
    if (first == events) return core + std::string(field.substr(first.size()));
  }
  return std::string(field);
}

}  // namespace troupe::model
