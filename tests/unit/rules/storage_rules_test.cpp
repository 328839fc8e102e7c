// floors: model
#include "tests/unit/rules/rules.hpp"

namespace troupe::model {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::StartsWith;

json volume() {
  return json::parse(R"({"metadata": {"name": "v"},
    "spec": {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"],
             "storageClassName": "s", "hostPath": {"path": "/data"}}})");
}

TEST(PersistentVolume, Rules) {
  constexpr change table[] = {
      {"/spec/accessModes", "[]", "spec.accessModes: Required value"},
      {"/spec/accessModes", R"(["Sometimes"])",
       "spec.accessModes: Unsupported value: \"Sometimes\": supported values: \"ReadOnlyMany\", "
       "\"ReadWriteMany\", \"ReadWriteOnce\", \"ReadWriteOncePod\""},
      {"/spec/accessModes", R"(["ReadWriteOncePod", "ReadOnlyMany"])",
       "spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes"},
      {"/spec/capacity", "null", "spec.capacity: Required value"},
      {"/spec/capacity", "null",
       "spec.capacity: Unsupported value: core.ResourceList(nil): supported values: \"storage\""},
      {"/spec/capacity/storage", R"("0")",
       "spec.capacity[storage]: Invalid value: \"0\": must be greater than zero"},
      {"/spec/persistentVolumeReclaimPolicy", R"("Burn")",
       "spec.persistentVolumeReclaimPolicy: Unsupported value: \"Burn\": supported values: "
       "\"Delete\", \"Recycle\", \"Retain\""},
      {"/spec/nodeAffinity", "{}",
       "spec.nodeAffinity.required: Required value: must specify required node constraints"},
      {"/spec/nodeAffinity", R"({"required": {"nodeSelectorTerms": []}})",
       "spec.nodeAffinity.required.nodeSelectorTerms: Required value: must have at least one node "
       "selector term"},
      {"/spec/hostPath", "null", "spec: Required value: must specify a volume type"},
      {"/spec/hostPath/path", R"("")", "spec.hostPath.path: Required value"},
      {"/spec/hostPath/path", R"("/a/../b")",
       "spec.hostPath.path: Invalid value: \"/a/../b\": must not contain '..'"},
      {"/spec/hostPath/type", R"("Pipe")", "spec.hostPath.type: Unsupported value: \"Pipe\""},
      {"/spec/nfs", R"({"server": "s", "path": "/"})",
       "spec.nfs: Forbidden: may not specify more than 1 volume type"},
      {"/spec/storageClassName", R"("A")",
       "spec.storageClassName: Invalid value: \"A\": a lowercase RFC 1123 subdomain"},
      {"/spec/volumeMode", R"("Tape")",
       "spec.volumeMode: Unsupported value: \"Tape\": supported values: \"Block\", "
       "\"Filesystem\""},
  };
  expect_rules("persistentvolumes", volume(), table);
  json wiped = volume();
  wiped["spec"]["persistentVolumeReclaimPolicy"] = "Recycle";
  wiped["spec"]["hostPath"]["path"] = "/./";
  EXPECT_THAT(create("persistentvolumes", wiped),
              ElementsAre("spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for "
                          "a hostPath mount of '/'"));
}

