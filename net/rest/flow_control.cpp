#include "net/rest/flow_control.hpp"

#include "model/flow_control/borrowing.hpp"
#include "model/flow_control/fair_queues.hpp"

#include <chrono>
#include <map>

namespace troupe::rest {
namespace {

using model::flow_level;
using std::chrono::steady_clock;

constexpr const char* schemas = "flowschemas.flowcontrol.apiserver.k8s.io";
const std::string schema_header = "X-Kubernetes-Pf-Flowschema-Uid";
const std::string level_header = "X-Kubernetes-Pf-Prioritylevel-Uid";
constexpr const char* levels = "prioritylevelconfigurations.flowcontrol.apiserver.k8s.io";

// A quarter of a request's time, as apiserver has it: what waits longer is refused.
constexpr std::chrono::seconds wait_limit{15};
// Of bodies that wait, of all levels together.
constexpr std::size_t waiting_bytes_limit = 256u << 20;
// A thread that has served reads for so long, without as long a rest, lets others in between.
constexpr double slice = 0.002;

// apiserver's period between two adjustments of the levels' seats.
constexpr double lending_period = 10;

double seconds_now() {
  return std::chrono::duration<double>(steady_clock::now().time_since_epoch()).count();
}

double seconds_since(steady_clock::time_point t) {
  return std::chrono::duration<double>(steady_clock::now() - t).count();
}

// How busy this thread is with reads.
struct slices {
  steady_clock::time_point last;
  double used = 0;

  bool exhausted() {
    const auto now = steady_clock::now();
    used = std::max(0.0, used - std::chrono::duration<double>(now - last).count() / 2);
    last = now;
    return used > slice;
  }
};
thread_local slices this_thread;

struct waiter {
  http::exchange_ptr to;
  flow_control::work work;
  steady_clock::time_point since;
  std::size_t bytes = 0;
};

std::atomic<std::size_t> waiting_bytes{0};

std::unique_ptr<model::flow_table> read_table(const store::cache& cache, unsigned seats) {
  const auto all = [&cache](const char* resource) {
    std::vector<model::json> out;
    for (const auto& o : cache.list(resource).objects) out.push_back(o->parse());
    return out;
  };
  return std::make_unique<model::flow_table>(all(schemas), all(levels), seats);
}

}  // namespace

// The seats of one level for one kind of request.
struct flow_control::pool : std::enable_shared_from_this<pool> {
  explicit pool(const flow_level& level) : queues(level) {}

  std::mutex mutex;
  model::fair_queues<waiter> queues;
  model::demand_meter demand{seconds_now()};  ///< seats that are taken or waited for
  double smoothed = 0;                        ///< of both pools of a level; kept by that of writes

  // Under the mutex, after each change.
  void measure() {
    demand.set(static_cast<double>(queues.running() + queues.waiting()), seconds_now());
  }

  // Gives its seat back when the request is answered, or dropped.
  struct seat {
    std::shared_ptr<pool> of;
    unsigned queue;
    steady_clock::time_point began = steady_clock::now();
    std::atomic<bool> taken{true};

    seat(std::shared_ptr<pool> p, unsigned q) : of(std::move(p)), queue(q) {}
    ~seat() { leave(); }
    void leave() {
      if (taken.exchange(false)) of->leave(queue, seconds_since(began));
    }
  };

  void hold(const http::exchange_ptr& x, unsigned queue) {
    auto s = std::make_shared<seat>(shared_from_this(), queue);
    x->observe([s](const http::response&, bool streams) -> std::function<void()> {
      if (streams) return [s] { s->leave(); };
      s->leave();
      return {};
    });
  }

  void leave(unsigned queue, double seconds) {
    {
      const std::lock_guard lock(mutex);
      queues.finished(queue, seconds);
      measure();
    }
    run_next();
  }

  void set_seats(unsigned seats) {
    {
      const std::lock_guard lock(mutex);
      queues.set_seats(seats);
    }
    run_next();
  }

  void run_next() {
    for (;;) {
      std::optional<model::fair_queues<waiter>::start> next;
      {
        const std::lock_guard lock(mutex);
        next = queues.next();
      }
      if (!next) return;
      auto& w = next->item;
      waiting_bytes -= w.bytes;
      hold(w.to, next->queue);
      const bool in_time = steady_clock::now() - w.since < wait_limit;
      auto to = w.to;
      to->post([work = std::move(w.work), in_time] { work(in_time); });
    }
  }
};

// The requests of an exempt level: they are counted alone.
struct flow_control::busy_meter {
  std::atomic<unsigned> running{0}, highest{0};

