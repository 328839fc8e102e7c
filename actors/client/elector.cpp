#include "actors/client/client.hpp"
#include "messages/errors.hpp"
#include "model/event.hpp"
#include "model/random.hpp"
#include "model/status.hpp"

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

namespace troupe::client {
namespace {

using election = model::leader_election;

constexpr const char* leases = "leases.coordination.k8s.io";
constexpr int conflict = 409;
constexpr int not_found = 404;

// The Lease is read over the network, so that the leader goes by what it has written last and
// reads it again only when a write was refused.
class elector final : public elector_actor::base {
 public:
  elector(caf::actor_config& cfg, elector_options options)
      : elector_actor::base(cfg),
        options_(std::move(options)),
        election_(options_.election),
        random_(options_.seed),
        place_(*built_in_resource(leases)) {}

  const char* name() const override { return "elector"; }

  behavior_type make_behavior() override {
    spdlog::info("attempting to acquire leader lease {}...", lease_text());
    look();
    return {[this](tick_atom) { tick(); }, [this](stop_atom) { stop(); }};
  }

  void on_exit() override {
    options_.api = nullptr;
    options_.recorder = nullptr;
    options_.started = nullptr;
    options_.lost = nullptr;
  }

 private:
  using answer = std::function<void(const api_response&)>;

  std::string lease_text() const {
    return election_.settings().ns + "/" + election_.settings().name;
  }
  std::string path() const {
    return place_.object(election_.settings().ns, election_.settings().name);
  }

  void tick() {
    if (stopping_) return;
    if (election_.overdue(options_.clock())) return lose("failed to renew lease " + lease_text());
    look();
  }

  void look() {
    delayed_send(this, pause(), tick_atom::value);
    if (busy_) return;
    if (lease_) return decide(lease_);
    ask("GET", path(), {}, [this](const api_response& r) {
      if (r.code == not_found) return decide(nullptr);
      auto found = r.code == 200 ? model::decode(leases, std::string(r.body.bytes())) : nullptr;
      if (!found) return tell("retrieving", r);
      decide(found);
    });
  }

  // Who does not lead asks at times that those who began together do not share.
  std::chrono::milliseconds pause() {
    const auto period = election_.settings().retry_period;
    if (leads_) return period;
    const auto most = static_cast<std::uint64_t>(period.count() * election::jitter_percent / 100);
    return period + std::chrono::milliseconds(random_.below(most + 1));
  }

  void decide(const model::object_ptr& current) {
    auto a = election_.next(current, options_.clock());
    note_holder();
    if (leads_ && !election_.leading()) return lose("lease taken over by " + election_.holder());
    if (!a) return;
    write(*a, [this](const model::object_ptr& written) {
      election_.succeeded(written, options_.clock());
      lease_ = written;
      about_ = model::reference_to(*written, "Lease", "coordination.k8s.io/v1");
      if (!leads_) lead();
    });
  }

  void note_holder() {
    const auto& holder = election_.holder();
    if (holder != told_holder_ && !holder.empty() && holder != election_.settings().identity)
      spdlog::info("new leader elected: {}", holder);
    told_holder_ = holder;
  }

  void write(const election::attempt& a, std::function<void(const model::object_ptr&)> then_do) {
    const bool made = !a.if_version;
    lease_ = nullptr;
    ask(made ? "POST" : "PUT", made ? place_.collection(election_.settings().ns) : path(),
        a.lease.dump(), [this, then_do](const api_response& r) {
          auto written =
              r.code < 300 ? model::decode(leases, std::string(r.body.bytes())) : nullptr;
          if (!written) return tell("writing", r);
          then_do(written);
        });
  }

  void ask(std::string method, std::string target, std::string body, const answer& take) {
    api_request r;
    r.method = std::move(method);
    r.target = std::move(target);
    r.user_agent = options_.agent;
    if (!body.empty()) r.body = blob_ref(std::move(body));
    busy_ = true;
    const auto answered = [this, take](const api_response& a) {
      busy_ = false;
      take(a);
      if (stopping_ && !busy_) release();
    };
    request(options_.api, election_.settings().renew_deadline, request_atom::value, std::move(r))
        .then(answered, [answered](const caf::error& e) {
          const auto s = to_status(e);
          api_response a;
          a.code = static_cast<std::uint16_t>(s.code);
          a.body = blob_ref(model::to_text(s));
          answered(a);
        });
  }

  void tell(const char* doing, const api_response& r) {
    if (r.code == conflict) return;  // somebody else was faster
    const auto why = model::status_from_text(r.body.bytes()).message;
    if (why != told_) spdlog::warn("{} lease {}: {}", doing, lease_text(), why);
    told_ = why;
  }

  void lead() {
    spdlog::info("successfully acquired lease {}", lease_text());
    leads_ = true;
    record("became leader");
    if (!stopping_ && options_.started) options_.started();
  }

  void lose(const std::string& why) {
    spdlog::error("stopped leading {}: {}", lease_text(), why);
    record("stopped leading");
    if (options_.lost) options_.lost(why);
    quit();
  }

  void record(const std::string& what) {
    if (!options_.recorder) return;
    model::event_note note;
    note.about = about_;
    note.reason = "LeaderElection";
    note.message = election_.settings().identity + " " + what;
    note.component = options_.agent;
    send(options_.recorder, record_atom::value, std::move(note));
  }

  // What is under way ends first: the Lease is given back as it is by then.
  void stop() {
    stopping_ = true;
    if (!busy_) release();
  }

  void release() {
    auto a = election_.release(lease_, options_.clock());
    if (!a) return quit();
    record("stopped leading");
    write(*a, [](const model::object_ptr&) {});
  }

  elector_options options_;
  election election_;
  model::random_source random_;
  const served_resource place_;
  model::object_ptr lease_;  // as it was written last; null: to be read
  model::object_reference about_;
  std::string told_holder_;
  std::string told_;  // the failure that was logged last
  bool busy_ = false;
  bool leads_ = false;
  bool stopping_ = false;
};

}  // namespace
}  // namespace troupe::client

namespace troupe {

elector_actor spawn_elector(caf::actor_system& system, elector_options options) {
  return system.spawn<client::elector>(std::move(options));
}

}  // namespace troupe
