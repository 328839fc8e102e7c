#include "actors/api/streams.hpp"

#include "messages/errors.hpp"
#include "model/custom/kinds.hpp"

#include <caf/all.hpp>

namespace troupe::api {
namespace {

constexpr std::size_t chunk_size = 64u << 10;

using watch_source = stream_source::extend<caf::reacts_to<changed_atom>, caf::reacts_to<tick_atom>>;

class watch_source_actor final : public watch_source::base {
 public:
  watch_source_actor(caf::actor_config& c, watched what, std::uint64_t id, stream_sink sink)
      : watch_source::base(c),
        watch_(std::move(what.watch)),
        id_(id),
        sink_(std::move(sink)),
        clock_(std::move(what.clock)),
        made_(what.made),
        converter_(std::move(what.converter)) {}

  const char* name() const override { return "watch"; }

 protected:
  behavior_type make_behavior() override {
    set_down_handler([this](const caf::down_msg&) { quit(); });
    monitor(sink_);
    auto me = caf::actor_cast<caf::actor_addr>(this);
    watch_->wake_by([me] {
      if (auto self = caf::actor_cast<caf::actor>(me)) caf::anon_send(self, changed_atom::value);
    });
    if (made_) watch_->convert_by([this](std::vector<object_ptr> o) { convert(std::move(o)); });
    delayed_send(this, std::chrono::seconds(1), tick_atom::value);
    return {[this](credit_atom, std::uint64_t id, std::uint32_t n) {
              if (id != id_) return;
              credit_ += n;
              pump();
            },
            [this](cancel_atom, std::uint64_t id) {
              if (id == id_) quit();
            },
            [this](changed_atom) { pump(); },
            [this](tick_atom) {
              if (clock_() >= watch_->due()) pump();
              delayed_send(this, std::chrono::seconds(1), tick_atom::value);
            }};
  }

  void on_exit() override {
    watch_.reset();
    sink_ = nullptr;
  }

 private:
  void convert(std::vector<object_ptr> objects) {
    auto to = caf::actor_cast<caf::strong_actor_ptr>(converter_);
    if (!to) return watch_->refuse(model::unavailable("the API server is shutting down"));
    auto task = std::make_shared<conversion_task>(
        conversion_task{*made_, model::keep(*made_), std::move(objects), std::nullopt});
    request(caf::actor_cast<converter_actor>(to), caf::infinite, convert_atom::value, task)
        .then(
            [this](const conversion_ptr& made) {
              if (made->refused)
                watch_->refuse(*made->refused);
              else
                watch_->converted(std::move(made->objects));
              pump();
            },
            [this](const caf::error& e) {
              watch_->refuse(to_status(e));
              pump();
            });
  }

  void pump() {
    while (credit_ > 0 && sink_) {
      std::string chunk;
      const bool more = watch_->pull(chunk, chunk_size, clock_());
      if (!chunk.empty()) {
        --credit_;
        send(sink_, chunk_atom::value, id_, blob_ref(std::move(chunk)));
      } else if (more) {
        return;
      }
      if (!more) {
        send(sink_, end_atom::value, id_, caf::error{});
        return quit();
      }
    }
  }

  std::unique_ptr<store::watch> watch_;
  std::uint64_t id_;
  stream_sink sink_;
  model::wall_clock clock_;
  const model::kind_info* made_;
  caf::actor_addr converter_;
  std::uint64_t credit_ = 0;
};

}  // namespace

stream_source spawn_watch_source(caf::actor_system& system, watched what, std::uint64_t id,
                                 stream_sink sink) {
  return system.spawn<watch_source_actor>(std::move(what), id, std::move(sink));
}

stream_source spawn_empty_source(caf::actor_system& system, std::uint64_t id, stream_sink sink) {
  return system.spawn([id, sink](stream_source::pointer self) -> stream_source::behavior_type {
    self->send(sink, end_atom::value, id, caf::error{});
    self->quit();
    return {[](credit_atom, std::uint64_t, std::uint32_t) {}, [](cancel_atom, std::uint64_t) {}};
  });
}

}  // namespace troupe::api
