#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace troupe::model::kubelet {

// Exec, attach and port-forward as a runtime offers them: channels of bytes in both directions.

/// One step of one channel, in either direction.
struct frame {
  enum class kind : std::uint8_t {
    data,
    close,  ///< no more data in this direction
    open    ///< a connection to a port, whose number is the text; on its data channel
  };
  std::uint32_t channel = 0;
  kind what = kind::data;
  std::string bytes;  ///< at most frame_bytes
  bool operator==(const frame&) const = default;
};

inline constexpr std::size_t frame_bytes = 64u << 10;

/// Channels of exec and attach, with Kubernetes' numbers. `error` tells at the end how it went, as
/// a Status; `resize` takes documents {"Width":80,"Height":25}, one after the other.
enum class command_channel : std::uint32_t { in = 0, out = 1, err = 2, error = 3, resize = 4 };
constexpr std::uint32_t number(command_channel c) {
  return static_cast<std::uint32_t>(c);
}

/// Channels of the forwarded connection with this index: data, and what went wrong as a text.
constexpr std::uint32_t data_channel(std::uint32_t connection) {
  return connection * 2;
}
constexpr std::uint32_t error_channel(std::uint32_t connection) {
  return connection * 2 + 1;
}

struct tunnel_options {
  enum class use : std::uint8_t { exec, attach, port_forward };
  use what = use::exec;
  std::vector<std::string> command;  ///< of exec
  bool in = false, out = false, err = false, tty = false;
};

/// What a tunnel says, on threads of the runtime's; it may only post.
struct tunnel_events {
  std::function<void(frame)> said;          ///< costs one of what was allowed
  std::function<void(std::uint32_t)> took;  ///< so many frames have been passed on
  std::function<void(std::string)> ended;   ///< once, last; why, or "" after a complete session
};

/// An open tunnel; callable from any thread.
class tunnel {
 public:
  virtual ~tunnel() = default;
  virtual void write(frame f) = 0;
  /// It may say so many more frames.
  virtual void allow(std::uint32_t frames) = 0;
  /// Ends it; nothing is said any more.
  virtual void close() = 0;
};

}  // namespace troupe::model::kubelet
