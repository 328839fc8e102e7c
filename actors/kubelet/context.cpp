#include "actors/kubelet/context.hpp"

#include "messages/errors.hpp"

#include <spdlog/spdlog.h>

namespace troupe {

model::json api_answer::document() const {
  return model::parse_json(body.bytes(), {64u << 20, 128}).value;
}

std::string api_answer::message() const {
  if (!failure.empty()) return failure;
  return model::string_at(document(), {"message"}, "status " + std::to_string(code));
}

api_answer no_answer(const caf::error& e) {
  const auto s = to_status(e);
  return {s.code, {}, s.message};
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

std::string rpc_text(const model::kubelet::runtime_error& e) {
  const char* code = e.code == model::kubelet::runtime_error::deadline_exceeded ? "DeadlineExceeded"
                     : e.code == model::kubelet::runtime_error::not_found       ? "NotFound"
                     : e.code == model::kubelet::runtime_error::unavailable     ? "Unavailable"
                                                                                : "Unknown";
  return std::string("rpc error: code = ") + code + " desc = " + e.message;
}

}  // namespace troupe
