#include "model/object.hpp"

#include <charconv>

namespace troupe::model {

object_ptr with_version(const object& o, std::uint64_t version) {
  object_header header = o.header();
  header.version = version;
  const std::string& text = o.bytes();
  const text_places places = o.places();
  if (places.version == 0) return std::make_shared<const object>(std::move(header), text, places);
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, version).ptr;
  std::string bytes;
  bytes.reserve(text.size() + sizeof digits);
  bytes.append(text, 0, places.version).append(digits, end);
  bytes.append(text, text.find('"', places.version));
  return std::make_shared<const object>(std::move(header), std::move(bytes), places);
}

}  // namespace troupe::model
