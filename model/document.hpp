#pragma once

#include <memory>
#include <string>

namespace troupe::model {

/// A text that is served as it is (discovery, OpenAPI). `text` is null when there is none.
struct document {
  std::shared_ptr<const std::string> text;
  std::string etag;  ///< quoted, of the text; empty where Kubernetes sends none
  std::string content_type = "application/json";
  explicit operator bool() const { return text != nullptr; }
};

}  // namespace troupe::model
