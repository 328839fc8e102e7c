#pragma once

// WebSocket (RFC 6455) as a server speaks it, without its transport.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace troupe::stream {

/// The Sec-WebSocket-Accept that answers a Sec-WebSocket-Key.
std::string websocket_accept(std::string_view key);

enum class websocket_op : std::uint8_t {
  continuation = 0,
  text = 1,
  binary = 2,
  close = 8,
  ping = 9,
  pong = 10
};

/// The payload of a close frame that says that all is well (1000).
inline constexpr std::string_view normal_closure("\x03\xe8", 2);

/// Appends one unmasked, whole message or control frame.
void append_message(websocket_op op, std::string_view payload, std::string& out);
/// The same with the payload in two parts.
void append_message(websocket_op op, std::string_view first, std::string_view rest,
                    std::string& out);

/// A piece of what a client sends: of a message as much as is there, of a control frame all.
struct websocket_piece {
  websocket_op op = websocket_op::binary;  ///< of the message, also for its later pieces
  std::string_view payload;                ///< in the buffer that was read
  bool first = false;                      ///< begins a message
  bool last = false;                       ///< ends it
};

/// Reads what a client sends. A message may have any length: it is not gathered.
class websocket_reader {
 public:
  /// Takes the next piece from the buffer, unmasking it in place. Returns the number of bytes that
  /// are done with; `found` tells whether `piece` is one. 0 bytes: more are needed.
  std::size_t next(char* bytes, std::size_t size, websocket_piece& piece, bool& found);

  /// Why the bytes are no WebSocket; empty: they are. Nothing is read any more then.
  const std::string& fault() const { return fault_; }

 private:
  std::size_t head(const char* bytes, std::size_t size);
  std::size_t fail(const char* why);

  std::string fault_;
  bool in_frame_ = false;
  bool in_message_ = false;
  bool first_ = false;  ///< nothing of the message was given out yet
  bool final_ = false;  ///< of the frame
  websocket_op message_ = websocket_op::binary;
  websocket_op op_ = websocket_op::binary;  ///< of the frame
  std::uint64_t left_ = 0;                  ///< of the frame's payload
  unsigned char mask_[4] = {};
  unsigned at_ = 0;  ///< in the mask
};

}  // namespace troupe::stream
