#pragma once

#include <stdexcept>

namespace troupe::cli {

/// A role cannot start or be stopped, or a cluster cannot be reached; what() says why.
struct role_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace troupe::cli
