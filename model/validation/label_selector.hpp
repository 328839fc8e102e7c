#pragma once

#include "model/validation/path.hpp"

namespace troupe::model {

/// A metav1.LabelSelector, when it is there.
void validate_label_selector(const json& selector, const field_path& path, faults& out);

/// Whether a metav1.LabelSelector can be evaluated at all and selects these labels; a missing
/// selector selects nothing.
struct selection {
  bool valid = true;
  bool selects = false;
};
selection select_labels(const json& selector, const json& labels);

/// Without any term: it selects everything.
bool is_empty_selector(const json& selector);

}  // namespace troupe::model
