// floors: net/stream
#include "net/stream/spdy.hpp"
#include "net/stream/spdy_channels.hpp"
#include "net/stream/websocket.hpp"
#include "net/stream/websocket_channels.hpp"

#include <gmock/gmock.h>

namespace troupe::stream {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
constexpr auto data = frame::kind::data;
constexpr auto closed = frame::kind::close;
constexpr auto opened = frame::kind::open;

std::string message(std::string_view payload) {
  std::string plain;
  append_message(websocket_op::binary, payload, plain);
  // The same with a mask of zeros.
  plain[1] = static_cast<char>(plain[1] | '\x80');
  const std::size_t head = payload.size() < 126 ? 2 : payload.size() < 65536 ? 4 : 10;
  return plain.substr(0, head) + std::string(4, '\0') + plain.substr(head);
}

struct heard {
  std::vector<frame> frames;
  std::string reply;
};

heard read(dialect& d, std::string bytes, std::size_t room = 100) {
  heard out;
  d.read(bytes.data(), bytes.size(), out.frames, room, out.reply);
  return out;
}

std::string written(dialect& d, const std::vector<frame>& frames) {
  std::string out;
  for (const auto& f : frames) d.write(f, out);
  return out;
}

TEST(WebSocketCommand, TheFirstByteIsTheChannel) {
  auto d = websocket_command("v4.channel.k8s.io", command_channel::out);
  std::vector<frame> none;
  std::string greeting;
  d->begin(none, greeting);
  EXPECT_EQ(greeting, std::string("\x82\x01\x01", 3));
  EXPECT_THAT(
      read(*d, message(std::string("\0ls\n", 4)) + message("\x04{}") + message("\x01no")).frames,
      ElementsAre(frame{0, data, "ls\n"}, frame{4, data, "{}"}));
  EXPECT_EQ(written(*d, {{2, data, "oh"}}), "\x82\x03\x02oh");
  std::string bye;
  d->finish(bye);
  EXPECT_EQ(bye, "\x88\x02\x03\xe8");
}

TEST(WebSocketCommand, OnlyVersion5EndsTheInput) {
  const std::string end("\xff\0", 2);
  auto five = websocket_command("v5.channel.k8s.io", command_channel::out);
  EXPECT_THAT(read(*five, message(end)).frames, ElementsAre(frame{0, closed, ""}));
  auto four = websocket_command("v4.channel.k8s.io", command_channel::out);
  EXPECT_THAT(read(*four, message(end)).frames, IsEmpty());
}

TEST(WebSocketCommand, TheInputEndsOnceHoweverTheSignalArrives) {
  auto d = websocket_command("v5.channel.k8s.io", command_channel::out);
  std::string held;
  std::vector<frame> frames;
  for (const char c : message(std::string("\xff\0\0\0", 4))) {
    held += c;
    std::string reply;
    held.erase(0, d->read(held.data(), held.size(), frames, 100, reply));
  }
  EXPECT_THAT(frames, ElementsAre(frame{0, closed, ""}));
}

TEST(WebSocketCommand, BeforeVersion4AFailureIsAText) {
  const std::string failed = R"({"status":"Failure","message":"no such program"})";
  const struct {
    const char* protocol;
    std::string status, told;
  } cases[] = {{"v4.channel.k8s.io", failed, "\x03" + failed},
               {"channel.k8s.io", failed, "\x03no such program"},
               {"channel.k8s.io", R"({"status":"Success"})", ""}};
  for (const auto& c : cases) {
    auto d = websocket_command(c.protocol, command_channel::out);
    auto said = written(*d, {{3, data, c.status}, {3, closed, {}}});
    EXPECT_EQ(said.empty() ? said : said.substr(2), c.told);
  }
  EXPECT_EQ(websocket_command("v6.channel.k8s.io", command_channel::out), nullptr);
}

TEST(WebSocketCommand, AnswersPingsAndTheClose) {
  auto d = websocket_command("v5.channel.k8s.io", command_channel::out);
  EXPECT_EQ(read(*d, std::string("\x89\x81\0\0\0\0?", 7)).reply, "\x8a\x01?");
  EXPECT_EQ(read(*d, std::string("\x88\x80\0\0\0\0", 6)).reply, "\x88\x02\x03\xe8");
  EXPECT_TRUE(d->ended());
}

TEST(WebSocketCommand, TakesNoMoreThanThereIsRoomFor) {
  auto d = websocket_command("v5.channel.k8s.io", command_channel::out);
  auto bytes = message(std::string("\0a", 2)) + message("\x04{}") + message(std::string("\0b", 2));
  heard got;
  const auto n = d->read(bytes.data(), bytes.size(), got.frames, 2, got.reply);
  EXPECT_EQ(got.frames.size(), 2u);
  EXPECT_LT(n, bytes.size());
  got.frames.clear();
  d->read(bytes.data() + n, bytes.size() - n, got.frames, 2, got.reply);
  EXPECT_THAT(got.frames, ElementsAre(frame{0, data, "b"}));
}

TEST(WebSocketPorts, EachPortHasTwoChannelsThatBeginWithItsNumber) {
  auto d = websocket_ports("v4.channel.k8s.io", {80, 8080});
  heard got;
  d->begin(got.frames, got.reply);
  EXPECT_THAT(got.frames, ElementsAre(frame{0, opened, "80"}, frame{2, opened, "8080"}));
  EXPECT_EQ(got.reply,
            std::string(
                "\x82\x03\0\x50\0\x82\x03\x01\x50\0\x82\x03\x02\x90\x1f\x82\x03\x03\x90\x1f", 20));
  EXPECT_THAT(read(*d, message("\x02x") + message("\x05y")).frames,
              ElementsAre(frame{2, data, "x"}));
}

// Both ends of SPDY against each other.
struct spdy_pair {
  std::unique_ptr<dialect> client, server;
  std::vector<frame> at_client, at_server;

