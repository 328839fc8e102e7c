#include "actors/kubelet/probe_net.hpp"

#include "net/http/client.hpp"

#include <arpa/inet.h>
#include <chrono>
#include <cstring>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace troupe {

namespace {

using clock = std::chrono::steady_clock;

constexpr std::size_t longest_answer = 1u << 20;

/// A socket that closes itself.
struct connection {
  int fd = -1;
  std::string error;
  connection() = default;
  connection(const connection&) = delete;
  connection& operator=(const connection&) = delete;
  ~connection() {
    if (fd >= 0) close(fd);
  }
};

int left(clock::time_point end) {
  const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(end - clock::now()).count();
  return ms > 0 ? static_cast<int>(ms) : 0;
}

bool wait_for(int fd, short what, clock::time_point end) {
  pollfd p{fd, what, 0};
  return poll(&p, 1, left(end)) == 1;
}

void dial(connection& c, const std::string& host, int port, clock::time_point end) {
  const auto where = "dial tcp " + host + ":" + std::to_string(port) + ": ";
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) {
    c.error = where + "not an address";
    return;
  }
  c.fd = socket(found->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  int failure = connect(c.fd, found->ai_addr, found->ai_addrlen) == 0 ? 0 : errno;
  freeaddrinfo(found);
  if (failure == EINPROGRESS) {
    if (!wait_for(c.fd, POLLOUT, end)) {
      c.error = where + "i/o timeout";
      return;
    }
    socklen_t size = sizeof failure;
    getsockopt(c.fd, SOL_SOCKET, SO_ERROR, &failure, &size);
  }
  if (failure == ECONNREFUSED)
    c.error = where + "connect: connection refused";
  else if (failure != 0)
    c.error = where + std::strerror(failure);
}

}  // namespace

std::string probe_tcp(const std::string& host, int port, std::chrono::seconds timeout) {
  connection c;
  dial(c, host, port, clock::now() + timeout);
  return c.error;
}

namespace {

// Its first line decides: a page may be long, or never end.
http_result ask_plainly(const http_target& to, clock::time_point end) {
  const auto url = "Get \"http://" + to.host + ":" + std::to_string(to.port) + to.path + "\": ";
  connection c;
  dial(c, to.host, to.port, end);
  if (!c.error.empty()) return {0, url + c.error};
  std::string request =
      "GET " + to.path +
      " HTTP/1.1\r\nConnection: close\r\nUser-Agent: kube-probe/1.32\r\nAccept: */*\r\n";
  bool named = false;
  for (const auto& [k, v] : to.headers) {
    named = named || k == "Host";
    request += k + ": " + v + "\r\n";
  }
  if (!named) request += "Host: " + to.host + ":" + std::to_string(to.port) + "\r\n";
  request += "\r\n";
  for (std::size_t sent = 0; sent < request.size();) {
    if (!wait_for(c.fd, POLLOUT, end)) return {0, url + "context deadline exceeded"};
    const auto n = send(c.fd, request.data() + sent, request.size() - sent, MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN) return {0, url + std::strerror(errno)};
    if (n > 0) sent += static_cast<std::size_t>(n);
  }
  std::string head;
  // "HTTP/1.1 200": the status line's beginning decides.
  while (head.size() < 12) {
    if (!wait_for(c.fd, POLLIN, end))
      return {0,
              url + "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"};
    char buffer[512];
    const auto n = recv(c.fd, buffer, sizeof buffer, 0);
    if (n == 0) return {0, url + "EOF"};
    if (n < 0 && errno != EAGAIN) return {0, url + std::strerror(errno)};
    if (n > 0) head.append(buffer, static_cast<std::size_t>(n));
  }
  if (!head.starts_with("HTTP/1.")) return {0, url + "malformed HTTP response"};
  return {std::atoi(head.c_str() + 9), {}};
}

http_result ask_securely(const http_target& to, std::chrono::milliseconds timeout) {
  const bool six = to.host.find(':') != std::string::npos;
  http::client_options o;
  o.url = "https://" + (six ? "[" + to.host + "]" : to.host) + ":" + std::to_string(to.port);
  o.insecure = true;
  o.user_agent = "kube-probe/1.32";
  o.accept = "*/*";
  o.headers = to.headers;
  o.timeout = timeout;
  o.body_limit = longest_answer;
  const auto url = "Get \"" + o.url + to.path + "\": ";
  const auto reply = http::client(std::move(o)).get(to.path);
  if (reply) return {reply.code, {}};
  return {0, url + reply.error};
}

}  // namespace

http_result http_get(const http_target& to, std::chrono::milliseconds timeout) {
  return to.tls ? ask_securely(to, timeout) : ask_plainly(to, clock::now() + timeout);
}

std::string probe_http(const http_target& to, std::chrono::seconds timeout) {
  const auto [code, error] = http_get(to, timeout);
  if (!error.empty()) return error;
  if (code >= 200 && code < 400) return {};
  return "HTTP probe failed with statuscode: " + std::to_string(code);
}

}  // namespace troupe