  void enter() {
    const unsigned n = ++running;
    unsigned most = highest.load(std::memory_order_relaxed);
    while (most < n && !highest.compare_exchange_weak(most, n)) continue;
  }
  unsigned take() { return highest.exchange(running.load()); }
};

struct flow_control::state {
  struct pools {
    flow_level level;
    std::shared_ptr<pool> reads, writes;
    std::shared_ptr<busy_meter> exempt;  ///< instead of pools
  };
  std::unique_ptr<model::flow_table> table;
  std::map<const flow_level*, pools> of;
};

flow_control::flow_control(flow_options options)
    : options_(std::move(options)), lend_next_(seconds_now() + lending_period) {
  for (const char* resource : {schemas, levels})
    wakes_.push_back(options_.cache->subscribe(resource, [behind = behind_] { *behind = true; }));
}

flow_control::~flow_control() = default;

std::shared_ptr<const flow_control::state> flow_control::load(
    const std::shared_ptr<const state>& before) const {
  auto out = std::make_shared<state>();
  out->table = read_table(*options_.cache, options_.seats);
  for (const auto& level : out->table->levels()) {
    state::pools p{*level, nullptr, nullptr, nullptr};
    // What is as it was goes on; who waits in another one is served out of it.
    if (before)
      for (const auto& [key, old] : before->of)
        if (old.level == *level) p = old;
    if (level->exempt && !p.exempt) p.exempt = std::make_shared<busy_meter>();
    if (!p.reads && !level->exempt) {
      p.writes = std::make_shared<pool>(*level);
      // Reads are work of the threads that serve them: more seats would only make a longer row.
      flow_level few = *level;
      few.seats = std::min(few.seats, options_.threads * 2);
      p.reads = std::make_shared<pool>(few);
    }
    out->of.emplace(level.get(), std::move(p));
  }
  return out;
}

std::shared_ptr<const flow_control::state> flow_control::current() {
  if (*behind_) {
    const std::lock_guard lock(mutex_);
    while (behind_->exchange(false)) state_ = load(state_);
  }
  return state_;
}

// Nobody comes: nobody needs what others could lend. So whoever comes first after a period does it.
void flow_control::lend(const state& now) {
  const double at = seconds_now();
  double due = lend_next_;
  if (at < due || !lend_next_.compare_exchange_strong(due, at + lending_period)) return;
  std::vector<const state::pools*> lenders;
  std::vector<model::lending_level> claims;
  for (const auto& [level, pools] : now.of) {
    lenders.push_back(&pools);
    model::lending_level claim{level->exempt, level->seats, level->least, level->most, 0, 0};
    if (pools.exempt) {
      claim.highest = pools.exempt->take();
      claims.push_back(claim);
      continue;
    }
    model::demand_meter::sums seen;
    for (const auto& p : {pools.writes, pools.reads}) {
      const std::lock_guard lock(p->mutex);
      const auto part = p->demand.take(at);
      seen.average += part.average;
      seen.deviation += part.deviation;
      seen.highest += part.highest;
    }
    claim.highest = seen.highest;
    {
      const std::lock_guard lock(pools.writes->mutex);
      claim.smoothed = pools.writes->smoothed =
          model::smoothed_demand(pools.writes->smoothed, seen);
    }
    claims.push_back(claim);
  }
  const auto shares = model::lend_seats(claims);
  for (std::size_t i = 0; i < lenders.size(); ++i) {
    if (lenders[i]->exempt) continue;
    lenders[i]->writes->set_seats(shares[i]);
    lenders[i]->reads->set_seats(std::min(shares[i], options_.threads * 2));
  }
}

flow_control::verdict flow_control::admit(const http::exchange_ptr& x, const model::subject& who,
                                          const model::request_info& what, bool reads,
                                          const std::function<work()>& later) {
  const auto now = current();
  lend(*now);
  const auto match = now->table->classify(who, what);
  if (!match.level) return verdict::run;
  x->add_header(schema_header, std::string(match.schema_uid));
  x->add_header(level_header, match.level->uid);
  if (model::is_long_running(what)) return verdict::run;
  const auto& pools = now->of.at(match.level);
  if (pools.exempt) {
    pools.exempt->enter();
    x->observe([busy = pools.exempt](const http::response&, bool) -> std::function<void()> {
      --busy->running;
      return {};
    });
    return verdict::run;
  }
  const auto& p = reads ? pools.reads : pools.writes;
  const auto bytes = x->in().body.size();
  if (waiting_bytes + bytes > waiting_bytes_limit) return verdict::refused;
  using outcome = model::fair_queues<waiter>::verdict;
  model::fair_queues<waiter>::arrival a;
  {
    const std::lock_guard lock(p->mutex);
    // Only what has to wait is made into something that can.
    waiter w;
    if (!p->queues.free()) w = {x, later(), steady_clock::now(), bytes};
    a = p->queues.arrive(match.flow, std::move(w));
    p->measure();
    if (a.what == outcome::wait) waiting_bytes += bytes;
  }
  if (a.what == outcome::refuse) return verdict::refused;
  if (a.what == outcome::wait) return verdict::later;
  p->hold(x, a.queue);
  if (!reads || !this_thread.exhausted()) return verdict::run;
  x->post([work = later()] { work(true); });
  return verdict::later;
}

read_slice::~read_slice() {
  this_thread.used += seconds_since(began_);
}

void show_seats(model::instruments& metrics, std::shared_ptr<store::cache> cache, unsigned seats) {
  metrics.collected("apiserver_flowcontrol_nominal_limit_seats",
                    "Seats of the server that are each priority level's own.", "gauge",
                    {"priority_level"}, [cache = std::move(cache), seats](model::exposition& out) {
                      const auto table = read_table(*cache, seats);
                      for (const auto& level : table->levels())
                        out.value({level->name}, static_cast<std::uint64_t>(level->seats));
                    });
}

}  // namespace troupe::rest
