#pragma once

#include "model/json_members.hpp"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::model {

/// A JSON document. Objects are ordered by key, so a dump is canonical.
using json = nlohmann::basic_json<json_members>;

/// What a document may cost at most; past it parsing fails instead of growing.
struct json_limits {
  std::size_t bytes = 3u << 20;  ///< Kubernetes' limit on a request body.
  int depth = 128;
};

/// A parsed document, or why there is none. `duplicates` lists the keys that came twice (the last
/// one won): of JSON their paths, of YAML `line 3: key "x" already set in map`.
struct parsed_json {
  json value;
  std::string error;
  std::vector<std::string> duplicates;
  explicit operator bool() const { return error.empty(); }
};

/// Parses strict JSON (RFC 8259) within `limits`. Never throws.
parsed_json parse_json(std::string_view text, const json_limits& limits = {});

/// Parses one YAML or JSON document as Kubernetes does (YAML 1.1 scalars, no anchors that explode).
/// Never throws.
parsed_json parse_yaml(std::string_view text, const json_limits& limits = {});

/// Splits a stream of YAML documents (`---`) or JSON objects and parses each; empty documents are
/// left out.
std::vector<parsed_json> parse_documents(std::string_view text, const json_limits& limits = {});

/// The value at a path of keys, or a shared null when one is missing.
const json& at(const json& value, std::initializer_list<std::string_view> path);

/// Frees a document, at a fraction of what its destructor takes: that moves every value to a list
/// of its own first, against depths that json_limits does not let in.
void discard(json&& document);

/// The integer at a path, or `fallback` when it is missing or no integer.
std::int64_t int_at(const json& value, std::initializer_list<std::string_view> path,
                    std::int64_t fallback = 0);

/// The string at a path, or `fallback` when it is missing or no string.
std::string string_at(const json& value, std::initializer_list<std::string_view> path,
                      std::string_view fallback = {});

/// A text in quotes, as JSON writes it and, of most texts, Go's %q; it need not be UTF-8.
std::string in_quotes(std::string_view text);

}  // namespace troupe::model
