#include "messages/store.hpp"

#include <caf/all.hpp>

namespace troupe {

model::draft draft_ref::take() {
  if (draft_.use_count() == 1) return std::move(*draft_);
  return *draft_;
}

caf::error inspect(caf::serializer& f, draft_ref& x) {
  static const std::string none;
  std::string resource = x ? x->header.key.resource : none;
  std::string bytes = x ? x->head + "0" + x->tail : none;
  return f(resource, bytes);
}

caf::error inspect(caf::deserializer& f, draft_ref& x) {
  std::string resource;
  std::string bytes;
  if (auto err = f(resource, bytes)) return err;
  x.draft_.reset();
  if (resource.empty()) return caf::none;
  auto document = model::json::parse(bytes, nullptr, false);
  if (!document.is_object()) return caf::sec::invalid_argument;
  x = draft_ref(model::encode(resource, document));
  return caf::none;
}

std::string to_string(const draft_ref& x) {
  return x ? model::to_string(x->header.key) : std::string("none");
}

}  // namespace troupe
