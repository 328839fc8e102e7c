#include "model/scheduling/cluster_snapshot.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

constexpr const char* budgets_resource = "poddisruptionbudgets.policy";

}  // namespace

const std::vector<std::string>& cluster_snapshot::resources() {
  static const std::vector<std::string> all = [] {
    std::vector<std::string> names{"nodes",
                                   "pods",
                                   "namespaces",
                                   "services",
                                   "replicasets.apps",
                                   "replicationcontrollers",
                                   "statefulsets.apps",
                                   budgets_resource};
    const auto& of_volumes = volume_book::resources();
    names.insert(names.end(), of_volumes.begin(), of_volumes.end());
    return names;
  }();
  return all;
}

void cluster_snapshot::put_pod(const object_ptr& pod) {
  const auto view = pod->view<pod_view>();
  table_.pods().put(pod);
  if (view->terminal()) return;
  if (!view->node_name.empty())
    used_[view->node_name].add(*view);
  else if (!view->nominated_node.empty())
    table_.nominate(view, view->nominated_node);
}

void cluster_snapshot::put(const object_ptr& o) {
  const auto& key = o->key();
  const auto& of_volumes = volume_book::resources();
  if (key.resource == "nodes")
    nodes_.push_back(o);
  else if (key.resource == "pods")
    put_pod(o);
  else if (key.resource == "namespaces")
    table_.pods().set_namespace(key.name, o->header().labels);
  else if (key.resource == budgets_resource)
    budgets_.emplace_back(*o);
  else if (std::find(of_volumes.begin(), of_volumes.end(), key.resource) != of_volumes.end())
    volumes_.put(o);
  else
    workloads_.put(o);
}

void cluster_snapshot::finish() {
  for (const auto& node : nodes_) {
    const auto used = used_.find(node->key().name);
    table_.set(node->key().name, node->view<node_view>(),
               used == used_.end() ? usage() : std::move(used->second));
  }
  nodes_.clear();
  used_.clear();
}

cluster_snapshot::situation cluster_snapshot::situation_of(const object& pod,
                                                           const pod_view& view) const {
  situation s;
  const bool own_spread = view.rules && !view.rules->spread.empty();
  if (!own_spread && workloads_.concerns(pod))
    s.spread = workloads_.spread_of(pod, rules_.default_spread);
  if (view.volumes) s.volumes = volume_demand(pod, volumes_);
  return s;
}

}  // namespace troupe::model
