#include "store/derived.hpp"

#include "model/component_status.hpp"
#include "model/conversion.hpp"
#include "model/custom/fields.hpp"
#include "model/json_writer.hpp"
#include "model/metrics/figures.hpp"
#include "model/scale.hpp"
#include "model/selector.hpp"
#include "model/subresource.hpp"
#include "store/figures_board.hpp"

namespace troupe::store {
namespace {

constexpr std::string_view component_statuses = "componentstatuses";
constexpr std::string_view metrics_group = "metrics.k8s.io";
constexpr std::string_view node_metrics = "nodes.metrics.k8s.io";
constexpr std::string_view pod_metrics = "pods.metrics.k8s.io";

/// The parts whose Lease tells whether they work, by the Lease's name in kube-system.
constexpr std::pair<const char*, const char*> components[] = {{"scheduler", "kube-scheduler"}};

object_ptr made(std::string_view resource, const model::json& document, std::uint64_t version) {
  model::object_header header = model::encode(resource, document).header;
  header.version = version;
  return std::make_shared<const model::object>(std::move(header), model::dump(document));
}

object_ptr status_of(const cache& objects, const char* name, const char* lease,
                     model::time_point now) {
  const auto held = objects.get({"leases.coordination.k8s.io", "kube-system", lease});
  return made(component_statuses,
              model::component_status(name, held ? held->parse() : model::json(nullptr), now), 0);
}

object_ptr metrics_of_node(const cache& objects, const model::object& node, model::time_point now) {
  const auto told = objects.figures().of(node.key().name, now);
  return told ? made(node_metrics, model::node_metrics(node, *told->figures, told->at), 0)
              : nullptr;
}

object_ptr metrics_of_pod(const cache& objects, const model::object& pod, model::time_point now) {
  const auto* node = model::find(pod.header().fields, "spec.nodeName");
  if (!node || node->empty()) return nullptr;
  const auto told = objects.figures().of(*node, now);
  const auto* use = told ? told->figures->pod(pod.key().ns, pod.key().name) : nullptr;
  if (!use || use->containers.empty()) return nullptr;
  return made(pod_metrics, model::pod_metrics(pod, *use, told->figures->window, told->at), 0);
}

}  // namespace

std::shared_ptr<const std::string> render_requested(const model::request_info& info,
                                                    const model::kind_info& kind,
                                                    const object_ptr& object, const rendering& show,
                                                    model::time_point now) {
  if (info.subresource != "scale") return render(kind, object, show, now);
  const model::kind_info scale = model::subresource_kind(*kind.subresource("scale"));
  const auto* custom = model::custom_of(kind);
  const model::json whole = model::parse_as(kind, *object);
  const model::json document =
      custom ? model::custom_scale(*custom, whole) : model::scale_of(whole);
  return render(scale, made(scale.resource, document, object->version()), show, now);
}

bool is_derived(const model::kind_info& kind) {
  return kind.resource == component_statuses || kind.group == metrics_group;
}

std::vector<object_ptr> derived_objects(const cache& objects, const model::kind_info& kind,
                                        std::string_view ns, model::time_point now) {
  std::vector<object_ptr> out;
  const auto keep = [&out](object_ptr o) {
    if (o) out.push_back(std::move(o));
  };
  if (kind.resource == component_statuses)
    for (const auto& [name, lease] : components) keep(status_of(objects, name, lease, now));
  if (kind.resource == node_metrics)
    for (const auto& node : objects.list("nodes").objects)
      keep(metrics_of_node(objects, *node, now));
  if (kind.resource == pod_metrics)
    for (const auto& pod : objects.list("pods", ns).objects)
      keep(metrics_of_pod(objects, *pod, now));
  return out;
}

object_ptr derived_object(const cache& objects, const model::object_key& key,
                          model::time_point now) {
  if (key.resource == component_statuses)
    for (const auto& [name, lease] : components)
      if (key.name == name) return status_of(objects, name, lease, now);
  const bool of_node = key.resource == node_metrics;
  if (!of_node && key.resource != pod_metrics) return nullptr;
  const auto about = objects.get({of_node ? "nodes" : "pods", key.ns, key.name});
  if (!about) return nullptr;
  return of_node ? metrics_of_node(objects, *about, now) : metrics_of_pod(objects, *about, now);
}

}  // namespace troupe::store
