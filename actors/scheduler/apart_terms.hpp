#pragma once

#include "model/pod_view.hpp"
#include "model/scheduling/matcher_index.hpp"

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace troupe::scheduler {

/// The required anti-affinity terms of all pods that there are, pending ones too: a pod that one of
/// them means cannot be placed without regard to where the other one goes.
class apart_terms {
 public:
  /// A pod is there; true when it has a term that no other pod has.
  bool put(const model::object& pod);
  void remove(const std::string& uid);
  void clear();

  bool mean(const model::pod_view& pod) const;

 private:
  struct term {
    model::pod_matcher who;
    std::size_t pods = 0;
  };
  std::unordered_map<std::string, std::vector<std::string>> of_pod_;  // uid to texts
  std::unordered_map<std::string, std::unique_ptr<term>> terms_;      // by text
  model::matcher_index<term> index_;
};

}  // namespace troupe::scheduler
