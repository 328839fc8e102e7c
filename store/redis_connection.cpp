#include "store/redis_connection.hpp"

#include <hiredis/hiredis.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <sys/socket.h>

namespace troupe::store {
namespace {

timeval to_timeval(std::chrono::milliseconds d) {
  return {d.count() / 1000, (d.count() % 1000) * 1000};
}

void append_number(std::string& out, char mark, std::size_t n) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, n).ptr;
  out += mark;
  out.append(digits, end).append("\r\n");
}

}  // namespace

std::string to_string(const redis_address& a) {
  return a.socket.empty() ? a.host + ":" + std::to_string(a.port) : "unix:" + a.socket;
}

void redis_reply_deleter::operator()(redisReply* r) const {
  freeReplyObject(r);
}

journal_result result_of_error(std::string_view text) {
  auto begins = [&](std::string_view with) { return text.substr(0, with.size()) == with; };
  auto kind = journal_error::refused;
  if (begins("OOM")) kind = journal_error::out_of_memory;
  if (begins("READONLY") || begins("MISCONF") || begins("NOREPLICAS"))
    kind = journal_error::read_only;
  if (begins("LOADING") || begins("BUSY") || begins("MASTERDOWN"))
    kind = journal_error::unreachable;
  return {kind, "Redis: " + std::string(text)};
}

redis_connection::redis_connection(redis_address address) : address_(std::move(address)) {}

redis_connection::~redis_connection() {
  close();
}

void redis_connection::close() {
  if (context_) redisFree(context_);
  context_ = nullptr;
  pipeline_.clear();
}

journal_result redis_connection::connect() {
  close();
  const auto wait = to_timeval(address_.connect_timeout);
  context_ = address_.socket.empty()
                 ? redisConnectWithTimeout(address_.host.c_str(), address_.port, wait)
                 : redisConnectUnixWithTimeout(address_.socket.c_str(), wait);
  if (!context_) return {journal_error::unreachable, "Redis: out of memory"};
  if (context_->err) return fail();
  redisSetTimeout(context_, to_timeval(address_.command_timeout));
  redis_reply reply;
  if (!address_.password.empty()) {
    if (address_.user.empty())
      command({"AUTH", address_.password});
    else
      command({"AUTH", address_.user, address_.password});
    if (auto r = expect(reply); !r.ok()) return r;
  }
  command({"SELECT", std::to_string(address_.db)});
  return expect(reply);
}

void redis_connection::command(std::size_t arguments) {
  append_number(pipeline_, '*', arguments);
}

void redis_connection::argument(std::string_view bytes) {
  append_number(pipeline_, '$', bytes.size());
  pipeline_.append(bytes).append("\r\n");
}

void redis_connection::command(std::initializer_list<std::string_view> parts) {
  command(parts.size());
  for (auto part : parts) argument(part);
}

// Writes the pipeline itself: hiredis would copy it into a buffer of its own first.
journal_result redis_connection::flush() {
  std::string_view rest = pipeline_;
  while (!rest.empty()) {
    const auto n = ::send(context_->fd, rest.data(), rest.size(), MSG_NOSIGNAL);
    if (n < 0) {
      if (errno == EINTR) continue;
      const auto kind = errno == EAGAIN ? journal_error::timeout : journal_error::unreachable;
      const std::string why = errno == EAGAIN ? "no answer in time" : std::strerror(errno);
      close();
      return {kind, "Redis at " + to_string(address_) + ": " + why};
    }
    rest.remove_prefix(static_cast<std::size_t>(n));
  }
  pipeline_.clear();
  if (pipeline_.capacity() > (1u << 20)) pipeline_.shrink_to_fit();
  return {};
}

journal_result redis_connection::fail() {
  const bool late = context_->err == REDIS_ERR_IO && (errno == EAGAIN || errno == ETIMEDOUT);
  journal_result out{
      late ? journal_error::timeout : journal_error::unreachable,
      "Redis at " + to_string(address_) + ": " + (late ? "no answer in time" : context_->errstr)};
  close();
  return out;
}

journal_result redis_connection::read(redis_reply& out) {
  if (!context_)
    return {journal_error::unreachable, "Redis at " + to_string(address_) + ": not connected"};
  if (!pipeline_.empty())
    if (auto r = flush(); !r.ok()) return r;
  void* reply = nullptr;
  if (redisGetReply(context_, &reply) != REDIS_OK) return fail();
  out.reset(static_cast<redisReply*>(reply));
  return {};
}

journal_result redis_connection::expect(redis_reply& out) {
  if (auto r = read(out); !r.ok()) return r;
  if (out->type == REDIS_REPLY_ERROR) return result_of_error({out->str, out->len});
  return {};
}

}  // namespace troupe::store