TEST(PersistentVolume, RulesOfItsSource) {
  struct source_case {
    const char* source;
    const char* fault;
  };
  constexpr source_case table[] = {
      {R"({"gcePersistentDisk": {"pdName": "", "partition": 300}})",
       "spec.persistentDisk.pdName: Required value"},
      {R"({"awsElasticBlockStore": {"volumeID": "v", "partition": 300}})",
       "spec.awsElasticBlockStore.partition: Invalid value: 300: must be between 1 and 255, "
       "inclusive"},
      {R"({"glusterfs": {"endpoints": "e", "path": "p", "endpointsNamespace": ""}})",
       "spec.glusterfs.endpointsNamespace: Invalid value: \"\": if the endpointnamespace is set, "
       "it "
       "must be a valid namespace name"},
      {R"({"flocker": {}})",
       "spec.flocker: Required value: one of datasetName and datasetUUID is required"},
      {R"({"nfs": {"server": "s", "path": "x"}})",
       "spec.nfs.path: Invalid value: \"x\": must be an absolute path"},
      {R"({"rbd": {"monitors": [], "image": "i"}})", "spec.rbd.monitors: Required value"},
      {R"({"quobyte": {"registry": "", "volume": "v"}})",
       "spec.quobyte.registry: Required value: must be a host:port pair or multiple pairs "
       "separated "
       "by commas"},
      {R"({"cephfs": {"monitors": []}})", "spec.cephfs.monitors: Required value"},
      {R"({"iscsi": {"targetPortal": "p", "iqn": "x", "lun": 0}})",
       "spec.iscsi.iqn: Invalid value: \"x\": must be valid format"},
      {R"({"iscsi": {"targetPortal": "p", "iqn": "iqn.2001-04.com.example", "lun": 0}})",
       "spec.iscsi.iqn: Invalid value: \"iqn.2001-04.com.example\": must be valid format"},
      {R"({"iscsi": {"targetPortal": "a-portal-that-makes-the-name-of-the-volume-far-too-long-for-its-initiator",
          "iqn": "naa.62004567BA64678D0123456789ABCDEF", "lun": 0,
          "initiatorName": "eui.02004567A425678D"}})",
       "spec.iscsi.targetportal: Invalid value: "},
      {R"({"cinder": {"volumeID": "v", "secretRef": {"name": "s"}}})",
       "spec.cinder.secretRef.namespace: Required value"},
      {R"({"fc": {"targetWWNs": ["a"]}})",
       "spec.fc.lun: Required value: lun is required if targetWWNs is specified"},
      {R"({"flexVolume": {"driver": "d", "options": {"a.k8s.io/b": "c"}}})",
       "spec.flexVolume.options[a.k8s.io/b]: Invalid value: \"a.k8s.io/b\": kubernetes.io and "
       "k8s.io "
       "namespaces are reserved"},
      {R"({"azureFile": {"secretName": "s", "shareName": ""}})",
       "spec.azureFile.shareName: Required value"},
      {R"({"azureDisk": {"diskName": "d", "diskURI": "u", "kind": "Managed"}})",
       "spec.azureDisk.diskURI: Unsupported value: \"u\""},
      {R"({"local": {"path": "/x"}})",
       "spec.nodeAffinity: Required value: Local volume requires node affinity"},
      {R"({"csi": {"driver": "", "volumeHandle": "h"}})", "spec.csi.driver: Required value"},
      {R"({"csi": {"driver": "d", "volumeHandle": ""}})", "spec.csi.volumeHandle: Required value"},
      {R"({"csi": {"driver": "d", "volumeHandle": "h", "nodePublishSecretRef": {"name": "s"}}})",
       "spec.csi.nodePublishSecretRef.namespace: Required value"},
  };
  for (const auto& c : table) {
    json changed_volume = volume();
    changed_volume["spec"].erase("hostPath");
    changed_volume["spec"].update(json::parse(c.source));
    EXPECT_THAT(create("persistentvolumes", changed_volume),
                ::testing::Contains(StartsWith(c.fault)))
        << c.source;
  }
}

TEST(PersistentVolume, WhatAnUpdateMayNotChange) {
  json old = volume();
  old["spec"]["nodeAffinity"] = json::parse(
      R"({"required": {"nodeSelectorTerms": [{"matchExpressions": [{"key": "a",
          "operator": "Exists"}]}]}})");
  constexpr change table[] = {
      {"/spec/hostPath/path", R"("/other")",
       "spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after "
       "creation"},
      {"/spec/volumeMode", R"("Block")",
       "volumeMode: Invalid value: \"Block\": field is immutable"},
      {"/spec/nodeAffinity/required/nodeSelectorTerms/0/matchExpressions/0/key", R"("b")",
       "nodeAffinity: Invalid value: "},
  };
  expect_update_rules("persistentvolumes", old, table);
  json bound = volume();
  bound["spec"]["claimRef"] = {{"namespace", "a"}, {"name", "c"}};
  bound["spec"]["persistentVolumeReclaimPolicy"] = "Delete";
  EXPECT_THAT(update("persistentvolumes", volume(), bound), IsEmpty());
}

