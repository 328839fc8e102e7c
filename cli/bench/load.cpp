#include "cli/bench/load.hpp"

#include <iostream>
#include <unistd.h>

namespace troupe::cli::bench {

std::string rate_line(const char* name, std::size_t done, double seconds) {
  const auto rate = static_cast<std::size_t>(static_cast<double>(done) / std::max(seconds, 1e-3));
  return std::string(name) + ": " + std::to_string(done) + " done, " + std::to_string(rate) +
         " a second";
}

connections::connections(boost::asio::io_context& io, const endpoint& to, std::size_t count)
    : io_(io) {
  for (std::size_t i = 0; i < count; ++i) links_.push_back(connection::open(io, to));
}

void connections::start(load& l, std::function<void()> done) {
  done_ = std::move(done);
  issued_ = 0;
  busy_ = links_.size();
  start_ = clock::now();
  line_ = std::make_unique<progress>(std::cerr, isatty(STDERR_FILENO) == 1);
  for (auto& link : links_) feed(*link, l);
}

void connections::run(load& l) {
  start(l, [] {});
  io_.restart();
  io_.run();
}

void connections::feed(connection& link, load& l) {
  auto request = l.next(issued_);
  if (request.empty()) {
    if (--busy_ == 0) {
      l.seconds = seconds_since(start_);
      line_->clear();
      done_();
    }
    return;
  }
  ++issued_;
  const auto sent = clock::now();
  constexpr std::size_t kept = 500;  // a reason to fail for
  const auto done = [this, &link, &l, sent](int code, std::string_view body, std::size_t size) {
    if (code != l.expected)
      throw bench_error("answered with " + std::to_string(code) + ": " + std::string(body));
    l.each.add(clock::now() - sent);
    ++l.answered;
    l.bytes += size;
    line_->update([&] { return rate_line(l.name, l.answered, seconds_since(start_)); });
    feed(link, l);
  };
  link.send(std::move(request), done, kept);
}

}  // namespace troupe::cli::bench
