#pragma once

#include "model/json.hpp"
#include "model/object.hpp"
#include "model/schema.hpp"

#include <string>
#include <string_view>

namespace troupe::model {

/// Rewrites a document of one served version as another of the same resource, in place. Versions
/// that differ by more than apiVersion: core/v1 and events.k8s.io/v1 Event, which name the same
/// fields differently, and autoscaling/v1 and v2.
void convert(const kind_info& from, const kind_info& to, json& document);

/// A stored object's document in the version `kind`.
json parse_as(const kind_info& kind, const object& stored);

/// Whether parse_as() gives the object's own text: it is of the version that is stored, and of a
/// custom kind no older than the defaults of today's schema.
bool shown_as_stored(const kind_info& kind, const object& stored);

/// Whether an object was written as this version; told without reading it.
bool is_written_as(const kind_info& kind, const object& stored);

/// The version whose rules judge an object that came as `kind`: the stored one, but events are
/// judged as they came.
const kind_info& judged_as(const kind_info& kind);

/// Encodes a document of the version `kind` in the version that is stored, with its defaults, and
/// frees it.
draft encode_from(const kind_info& kind, json document, std::string_view managed_fields = {});

/// What the stored form calls a field that a selector of `kind` names (dotted path); empty when
/// `kind` has no such field.
std::string stored_field(const kind_info& kind, std::string_view field);

}  // namespace troupe::model
