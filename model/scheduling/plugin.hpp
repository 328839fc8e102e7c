#pragma once

#include "model/json.hpp"
#include "model/node_view.hpp"
#include "model/pod_view.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::model {

/// A plugin of others, out of a shared object: a filter, a score or both. One object serves all
/// schedulers of a profile, which may ask it at the same time; its functions must not block.
class scheduling_plugin {
 public:
  virtual ~scheduling_plugin() = default;

  /// What profiles call it; none of kube-scheduler's names.
  virtual std::string_view name() const = 0;
  virtual bool is_filter() const { return false; }
  virtual bool is_score() const { return false; }

  /// Takes `args` of the profile's pluginConfig (null: none) before anything is asked. Throws
  /// std::runtime_error when they are wrong.
  virtual void configure(const json& args) { (void)args; }

  /// Why the node cannot take the pod, for people ("node(s) were full of noise"); empty: it can.
  /// `used`: by the pods that are on the node or on their way.
  virtual std::string filter(const pod_view& pod, const node_view& node, const usage& used) const {
    (void)pod, (void)node, (void)used;
    return {};
  }
  /// How good the node is, 0 to 100.
  virtual std::int64_t score(const pod_view& pod, const node_view& node, const usage& used) const {
    (void)pod, (void)node, (void)used;
    return 0;
  }
};

}  // namespace troupe::model
