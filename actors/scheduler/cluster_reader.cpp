#include "actors/scheduler/cluster_reader.hpp"

#include "model/selector.hpp"

#include <algorithm>

namespace troupe::scheduler {
namespace {

constexpr const char* budgets_resource = "poddisruptionbudgets.policy";

}  // namespace

const std::vector<std::string>& cluster_reader::resources() {
  static const std::vector<std::string> all = [] {
    std::vector<std::string> names{"pods",
                                   "namespaces",
                                   "services",
                                   "replicationcontrollers",
                                   "replicasets.apps",
                                   "statefulsets.apps"};
    const auto& of_volumes = model::volume_book::resources();
    names.insert(names.end(), of_volumes.begin(), of_volumes.end());
    return names;
  }();
  return all;
}

cluster_reader::cluster_reader(std::shared_ptr<const store::cache> cache)
    : cache_(std::move(cache)), seen_(resources().size()) {}

std::uint64_t cluster_reader::version() const {
  return *std::min_element(seen_.begin(), seen_.end());
}

void cluster_reader::read(model::offer_table& table) {
  for (std::size_t i = 0; i < seen_.size(); ++i) {
    if (!loaded_) load(i, table);  // the cursors start with it
    for (bool more = true; more;) {
      const auto batch = cache_->events(resources()[i], seen_[i]);
      if (batch.expired) {
        load(i, table);
        continue;
      }
      for (const auto& e : batch.events) see(e, table);
      seen_[i] = batch.version;
      more = !batch.events.empty();
    }
  }
  loaded_ = true;
}

void cluster_reader::load(std::size_t which, model::offer_table& table) {
  const auto& resource = resources()[which];
  const auto all = cache_->list(resource);
  seen_[which] = all.version;
  if (resource == "pods") {
    table.pods().clear_committed();
    table.forget_nominations();
  }
  if (resource == "namespaces") table.pods().clear_namespaces();
  workloads_.clear(resource);
  volumes_.clear(resource);
  for (const auto& o : all.objects) see({store::event::kind::added, o, nullptr}, table);
}

void cluster_reader::see_pod(const store::event& e, model::offer_table& table) {
  const auto& h = e.object->header();
  const auto* node = model::find(h.fields, "spec.nodeName");
  const bool gone = e.type == store::event::kind::deleted;
  if (gone || h.deleting) table.forget_sent_away(h.uid);
  if (e.previous && model::takes_room(*e.previous) && (gone || !model::takes_room(*e.object)))
    table.left(*model::find(e.previous->header().fields, "spec.nodeName"), e.version());
  if (gone)
    table.pods().remove(h.key.ns, h.uid);
  else
    table.pods().put(e.object);
  if (gone || (node && !node->empty())) return table.forget_nomination(h.uid);
  if (auto promised = model::nominated_node_of(*e.object); !promised.empty())
    table.nominate(e.object->view<model::pod_view>(), promised);
  else if (e.previous && !model::nominated_node_of(*e.previous).empty())
    table.forget_nomination(h.uid);
}

void cluster_reader::see(const store::event& e, model::offer_table& table) {
  const auto& key = e.object->key();
  const bool gone = e.type == store::event::kind::deleted;
  if (key.resource == "pods") {
    see_pod(e, table);
  } else if (key.resource == "namespaces") {
    if (gone)
      table.pods().remove_namespace(key.name);
    else
      table.pods().set_namespace(key.name, e.object->header().labels);
  } else if (const auto& those = model::volume_book::resources();
             std::find(those.begin(), those.end(), key.resource) != those.end()) {
    if (gone)
      volumes_.remove(*e.object);
    else
      volumes_.put(e.object);
  } else if (gone) {
    workloads_.remove(*e.object);
  } else {
    workloads_.put(e.object);
  }
}

const std::vector<model::disruption_limit>& cluster_reader::budgets() {
  const auto now = cache_->list(budgets_resource).objects;
  const bool same = std::equal(
      now.begin(), now.end(), budgets_.begin(), budgets_.end(),
      [](const auto& object, const auto& known) { return object->version() == known.version; });
  if (same) return budgets_;
  budgets_.clear();
  for (const auto& o : now) budgets_.emplace_back(*o);
  return budgets_;
}

}  // namespace troupe::scheduler
