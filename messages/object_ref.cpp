#include "messages/object_ref.hpp"

#include <caf/all.hpp>

namespace troupe {

caf::error inspect(caf::serializer& f, object_ref& x) {
  static const std::string none;
  std::string resource = x ? x->key().resource : none;
  // The serializer only reads; CAF's inspect interface is not const-correct.
  auto& bytes = const_cast<std::string&>(x ? x->bytes() : none);
  return f(resource, bytes);
}

caf::error inspect(caf::deserializer& f, object_ref& x) {
  std::string resource;
  std::string bytes;
  if (auto err = f(resource, bytes)) return err;
  x.object_ = resource.empty() ? nullptr : model::decode(resource, std::move(bytes));
  return caf::none;
}

std::string to_string(const object_ref& x) {
  return x ? model::to_string(x->key()) : std::string("none");
}

const std::string& blob_ref::bytes() const {
  static const std::string none;
  return bytes_ ? *bytes_ : none;
}

caf::error inspect(caf::serializer& f, blob_ref& x) {
  return f(const_cast<std::string&>(x.bytes()));
}

caf::error inspect(caf::deserializer& f, blob_ref& x) {
  std::string bytes;
  if (auto err = f(bytes)) return err;
  x = blob_ref(std::move(bytes));
  return caf::none;
}

std::string to_string(const blob_ref& x) {
  return std::to_string(x.bytes().size()) + " bytes";
}

}  // namespace troupe
