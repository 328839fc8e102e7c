#include "cli/bench/api.hpp"

#include "cli/bench/fan_out.hpp"
#include "cli/bench/load.hpp"
#include "cli/bench/workload.hpp"

#include <random>

namespace troupe::cli::bench {
namespace {

namespace asio = boost::asio;

// A body of many megabytes is limited by memory, not by how many wait for one.
constexpr std::size_t list_connections = 2;

using next_request = std::function<std::string(std::size_t)>;

// Requests until the time is up.
next_request for_seconds(double seconds, next_request make) {
  return [end = clock::now() + std::chrono::duration<double>(seconds), make = std::move(make)](
             std::size_t i) { return clock::now() < end ? make(i) : std::string(); };
}

// Runs one kind of request after the other and keeps the figures of each.
class runner {
 public:
  runner(const endpoint& to, const cluster* own, figures& out) : to_(to), own_(own), out_(out) {}

  load run(std::size_t connection_count, const char* name, int expected, next_request next) {
    asio::io_context io(1);
    connections links(io, to_, connection_count);
    load l;
    l.name = name;
    l.next = std::move(next);
    l.expected = expected;
    const double before = cpu();
    links.run(l);
    out_.add_rate(name, l.answered, l.seconds, l.each);
    if (own_)
      out_.add_value(
          std::string(name) + " cpu",
          (cpu() - before) * 1e6 / static_cast<double>(std::max<std::size_t>(l.answered, 1)),
          "us of the server a request");
    return l;
  }

 private:
  double cpu() const { return own_ ? own_->troupe().cpu_seconds : 0; }

  const endpoint& to_;
  const cluster* own_;
  figures& out_;
};

double per_second(const load& l) {
  return static_cast<double>(l.answered) / std::max(l.seconds, 1e-9);
}

void measure_requests(const workload& objects, const endpoint& to, const api_options& options,
                      const cluster* own, figures& out) {
  runner measure(to, own, out);
  const auto many = options.connections;
  std::minstd_rand random(1);
  const auto get = [&](std::string path) {
    return for_seconds(options.duration, [&to, path = std::move(path)](std::size_t) {
      return make_request(to, "GET", path);
    });
  };
  const auto plain = measure.run(many, "readyz", 200, get("/readyz"));
  const double rss_before = own ? own->troupe().rss_mib : 0;
  measure.run(many, "create", 201, [&](std::size_t i) {
    return i < options.objects ? objects.create_pod(i, "nobody") : std::string();
  });
  if (own)
    out.add_value(
        "rss a pod",
        (own->troupe().rss_mib - rss_before) * 1024 / static_cast<double>(options.objects), "KiB");
  const auto one =
      measure.run(many, "get", 200, for_seconds(options.duration, [&](std::size_t) {
                    return make_request(to, "GET", objects.pod_path(random() % options.objects));
                  }));
  out.add_value("get to readyz", per_second(plain) / per_second(one), "times the time");
  measure.run(many, "list 500", 200, get(objects.pods() + "?limit=500"));
  const auto all = measure.run(list_connections, "list all", 200, get(objects.pods()));
  out.add_value("list all bodies", static_cast<double>(all.bytes) / 1e6 / all.seconds, "MB/s");
  // Not those whose changes the watchers time afterwards.
  const auto any = [&] { return options.watched + random() % (options.objects - options.watched); };
  measure.run(many, "update", 200, for_seconds(options.duration, [&](std::size_t i) {
                return objects.patch_pod(any(), static_cast<std::int64_t>(i));
              }));
  measure.run(many, "apply", 200, for_seconds(options.duration, [&](std::size_t i) {
                return objects.apply_pod(any(), i);
              }));
  const workload others(to, "-unlike");
  measure.run(many, "create unlike", 201, [&](std::size_t i) {
    return i < options.objects ? others.create_unlike_pod(i, "nobody") : std::string();
  });
  others.remove();
}

}  // namespace

void measure_api(const endpoint& to, const api_options& options, const cluster* own, figures& out) {
  if (options.watched >= options.objects)
    throw bench_error("--watched has to be less than --objects");
  const workload objects(to);
  measure_requests(objects, to, options, own, out);
  const double before = own ? own->troupe().cpu_seconds : 0;
  measure_fan_out(to, objects, options, out);
  if (own) out.add_value("watch cpu", own->troupe().cpu_seconds - before, "CPU seconds");
  objects.remove();
}

}  // namespace troupe::cli::bench
