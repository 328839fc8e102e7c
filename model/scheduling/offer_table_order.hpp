#pragma once

#include "model/scheduling/offer_table_scores.hpp"

#include <optional>

namespace troupe::model {

/// The nodes that may take pods of one kind, best first. What it knows of a node holds until the
/// node changes, so that a batch of pods costs what has changed since the last one, not all nodes.
class offer_table::order {
 public:
  explicit order(std::string kind = {}) : kind_(std::move(kind)) {}

  /// Of the pods that may share it.
  const std::string& kind() const { return kind_; }
  /// A batch of such pods begins. `lasts`: what was found before still holds of nodes that have not
  /// changed.
  void begin(const offer_table& table, const pod_view& pod, const circumstances& given, bool lasts,
             random_source& random);
  /// The best row for the next of them, which is placed there before it is asked again.
  std::optional<std::size_t> best();

 private:
  // Outdated as soon as the row has another stamp; it is then found to be so on top of the heap.
  struct entry {
    candidate node;
    std::uint64_t stamp;
    bool operator<(const entry& o) const { return node < o.node; }
  };

  void fill();
  void follow();
  bool judge_again(std::size_t row);
  entry entry_of(std::size_t row) const;
  bool is_current(const entry& e) const { return e.stamp == table_->stamps_[e.node.row]; }
  void drop_outdated();

  std::string kind_;
  const offer_table* table_ = nullptr;  // these three during a batch
  const pod_view* pod_ = nullptr;
  const circumstances* given_ = nullptr;
  bool lasts_ = false;
  raw_scores raw_;
  std::vector<entry> heap_;
  std::uint64_t read_ = 0;  // of the table's changes
  std::uint64_t salt_ = 0;  // of ties
  std::size_t asked_ = 0;   // since ties were drawn
};

}  // namespace troupe::model
