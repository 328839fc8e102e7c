#pragma once

#include "model/node_view.hpp"

#include <cstdint>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace troupe::model {

/// Which images how many nodes have.
class image_table {
 public:
  using images = std::vector<std::pair<std::string, std::int64_t>>;  // name and bytes, sorted

  /// What the node has now; nothing when it is gone.
  void set(const std::string& node, const images& have);
  bool has_any(const std::vector<std::string>& names) const;
  /// Bytes of the images that the node has, each in proportion to the nodes that have it
  /// (ImageLocality's sum; the size is the one that the first node of those told).
  std::int64_t bytes_on(const node_view& node, const std::vector<std::string>& names,
                        std::size_t nodes) const;

 private:
  struct state {
    std::int64_t bytes = 0;
    std::size_t nodes = 0;
  };
  std::unordered_map<std::string, state> states_;
  std::unordered_map<std::string, images> of_node_;
};

}  // namespace troupe::model
