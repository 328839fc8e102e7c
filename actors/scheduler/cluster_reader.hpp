#pragma once

#include "model/scheduling/offer_table.hpp"
#include "model/scheduling/volume_book.hpp"
#include "model/scheduling/workload_selectors.hpp"
#include "store/cache.hpp"

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace troupe::scheduler {

/// What a scheduler reads in the cache beside the offers: the pods on nodes and promised to nodes,
/// namespaces, the workloads that pods belong to, volumes, and disruption budgets.
class cluster_reader {
 public:
  /// The resources that it reads.
  static const std::vector<std::string>& resources();

  explicit cluster_reader(std::shared_ptr<const store::cache> cache);

  /// Brings the table's pods, and what is here, up to date with the cache.
  void read(model::offer_table& table);
  /// Of the store: what has been read reflects it up to here.
  std::uint64_t version() const;
  const model::workload_selectors& workloads() const { return workloads_; }
  const model::volume_book& volumes() const { return volumes_; }
  /// The budgets as they are; until the next call.
  const std::vector<model::disruption_limit>& budgets();

 private:
  void load(std::size_t which, model::offer_table& table);
  void see(const store::event& e, model::offer_table& table);
  static void see_pod(const store::event& e, model::offer_table& table);

  std::shared_ptr<const store::cache> cache_;
  model::workload_selectors workloads_;
  model::volume_book volumes_;
  std::vector<std::uint64_t> seen_;  // by resource
  std::vector<model::disruption_limit> budgets_;
  bool loaded_ = false;
};

}  // namespace troupe::scheduler
