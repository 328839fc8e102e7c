#pragma once

#include <cstdint>
#include <string_view>

namespace troupe::model {

/// The members of an object that are read without the rest of it.
enum class part : std::uint8_t { metadata, spec, status };

/// Where the values of these are in an object's text. Counted from the text's start as far as the
/// digits of the resourceVersion, from its end after them, so that they hold for every version.
/// 0: there is none.
struct text_places {
  std::uint32_t metadata = 0;
  std::uint32_t version = 0;  ///< the digits of metadata.resourceVersion
  std::uint32_t metadata_end = 0;
  std::uint32_t spec = 0;
  std::uint32_t spec_end = 0;
  std::uint32_t status = 0;
  std::uint32_t status_end = 0;

  bool operator==(const text_places&) const = default;
  /// The text of a part's value; "" where there is none.
  std::string_view find(std::string_view text, part p) const;
};

/// Looks for them.
text_places places_of(std::string_view text);

}  // namespace troupe::model