json claim() {
  return json::parse(R"({"metadata": {"name": "c", "namespace": "a"},
    "spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": "s",
             "resources": {"requests": {"storage": "1Gi"}}}})");
}

TEST(PersistentVolumeClaim, Rules) {
  constexpr change table[] = {
      {"/spec/accessModes", "[]",
       "spec.accessModes: Required value: at least 1 access mode is required"},
      {"/spec/resources", "null", "spec.resources[storage]: Required value"},
      {"/spec/resources/requests/storage", R"("0")",
       "spec.resources[storage]: Invalid value: \"0\": must be greater than zero"},
      {"/spec/selector", R"({"matchExpressions": [{"key": "a", "operator": "Is"}]})",
       "spec.selector.matchExpressions[0].operator: Invalid value: \"Is\": not a valid selector "
       "operator"},
      {"/spec/storageClassName", R"("A")",
       "spec.storageClassName: Invalid value: \"A\": a lowercase RFC 1123 subdomain"},
      {"/spec/volumeMode", R"("Tape")", "spec.volumeMode: Unsupported value: \"Tape\""},
      {"/spec/dataSource", R"({"kind": "Pod", "name": "p"})",
       "spec.dataSource: Invalid value: \"Pod\": must be 'PersistentVolumeClaim' when referencing "
       "the default apiGroup"},
      {"/spec/dataSourceRef", R"({"kind": "", "name": "p"})",
       "spec.dataSourceRef.kind: Required value"},
  };
  expect_rules("persistentvolumeclaims", claim(), table);
  json sources = claim();
  sources["spec"]["dataSource"] = {{"kind", "PersistentVolumeClaim"}, {"name", "x"}};
  sources["spec"]["dataSourceRef"] = {{"kind", "PersistentVolumeClaim"}, {"name", "y"}};
  EXPECT_THAT(create("persistentvolumeclaims", sources),
              ElementsAre("spec: Invalid value: spec.dataSource: must match dataSourceRef"));
}

TEST(PersistentVolumeClaim, WhatAnUpdateMayChange) {
  json bound = claim();
  bound["spec"]["volumeName"] = "v";
  bound["status"] = {{"phase", "Bound"}, {"capacity", {{"storage", "1Gi"}}}};
  EXPECT_THAT(update("persistentvolumeclaims", claim(), bound), IsEmpty());
  json larger = bound;
  larger["spec"]["resources"]["requests"]["storage"] = "2Gi";
  EXPECT_THAT(update("persistentvolumeclaims", bound, larger), IsEmpty());
  json smaller = bound;
  smaller["spec"]["resources"]["requests"]["storage"] = "512Mi";
  EXPECT_THAT(update("persistentvolumeclaims", bound, smaller),
              ElementsAre("spec.resources.requests.storage: Forbidden: field can not be less than "
                          "status.capacity"));
  constexpr const char* kept =
      "spec: Forbidden: spec is immutable after creation except resources.requests and "
      "volumeAttributesClassName for bound claims";
  json unbound = claim();
  unbound["spec"]["resources"]["requests"]["storage"] = "2Gi";
  EXPECT_THAT(update("persistentvolumeclaims", claim(), unbound), ElementsAre(kept));
  json elsewhere = bound;
  elsewhere["spec"]["volumeName"] = "w";
  EXPECT_THAT(update("persistentvolumeclaims", bound, elsewhere), ElementsAre(kept));
  json named = claim();
  named["spec"].erase("storageClassName");
  EXPECT_THAT(update("persistentvolumeclaims", named, claim()), IsEmpty());
  EXPECT_THAT(update("persistentvolumeclaims", claim(), named), ElementsAre(kept));
}

