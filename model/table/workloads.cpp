// Tables of what owns pods.

#include "model/selector_text.hpp"
#include "model/table/columns.hpp"

namespace troupe::model {
namespace {

// "2/3" pods are ready; one replica is wanted when nothing is said.
json ready_of_replicas(const json& o) {
  const json& wanted = at(o, {"spec", "replicas"});
  return std::to_string(number_at(o, "status.readyReplicas")) + "/" +
         (wanted.is_number_integer() ? wanted.dump() : "1");
}

// "daemonset.apps/agents", of the owner that controls the revision.
json controller(const json& o) {
  for (const json& owner : at(o, {"metadata", "ownerReferences"})) {
    if (at(owner, {"controller"}) != true) continue;
    const std::string version = string_at(owner, {"apiVersion"});
    const auto slash = version.find('/');
    std::string kind = string_at(owner, {"kind"});
    if (slash != std::string::npos) kind += "." + version.substr(0, slash);
    for (char& c : kind) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return kind + "/" + string_at(owner, {"name"});
  }
  return "<none>";
}

std::vector<shown_column> replicas(shown_column selector) {
  return {name_column(),
          number_column("Desired", "How many pods are wanted", "spec.replicas"),
          number_column("Current", "How many pods there are", "status.replicas"),
          number_column("Ready", "How many pods are ready", "status.readyReplicas"),
          age_column(),
          container_names_column("spec.template"),
          container_images_column("spec.template"),
          std::move(selector)};
}

printer deployments() {
  return {"deployments.apps",
          {name_column(), made_column("Ready", "Ready pods, of those wanted", ready_of_replicas),
           number_column("Up-to-date", "Pods of the newest template", "status.updatedReplicas",
                         "string"),
           number_column("Available", "Pods that have been ready for long enough",
                         "status.availableReplicas", "string"),
           age_column(), container_names_column("spec.template"),
           container_images_column("spec.template"),
           wide(made_column("Selector", "Which pods belong to it", [](const json& o) -> json {
             return selector_text(at(o, {"spec", "selector"}));
           }))}};
}

printer stateful_sets() {
  return {"statefulsets.apps",
          {name_column(), made_column("Ready", "Ready pods, of those wanted", ready_of_replicas),
           age_column(), container_names_column("spec.template"),
           container_images_column("spec.template")}};
}

printer daemon_sets() {
  return {
      "daemonsets.apps",
      {name_column(),
       number_column("Desired", "Nodes that shall run its pod", "status.desiredNumberScheduled"),
       number_column("Current", "Those of them that have one", "status.currentNumberScheduled"),
       number_column("Ready", "Nodes whose pod is ready", "status.numberReady"),
       number_column("Up-to-date", "Nodes whose pod has the newest template",
                     "status.updatedNumberScheduled"),
       number_column("Available", "Nodes whose pod has been ready for long enough",
                     "status.numberAvailable"),
       made_column("Node Selector", "The labels of its nodes",
                   [](const json& o) -> json {
                     return label_text(at(o, {"spec", "template", "spec", "nodeSelector"}));
                   }),
       age_column(), container_names_column("spec.template"),
       container_images_column("spec.template"), selector_column("spec.selector")}};
}

printer pod_templates() {
  auto names = container_names_column("template");
  auto images = container_images_column("template");
  names.priority = images.priority = 0;
  return {"podtemplates",
          {name_column(), std::move(names), std::move(images),
           made_column("Pod Labels", "The labels of pods made from it", [](const json& o) -> json {
             return label_text(at(o, {"template", "metadata", "labels"}));
           })}};
}

}  // namespace

std::span<const printer> workload_printers() {
  static const printer all[] = {
      deployments(),
      stateful_sets(),
      daemon_sets(),
      pod_templates(),
      {"replicasets.apps", replicas(selector_column("spec.selector"))},
      {"replicationcontrollers",
       replicas(wide(made_column("Selector", "Which pods belong to it",
                                 [](const json& o) -> json {
                                   return label_text(at(o, {"spec", "selector"}));
                                 })))},
      {"controllerrevisions.apps",
       {name_column(), made_column("Controller", "Whose state it keeps", controller),
        number_column("Revision", "Its place in the history", "revision", "string"),
        age_column()}}};
  return all;
}

}  // namespace troupe::model
