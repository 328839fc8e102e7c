#include "model/time_zone.hpp"

#include <unordered_set>

extern "C" const char troupe_time_zones_begin[];
extern "C" const char troupe_time_zones_end[];

namespace troupe::model {
namespace {

std::unordered_set<std::string_view> lines_of(std::string_view text) {
  std::unordered_set<std::string_view> out;
  while (!text.empty()) {
    const auto end = text.find('\n');
    if (const auto line = text.substr(0, end); !line.empty()) out.insert(line);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  return out;
}

}  // namespace

bool is_time_zone(std::string_view name) {
  static const auto names = lines_of({troupe_time_zones_begin, troupe_time_zones_end});
  return names.contains(name);
}

}  // namespace troupe::model
