#include "net/stream/frame.hpp"

#include <algorithm>

namespace troupe::stream {

void append_data(std::vector<frame>& to, std::uint32_t channel, std::string_view bytes) {
  if (bytes.empty()) return;
  if (!to.empty() && to.back().channel == channel && to.back().what == frame::kind::data &&
      to.back().bytes.size() + bytes.size() <= frame_bytes) {
    to.back().bytes.append(bytes);
    return;
  }
  for (; !bytes.empty(); bytes.remove_prefix(std::min(bytes.size(), frame_bytes)))
    to.push_back({channel, frame::kind::data, std::string(bytes.substr(0, frame_bytes))});
}

}  // namespace troupe::stream
