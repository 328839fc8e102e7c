#pragma once

#include "model/json.hpp"
#include "model/object.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::model {

/// One field's fault: metav1.StatusCause.
struct cause {
  std::string reason;  ///< FieldValueRequired, FieldValueInvalid, FieldValueDuplicate, ...
  std::string
      message;        ///< as field.Error prints without the path: `Invalid value: "x": must be ...`
  std::string field;  ///< spec.containers[0].image
};

/// Kubernetes' answer to a request that failed: metav1.Status with status "Failure".
struct status {
  int code = 500;
  std::string reason;  ///< NotFound, AlreadyExists, Conflict, Invalid, ...
  std::string message;
  std::string group;  ///< details
  std::string kind;
  std::string name;
  std::string uid;
  std::vector<cause> causes;
  std::optional<int> retry_after;  ///< seconds
};

json to_json(const status& s);
std::string to_text(const status& s);  ///< the JSON document
status status_from_text(
    std::string_view text);  ///< the inverse; 500 InternalError when it is no Status

// Each in the words of apimachinery's api/errors. `key.resource` becomes details.group and
// details.kind.
status not_found(const object_key& key);
status already_exists(const object_key& key);
status conflict(const object_key& key, std::string_view why);
/// The optimistic lock failed: "the object has been modified; please apply your changes to the
/// latest version ...".
status modified(const object_key& key);
/// 422; `kind` and `group` are the object's, e.g. "Pod", "".
status invalid(std::string_view group, std::string_view kind, std::string_view name,
               std::vector<cause> causes);
status bad_request(std::string message);
status unauthorized();
status forbidden(const object_key& key, std::string_view why);
status method_not_supported(std::string_view resource, std::string_view verb);
status not_acceptable(std::string message);
status unsupported_media_type(std::string message);
status request_too_large(std::string message);
status gone(std::string message);     ///< 410, reason Gone
status expired(std::string message);  ///< 410, reason Expired
status too_many_requests(std::string message, int retry_after);
status unavailable(std::string message, int retry_after = 1);
status timeout(std::string message);
status internal_error(std::string message);

}  // namespace troupe::model
