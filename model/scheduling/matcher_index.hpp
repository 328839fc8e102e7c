#pragma once

#include "model/scheduling/placement_rules.hpp"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <vector>

namespace troupe::model {

/// Finds, for a pod, the matchers that may match it, by a label that they demand (and their
/// namespace, when there is one): costs what the pod has of labels, not the number of matchers.
template <class T>
class matcher_index {
 public:
  void add(const pod_matcher& m, T* what) { places_[handle_of(m)].push_back(what); }
  void remove(const pod_matcher& m, T* what) {
    const auto at = places_.find(handle_of(m));
    if (at == places_.end()) return;
    std::erase(at->second, what);
    if (at->second.empty()) places_.erase(at);
  }
  void clear() { places_.clear(); }

  /// Calls `visit` with each candidate; whether it matches is for the caller to check.
  template <class Visit>
  void each(const std::string& ns, const string_pairs& labels, Visit visit) const {
    if (places_.empty()) return;
    std::string handle;
    const auto look = [&] {
      if (const auto at = places_.find(handle); at != places_.end())
        for (T* what : at->second) visit(*what);
    };
    look();
    handle.assign(ns).push_back('\t');
    look();
    for (const auto& [key, value] : labels) {
      handle.assign(ns).append("\t").append(key).append("=").append(value);
      look();
      handle.erase(0, ns.size() + 1);
      look();
    }
  }

 private:
  static std::string handle_of(const pod_matcher& m) {
    std::string out;
    if (m.namespaces.size() == 1 && !m.in_labelled) out = m.namespaces.front() + '\t';
    if (m.pods)
      for (const auto& r : m.pods->terms)
        if (r.op == requirement::operation::in && r.values.size() == 1)
          return out.append(r.key).append("=").append(r.values.front());
    return out;
  }

  std::unordered_map<std::string, std::vector<T*>> places_;
};

}  // namespace troupe::model
