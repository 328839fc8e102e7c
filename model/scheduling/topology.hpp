#pragma once

#include "model/node_view.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

namespace troupe::model {

/// The domains that node labels make, in columns: for each label that was asked for, which value
/// each row of a table of nodes has.
class topology {
 public:
  using node_view_ptr = std::shared_ptr<const node_view>;

  struct column {
    std::vector<std::int32_t> domain;  ///< by row; -1: a node without the label
    std::vector<std::int32_t> rows;    ///< by domain: how many rows are in it
    std::unordered_map<std::string, std::int32_t> ids;
    std::size_t labelled = 0;  ///< rows in any domain
    std::size_t domains = 0;   ///< that have rows
    /// No two rows share a domain.
    bool one_each() const { return labelled == domains; }
  };

  /// The column of a label; `views`: the nodes of all rows.
  std::shared_ptr<const column> of(const std::string& label, std::span<const node_view_ptr> views);

  /// The last row is new.
  void append();
  /// The row has (another) node.
  void set(std::size_t row, const node_view& node);
  /// The row goes; the last one takes its place.
  void remove(std::size_t row);

 private:
  static void assign(column& c, const std::string& label, std::size_t row, const node_view& node);
  static void leave(column& c, std::size_t row);

  std::map<std::string, std::shared_ptr<column>> columns_;
};

}  // namespace troupe::model
