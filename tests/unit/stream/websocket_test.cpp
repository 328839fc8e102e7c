// floors: net/stream
#include "net/stream/websocket.hpp"

#include <gmock/gmock.h>

namespace troupe::stream {
namespace {

/// A frame as a client sends it.
std::string frame_of(unsigned first, std::string_view payload, bool mask = true) {
  std::string out(1, static_cast<char>(first));
  const auto masked = static_cast<char>(mask ? 0x80 : 0);
  if (payload.size() < 126) {
    out += static_cast<char>(masked | static_cast<char>(payload.size()));
  } else {
    out += static_cast<char>(masked | 126);
    out += static_cast<char>(payload.size() >> 8);
    out += static_cast<char>(payload.size());
  }
  const std::string_view key("\x11\x22\x33\x44", 4);
  if (mask) out += key;
  for (std::size_t i = 0; i < payload.size(); ++i)
    out += static_cast<char>(payload[i] ^ (mask ? key[i % 4] : '\0'));
  return out;
}

struct heard {
  std::vector<std::string> messages;  ///< "binary abc"; control frames too
  std::string fault;
};

/// Reads bytes that arrive `step` at a time.
heard read(const std::string& bytes, std::size_t step) {
  websocket_reader reader;
  heard out;
  std::string held, message;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    held += bytes.substr(at, step);
    for (;;) {
      websocket_piece p;
      bool found = false;
      const auto n = reader.next(held.data(), held.size(), p, found);
      if (n == 0) break;
      if (found) {
        const char* const names[] = {"", "text", "binary", "",     "",    "",
                                     "", "",     "close",  "ping", "pong"};
        const bool control = static_cast<int>(p.op) >= 8;
        if (control) {
          out.messages.push_back(names[static_cast<int>(p.op)] + (" " + std::string(p.payload)));
        } else {
          if (p.first) message = names[static_cast<int>(p.op)] + std::string(" ");
          message += p.payload;
          if (p.last) out.messages.push_back(message);
        }
      }
      held.erase(0, n);
    }
  }
  out.fault = reader.fault();
  return out;
}

// The example of RFC 6455, section 1.3.
TEST(WebSocket, AnswersTheKey) {
  EXPECT_EQ(websocket_accept("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(WebSocket, ReadsMessagesHoweverTheyArrive) {
  const std::string large(70, 'x'), larger(300, 'y');
  const struct {
    const char* what;
    std::string bytes;
    std::vector<std::string> messages;
  } cases[] = {
      {"a message", frame_of(0x82, "hello"), {"binary hello"}},
      {"an empty one", frame_of(0x82, ""), {"binary "}},
      {"a text", frame_of(0x81, large), {"text " + large}},
      {"a long one", frame_of(0x82, larger), {"binary " + larger}},
      {"two", frame_of(0x82, "a") + frame_of(0x81, "b"), {"binary a", "text b"}},
      {"fragments",
       frame_of(0x02, "he") + frame_of(0x00, "l") + frame_of(0x80, "lo"),
       {"binary hello"}},
      {"a ping between fragments",
       frame_of(0x02, "he") + frame_of(0x89, "?") + frame_of(0x80, "llo"),
       {"ping ?", "binary hello"}},
      {"an empty fragment", frame_of(0x02, "") + frame_of(0x80, "x"), {"binary x"}},
      {"a close", frame_of(0x88, "\x03\xe8"), {"close \x03\xe8"}},
  };
  for (const auto& c : cases)
    for (const std::size_t step : {std::size_t{1}, std::size_t{3}, std::size_t{1000}}) {
      const auto got = read(c.bytes, step);
      EXPECT_EQ(got.messages, c.messages) << c.what << " in steps of " << step;
      EXPECT_EQ(got.fault, "") << c.what;
    }
}

TEST(WebSocket, RefusesWhatTheStandardForbids) {
  const struct {
    std::string bytes;
    const char* fault;
  } cases[] = {
      {frame_of(0x82, "x", false), "not masked"},
      {frame_of(0xc2, "x"), "reserved bit"},
      {frame_of(0x83, "x"), "unknown opcode"},
      {frame_of(0x80, "x"), "begins with its continuation"},
      {frame_of(0x02, "x") + frame_of(0x82, "y"), "within another one"},
      {frame_of(0x09, "x"), "fragmented or too long"},
      {frame_of(0x89, std::string(126, 'x')), "fragmented or too long"},
      {std::string("\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x02\x03\x04", 14),
       "impossible length"},
  };
  for (const auto& c : cases) EXPECT_THAT(read(c.bytes, 1).fault, testing::HasSubstr(c.fault));
}

TEST(WebSocket, WritesLengthsInAllTheirForms) {
  const struct {
    std::size_t size;
    std::string head;
  } cases[] = {
      {5, std::string("\x82\x05", 2)},
      {126, std::string("\x82\x7e\x00\x7e", 4)},
      {65535, std::string("\x82\x7e\xff\xff", 4)},
      {65536, std::string("\x82\x7f\x00\x00\x00\x00\x00\x01\x00\x00", 10)},
  };
  for (const auto& c : cases) {
    std::string out;
    append_message(websocket_op::binary, std::string(c.size, 'x'), out);
    EXPECT_EQ(out.substr(0, c.head.size()), c.head);
    EXPECT_EQ(out.size(), c.head.size() + c.size);
  }
}

}  // namespace
}  // namespace troupe::stream
