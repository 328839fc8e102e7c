#pragma once

#include "cli/bench/connection.hpp"
#include "cli/bench/figures.hpp"
#include "cli/output/progress.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace troupe::cli::bench {

/// A closed loop of requests: each connection sends its next request when its last was answered.
struct load {
  const char* name = "";  ///< in the progress line
  /// The bytes of request number `i`; empty: there are no more.
  std::function<std::string(std::size_t i)> next;
  /// The code that an answer has to have.
  int expected = 200;
  latencies each;
  std::size_t answered = 0;
  std::size_t bytes = 0;  ///< of the bodies of the answers
  double seconds = 0;     ///< from the first request to the last answer
};

/// "create: 52000 done, 14200 a second"
std::string rate_line(const char* name, std::size_t done, double seconds);

/// Connections that loads are run over.
class connections {
 public:
  /// Opens `count` of them. Throws bench_error.
  connections(boost::asio::io_context& io, const endpoint& to, std::size_t count);

  /// Begins a load on all connections; the io_context runs it, and `done` is called at its end.
  /// Throws bench_error out of run() when an answer has another code.
  void start(load& l, std::function<void()> done);
  /// Runs a load to its end.
  void run(load& l);

 private:
  void feed(connection& link, load& l);

  boost::asio::io_context& io_;
  std::vector<std::unique_ptr<connection>> links_;
  std::unique_ptr<progress> line_;
  std::function<void()> done_;
  clock::time_point start_;
  std::size_t issued_ = 0;
  std::size_t busy_ = 0;
};

}  // namespace troupe::cli::bench
