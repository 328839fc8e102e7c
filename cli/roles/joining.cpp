#include "cli/roles/joining.hpp"

namespace troupe::cli {

membership join_cluster(const settings& s, const std::filesystem::path& dir, const join_wish& wish,
                        std::chrono::milliseconds patience) {
  try {
    return join_cluster(
        join_terms{s.string("join.server"), s.string("join.token"), s.string("join.caCertHash")},
        dir, wish, patience);
  } catch (const join_fault& e) {
    throw s.error("join." + e.field, e.what());
  }
}

}  // namespace troupe::cli
