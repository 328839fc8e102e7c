#include "cli/bench/patience.hpp"

namespace troupe::cli::bench {

patience::patience(boost::asio::io_context& io, std::chrono::steady_clock::duration limit,
                   std::function<std::size_t()> done, std::function<void()> give_up)
    : timer_(io), limit_(limit), done_(std::move(done)), give_up_(std::move(give_up)) {}

void patience::start() {
  wait(++turn_, done_());
}

void patience::stop() {
  ++turn_;
  timer_.cancel();
}

void patience::wait(std::uint64_t turn, std::size_t before) {
  timer_.expires_after(limit_);
  timer_.async_wait([this, turn, before](auto) {
    if (turn != turn_) return;
    const auto now = done_();
    if (now == before) return give_up_();
    wait(turn, now);
  });
}

}  // namespace troupe::cli::bench
