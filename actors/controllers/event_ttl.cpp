#include "actors/controllers/controller.hpp"
#include "model/json_text.hpp"
#include "model/time.hpp"

#include <algorithm>
#include <map>

namespace troupe {
namespace {

using namespace std::chrono_literals;

// An Event lives for an hour after it was last written, as with kube-apiserver's --event-ttl.
struct event_ttl_controller : controller {
  static constexpr std::size_t batch = 512;
  static constexpr auto sweep_period = 10s;
  static inline const std::string sweep = "sweep";

  struct entry {
    model::object_key key;
    uint64_t version;
  };

  explicit event_ttl_controller(event_ttl_options o) : options(o) {}

  std::string name() const override { return "event-ttl-controller"; }
  std::vector<std::string> resources() const override { return {"events"}; }
  void start(controller_host& host) override { host.visit(sweep, sweep_period); }

  void observe(const store::event& e, controller_host& host) override {
    if (e.type == store::event::kind::deleted) return;
    const auto written = e.type == store::event::kind::added ? written_at(*e.object) : std::nullopt;
    due.emplace(written.value_or(host.now()) + options.ttl,
                entry{e.object->key(), e.object->version()});
  }

  // For events from before our start.
  static std::optional<model::time_point> written_at(const model::object& o) {
    using model::member_text;
    const std::string& event = o.bytes();
    for (const auto& text : {member_text(member_text(event, "series"), "lastObservedTime"),
                             member_text(event, "lastTimestamp"), member_text(event, "eventTime"),
                             member_text(member_text(event, "metadata"), "creationTimestamp")})
      if (auto t = model::from_rfc3339(model::unquoted(text))) return t;
    return std::nullopt;
  }

  void reconcile(const std::string&, controller_host& host,
                 std::function<void(outcome)> done) override {
    std::vector<write> writes;
    while (!due.empty() && due.begin()->first <= host.now() && writes.size() < batch) {
      const auto node = due.extract(due.begin());
      const auto& [key, version] = node.mapped();
      const auto now = host.cache().get(key);
      if (!now || now->version() != version) continue;  // gone, or written since
      writes.push_back(
          {write_op::remove, key.resource, key.ns, key.name, {}, version, std::string()});
    }
    if (writes.empty()) return done({{}, sweep_period});
    const auto again = writes.size() == batch ? 0ms : 10000ms;
    auto sent = std::make_shared<std::vector<write>>(writes);
    host.commit(std::move(writes),
                [this, sent, again, done, &host](const std::vector<std::string>& errors) {
                  for (std::size_t i = 0; i < errors.size(); ++i) {
                    if (errors[i].empty()) continue;
                    const int code = model::status_from_text(errors[i]).code;
                    if (code == 404 || code == 409) continue;
                    const auto& w = (*sent)[i];
                    due.emplace(host.now(), entry{{w.resource, w.ns, w.name}, *w.if_version});
                  }
                  done({{}, again});
                });
  }

  const event_ttl_options options;
  std::multimap<model::time_point, entry> due;
};

}  // namespace

controller_actor spawn_event_ttl_controller(caf::actor_system& sys, controller_options options,
                                            event_ttl_options ttl) {
  return spawn_controller(sys, std::move(options), std::make_unique<event_ttl_controller>(ttl));
}

}  // namespace troupe
