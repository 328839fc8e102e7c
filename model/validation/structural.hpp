#pragma once

#include "model/json.hpp"
#include "model/schema.hpp"
#include "model/status.hpp"

#include <string>
#include <vector>

namespace troupe::model {

/// What decoding a document against its kind found.
struct decoding {
  std::string error;  ///< it cannot be decoded (a 400); names the field. Empty: it can
  /// `unknown field "spec.foo"`: errors under fieldValidation=Strict, warnings under Warn.
  std::vector<std::string> strict;
  explicit operator bool() const { return error.empty(); }
};

/// Checks types of all fields and brings the document into the form in which Kubernetes stores it:
/// unknown fields, nulls, and lists and maps that are empty go, quantities and times are written
/// canonically. `duplicates` are strict errors already known of its text.
decoding decode_fields(const kind_info& kind, json& document,
                       const std::vector<std::string>& duplicates = {});

/// The same for another type than a kind's: a subresource's body, metav1.DeleteOptions.
decoding decode_fields(const type_info& type, json& document,
                       const std::vector<std::string>& duplicates = {});

/// The strict errors that keys are which came twice (parsed_json::duplicates): `duplicate field
/// "spec.foo"` each, or one of YAML with a line for each.
std::vector<std::string> duplicate_faults(const std::vector<std::string>& keys, bool yaml);

/// 400: `Pod in version "v1" cannot be handled as a Pod: WHY`.
status cannot_decode(const kind_info& kind, const std::string& why);
/// All strict errors of `d`: `strict decoding error: unknown field "spec.foo"`.
std::string strict_faults(const decoding& d);
/// 400 for them.
status cannot_decode_strictly(const kind_info& kind, const decoding& d);

}  // namespace troupe::model
