#include "cli/roles/parts.hpp"

#include "messages/common.hpp"

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

namespace troupe::cli {
namespace {

constexpr std::chrono::seconds patience{3};

// An exit that overtakes what waits in the mailbox.
void kill(const caf::actor& a) {
  auto message = caf::make_message(caf::exit_msg{a.address(), caf::exit_reason::kill});
  a->enqueue(nullptr, caf::make_message_id(caf::message_priority::high), std::move(message),
             nullptr);
}

}  // namespace

void parts::add(std::string name, std::function<void()> stop) {
  stops_.emplace_back(std::move(name), std::move(stop));
}

void parts::add_any(std::string name, caf::actor a, bool stopping) {
  add(name, [this, name, a, stopping] {
    caf::scoped_actor self{system_};
    self->monitor(a);
    if (stopping)
      caf::anon_send(a, stop_atom::value);
    else
      caf::anon_send_exit(a, caf::exit_reason::user_shutdown);
    bool down = false;
    const auto await = [&](std::chrono::seconds limit) {
      self->receive([&](const caf::down_msg&) { down = true; }, caf::after(limit) >> [] {});
    };
    await(patience);
    if (down) return;
    spdlog::warn("{} does not stop; killing it", name);
    kill(a);
    await(patience);
  });
}

void parts::stop() {
  while (!stops_.empty()) {
    auto [name, stop] = std::move(stops_.back());
    stops_.pop_back();
    spdlog::debug("stopping {}", name);
    stop();
  }
}

}  // namespace troupe::cli
