// floors: net/http
#include "net/http/server.hpp"

#include "net/http/client.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <gmock/gmock.h>

#include <atomic>
#include <mutex>
#include <thread>

namespace troupe::http {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using tcp = boost::asio::ip::tcp;

std::shared_ptr<const std::string> text(std::string s) {
  return std::make_shared<const std::string>(std::move(s));
}

server_options local(std::size_t body_limit = 1000) {
  server_options o;
  o.listeners.push_back({});
  o.body_limit = body_limit;
  o.grace = std::chrono::milliseconds(200);
  return o;
}

// Sends bytes and reads until the server closes.
std::string raw(std::uint16_t port, const std::string& bytes) {
  boost::asio::io_context io;
  tcp::socket s(io);
  s.connect({boost::asio::ip::make_address("127.0.0.1"), port});
  boost::asio::write(s, boost::asio::buffer(bytes));
  std::string got;
  boost::system::error_code ec;
  boost::asio::read(s, boost::asio::dynamic_buffer(got), ec);
  return got;
}

client to(const server& s) {
  client_options o;
  o.url = "http://127.0.0.1:" + std::to_string(s.ports().front());
  return client(std::move(o));
}

// Answers every request with its method, target and body.
void echo(const exchange_ptr& x) {
  const auto& r = x->in();
  x->respond({200, "text/plain", text(r.method + " " + r.target + " " + r.body), {}});
}

TEST(Server, AnswersAndKeepsTheConnection) {
  server s(local(), echo);
  auto c = to(s);
  EXPECT_EQ(c.get("/a?b=c").body, "GET /a?b=c ");
  EXPECT_EQ(c.post("/p", "hello").body, "POST /p hello");
  EXPECT_EQ(s.connections(), 1u);
}

TEST(Server, AnswersPipelinedRequestsInOrder) {
  std::thread late;
  server s(local(), [&](const exchange_ptr& x) {
    if (x->in().target != "/1") return echo(x);
    // The first answer comes late and from another thread.
    late = std::thread([x] {
      std::this_thread::sleep_for(std::chrono::milliseconds(30));
      echo(x);
    });
  });
  const auto got = raw(s.ports().front(),
                       "GET /1 HTTP/1.1\r\nHost: a\r\n\r\n"
                       "GET /2 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  late.join();
  const auto first = got.find("GET /1");
  const auto second = got.find("GET /2");
  ASSERT_NE(first, std::string::npos);
  ASSERT_NE(second, std::string::npos);
  EXPECT_LT(first, second);
}

struct bad_request_case {
  const char* what;
  std::string bytes;
  const char* answer;
};

TEST(Server, RefusesWhatIsMalformedOrTooLarge) {
  const bad_request_case cases[] = {
      {"no HTTP", "hello\r\n\r\n", "HTTP/1.1 400 "},
      {"long body", "POST / HTTP/1.1\r\nContent-Length: 1001\r\n\r\n", "HTTP/1.1 413 "},
      {"long chunked body",
       "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n" + std::string(2000, 'x'),
       "HTTP/1.1 413 "},
      {"long target", "GET /" + std::string(9000, 'x') + " HTTP/1.1\r\n\r\n", "HTTP/1.1 414 "},
      {"long header", "GET / HTTP/1.1\r\nX: " + std::string(100'000, 'x') + "\r\n\r\n",
       "HTTP/1.1 431 "},
      {"a field past 64 KiB", "GET / HTTP/1.1\r\nX: " + std::string(70'000, 'x') + "\r\n\r\n",
       "HTTP/1.1 431 "},
      {"a field of 64 KiB", "GET / HTTP/1.1\r\nX: " + std::string(65'534, 'x') + "\r\n\r\n",
       "HTTP/1.1 431 "},
      {"two lengths", "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
       "HTTP/1.1 400 "},
  };
  server s(local(), echo);
  for (const auto& c : cases)
    EXPECT_THAT(raw(s.ports().front(), c.bytes), StartsWith(c.answer)) << c.what;
}

TEST(Server, ARequestThatIsDroppedIsAnswered500) {
  server s(local(), [](const exchange_ptr&) {});
  EXPECT_EQ(to(s).get("/").code, 500);
}

// Lets the test feed a stream piece by piece.
struct feed final : body_source {
  std::mutex guard;
  std::string text;
  bool last = false;
  bool pull(std::string& out, std::size_t) override {
    std::lock_guard lock(guard);
    out += std::exchange(text, {});
    return !last;
  }
};

TEST(Server, StreamsWhatItsSourceHas) {
  auto source = std::make_shared<feed>();
  std::function<void()> wake;
  std::mutex guard;
  server s(local(), [&](const exchange_ptr& x) {
    std::lock_guard lock(guard);
    wake = x->waker();
    x->stream({}, source);
  });
  std::thread producer([&] {
    for (int i = 0; i < 100; ++i) {
      {
        std::lock_guard lock(source->guard);
        source->text += std::to_string(i) + "\n";
        source->last = i == 99;
      }
      {
        std::lock_guard lock(guard);
        if (wake) wake();
      }
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
  });
  const auto reply = to(s).get("/");
  producer.join();
  EXPECT_THAT(reply.body, StartsWith("0\n1\n2\n"));
  EXPECT_THAT(reply.body, HasSubstr("\n99\n"));
}

TEST(Server, StoppingEndsAStreamInOrder) {
  auto source = std::make_shared<feed>();
  source->text = "first\n";
  auto s = std::make_unique<server>(local(), [&](const exchange_ptr& x) { x->stream({}, source); });
  client_reply reply;
  std::thread reader([&, c = to(*s)]() mutable { reply = c.get("/"); });
  const auto taken = [&] {
    std::lock_guard lock(source->guard);
    return source->text.empty();
  };
  while (!taken()) std::this_thread::yield();
  s->stop();
  reader.join();
  EXPECT_EQ(reply.body, "first\n");
  EXPECT_EQ(reply.error, "");
}

TEST(Server, AnAnswerAfterTheServerIsGoneIsDropped) {
  exchange_ptr kept;
  std::atomic<bool> came{false};
  {
    server s(local(), [&](const exchange_ptr& x) {
      kept = x;
      came = true;
    });
    std::thread asker([c = to(s)]() mutable { EXPECT_FALSE(c.get("/")); });
    while (!came) std::this_thread::yield();
    s.stop();
    asker.join();
  }
  kept->respond({});
  kept.reset();
}

TEST(Server, CompressesLargeBodiesWhenAsked) {
  server s(local(), [](const exchange_ptr& x) {
    x->respond({200, "text/plain", text(std::string(200'000, 'x')), {}});
  });
  const auto got = raw(s.ports().front(),
                       "GET / HTTP/1.1\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n");
  EXPECT_THAT(got, HasSubstr("Content-Encoding: gzip"));
  EXPECT_LT(got.size(), 5'000u);
  EXPECT_EQ(to(s).get("/").body.size(), 200'000u);
}

// Sends back what it takes, once it may.
class echo_session final : public upgraded {
 public:
  std::size_t take(char* bytes, std::size_t size) override {
    if (!open) return 0;
    held_.append(bytes, size);
    return size;
  }
  bool ready() const override { return open; }
  bool pull(std::string& out, std::size_t) override {
    out = std::exchange(held_, {});
    return out.find("bye") == out.npos;
  }
  void retire(std::string& out) override { out = "stopping"; }

  std::atomic<bool> open{false};

 private:
  std::string held_;
};

constexpr const char* upgrade_request =
    "GET /x HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n"
    "Sec-WebSocket-Key: k\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Protocol: SPDY/3.1+x, v4.y\r\n\r\n";

TEST(Server, ReadsWhatAClientWantsToSpeakInstead) {
  std::shared_ptr<const upgrade_offer> offer;
  server s(local(), [&](const exchange_ptr& x) {
    offer = x->in().upgrade;
    echo(x);
  });
  EXPECT_THAT(raw(s.ports().front(),
                  std::string(upgrade_request) + "GET / HTTP/1.1\r\nConnection: close\r\n\r\n"),
              HasSubstr("GET /x"));
  EXPECT_EQ(offer, nullptr) << "of the second request";
}

// What neither reads nor writes for a while is not forgotten, nor what it was sent meanwhile.
TEST(Server, AnUpgradedConnectionLivesWhileItsSessionWaits) {
  auto session = std::make_shared<echo_session>();
  std::thread later;
  bool ended = false;
  server s(local(), [&](const exchange_ptr& x) {
    ASSERT_TRUE(x->in().upgrade);
    EXPECT_EQ(x->in().upgrade->protocol, "websocket");
    EXPECT_THAT(x->in().upgrade->protocols, testing::ElementsAre("SPDY/3.1+x", "v4.y"));
    x->observe([&](const response& r, bool streams) -> std::function<void()> {
      EXPECT_EQ(r.code, 101);
      EXPECT_TRUE(streams);
      return [&] { ended = true; };
    });
    x->add_header("X-Seen", "yes");
    response head;
    head.code = 101;
    x->upgrade(std::move(head), session);
    later = std::thread([&, wake = x->waker()] {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      session->open = true;
      wake();
    });
  });
  const auto got = raw(s.ports().front(), std::string(upgrade_request) + "hello, bye");
  later.join();
  EXPECT_THAT(got, StartsWith("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n"));
  EXPECT_THAT(got, HasSubstr("X-Seen: yes\r\n"));
  EXPECT_THAT(got, testing::EndsWith("\r\n\r\nhello, bye"));
  s.stop();
  EXPECT_TRUE(ended);
}

TEST(Server, AnUpgradedSessionHasALastWordWhenTheServerStops) {
  auto session = std::make_shared<echo_session>();
  server s(local(), [&](const exchange_ptr& x) { x->upgrade({}, session); });
  std::string got;
  std::thread reader([&] { got = raw(s.ports().front(), upgrade_request); });
  while (s.connections() == 0) std::this_thread::yield();
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  s.stop();
  reader.join();
  EXPECT_THAT(got, testing::EndsWith("stopping"));
}

}  // namespace
}  // namespace troupe::http
