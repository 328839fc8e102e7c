#pragma once

// Inside of the gateway: API priority and fairness. Which requests run, which wait, which are
// refused.

#include "messages/api.hpp"
#include "model/flow_control/flow_table.hpp"
#include "model/instruments/instruments.hpp"
#include "net/http/server.hpp"
#include "store/cache.hpp"

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace troupe::rest {

struct flow_options {
  std::shared_ptr<store::cache> cache;
  unsigned seats = 600;  ///< of the server, shared out among the priority levels
  unsigned threads = 2;  ///< that serve reads
};

/// Follows the FlowSchemas and PriorityLevelConfigurations of the cache. Callable from any thread.
class flow_control {
 public:
  explicit flow_control(flow_options options);
  ~flow_control();

  /// What is done with a request later on: served, or refused because it has waited too long.
  using work = std::function<void(bool in_time)>;

  enum class verdict : std::uint8_t {
    run,     ///< at once
    later,   ///< what `later` gave is called on the connection's thread
    refused  ///< 429 is to be answered
  };

  /// Judges a request, which takes a seat until it is answered, and tells the client by whom it was
  /// judged (headers X-Kubernetes-PF-...). `reads`: it will be served on the connection's thread.
  verdict admit(const http::exchange_ptr& x, const model::subject& who,
                const model::request_info& what, bool reads, const std::function<work()>& later);

 private:
  struct pool;
  struct busy_meter;
  struct state;
  std::shared_ptr<const state> current();
  void lend(const state& now);
  std::shared_ptr<const state> load(const std::shared_ptr<const state>& before) const;

  const flow_options options_;
  const std::shared_ptr<std::atomic<bool>> behind_ = std::make_shared<std::atomic<bool>>(true);
  std::vector<store::cache::subscription> wakes_;
  std::mutex mutex_;  ///< of loading
  std::atomic<std::shared_ptr<const state>> state_;
  std::atomic<double> lend_next_;  ///< when the levels' seats are shared out again
};

/// Adds the part of the server's seats that each priority level has to the metrics.
void show_seats(model::instruments& metrics, std::shared_ptr<store::cache> cache, unsigned seats);

/// Serving a read takes time of the thread's, from here to its end.
class read_slice {
 public:
  ~read_slice();
  read_slice() = default;
  read_slice(const read_slice&) = delete;
  read_slice& operator=(const read_slice&) = delete;

 private:
  const std::chrono::steady_clock::time_point began_ = std::chrono::steady_clock::now();
};

}  // namespace troupe::rest
