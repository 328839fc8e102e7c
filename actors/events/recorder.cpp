#include "actors/events/recorder.hpp"

#include "actors/events/correlator.hpp"
#include "messages/errors.hpp"
#include "model/json_writer.hpp"

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

namespace troupe::events {
namespace {

class recorder final : public recorder_actor::base {
 public:
  recorder(caf::actor_config& cfg, recorder_options options)
      : recorder_actor::base(cfg),
        options_(std::move(options)),
        correlator_(options_.queue, 4096, options_.seed) {}

  const char* name() const override { return "recorder"; }

  behavior_type make_behavior() override {
    return {[this](record_atom, model::event_note& note) {
              correlator_.add(std::move(note), options_.clock());
              if (!resting_ && pending_ == 0) flush();
            },
            [this](tick_atom) {
              resting_ = false;
              if (pending_ == 0) flush();
            },
            [this](stop_atom) {
              stopping_ = true;
              if (pending_ == 0) flush();
            }};
  }

  void on_exit() override {
    options_.store = nullptr;
    options_.api = nullptr;
  }

 private:
  void flush() {
    auto records = correlator_.take(options_.batch);
    if (records.empty()) {
      if (stopping_) quit();
      return;
    }
    if (correlator_.dropped() != reported_)
      spdlog::debug("events dropped under load: {}", reported_ = correlator_.dropped());
    resting_ = true;
    delayed_send(this, options_.interval, tick_atom::value);
    if (options_.store)
      to_store(std::move(records));
    else
      for (auto& r : records) to_api(std::move(r));
  }

  void written() {
    if (--pending_ == 0 && (stopping_ || !resting_)) flush();
  }

  // An Event that was to count up but has expired or been deleted is created again by its next
  // repeat; other failures cost one event, as in client-go.
  void judge(const record& r, const model::status& s) {
    if (s.code == 404 && !r.create)
      correlator_.forget(r.key);
    else
      spdlog::debug("event {}/{} not written: {}", r.note.ns(), r.name, s.message);
  }

  void to_store(std::vector<record> taken) {
    const auto records = std::make_shared<const std::vector<record>>(std::move(taken));
    std::vector<write> writes;
    writes.reserve(records->size());
    for (const auto& r : *records) {
      write w;
      w.op = r.create ? write_op::create : write_op::update;
      w.resource = "events";
      w.ns = r.note.ns();
      w.name = r.name;
      w.object = model::encode("events", r.document());
      writes.push_back(std::move(w));
    }
    ++pending_;
    request(options_.store, options_.timeout, write_atom::value, std::move(writes))
        .then(
            [this, records](const std::vector<object_ref>&,
                            const std::vector<std::string>& errors) {
              for (std::size_t i = 0; i < errors.size() && i < records->size(); ++i)
                if (!errors[i].empty()) judge((*records)[i], model::status_from_text(errors[i]));
              written();
            },
            [this, records](const caf::error& e) {
              for (const auto& r : *records) judge(r, to_status(e));
              written();
            });
  }

  void to_api(record r) {
    api_request q;
    q.method = r.create ? "POST" : "PATCH";
    q.target = "/api/v1/namespaces/" + r.note.ns() + "/events" + (r.create ? "" : "/" + r.name);
    if (!r.create) q.content_type = "application/merge-patch+json";
    model::json body = r.create ? r.document() : r.patch();
    if (r.create) {
      body["metadata"].erase("uid");
      body["metadata"].erase("creationTimestamp");
    }
    q.body = blob_ref(model::dump(body));
    q.user_agent = r.note.component;
    q.user = options_.user;
    ++pending_;
    request(options_.api, options_.timeout, request_atom::value, std::move(q))
        .then(
            [this, r](const api_response& a) {
              if (a.code >= 400) judge(r, model::status_from_text(a.body.bytes()));
              written();
            },
            [this, r](const caf::error& e) {
              judge(r, to_status(e));
              written();
            });
  }

  recorder_options options_;
  correlator correlator_;
  std::size_t pending_ = 0;  // writes under way
  bool resting_ = false;     // until the tick
  bool stopping_ = false;
  std::uint64_t reported_ = 0;
};

}  // namespace

recorder_actor spawn_recorder(caf::actor_system& system, recorder_options options) {
  return system.spawn<recorder>(std::move(options));
}

}  // namespace troupe::events
