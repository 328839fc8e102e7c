#include "actors/kubelet/context.hpp"

#include "messages/errors.hpp"

#include <spdlog/spdlog.h>

namespace troupe {

api_answer read_answer(const api_response& r) {
  api_answer a;
  a.code = r.code;
  auto parsed = model::parse_json(r.body.bytes(), {64u << 20, 128});
  if (parsed) a.body = std::move(parsed.value);
  if (!a.ok())
    a.message = model::string_at(a.body, {"message"}, "status " + std::to_string(r.code));
  return a;
}

api_answer no_answer(const caf::error& e) {
  api_answer a;
  const auto s = to_status(e);
  a.code = s.code;
  a.message = s.message;
  return a;
}

caf::actor spawn_helper(caf::actor_system& system) {
  return system.spawn<caf::detached>([](caf::event_based_actor*) -> caf::behavior {
    return {[](const task& t) {
      try {
        t.run();
      } catch (const std::exception& e) {
        spdlog::error("kubelet helper: {}", e.what());
      }
    }};
  });
}

}  // namespace troupe
