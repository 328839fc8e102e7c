#include "actors/kubelet/tunnel_end.hpp"

#include "actors/kubelet/context.hpp"
#include "messages/errors.hpp"
#include "model/status.hpp"

namespace troupe {

using namespace model::kubelet;

namespace {

// Frames that may be under way to the runtime: a megabyte.
constexpr std::uint32_t window = 16;

using end_self = tunnel_actor::extend<caf::reacts_to<task>>;

class end_actor final : public end_self::base {
 public:
  end_actor(caf::actor_config& cfg, std::uint64_t id, tunnel_actor peer,
            std::shared_ptr<way_back> way)
      : end_self::base(cfg), id_(id), peer_(std::move(peer)), way_(std::move(way)) {}

  const char* name() const override { return "tunnel_end"; }

  behavior_type make_behavior() override {
    monitor(peer_);
    set_down_handler([this](const caf::down_msg&) { quit(); });
    return {[this](frame_atom, std::uint64_t id, std::uint32_t channel, std::uint8_t what,
                   const blob_ref& bytes) {
              if (id != id_ || !tunnel_ || what > static_cast<std::uint8_t>(frame::kind::open))
                return;
              tunnel_->write({channel, static_cast<frame::kind>(what), bytes.bytes()});
            },
            [this](credit_atom, std::uint64_t id, std::uint32_t n) {
              if (id != id_) return;
              if (tunnel_)
                tunnel_->allow(n);
              else
                early_ += n;
            },
            [this](end_atom, std::uint64_t id, const caf::error&) {
              if (id == id_) quit();
            },
            [](const task& t) { t.run(); }};
  }

  void on_exit() override {
    way_->close();
    if (tunnel_) tunnel_->close();
    tunnel_ = nullptr;
    peer_ = nullptr;
  }

  void opened(std::shared_ptr<tunnel> t) {
    tunnel_ = std::move(t);
    if (early_ > 0) tunnel_->allow(std::exchange(early_, 0));
    send(peer_, credit_atom::value, id_, window);
  }

  void said(frame f) {
    send(peer_, frame_atom::value, id_, f.channel, static_cast<std::uint8_t>(f.what),
         blob_ref(std::move(f.bytes)));
  }

  void took(std::uint32_t n) { send(peer_, credit_atom::value, id_, n); }

  void ended(const std::string& why) {
    send(peer_, end_atom::value, id_,
         why.empty() ? caf::error{} : to_error(model::internal_error(why)));
    quit();
  }

 private:
  std::uint64_t id_;
  tunnel_actor peer_;
  std::shared_ptr<way_back> way_;
  std::shared_ptr<tunnel> tunnel_;
  std::uint32_t early_ = 0;  ///< credit that came before the runtime's side was open
};

}  // namespace

tunnel_end spawn_tunnel_end(caf::actor_system& system, std::uint64_t id, tunnel_actor peer) {
  auto way = std::make_shared<way_back>();
  const auto actor = system.spawn<end_actor>(id, std::move(peer), way);
  // The runtime may be quicker than the actor. What is posted runs in it, while it lives.
  way->open(caf::actor_cast<caf::actor>(actor));
  auto* self = static_cast<end_actor*>(caf::actor_cast<caf::abstract_actor*>(actor));
  tunnel_end out;
  out.actor = caf::actor_cast<tunnel_actor>(actor);
  out.events.said = [way, self](frame f) {
    way->post(
        [self, shared = std::make_shared<frame>(std::move(f))] { self->said(std::move(*shared)); });
  };
  out.events.took = [way, self](std::uint32_t n) { way->post([self, n] { self->took(n); }); };
  out.events.ended = [way, self](const std::string& why) {
    way->post([self, why] { self->ended(why); });
  };
  out.opened = [way, self](std::shared_ptr<tunnel> t) {
    way->post([self, t = std::move(t)] { self->opened(t); });
  };
  return out;
}

}  // namespace troupe
