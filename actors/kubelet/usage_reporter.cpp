#include "actors/kubelet/usage_reporter.hpp"

#include "actors/kubelet/host.hpp"
#include "messages/common.hpp"
#include "model/kubelet/usage_meter.hpp"
#include "model/random.hpp"

#include <spdlog/spdlog.h>

namespace troupe {

using namespace model::kubelet;
using std::chrono::milliseconds;

namespace {

class usage_reporter final : public caf::event_based_actor {
 public:
  usage_reporter(caf::actor_config& cfg, context_ptr context, uint64_t seed)
      : caf::event_based_actor(cfg), context_(std::move(context)), random_(seed) {}

  const char* name() const override { return "usage_reporter"; }

  caf::behavior make_behavior() override {
    way_->open(caf::actor{this});
    // Rates need two readings: the first ones follow each other closely.
    delayed_send(this, about(std::min<milliseconds>(first_pause, interval())), tick_atom::value);
    return {[this](tick_atom) { measure(); }, [](const task& t) { t.run(); }};
  }

  void on_exit() override {
    way_->close();
    context_ = nullptr;
  }

 private:
  static constexpr milliseconds first_pause{2000};
  static constexpr int quick_rounds = 2;

  milliseconds interval() const { return context_->options.usage_interval; }

  /// `d` give or take a fifth: thousands of kubelets must not beat together.
  milliseconds about(milliseconds d) {
    const auto span = static_cast<uint64_t>(d.count());
    return milliseconds{span * 4 / 5 + random_.below(span * 2 / 5 + 1)};
  }

  void measure() {
    const bool quick = ++rounds_ <= quick_rounds;
    delayed_send(this, about(quick ? std::min<milliseconds>(first_pause, interval()) : interval()),
                 tick_atom::value);
    if (busy_) return;
    busy_ = true;
    context_->options.runtime->usage([this, way = way_](outcome<std::vector<container_usage>> o) {
      way->post([this, o = std::move(o)] { measured(o); });
    });
  }

  void measured(const outcome<std::vector<container_usage>>& o) {
    busy_ = false;
    if (!o) return;  // the runtime is down, which the kubelet tells
    std::optional<usage_sample> host;
    if (context_->on_disk()) host = read_usage(context_->now());
    auto figures = meter_.measure(o.value, host, context_->options.usage_interval);
    if (figures == reported_) return report({});
    reported_ = std::move(figures);
    report(to_text(reported_));
  }

  // What was not taken is told whole the next time.
  void report(std::string text) {
    api_request r;
    r.method = "PUT";
    r.target = "/troupe.io/figures/" + context_->options.node_name;
    r.user_agent = "kubelet";
    r.user = context_->user;
    if (!text.empty()) r.body = blob_ref{std::move(text)};
    request(context_->options.api, context_->options.request_timeout, request_atom::value,
            std::move(r))
        .then(
            [this](const api_response& a) {
              if (a.code >= 300) reported_ = {};
            },
            [this](const caf::error&) { reported_ = {}; });
  }

  context_ptr context_;
  std::shared_ptr<way_back> way_ = std::make_shared<way_back>();
  model::random_source random_;
  usage_meter meter_;
  model::node_figures reported_;
  int rounds_ = 0;
  bool busy_ = false;
};

}  // namespace

caf::actor spawn_usage_reporter(caf::actor_system& system, context_ptr context, uint64_t seed) {
  return system.spawn<usage_reporter>(std::move(context), seed);
}

}  // namespace troupe