TEST(StorageClass, Rules) {
  const json valid = json::parse(R"({"metadata": {"name": "s"}, "provisioner": "a.com/P",
    "parameters": {"a": "b"}, "allowedTopologies": [{"matchLabelExpressions":
      [{"key": "zone", "values": ["x"]}]}]})");
  constexpr change table[] = {
      {"/provisioner", R"("")", "provisioner: Required value"},
      {"/provisioner", R"("a b")",
       "provisioner: Invalid value: \"a b\": name part must consist of"},
      {"/parameters", R"({"": "x"})", "parameters: Invalid value: \"\": field can not be empty."},
      {"/reclaimPolicy", R"("Recycle")",
       "reclaimPolicy: Unsupported value: \"Recycle\": supported values: \"Delete\", \"Retain\""},
      {"/volumeBindingMode", R"("Never")",
       "volumeBindingMode: Unsupported value: \"Never\": supported values: \"Immediate\", "
       "\"WaitForFirstConsumer\""},
      {"/allowedTopologies/0/matchLabelExpressions/0/values", "[]",
       "allowedTopologies[0].matchLabelExpressions[0].values: Required value"},
      {"/allowedTopologies/0/matchLabelExpressions/1", R"({"key": "zone", "values": ["y"]})",
       "allowedTopologies[0].matchLabelExpressions[1].key: Duplicate value: \"zone\""},
  };
  expect_rules("storageclasses.storage.k8s.io", valid, table);
  constexpr change kept[] = {
      {"/provisioner", R"("b.com/p")",
       "provisioner: Forbidden: updates to provisioner are forbidden."},
      {"/parameters/a", R"("c")", "parameters: Forbidden: updates to parameters are forbidden."},
      {"/reclaimPolicy", R"("Retain")",
       "reclaimPolicy: Forbidden: updates to reclaimPolicy are forbidden."},
      {"/volumeBindingMode", R"("WaitForFirstConsumer")",
       "volumeBindingMode: Invalid value: \"WaitForFirstConsumer\": field is immutable"},
  };
  expect_update_rules("storageclasses.storage.k8s.io", valid, kept);
}

TEST(CSIDriver, Rules) {
  const json valid = json::parse(R"({"metadata": {"name": "d.example.com"},
    "spec": {"tokenRequests": [{"audience": "a", "expirationSeconds": 600}]}})");
  constexpr change table[] = {
      {"/spec/fsGroupPolicy", R"("Any")",
       "spec.fsGroupPolicy: Unsupported value: \"Any\": supported values: \"File\", \"None\", "
       "\"ReadWriteOnceWithFSType\""},
      {"/spec/tokenRequests/1", R"({"audience": "a"})",
       "spec.tokenRequests[1].audience: Duplicate value: \"a\""},
      {"/spec/tokenRequests/0/expirationSeconds", "599",
       "spec.tokenRequests[0].expirationSeconds: Invalid value: 599: may not specify a duration "
       "less than 10 minutes"},
      {"/spec/tokenRequests/0/expirationSeconds", "4294967297",
       "spec.tokenRequests[0].expirationSeconds: Invalid value: 4294967297: may not specify a "
       "duration larger than 2^32 seconds"},
      {"/spec/volumeLifecycleModes", R"(["Short"])",
       "spec.volumeLifecycleModes: Unsupported value: \"Short\": supported values: "
       "\"Persistent\", \"Ephemeral\""},
  };
  expect_rules("csidrivers.storage.k8s.io", valid, table);
  constexpr change kept[] = {
      {"/spec/attachRequired", "false",
       "spec.attachedRequired: Invalid value: false: field is immutable"},
      {"/spec/volumeLifecycleModes", R"(["Ephemeral"])",
       "spec.volumeLifecycleModes: Invalid value: []string{\"Ephemeral\"}: field is immutable"},
  };
  expect_update_rules("csidrivers.storage.k8s.io", valid, kept);
}

