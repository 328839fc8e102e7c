#pragma once

#include "model/schema.hpp"

#include <cstdint>
#include <memory>
#include <vector>

namespace troupe::model::wire {

// Protobuf's view of the schema's structs: field numbers from numbers.txt, types from the schema,
// put together once.

struct codec;

/// What a value of JSONSchemaProps may be instead of a schema; or that a string is a
/// metav1.Duration.
enum class alternative : std::uint8_t { none, list, boolean, strings, duration };

struct field {
  const field_info* info = nullptr;
  const codec* type = nullptr;            ///< of objects, or of items that are objects
  bool nullable = false;                  ///< Go holds a pointer, so that an empty value is a value
  alternative other = alternative::none;  ///< then `type` is that of the schema
};

/// What a number stands for: a field, or a struct whose fields Go inlines in JSON.
struct slot {
  std::uint32_t number = 0;
  std::size_t field = 0;  ///< index into codec::fields
  std::unique_ptr<std::vector<slot>> inlined;
};
using slots = std::vector<slot>;  ///< ascending by number

/// One struct of the API.
struct codec {
  std::vector<field> fields;  ///< sorted by name, those of inlined structs among them
  slots order;

  /// No struct has more fields.
  static constexpr std::size_t most_fields = 64;
};

const slot* find(const slots& all, std::uint64_t number);

/// The codec of a struct; it has no fields when numbers.txt does not know it.
const codec& codec_of(const type_info& type);

}  // namespace troupe::model::wire
