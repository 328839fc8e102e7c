// floors: actors/kubelet
// Probes and hooks over the network: what they say, and that none waits for another.
#include "actors/kubelet/probe_net.hpp"

#include "actors/kubelet/http_redirect.hpp"

#include <gmock/gmock.h>

#include <arpa/inet.h>
#include <atomic>
#include <future>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace troupe {
namespace {

using namespace std::chrono_literals;

/// A socket that listens; who never calls serve() does not answer.
struct listener {
  listener() {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&at), sizeof at), 0);
    EXPECT_EQ(listen(fd, 512), 0);
    socklen_t size = sizeof at;
    getsockname(fd, reinterpret_cast<sockaddr*>(&at), &size);
    port = ntohs(at.sin_port);
  }
  ~listener() {
    shutdown(fd, SHUT_RDWR);
    close(fd);
    if (thread.joinable()) thread.join();
  }
  /// Answers every request so.
  void serve(std::string answer) {
    thread = std::thread([this, answer = std::move(answer)] {
      for (;;) {
        const int one = accept(fd, nullptr, nullptr);
        if (one < 0) return;
        char buffer[1024];
        const auto n = recv(one, buffer, sizeof buffer, 0);
        if (n > 0) asked.assign(buffer, static_cast<std::size_t>(n));
        if (!answer.empty()) send(one, answer.data(), answer.size(), MSG_NOSIGNAL);
        close(one);
      }
    });
  }
  int fd = -1, port = 0;
  std::thread thread;
  std::string asked;
};

http_target target(int port) {
  http_target t;
  t.host = "127.0.0.1";
  t.path = "/health";
  t.port = port;
  return t;
}

struct NetProber : testing::Test {
  std::string http(const http_target& t, std::chrono::milliseconds timeout = 5s) {
    auto told = std::make_shared<std::promise<std::string>>();
    prober.http(t, timeout, [told](const http_result& r) { told->set_value(verdict_of(r)); });
    return told->get_future().get();
  }
  std::string tcp(const std::string& host, int port) {
    auto told = std::make_shared<std::promise<std::string>>();
    prober.tcp(host, port, 5s, [told](const std::string& why) { told->set_value(why); });
    return told->get_future().get();
  }
  net_prober prober;
};

TEST_F(NetProber, SaysWhatTheServerSays) {
  listener healthy, sick, silent, odd;
  healthy.serve("HTTP/1.1 204 No Content\r\n\r\n");
  sick.serve("HTTP/1.1 503 Service Unavailable\r\n\r\n");
  silent.serve("");
  odd.serve("SSH-2.0-something else\r\n");
  auto t = target(healthy.port);
  t.headers = {{"X-Probe", "1"}};
  EXPECT_EQ(http(t), "");
  EXPECT_THAT(healthy.asked, testing::HasSubstr("GET /health HTTP/1.1\r\n"));
  EXPECT_THAT(healthy.asked, testing::HasSubstr("X-Probe: 1\r\n"));
  EXPECT_EQ(http(target(sick.port)), "HTTP probe failed with statuscode: 503");
  const auto get = [](int port) {
    return "Get \"http://127.0.0.1:" + std::to_string(port) + "/health\": ";
  };
  EXPECT_EQ(http(target(silent.port)), get(silent.port) + "EOF");
  EXPECT_EQ(http(target(odd.port)), get(odd.port) + "malformed HTTP response");
  EXPECT_EQ(tcp("127.0.0.1", healthy.port), "");
  EXPECT_EQ(tcp("nowhere", 1), "dial tcp nowhere:1: not an address");
  int gone = 0;
  {
    const listener closed;
    gone = closed.port;
  }
  const auto refused =
      "dial tcp 127.0.0.1:" + std::to_string(gone) + ": connect: connection refused";
  EXPECT_EQ(tcp("127.0.0.1", gone), refused);
  EXPECT_EQ(http(target(gone)), get(gone) + refused);
}

