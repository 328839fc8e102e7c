#include "cli/bench/api.hpp"

#include "cli/bench/load.hpp"
#include "cli/bench/workload.hpp"

#include <boost/asio/steady_timer.hpp>

#include <random>

namespace troupe::cli::bench {
namespace {

namespace asio = boost::asio;

// Requests until the time is up.
std::function<std::string(std::size_t)> for_seconds(double seconds,
                                                    std::function<std::string(std::size_t)> make) {
  return [end = clock::now() + std::chrono::duration<double>(seconds), make = std::move(make)](
             std::size_t i) { return clock::now() < end ? make(i) : std::string(); };
}

std::int64_t now_nanoseconds() {
  return clock::now().time_since_epoch() / std::chrono::nanoseconds(1);
}

// Watchers and, from one connection, changes at an even pace: how long until a watcher has each.
class fan_out {
 public:
  fan_out(const endpoint& to, const workload& objects, const api_options& options)
      : objects_(objects), options_(options), timer_(io_), writer_(connection::open(io_, to)) {
    const auto request = make_request(
        to, "GET", objects.pods() + "?watch=true&fieldSelector=metadata.name%3Dbench-0");
    for (std::size_t i = 0; i < options.watchers; ++i) {
      watchers_.push_back(connection::open(io_, to));
      watchers_.back()->stream(request, [this, cut = lines()](std::string_view part) mutable {
        cut.add(part, [this](std::string_view line) { seen(line); });
      });
    }
  }

  void run(figures& out) {
    timer_.expires_after(std::chrono::milliseconds(500));  // let every watch have its first event
    timer_.async_wait([this](auto) {
      start_ = clock::now();
      write();
    });
    while (!finished_) io_.run_one();
    out.add_rate("watch events", latency_.size(), seconds_, latency_);
    const auto sent = static_cast<double>(written_ * options_.watchers);
    out.add_value("watch events missed", sent - static_cast<double>(latency_.size()), "events");
  }

 private:
  void seen(std::string_view line) {
    const auto sent = sent_nanoseconds(line);
    if (sent < 0) return;  // the object as it was before the first change
    latency_.add(std::chrono::nanoseconds(now_nanoseconds() - sent));
    if (closing_ && latency_.size() == written_ * options_.watchers) finish();
  }

  void write() {
    if (seconds_since(start_) >= options_.duration) {
      closing_ = true;
      timer_.expires_after(std::chrono::seconds(10));
      timer_.async_wait([this](auto) { finish(); });
      if (latency_.size() == written_ * options_.watchers) finish();
      return;
    }
    ++written_;
    writer_->send(objects_.patch_pod(0, now_nanoseconds()), [this](int code, std::string_view) {
      if (code != 200) throw bench_error("a patch was answered with " + std::to_string(code));
      timer_.expires_at(start_ +
                        written_ * std::chrono::nanoseconds(std::nano::den) / options_.events);
      timer_.async_wait([this](auto) { write(); });
    });
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
  std::unique_ptr<connection> writer_;
  std::vector<std::unique_ptr<connection>> watchers_;
  clock::time_point start_;
  latencies latency_;
  std::size_t written_ = 0;
  double seconds_ = 0;
  bool closing_ = false;
  bool finished_ = false;
};

}  // namespace

void measure_api(const endpoint& to, const api_options& options, figures& out) {
  const workload objects(to);
  {
    asio::io_context io(1);
    connections links(io, to, options.connections);
    std::minstd_rand random(1);
    const auto any = [&] { return random() % options.objects; };
    const auto measure = [&](const char* name, int expected, auto next) {
      load l{.name = name, .next = std::move(next), .expected = expected};
      links.run(l);
      out.add_rate(name, l.answered, l.seconds, l.each);
    };
    measure("create", 201, [&](std::size_t i) {
      return i < options.objects ? objects.create_pod(i, "nobody") : std::string();
    });
    measure("get", 200, for_seconds(options.duration, [&](std::size_t) {
              return make_request(to, "GET", objects.pod_path(any()));
            }));
    measure("list 500", 200, for_seconds(options.duration, [&](std::size_t) {
              return make_request(to, "GET", objects.pods() + "?limit=500");
            }));
    // All but the first, whose changes the watchers time afterwards.
    measure("update", 200, for_seconds(options.duration, [&](std::size_t i) {
              return objects.patch_pod(1 + random() % (options.objects - 1),
                                       static_cast<std::int64_t>(i));
            }));
  }
  fan_out(to, objects, options).run(out);
  objects.remove();
}

}  // namespace troupe::cli::bench
