#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <chrono>
#include <cstddef>
#include <functional>

namespace troupe::cli::bench {

/// Waits for something that goes on, and gives up when it has not for a while. Only between start()
/// and stop(): what else a measurement waits for may take its time.
class patience {
 public:
  /// `done`: how far it is. `give_up` may throw: out of what runs the context.
  patience(boost::asio::io_context& io, std::chrono::steady_clock::duration limit,
           std::function<std::size_t()> done, std::function<void()> give_up);

  void start();
  void stop();

 private:
  void wait(std::uint64_t turn, std::size_t before);

  boost::asio::steady_timer timer_;
  std::chrono::steady_clock::duration limit_;
  std::function<std::size_t()> done_;
  std::function<void()> give_up_;
  std::uint64_t turn_ = 0;  // of start() and stop(): what is older means nothing any more
};

}  // namespace troupe::cli::bench
