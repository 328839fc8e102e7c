#pragma once

#include <caf/allowed_unsafe_message_type.hpp>

#include <functional>

namespace troupe {

/// Something to do in the context of the actor that gets it: how results of runtimes and of
/// blocking helpers come back. Never leaves the process.
struct task {
  std::function<void()> run;
};

}  // namespace troupe

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(troupe::task)
