#pragma once

#include "net/rest/health.hpp"

#include <functional>
#include <vector>

namespace troupe::cli {

/// The checks of a control plane, under the names that kube-apiserver 1.32 has for them: those who
/// watch it ask for single ones, or leave single ones out. `ready`: the store has its objects and
/// takes writes. Must not block.
std::vector<health_check> health_checks(std::function<bool()> ready);

}  // namespace troupe::cli
