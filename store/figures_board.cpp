#include "store/figures_board.hpp"

namespace troupe::store {
namespace {

bool is_valid(const figures_board::report& r, model::time_point now) {
  return r.at + figures_board::valid > now;
}

}  // namespace

void figures_board::put(const std::string& node, model::node_figures figures,
                        model::time_point now) {
  auto fresh = std::make_shared<const report>(
      report{std::make_shared<const model::node_figures>(std::move(figures)), now});
  std::lock_guard lock(mutex_);
  if (const auto known = reports_.find(node); known != reports_.end()) {
    known->second = std::move(fresh);
    return;
  }
  // Nodes come and go rarely: their coming is the time to look for those that went.
  forget_old(now);
  if (reports_.size() < most_nodes) reports_.emplace(node, std::move(fresh));
}

bool figures_board::renew(const std::string& node, model::time_point now) {
  std::lock_guard lock(mutex_);
  const auto known = reports_.find(node);
  if (known == reports_.end() || !is_valid(*known->second, now)) return false;
  known->second = std::make_shared<const report>(report{known->second->figures, now});
  return true;
}

figures_board::report_ptr figures_board::of(const std::string& node, model::time_point now) const {
  std::lock_guard lock(mutex_);
  const auto known = reports_.find(node);
  return known != reports_.end() && is_valid(*known->second, now) ? known->second : nullptr;
}

void figures_board::forget_old(model::time_point now) {
  std::erase_if(reports_, [now](const auto& r) { return !is_valid(*r.second, now); });
}

}  // namespace troupe::store
