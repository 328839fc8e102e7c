#include "actors/store/store.hpp"

#include "actors/store/journal_writer.hpp"
#include "actors/store/store_core.hpp"
#include "messages/errors.hpp"
#include "model/random.hpp"

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <deque>

namespace troupe {
namespace {

using namespace std::chrono_literals;

constexpr auto first_pause = 20ms;
constexpr auto longest_pause = 2000ms;

using flush_atom = caf::atom_constant<caf::atom("flush")>;
using internal_store = store_actor::extend<caf::reacts_to<flush_atom>, caf::reacts_to<tick_atom>>;

struct store_impl : internal_store::base {
  // The writes of one message, answered together.
  struct group {
    caf::response_promise promise;
    std::vector<object_ref> objects;
    std::vector<std::string> errors;
    std::size_t open = 0;

    void answer_when_done() {
      if (open == 0) promise.deliver(std::move(objects), std::move(errors));
    }
  };
  // Whom to answer; the core answers in the order of submission. A refusal that rests on writes
  // before it waits among them, and has no answer of the core's.
  struct waiting {
    caf::response_promise promise;
    std::shared_ptr<group> of;
    std::size_t place = 0;
    std::optional<model::status> refusal;
  };

  store_impl(caf::actor_config& cfg, store_options options)
      : internal_store::base(cfg),
        options_(std::move(options)),
        core_(*options_.cache, options_.limits),
        random_(options_.seed),
        writer_(spawn_journal_writer(system(), std::move(options_.journal), options_.detached)) {}

  const char* name() const override { return "store"; }

  behavior_type make_behavior() override {
    open();
    return {[this](write_atom, write& w) -> caf::result<object_ref> {
              const bool ahead = core_.ahead_of(w);
              auto no = core_.submit(w);
              if (no && !ahead) return to_error(*no);
              waiting_.push_back({make_response_promise(), nullptr, 0, std::move(no)});
              flush_soon();
              return caf::delegated<object_ref>();
            },
            [this](write_atom, std::vector<write>& all)
                -> caf::result<std::vector<object_ref>, std::vector<std::string>> {
              submit_all(all);
              return caf::delegated<std::vector<object_ref>, std::vector<std::string>>();
            },
            [this](version_atom) -> caf::result<uint64_t> { return on_version(); },
            [this](flush_atom) {
              flush_posted_ = false;
              flush();
            },
            [this](tick_atom) {
              if (core_.state() == store_core::phase::loading) open();
              if (core_.state() == store_core::phase::recovering) recover();
            }};
  }

  void on_exit() override {
    fail_all(model::unavailable("the store is shutting down"));
    for (auto& p : loading_) p.deliver(to_error(model::unavailable("the store is shutting down")));
    loading_.clear();
    caf::anon_send_exit(writer_, caf::exit_reason::user_shutdown);
    writer_ = nullptr;
  }

  void submit_all(std::vector<write>& all) {
    auto g = std::make_shared<group>();
    g->promise = make_response_promise();
    g->objects.resize(all.size());
    g->errors.resize(all.size());
    for (std::size_t i = 0; i < all.size(); ++i) {
      const bool ahead = core_.ahead_of(all[i]);
      auto no = core_.submit(all[i]);
      if (no && !ahead) {
        g->errors[i] = model::to_text(*no);
        continue;
      }
      ++g->open;
      waiting_.push_back({{}, g, i, std::move(no)});
    }
    if (g->open > 0)
      flush_soon();
    else
      g->answer_when_done();
  }

  caf::result<uint64_t> on_version() {
    if (core_.state() == store_core::phase::fenced)
      return to_error(model::gone("this store was replaced by a newer one"));
    if (core_.state() != store_core::phase::loading) return core_.version();
    loading_.push_back(make_response_promise());
    return caf::delegated<uint64_t>();
  }

  // What waits in the mailbox already shall ride in the same batch.
  void flush_soon() {
    if (flush_posted_ || core_.batch_under_way()) return;
    flush_posted_ = true;
    send(this, flush_atom::value);
  }

  void flush() {
    auto batch = core_.next_batch();
    if (!batch) return;
    if (batch->empty()) return on_committed();
    request(writer_, caf::infinite, journal_append_atom::value, journal_batch{std::move(batch)})
        .then([this](const journal_answer& a) { on_appended(a.result); },
              [this](const caf::error& e) { on_appended(writer_gone(e)); });
  }

