#pragma once

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>

#include <functional>
#include <string>
#include <vector>

namespace troupe::cli {

/// The parts of a process: stopped in the reverse of the order they were added in.
class parts {
 public:
  explicit parts(caf::actor_system& system) : system_(system) {}
  ~parts() { stop(); }
  parts(const parts&) = delete;
  parts& operator=(const parts&) = delete;

  /// How to stop a part that is no actor.
  void add(std::string name, std::function<void()> stop);
  /// An actor: told to exit, then waited for; killed when it takes too long.
  template <class Handle>
  void add_actor(std::string name, const Handle& h) {
    add_any(std::move(name), caf::actor_cast<caf::actor>(h), false);
  }
  /// An actor that has something to finish first: told to stop, then as above.
  template <class Handle>
  void add_stopping(std::string name, const Handle& h) {
    add_any(std::move(name), caf::actor_cast<caf::actor>(h), true);
  }
  /// Stops all. Idempotent.
  void stop();

 private:
  void add_any(std::string name, caf::actor a, bool stopping);

  caf::actor_system& system_;
  std::vector<std::pair<std::string, std::function<void()>>> stops_;
};

}  // namespace troupe::cli
