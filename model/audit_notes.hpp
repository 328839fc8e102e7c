#pragma once

#include <map>
#include <string>

namespace troupe::model {

/// What the body of a creation or an update says of the object that it is about. An event takes
/// from it what the URL does not say (ObjectReference of audit.k8s.io).
struct audited_object {
  std::string ns, name, uid, resource_version;
};

/// What is known of a request once it was understood, for the audit log alone. Goes beside the
/// answer, inside of one process.
struct audit_notes {
  std::map<std::string, std::string> annotations;  ///< of admission, by their names
  audited_object object;
};

}  // namespace troupe::model
