#pragma once

#include "model/object.hpp"

#include <caf/deserializer.hpp>
#include <caf/error.hpp>
#include <caf/fwd.hpp>
#include <caf/serializer.hpp>

#include <memory>
#include <string>

namespace troupe {

/// An object in a message: a shared pointer within a process, its canonical bytes on the wire. May
/// be empty.
class object_ref {
 public:
  object_ref() = default;
  object_ref(model::object_ptr object) : object_(std::move(object)) {}  // NOLINT: meant to convert

  const model::object* operator->() const { return object_.get(); }
  const model::object& operator*() const { return *object_; }
  const model::object_ptr& get() const { return object_; }
  explicit operator bool() const { return object_ != nullptr; }

  friend caf::error inspect(caf::serializer& f, object_ref& x);
  friend caf::error inspect(caf::deserializer& f, object_ref& x);
  friend std::string to_string(const object_ref& x);

 private:
  model::object_ptr object_;
};

/// Immutable bytes in a message: shared within a process, copied onto the wire. Keep them below 1
/// MiB when they may leave the process: a large message holds up all that queue behind it.
class blob_ref {
 public:
  blob_ref() = default;
  explicit blob_ref(std::string bytes)
      : bytes_(std::make_shared<const std::string>(std::move(bytes))) {}
  explicit blob_ref(std::shared_ptr<const std::string> bytes) : bytes_(std::move(bytes)) {}

  const std::string& bytes() const;
  const std::shared_ptr<const std::string>& get() const { return bytes_; }

  friend caf::error inspect(caf::serializer& f, blob_ref& x);
  friend caf::error inspect(caf::deserializer& f, blob_ref& x);
  friend std::string to_string(const blob_ref& x);

 private:
  std::shared_ptr<const std::string> bytes_;
};

}  // namespace troupe
