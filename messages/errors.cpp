#include "messages/errors.hpp"

#include <caf/all.hpp>

namespace troupe {
namespace {

constexpr auto category = caf::atom("k8s");

}  // namespace

caf::error to_error(const model::status& s) {
  return {1, category, caf::make_message(model::to_text(s))};
}

model::status to_status(const caf::error& e) {
  if (e.category() == category && e.context().match_elements<std::string>())
    return model::status_from_text(e.context().get_as<std::string>(0));
  if (e == caf::sec::request_timeout)
    return model::timeout(
        "the request timed out before a reply arrived; it may still be carried out");
  if (e == caf::sec::request_receiver_down || e == caf::sec::cannot_connect_to_node ||
      e.category() == caf::atom("exit"))
    return model::unavailable("the part of the control plane that answers this request is down");
  return model::internal_error(to_string(e));
}

}  // namespace troupe