  void exchange(std::string to_server, std::string to_client = {}) {
    while (!to_server.empty() || !to_client.empty()) {
      std::string back, forth;
      server->read(to_server.data(), to_server.size(), at_server, 100, back);
      client->read(to_client.data(), to_client.size(), at_client, 100, forth);
      to_server = forth;
      to_client = back;
    }
  }
};

TEST(SpdyCommand, IsReadyWhenAllStreamsAreOpen) {
  const std::vector<command_channel> all{command_channel::error, command_channel::in,
                                         command_channel::out};
  spdy_pair p{spdy_command_client(all), spdy_command_server("v4.channel.k8s.io", all), {}, {}};
  std::string hello;
  p.client->begin(p.at_client, hello);
  EXPECT_FALSE(p.server->ready());
  p.exchange(hello);
  EXPECT_TRUE(p.server->ready());
  p.exchange(written(*p.client, {{0, data, "in"}, {0, closed, ""}}));
  EXPECT_THAT(p.at_server, ElementsAre(frame{0, data, "in"}, frame{0, closed, ""}));
  p.exchange({}, written(*p.server, {{1, data, "out"}, {3, data, "{}"}, {3, closed, ""}}));
  EXPECT_THAT(p.at_client,
              ElementsAre(frame{1, data, "out"}, frame{3, data, "{}"}, frame{3, closed, ""}));
  p.at_client.clear();
  std::string bye;
  p.server->finish(bye);
  p.exchange({}, bye);
  EXPECT_THAT(p.at_client, testing::Contains(frame{1, closed, ""}));
  EXPECT_EQ(p.client->fault() + p.server->fault(), "");
}

TEST(SpdyPorts, AConnectionIsAPairOfStreams) {
  spdy_pair p{spdy_ports_client(), spdy_ports_server(), {}, {}};
  p.exchange(written(*p.client, {{0, opened, "80"}, {0, data, "GET"}}));
  EXPECT_THAT(p.at_server,
              ElementsAre(frame{1, closed, ""}, frame{0, opened, "80"}, frame{0, data, "GET"}));
  p.exchange(written(*p.client, {{2, opened, "81"}}));
  EXPECT_EQ(p.at_server.back(), (frame{2, opened, "81"}));
  p.exchange({}, written(*p.server, {{3, data, "refused"}, {3, closed, ""}}));
  EXPECT_THAT(p.at_client, ElementsAre(frame{3, data, "refused"}, frame{3, closed, ""}));
}

TEST(SpdyPorts, StreamsWithoutAPortAreRefused) {
  auto server = spdy_ports_server();
  spdy_writer w;
  for (const auto& headers : std::vector<spdy_headers>{{{"streamtype", "data"}},
                                                       {{"streamtype", "data"}, {"port", "0"}},
                                                       {{"streamtype", "data"}, {"port", "70000"}},
                                                       {{"streamtype", "other"}, {"port", "80"}}}) {
    static std::uint32_t id = 1;
    std::string bytes;
    w.syn_stream(id, headers, bytes);
    id += 2;
    const auto got = read(*server, bytes);
    EXPECT_THAT(got.frames, IsEmpty());
    EXPECT_EQ(got.reply.substr(2, 2), std::string("\0\x03", 2));  // a reset
  }
}

TEST(WebSocketTunnel, CarriesSpdyInItsMessages) {
  auto client = spdy_ports_client();
  auto server = websocket_tunnel(spdy_ports_server());
  const auto said = written(*client, {{0, opened, "80"}, {0, data, "hello"}});
  // Messages may cut frames anywhere.
  std::vector<frame> got;
  for (std::size_t at = 0; at < said.size(); at += 7) {
    const auto h = read(*server, message(said.substr(at, 7)));
    got.insert(got.end(), h.frames.begin(), h.frames.end());
  }
  ASSERT_GE(got.size(), 3u);
  EXPECT_EQ(got[1], (frame{0, opened, "80"}));
  std::string text;
  for (const auto& f : got)
    if (f.channel == 0 && f.what == data) text += f.bytes;
  EXPECT_EQ(text, "hello");
  EXPECT_EQ(written(*server, {{0, data, "x"}}).substr(0, 2), "\x82\x09");
}

TEST(Frames, SmallPiecesOfAChannelBecomeOne) {
  std::vector<frame> to;
  append_data(to, 1, "a");
  append_data(to, 1, "b");
  append_data(to, 2, "c");
  append_data(to, 1, "d");
  EXPECT_THAT(to, ElementsAre(frame{1, data, "ab"}, frame{2, data, "c"}, frame{1, data, "d"}));
}

TEST(Frames, ALargePieceBecomesSeveral) {
  std::vector<frame> to;
  append_data(to, 1, std::string(frame_bytes * 2 + 1, 'x'));
  ASSERT_EQ(to.size(), 3u);
  EXPECT_EQ(to[0].bytes.size(), frame_bytes);
  EXPECT_EQ(to[2].bytes, "x");
}

}  // namespace
}  // namespace troupe::stream
