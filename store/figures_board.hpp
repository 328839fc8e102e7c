#pragma once

#include "model/metrics/figures.hpp"
#include "model/time.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

namespace troupe::store {

/// The newest report of each node. In memory alone: figures are worth nothing after a minute, and a
/// kubelet reports again. Any thread.
class figures_board {
 public:
  /// Older reports are not shown. Kubelets report four times as often.
  static constexpr std::chrono::seconds valid{60};
  /// More nodes than this are not taken.
  static constexpr std::size_t most_nodes = 20000;

  struct report {
    std::shared_ptr<const model::node_figures> figures;
    model::time_point at;  ///< when it came
  };
  using report_ptr = std::shared_ptr<const report>;

  void put(const std::string& node, model::node_figures figures, model::time_point now);
  /// Nothing has changed on the node since its last report; false: there is none that is valid.
  bool renew(const std::string& node, model::time_point now);
  /// Null: none that is valid.
  report_ptr of(const std::string& node, model::time_point now) const;

 private:
  void forget_old(model::time_point now);

  mutable std::mutex mutex_;
  std::map<std::string, report_ptr, std::less<>> reports_;
};

}  // namespace troupe::store
