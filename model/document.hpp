#pragma once

#include <memory>
#include <string>
#include <string_view>

namespace troupe::model {

/// A text that is served as it is (discovery, OpenAPI). `text` is null when there is none.
struct document {
  std::shared_ptr<const std::string> text;
  std::string etag;  ///< quoted, of the text; empty where Kubernetes sends none
  std::string content_type = "application/json";
  explicit operator bool() const { return text != nullptr; }
};

/// A hash of a text in hex (FNV-1a), for ETags and the hash parameters of OpenAPI addresses. It
/// tells versions of our own documents apart; it is no protection against forgers.
std::string content_hash(std::string_view text);

}  // namespace troupe::model
