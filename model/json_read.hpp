#pragma once

#include "model/json.hpp"

#include <string_view>

namespace troupe::model {

/// Reads text of our own (an object's bytes, a part of them), or of a peer whose faults need no
/// explanation. Discarded (`is_discarded()`) when it is no JSON. Never throws.
json read_json(std::string_view text);

/// The same for an object's bytes, without metadata.managedFields, which few readers look at and
/// which is half of the text or more.
json read_content(std::string_view object);

/// Reads JSON as it mostly is, some three times as fast as nlohmann's parser. False, and `out` is
/// null, when the text is no JSON, is nested deeper than `depth`, or has something rare in it
/// (surrogates, a key twice, integers past 64 bits): then a full parser has to say which.
bool read_plain_json(std::string_view text, int depth, json& out);

}  // namespace troupe::model
