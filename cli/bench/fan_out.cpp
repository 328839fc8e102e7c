#include "cli/bench/fan_out.hpp"

#include "cli/bench/connection.hpp"

#include <boost/asio/steady_timer.hpp>

namespace troupe::cli::bench {
namespace {

namespace asio = boost::asio;

constexpr std::size_t max_writers = 16;
// Below this pace one connection sends every change: its round trip is shorter than the interval.
constexpr std::size_t events_a_writer = 200;

std::int64_t now_nanoseconds() {
  return clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
}

class fan_out {
 public:
  fan_out(const endpoint& to, const workload& objects, const api_options& options)
      : objects_(objects), options_(options), timer_(io_) {
    const auto writers = std::clamp<std::size_t>(options.events / events_a_writer, 1, max_writers);
    for (std::size_t i = 0; i < writers; ++i)
      writers_.push_back(std::make_unique<writer>(io_, connection::open(io_, to), i));
    for (std::size_t i = 0; i < options.watchers; ++i) watch(to, i % options.watched);
  }

  void run(figures& out) {
    while (!finished_) io_.run_one();
    out.add_rate("watch events", latency_.size(), seconds_, latency_);
    const auto missed = static_cast<double>(expected_) - static_cast<double>(latency_.size());
    out.add_value("watch events missed", missed, "events");
  }

 private:
  // Sends the changes whose number is its own modulo the count of writers.
  struct writer {
    writer(asio::io_context& io, std::unique_ptr<connection> to, std::size_t first)
        : link(std::move(to)), timer(io), next(first) {}
    std::unique_ptr<connection> link;
    asio::steady_timer timer;
    std::size_t next;
  };

  void watch(const endpoint& to, std::size_t pod) {
    watchers_.push_back(connection::open(io_, to));
    const auto request = make_request(
        to, "GET",
        objects_.pods() + "?watch=true&fieldSelector=metadata.name%3Dbench-" + std::to_string(pod));
    watchers_.back()->stream(request, [this, cut = lines()](std::string_view part) mutable {
      cut.add(part, [this](std::string_view line) { seen(line); });
    });
  }

  // The changes begin when every watch has shown its pod as it was.
  void seen(std::string_view line) {
    const auto sent = sent_nanoseconds(line);
    if (sent < 0) {
      if (++begun_ == watchers_.size()) start();
      return;
    }
    latency_.add(std::chrono::nanoseconds(now_nanoseconds() - sent));
    if (writing_ == 0 && latency_.size() == expected_) finish();
  }

  void start() {
    start_ = clock::now();
    writing_ = writers_.size();
    for (auto& w : writers_) write(*w);
  }

  void write(writer& w) {
    if (seconds_since(start_) >= options_.duration) return end_writer();
    const auto pod = w.next % options_.watched;
    expected_ += watchers_of(pod);
    w.link->send(objects_.patch_pod(pod, now_nanoseconds()), [this, &w](int code, auto, auto) {
      if (code != 200) throw bench_error("a patch was answered with " + std::to_string(code));
      w.next += writers_.size();
      w.timer.expires_at(start_ +
                         w.next * std::chrono::nanoseconds(std::nano::den) / options_.events);
      w.timer.async_wait([this, &w](auto) { write(w); });
    });
  }

  std::size_t watchers_of(std::size_t pod) const {
    return options_.watchers / options_.watched +
           (pod < options_.watchers % options_.watched ? 1 : 0);
  }

  void end_writer() {
    if (--writing_ > 0) return;
    timer_.expires_after(std::chrono::seconds(10));
    timer_.async_wait([this](auto) { finish(); });
    if (latency_.size() == expected_) finish();
  }

  void finish() {
    if (finished_) return;
    finished_ = true;
    seconds_ = seconds_since(start_);
  }

  const workload& objects_;
  const api_options& options_;
  asio::io_context io_{1};
  asio::steady_timer timer_;
  std::vector<std::unique_ptr<writer>> writers_;
  std::vector<std::unique_ptr<connection>> watchers_;
  clock::time_point start_;
  latencies latency_;
  std::size_t begun_ = 0;
  std::size_t expected_ = 0;
  std::size_t writing_ = 0;
  double seconds_ = 0;
  bool finished_ = false;
};

}  // namespace

void measure_fan_out(const endpoint& to, const workload& objects, const api_options& options,
                     figures& out) {
  fan_out(to, objects, options).run(out);
}

}  // namespace troupe::cli::bench
