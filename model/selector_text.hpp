#pragma once

#include "model/json.hpp"

#include <string>

namespace troupe::model {

/// A selector as text, as Go's labels.Selector prints it: metav1.LabelSelector, or the plain map of
/// a ReplicationController.
std::string selector_text(const json& selector);

}  // namespace troupe::model
