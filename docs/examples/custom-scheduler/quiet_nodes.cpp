// A custom scheduling plugin: pods with the label example.com/quiet=true stay off nodes whose label
// example.com/noise is above a limit, and all pods prefer the quieter of the nodes they may go to.
// Built as docs/custom-schedulers.md says, and loaded by scheduler.plugins.
#include "actors/scheduler/plugin.hpp"
#include "model/selector.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace {

using troupe::model::json;
using troupe::model::node_view;
using troupe::model::pod_view;
using troupe::model::usage;

// 0 (silent) to 100 (deafening).
std::int64_t noise_of(const node_view& node) {
  std::int64_t out = 0;
  if (const auto* label = troupe::model::find(node.labels, "example.com/noise"))
    std::from_chars(label->data(), label->data() + label->size(), out);
  return std::clamp<std::int64_t>(out, 0, 100);
}

class quiet_nodes final : public troupe::model::scheduling_plugin {
 public:
  std::string_view name() const override { return "QuietNodes"; }
  bool is_filter() const override { return true; }
  bool is_score() const override { return true; }

  void configure(const json& args) override {
    const json& limit = troupe::model::at(args, {"limit"});
    if (limit.is_null()) return;
    if (!limit.is_number_integer()) throw std::runtime_error("limit: must be an integer");
    limit_ = limit.get<std::int64_t>();
  }

  std::string filter(const pod_view& pod, const node_view& node, const usage&) const override {
    const auto* quiet = troupe::model::find(pod.labels, "example.com/quiet");
    if (!quiet || *quiet != "true" || noise_of(node) <= limit_) return {};
    return "node(s) were too loud";
  }

  std::int64_t score(const pod_view&, const node_view& node, const usage&) const override {
    return 100 - noise_of(node);
  }

 private:
  std::int64_t limit_ = 50;
};

troupe::scheduler::plugin_list plugins() {
  return {std::make_shared<quiet_nodes>()};
}

}  // namespace

TROUPE_SCHEDULING_PLUGINS(plugins)