  void on_appended(const store::journal_result& result) {
    options_.health->journal_ok = result.ok();
    if (result.ok()) return on_committed();
    spdlog::warn("the journal did not take a batch: {}", result.message);
    if (result.error == store::journal_error::fenced) return step_down();
    if (!result.unknown()) return fail_all(core_.refused(result));
    fail_all(core_.lost(result));
    recover();
  }

  void on_committed() {
    for (auto& object : core_.committed()) {
      deliver_refusals();
      waiting w = std::move(waiting_.front());
      waiting_.pop_front();
      if (!w.of) {
        w.promise.deliver(object_ref(std::move(object)));
        continue;
      }
      w.of->objects[w.place] = std::move(object);
      --w.of->open;
      w.of->answer_when_done();
    }
    deliver_refusals();
    flush();
  }

  void deliver_refusals() {
    for (; !waiting_.empty() && waiting_.front().refusal; waiting_.pop_front())
      fail(waiting_.front(), *waiting_.front().refusal);
  }

  static void fail(waiting& w, const model::status& why) {
    if (!w.of) {
      w.promise.deliver(to_error(why));
      return;
    }
    w.of->errors[w.place] = model::to_text(why);
    --w.of->open;
    w.of->answer_when_done();
  }

  void fail_all(const model::status& why) {
    for (auto& w : waiting_) fail(w, why);
    waiting_.clear();
  }

  void open() {
    request(writer_, caf::infinite, journal_open_atom::value)
        .then([this](const journal_answer& a) { on_opened(a); },
              [this](const caf::error& e) { try_again(writer_gone(e)); });
  }

  void on_opened(const journal_answer& a) {
    if (!a.result.ok()) return try_again(a.result);
    const auto epoch = a.state->epoch;
    core_.loaded(std::move(*a.state));
    pause_ = first_pause;
    options_.health->epoch = epoch;
    options_.health->journal_ok = true;
    options_.health->loaded = true;
    spdlog::info("store loaded at version {} in epoch {}", core_.version(), epoch);
    for (auto& p : loading_) p.deliver(core_.version());
    loading_.clear();
  }

  void recover() {
    request(writer_, caf::infinite, journal_recover_atom::value, core_.version())
        .then([this](const journal_answer& a) { on_recovered(a); },
              [this](const caf::error& e) { try_again(writer_gone(e)); });
  }

  void on_recovered(const journal_answer& a) {
    if (a.result.error == store::journal_error::fenced) return step_down();
    if (!a.result.ok()) return try_again(a.result);
    core_.recovered(*a.events);
    pause_ = first_pause;
    options_.health->journal_ok = true;
    spdlog::info("the journal is back; {} commits of unknown fate are published", a.events->size());
  }

  void try_again(const store::journal_result& why) {
    options_.health->journal_ok = false;
    const auto pause = pause_ + std::chrono::milliseconds(
                                    random_.below(static_cast<std::uint64_t>(pause_.count())));
    spdlog::warn("the journal is away ({}); next attempt in {} ms", why.message, pause.count());
    delayed_send(this, pause, tick_atom::value);
    pause_ = std::min<std::chrono::milliseconds>(pause_ * 2, longest_pause);
  }

  void step_down() {
    spdlog::error("a newer store has taken over: this one steps down");
    options_.health->fenced = true;
    fail_all(core_.fenced());
    if (auto tell = std::exchange(options_.stepped_down, nullptr)) tell();
  }

  static store::journal_result writer_gone(const caf::error& e) {
    return {store::journal_error::unreachable, "the journal writer has ended: " + to_string(e)};
  }

  store_options options_;
  store_core core_;
  model::random_source random_;
  journal_writer writer_;
  std::deque<waiting> waiting_;
  std::vector<caf::response_promise> loading_;  // of those who ask for the version too early
  std::chrono::milliseconds pause_ = first_pause;
  bool flush_posted_ = false;
};

}  // namespace

store_actor spawn_store(caf::actor_system& sys, store_options options) {
  return sys.spawn<store_impl>(std::move(options));
}

}  // namespace troupe
