#pragma once

#include "model/json.hpp"

#include <string_view>

namespace troupe::model {

/// Decodes an object as Go clients send it (application/vnd.kubernetes.protobuf: the magic
/// "k8s\0" and a runtime.Unknown) into the document that its JSON would be, apiVersion and kind
/// included. Field numbers come from wire/numbers.txt, types from the schema. Never throws.
///
/// Protobuf does not tell an absent value from an empty one where Go has no pointer: empty strings
/// and the zeros of `zero_means_absent` fields are left out, as Go's omitempty does.
parsed_json parse_protobuf(std::string_view bytes);

}  // namespace troupe::model
