#include "net/stream/websocket.hpp"

#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>
#include <cstring>

namespace troupe::stream {
namespace {

constexpr std::string_view guid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
constexpr std::size_t longest_control = 125;

bool is_control(websocket_op op) {
  return static_cast<unsigned>(op) >= 8;
}

bool is_known(unsigned op) {
  return op <= 2 || (op >= 8 && op <= 10);
}

// Eight bytes at a time: this is what a stream's throughput hangs on.
void unmask(char* bytes, std::size_t size, const unsigned char (&mask)[4], unsigned at) {
  unsigned char turned[8];
  for (unsigned i = 0; i < 8; ++i) turned[i] = mask[(at + i) % 4];
  std::uint64_t wide = 0;
  std::memcpy(&wide, turned, sizeof wide);
  std::size_t i = 0;
  for (; i + 8 <= size; i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes + i, sizeof word);
    word ^= wide;
    std::memcpy(bytes + i, &word, sizeof word);
  }
  for (std::size_t j = 0; i < size; ++i, ++j)
    bytes[i] = static_cast<char>(static_cast<unsigned char>(bytes[i]) ^ turned[j]);
}

}  // namespace

std::string websocket_accept(std::string_view key) {
  const std::string text = std::string(key).append(guid);
  unsigned char digest[SHA_DIGEST_LENGTH];
  SHA1(reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest);
  unsigned char out[4 * ((SHA_DIGEST_LENGTH + 2) / 3) + 1];
  const int n = EVP_EncodeBlock(out, digest, SHA_DIGEST_LENGTH);
  return {reinterpret_cast<char*>(out), static_cast<std::size_t>(n)};
}

void append_message(websocket_op op, std::string_view first, std::string_view rest,
                    std::string& out) {
  constexpr unsigned final = 0x80;
  const std::uint64_t size = first.size() + rest.size();
  out += static_cast<char>(final | static_cast<unsigned>(op));
  int more = 0;  // bytes of the length
  if (size < 126) {
    out += static_cast<char>(size);
  } else {
    more = size < 65536 ? 2 : 8;
    out += static_cast<char>(more == 2 ? 126 : 127);
  }
  while (more-- > 0) out += static_cast<char>(size >> (8 * more));
  out.append(first).append(rest);
}

void append_message(websocket_op op, std::string_view payload, std::string& out) {
  append_message(op, payload, {}, out);
}

std::size_t websocket_reader::fail(const char* why) {
  fault_ = why;
  return 0;
}

// The head of a frame; 0 when it is not all there.
std::size_t websocket_reader::head(const char* bytes, std::size_t size) {
  if (size < 2) return 0;
  const auto byte = [bytes](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const unsigned op = byte(0) & 0x0f;
  if ((byte(0) & 0x70) != 0) return fail("a reserved bit of a WebSocket frame is set");
  if (!is_known(op)) return fail("a WebSocket frame has an unknown opcode");
  if ((byte(1) & 0x80) == 0) return fail("a WebSocket frame of a client is not masked");
  op_ = static_cast<websocket_op>(op);
  final_ = (byte(0) & 0x80) != 0;
  std::uint64_t length = byte(1) & 0x7f;
  const std::size_t more = length == 126 ? 2 : length == 127 ? 8 : 0;
  if (is_control(op_) && (!final_ || length > longest_control))
    return fail("a WebSocket control frame is fragmented or too long");
  if (!is_control(op_) && in_message_ != (op_ == websocket_op::continuation))
    return fail(in_message_ ? "a WebSocket message begins within another one"
                            : "a WebSocket message begins with its continuation");
  if (size < 2 + more + 4) return 0;
  if (more > 0) length = 0;
  for (std::size_t i = 0; i < more; ++i) length = length << 8 | byte(2 + i);
  if ((length >> 63) != 0) return fail("a WebSocket frame has an impossible length");
  for (std::size_t i = 0; i < 4; ++i) mask_[i] = byte(2 + more + i);
  at_ = 0;
  left_ = length;
  in_frame_ = true;
  if (!is_control(op_) && op_ != websocket_op::continuation) {
    message_ = op_;
    in_message_ = true;
    first_ = true;
  }
  return 2 + more + 4;
}

std::size_t websocket_reader::next(char* bytes, std::size_t size, websocket_piece& piece,
                                   bool& found) {
  found = false;
  if (!fault_.empty()) return 0;
  std::size_t used = 0;
  if (!in_frame_) {
    used = head(bytes, size);
    if (used == 0) return 0;
  }
  const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(left_, size - used));
  const bool control = is_control(op_);
  // Of a control frame the whole; of a message what there is, the end of an empty one too.
  if (control ? n < left_ : n == 0 && left_ > 0) return used;
  unmask(bytes + used, n, mask_, at_);
  at_ = static_cast<unsigned>((at_ + n) % 4);
  left_ -= n;
  in_frame_ = left_ > 0;
  piece.op = control ? op_ : message_;
  piece.payload = {bytes + used, n};
  piece.first = control || first_;
  piece.last = control || (left_ == 0 && final_);
  if (!control) {
    first_ = false;
    if (piece.last) in_message_ = false;
  }
  found = true;
  return used + n;
}

}  // namespace troupe::stream
