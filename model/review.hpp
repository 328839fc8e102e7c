#pragma once

#include "model/authorizer.hpp"
#include "model/json.hpp"
#include "model/schema.hpp"
#include "model/status.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace troupe::model {

/// Whom a credential speaks for.
struct identity {
  std::string name;
  std::vector<std::string> groups;
  std::string uid;
  std::map<std::string, std::vector<std::string>> extra;
};

/// What a review is answered from.
struct review_request {
  const kind_info& kind;
  const identity& asker;
  const authorizer& rights;
  std::string_view ns;   ///< of the request's path
  std::string_view now;  ///< RFC 3339
  /// Whose token it is, and for whom of the audiences (in: wanted, none: the API server; out: those
  /// that it is for); nothing when it is nobody's. Null: the server takes no tokens.
  const std::function<std::optional<identity>(std::string_view token,
                                              std::vector<std::string>& audiences)>& authenticate;
};

/// Whether a kind is a question that is answered and not stored: the reviews of
/// authentication.k8s.io and authorization.k8s.io.
bool is_review(const kind_info& kind);

/// The document with its status filled in, or the refusal.
std::variant<json, status> answer_review(const review_request& r, json document);

}  // namespace troupe::model