TEST(CSINode, Rules) {
  const json valid = json::parse(R"({"metadata": {"name": "n"},
    "spec": {"drivers": [{"name": "d", "nodeID": "i", "topologyKeys": ["zone"]}]}})");
  constexpr change table[] = {
      {"/spec/drivers/0/name", R"("")", "spec.drivers[0].name: Required value"},
      {"/spec/drivers/0/nodeID", R"("")", "spec.drivers[0].nodeID: Required value"},
      {"/spec/drivers/0/allocatable", R"({"count": -1})",
       "spec.drivers[0].allocatable.count: Invalid value: -1: must be greater than or equal to 0"},
      {"/spec/drivers/1", R"({"name": "d", "nodeID": "i"})",
       "spec.drivers[1].name: Duplicate value: \"d\""},
      {"/spec/drivers/0/topologyKeys/1", R"("zone")", "spec.drivers[0]: Duplicate value: \"zone\""},
  };
  expect_rules("csinodes.storage.k8s.io", valid, table);
  constexpr change kept[] = {{"/spec/drivers/0/nodeID", R"("j")", "spec.drivers: Invalid value: "}};
  expect_update_rules("csinodes.storage.k8s.io", valid, kept);
}

TEST(CSIStorageCapacity, Rules) {
  const json valid = json::parse(R"({"metadata": {"name": "c", "namespace": "a"},
    "storageClassName": "s", "capacity": "1Gi", "nodeTopology": {"matchLabels": {"a": "b"}}})");
  constexpr change table[] = {
      {"/storageClassName", R"("A")",
       "storageClassName: Invalid value: \"A\": a lowercase RFC 1123 subdomain"},
      {"/capacity", R"("-1")",
       "capacity: Invalid value: \"-1\": must be greater than or equal to 0"},
      {"/nodeTopology/matchLabels", R"({"a b": "c"})",
       "nodeTopology.matchLabels: Invalid value: \"a b\": name part must consist of"},
  };
  expect_rules("csistoragecapacities.storage.k8s.io", valid, table);
  constexpr change kept[] = {
      {"/storageClassName", R"("t")", "storageClassName: Invalid value: \"t\": field is immutable"},
      {"/nodeTopology/matchLabels/a", R"("c")", "nodeTopology: Invalid value: "}};
  expect_update_rules("csistoragecapacities.storage.k8s.io", valid, kept);
}

TEST(VolumeAttachment, Rules) {
  const json valid = json::parse(R"({"metadata": {"name": "x"},
    "spec": {"attacher": "d", "nodeName": "n", "source": {"persistentVolumeName": "v"}}})");
  constexpr change table[] = {
      {"/spec/attacher", R"("")", "spec.attacher: Required value"},
      {"/spec/nodeName", R"("")", "spec.nodeName: Invalid value: \"\": a lowercase RFC 1123"},
      {"/spec/source", "{}",
       "spec.source: Required value: must specify exactly one of inlineVolumeSpec and "
       "persistentVolumeName"},
      {"/spec/source/persistentVolumeName", R"("")",
       "spec.source.persistentVolumeName: Required value: must specify non empty "
       "persistentVolumeName"},
      {"/spec/source/inlineVolumeSpec", "{}",
       "spec.source: Forbidden: must specify exactly one of inlineVolumeSpec and "
       "persistentVolumeName"},
      {"/spec/source", R"({"inlineVolumeSpec": {"accessModes": ["ReadWriteOnce"],
                           "capacity": {"storage": "1Gi"}, "hostPath": {"path": "/x"}}})",
       "spec.source.inlineVolumeSpec.csi: Required value: has to be specified in the context of "
       "inline volumes"},
  };
  expect_rules("volumeattachments.storage.k8s.io", valid, table);
  constexpr change kept[] = {{"/spec/nodeName", R"("m")", "spec: Invalid value: "}};
  expect_update_rules("volumeattachments.storage.k8s.io", valid, kept);
}

}  // namespace
}  // namespace troupe::model
