#include "model/document.hpp"

#include <cstdint>

namespace troupe::model {

std::string content_hash(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  std::string out(16, '0');
  for (std::size_t i = 16; i-- > 0; hash >>= 4) out[i] = "0123456789ABCDEF"[hash & 15];
  return out;
}

}  // namespace troupe::model