TEST(HttpRedirect, LeadsFromWhereItIsSaid) {
  http_target from = target(8080);
  from.path = "/a/health?x=1";
  const struct {
    const char* location;
    const char* to;
  } table[] = {{"", ""},
               {"/b", "http 127.0.0.1:8080 /b"},
               {"c?d=/e", "http 127.0.0.1:8080 /a/c?d=/e"},
               {"?y=2", "http 127.0.0.1:8080 /a/health?y=2"},
               {"/b#part", "http 127.0.0.1:8080 /b"},
               {"https://127.0.0.1/b", "https 127.0.0.1:443 /b"},
               {"HTTP://web.example:81", "http web.example:81 /"},
               {"//web.example?z", "http web.example:80 /?z"},
               {"http://[::1]:81/b", "http ::1:81 /b"},
               {"/b?to=http://web.example/", "http 127.0.0.1:8080 /b?to=http://web.example/"},
               {"ftp://web.example/", ""},
               {"http://web.example:x/", ""},
               {"http:///b", ""},
               {"http://[::1/b", ""}};
  for (const auto& row : table) {
    const auto to = redirected(from, row.location);
    EXPECT_EQ(to ? (to->tls ? "https " : "http ") + to->host + ":" + std::to_string(to->port) +
                       " " + to->path
                 : "",
              row.to)
        << row.location;
  }
  EXPECT_EQ(location_of("HTTP/1.1 302 Found\r\nA: b\r\nlocation:  /x \r\n\r\nLocation: /y"), "/x");
  EXPECT_EQ(location_of("HTTP/1.1 302 Found\r\n\r\n"), "");
}

TEST_F(NetProber, FollowsToTheSameHostAlone) {
  listener sick, to_sick, abroad, circle;
  sick.serve("HTTP/1.1 503 Service Unavailable\r\n\r\n");
  to_sick.serve("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:" + std::to_string(sick.port) +
                "/sick\r\n\r\n");
  abroad.serve("HTTP/1.1 301 Moved\r\nLocation: http://192.0.2.1/\r\n\r\n");
  circle.serve("HTTP/1.1 307 Again\r\nLocation: /again\r\n\r\n");
  EXPECT_EQ(http(target(to_sick.port)), "HTTP probe failed with statuscode: 503");
  EXPECT_THAT(sick.asked, testing::HasSubstr("GET /sick HTTP/1.1\r\n"));
  std::promise<http_result> told;
  prober.http(target(abroad.port), 5s, [&](const http_result& r) { told.set_value(r); });
  const auto result = told.get_future().get();
  EXPECT_TRUE(result.elsewhere);
  EXPECT_EQ(verdict_of(result), "");
  EXPECT_THAT(http(target(circle.port)), testing::HasSubstr("stopped after 10 redirects"));
}

TEST_F(NetProber, WhoDoesNotAnswerHoldsNobodyUp) {
  listener dead, healthy;
  healthy.serve("HTTP/1.1 200 OK\r\n\r\n");
  std::atomic<int> timed_out{0};
  std::promise<void> all;
  for (int i = 0; i < 100; ++i)
    prober.http(target(dead.port), 3s, [&](const http_result& r) {
      EXPECT_THAT(r.error, testing::HasSubstr("context deadline exceeded"));
      if (++timed_out == 100) all.set_value();
    });
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(http(target(healthy.port)), "");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 2s);
  EXPECT_EQ(timed_out, 0);
  EXPECT_EQ(all.get_future().wait_for(20s), std::future_status::ready);
}

TEST_F(NetProber, AnswersNobodyWhenItEnds) {
  listener dead;
  std::atomic<bool> told{false};
  {
    net_prober short_lived;
    short_lived.http(target(dead.port), 1h, [&](const http_result&) { told = true; });
  }
  EXPECT_FALSE(told);
}

}  // namespace
}  // namespace troupe
