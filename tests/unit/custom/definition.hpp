#pragma once

// A CustomResourceDefinition for tests: CronTabs, as Kubernetes' own documentation has them.

#include "model/custom/kinds.hpp"
#include "model/custom/names.hpp"

#include <gtest/gtest.h>

namespace troupe::model {

inline json crontab_definition() {
  return json::parse(R"({
    "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
    "metadata": {"name": "crontabs.stable.example.com", "uid": "d1"},
    "spec": {"group": "stable.example.com", "scope": "Namespaced",
      "names": {"plural": "crontabs", "singular": "crontab", "kind": "CronTab",
                "listKind": "CronTabList", "shortNames": ["ct"], "categories": ["all"]},
      "conversion": {"strategy": "None"},
      "versions": [
        {"name": "v1beta1", "served": true, "storage": false, "deprecated": true,
         "schema": {"openAPIV3Schema": {"type": "object",
           "x-kubernetes-preserve-unknown-fields": true}}},
        {"name": "v1", "served": true, "storage": true,
         "subresources": {"status": {}, "scale": {"specReplicasPath": ".spec.replicas",
           "statusReplicasPath": ".status.replicas", "labelSelectorPath": ".status.selector"}},
         "additionalPrinterColumns": [
           {"name": "Spec", "type": "string", "jsonPath": ".spec.cronSpec"},
           {"name": "Replicas", "type": "integer", "jsonPath": ".spec.replicas", "priority": 1},
           {"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"}],
         "selectableFields": [{"jsonPath": ".spec.image"}],
         "schema": {"openAPIV3Schema": {"type": "object", "description": "a crontab",
           "properties": {
             "spec": {"type": "object", "required": ["cronSpec"], "properties": {
               "cronSpec": {"type": "string", "description": "when to run"},
               "image": {"type": "string"},
               "replicas": {"type": "integer", "minimum": 1, "maximum": 10, "default": 1},
               "ports": {"type": "array", "x-kubernetes-list-type": "map",
                 "x-kubernetes-list-map-keys": ["name"],
                 "items": {"type": "object", "required": ["name"], "properties": {
                   "name": {"type": "string"}, "port": {"type": "integer"}}}},
               "labels": {"type": "object", "additionalProperties": {"type": "string"}}}},
             "status": {"type": "object", "properties": {
               "replicas": {"type": "integer"}, "selector": {"type": "string"}}}}}}}]},
    "status": {"storedVersions": ["v1"]}})");
}

/// The definition as the store has it once its names are accepted.
inline object_ptr established(json definition, std::uint64_t version = 1) {
  accept_names(definition, {}, time_point{});
  return seal(encode(definitions_resource, definition), version);
}

inline custom_kinds crontabs() {
  return custom_kinds({established(crontab_definition())}, {});
}

}  // namespace troupe::model
