// floors: model
#include "tests/unit/model/rules.hpp"

namespace troupe::model::rules {
namespace {

json pod() {
  return json::parse(R"({"metadata": {"name": "web", "namespace": "default"},
    "spec": {"serviceAccountName": "default", "containers": [{"name": "c", "image": "web:1"}]}})");
}

/// A pod with one volume.
json with_volume(const char* source) {
  json object = pod();
  json volume = json::parse(source);
  volume["name"] = "v";
  object["spec"]["volumes"] = {volume};
  return object;
}

const std::string c0 = "spec.containers[0]";

TEST(PodContainerRules, OfContainers) {
  expect_create_faults(
      "pods", pod(),
      {{"/spec/containers/0/ports",
        R"([{"containerPort": 0}])",
        {c0 + ".ports[0].containerPort: Required value"}},
       {"/spec/containers/0/ports",
        R"([{"containerPort": 1, "hostPort": 70000}])",
        {c0 + ".ports[0].hostPort: Invalid value: 70000: must be between 1 and 65535, inclusive"}},
       {"/spec/containers/0/terminationMessagePolicy",
        R"("Log")",
        {c0 + ".terminationMessagePolicy: Unsupported value: \"Log\": supported values: \"File\", "
              "\"FallbackToLogsOnError\""}},
       {"/spec/containers/0/envFrom",
        R"([{"prefix": "a=b", "configMapRef": {"name": "m"}}])",
        {c0 + ".envFrom[0].prefix: Invalid value: \"a=b\": a valid environment variable name"}},
       {"/spec/containers/0/envFrom",
        R"([{"prefix": "a"}])",
        {c0 + ".envFrom: Invalid value: \"\": must specify one of: `configMapRef` or "
              "`secretRef`"}},
       {"/spec/containers/0/envFrom",
        R"([{"secretRef": {"name": ""}}])",
        {c0 + ".envFrom[0].secretRef.name: Required value"}},
       {"/spec/initContainers",
        R"([{"name": "c", "image": "i"}])",
        {"spec.initContainers[0].name: Duplicate value: \"c\""}},
       {"/spec/initContainers",
        R"([{"name": "i", "image": "i", "restartPolicy": "Never"}])",
        {"spec.initContainers[0].restartPolicy: Unsupported value: \"Never\": supported values: "
         "\"Always\""}},
       {"/spec/initContainers",
        R"([{"name": "i", "image": "i", "restartPolicy": "Always",
          "readinessProbe": {"exec": {"command": ["a"]}}}])",
        {}},
       {"/spec/initContainers",
        R"([{"name": "i", "image": "i",
          "readinessProbe": {"exec": {"command": ["a"]}}}])",
        {"spec.initContainers[0].readinessProbe: Forbidden: may not be set for init containers "
         "without restartPolicy=Always"}}});
}

TEST(PodContainerRules, OfReferencesToFields) {
  const auto env = [](const char* source) {
    return std::string(R"([{"name": "E", "valueFrom": )") + source + "}]";
  };
  const std::string from = c0 + ".env[0].valueFrom";
  const auto expect = [&](const char* source, std::vector<std::string> faults) {
    const std::string value = env(source);
    expect_create_faults("pods", pod(), {{"/spec/containers/0/env", value.c_str(), faults}});
  };
  expect(R"({"fieldRef": {"fieldPath": "metadata.labels['app']"}})", {});
  expect(R"({"fieldRef": {"fieldPath": "spec.host"}})", {});
  expect(R"({"fieldRef": {"fieldPath": "metadata.labels['a b']"}})",
         {from + ".fieldRef: Invalid value: \"a b\": name part must consist of"});
  expect(R"({"fieldRef": {"fieldPath": "spec.volumes['a']"}})",
         {from + ".fieldRef.fieldPath: Invalid value: \"spec.volumes['a']\": error converting "
                 "fieldPath: field label does not support subscript: spec.volumes['a']"});
  expect(R"({"fieldRef": {"fieldPath": "spec.nosuch"}})",
         {from + ".fieldRef.fieldPath: Invalid value: \"spec.nosuch\": error converting fieldPath: "
                 "field label not supported: spec.nosuch"});
  expect(R"({"fieldRef": {"fieldPath": "status.phase"}})",
         {from + ".fieldRef.fieldPath: Unsupported value: \"status.phase\": supported values: "
                 "\"metadata.name\", \"metadata.namespace\", \"metadata.uid\", \"spec.nodeName\""});
  expect(R"({"fieldRef": {"fieldPath": "metadata.name", "apiVersion": "v2"}})",
         {from + ".fieldRef.fieldPath: Invalid value: \"metadata.name\": error converting "
                 "fieldPath: unsupported pod version: v2"});
  expect(R"({"resourceFieldRef": {"resource": "limits.cpu", "divisor": "1m"}})", {});
  expect(
      R"({"resourceFieldRef": {"resource": "limits.disk"}})",
      {from + ".resourceFieldRef.resource: Unsupported value: \"limits.disk\": supported values: "
              "\"limits.cpu\", \"limits.ephemeral-storage\", \"limits.memory\""});
  expect(R"({"resourceFieldRef": {"resource": "limits.cpu", "divisor": "2"}})",
         {from + ".resourceFieldRef.divisor: Invalid value: \"limits.cpu\": only divisor's values "
                 "1m and 1 are supported with the cpu resource"});
  expect(R"({"resourceFieldRef": {"resource": "limits.memory", "divisor": "2Mi"}})",
         {from + ".resourceFieldRef.divisor: Invalid value: \"limits.memory\": only divisor's "
                 "values 1, 1k,"});
  expect(R"({"secretKeyRef": {"name": "a", "key": "b"}, "configMapKeyRef": {"name": "a",
            "key": "b"}})",
         {from + ": Invalid value: \"\": may not have more than one field specified at a time"});
  expect("{}", {from + ": Invalid value: \"\": must specify one of: `fieldRef`,"});
}

TEST(PodContainerRules, OfProbesAndHooks) {
  const std::string live = c0 + ".livenessProbe";
  const std::string hook = c0 + ".lifecycle.preStop";
  expect_create_faults(
      "pods", pod(),
      {{"/spec/containers/0/livenessProbe",
        R"({"grpc": {"port": 0}})",
        {live + ".grpc.port: Invalid value: 0: must be between 1 and 65535, inclusive"}},
       {"/spec/containers/0/livenessProbe",
        R"({"httpGet": {"port": ""}})",
        {live + ".httpGet.port: Invalid value: \"\": must contain at least one letter (a-z)"}},
       {"/spec/containers/0/livenessProbe",
        R"({"httpGet": {"port": 1, "scheme": "FTP"}})",
        {live + ".httpGet.scheme: Unsupported value: \"FTP\": supported values: \"HTTP\", "
                "\"HTTPS\""}},
       {"/spec/containers/0/livenessProbe",
        R"({"httpGet": {"port": 1, "httpHeaders": [{"name": "a b", "value": ""}]}})",
        {live + ".httpGet.httpHeaders: Invalid value: \"a b\": a valid HTTP header must consist"}},
       {"/spec/containers/0/livenessProbe",
        R"({"exec": {}})",
        {live + ".exec.command: Required value"}},
       {"/spec/containers/0/livenessProbe",
        R"({"tcpSocket": {"port": 1}, "terminationGracePeriodSeconds": 0})",
        {live + ".terminationGracePeriodSeconds: Invalid value: 0: must be greater than 0"}},
       {"/spec/containers/0/readinessProbe",
        R"({"tcpSocket": {"port": 1}, "terminationGracePeriodSeconds": 1})",
        {c0 + ".readinessProbe.terminationGracePeriodSeconds: Invalid value: 1: must not be set "
              "for readinessProbes"}},
       {"/spec/containers/0/livenessProbe",
        R"({"tcpSocket": {"port": 1}, "initialDelaySeconds": -1})",
        {live + ".initialDelaySeconds: Invalid value: -1: must be greater than or equal to 0"}},
       {"/spec/containers/0/lifecycle", R"({"preStop": {"sleep": {"seconds": 5}}})", {}},
       {"/spec/containers/0/lifecycle",
        R"({"preStop": {"sleep": {"seconds": 50}}})",
        {hook + ".sleep: Invalid value: 50: must be greater than 0 and less than "
                "terminationGracePeriodSeconds (30). Enable"}},
       {"/spec/containers/0/lifecycle",
        R"({"preStop": {}})",
        {hook + ": Required value: must specify a handler type"}}});
}

TEST(PodContainerRules, OfResources) {
  expect_create_faults(
      "pods", pod(),
      {{"/spec/containers/0/resources",
        R"({"limits": {"disk": "1"}})",
        {c0 + ".resources.limits[disk]: Invalid value: \"disk\": must be a standard resource type "
              "or fully qualified",
         c0 + ".resources.limits[disk]: Invalid value: \"disk\": must be a standard resource for "
              "containers",
         c0 + ".resources.requests[disk]: Invalid value",
         c0 + ".resources.requests[disk]: Invalid value"}},
       {"/spec/containers/0/resources",
        R"({"requests": {"a.com/gpu": "1"}})",
        {c0 + ".resources.limits: Required value: Limit must be set for non overcommitable "
              "resources"}},
       {"/spec/containers/0/resources",
        R"({"limits": {"hugepages-2Mi": "4Mi"}})",
        {c0 + ".resources: Forbidden: HugePages require cpu or memory"}},
       {"/spec/containers/0/resources",
        R"({"limits": {"hugepages-2Mi": "3Mi", "cpu": "1"}, "requests": {"hugepages-2Mi": "3Mi"}})",
        {c0 + ".resources.limits[hugepages-2Mi]: Invalid value: \"3Mi\": 3Mi is not positive "
              "integer multiple of hugepages-2Mi",
         c0 + ".resources.requests[hugepages-2Mi]: Invalid value: \"3Mi\": 3Mi is not positive"}},
       {"/spec/overhead",
        R"({"cpu": "-1"})",
        {"spec.overhead.limits[cpu]: Invalid value: \"-1\": must be greater than or equal to 0"}}});
}

TEST(PodContainerRules, OfMountsAndDevices) {
  json valid = with_volume(R"({"emptyDir": {}})");
  valid["spec"]["volumes"].push_back(
      {{"name", "d"}, {"persistentVolumeClaim", {{"claimName", "d"}}}});
  json& container = valid["spec"]["containers"][0];
  container["volumeMounts"] = {{{"name", "v"}, {"mountPath", "/v"}}};
  container["volumeDevices"] = {{{"name", "d"}, {"devicePath", "/dev/d"}}};
  const std::string mount = c0 + ".volumeMounts[0]";
  expect_create_faults(
      "pods", valid,
      {{"/spec/containers/0/volumeMounts/0/name", R"("x")", {mount + ".name: Not found: \"x\""}},
       {"/spec/containers/0/volumeMounts/0/name",
        R"("d")",
        {mount + ".name: Invalid value: \"d\": must not already exist in volumeDevices",
         c0 + ".volumeDevices[0].name: Invalid value: \"d\": must not already exist in "
              "volumeMounts"}},
       {"/spec/containers/0/volumeMounts/0/mountPath",
        R"("/dev/d")",
        {mount + ".mountPath: Invalid value: \"/dev/d\": must not already exist as a path in "
                 "volumeDevices",
         c0 +
             ".volumeDevices[0].devicePath: Invalid value: \"/dev/d\": must not already exist as a "
             "path in volumeMounts"}},
       {"/spec/containers/0/volumeMounts/1",
        R"({"name": "v", "mountPath": "/v"})",
        {c0 + ".volumeMounts[1].mountPath: Invalid value: \"/v\": must be unique"}},
       {"/spec/containers/0/volumeMounts/0/subPath",
        R"("../x")",
        {c0 + ".volumeMounts.subPath: Invalid value: \"../x\": must not contain '..'"}},
       {"/spec/containers/0/volumeMounts/0/subPathExpr",
        R"("/x")",
        {c0 + ".volumeMounts.subPathExpr: Invalid value: \"/x\": must be a relative path"}},
       {"/spec/containers/0/volumeMounts/0/mountPropagation",
        R"("Bidirectional")",
        {c0 + ".volumeMounts.mountPropagation: Forbidden: Bidirectional mount propagation is "
              "available only to privileged containers"}},
       {"/spec/containers/0/volumeMounts/0/mountPropagation",
        R"("Both")",
        {c0 + ".volumeMounts.mountPropagation: Unsupported value: \"Both\": supported values: "
              "\"Bidirectional\", \"HostToContainer\", \"None\""}},
       {"/spec/containers/0/volumeMounts/0/recursiveReadOnly",
        R"("Enabled")",
        {c0 + ".volumeMounts.recursiveReadOnly: Forbidden: may only be specified when readOnly is "
              "true"}},
       {"/spec/containers/0/volumeDevices/0/name",
        R"("v")",
        {mount + ".name: Invalid value: \"v\": must not already exist in volumeDevices",
         c0 + ".volumeDevices[0].name: Invalid value: \"v\": can only use volume source type of "
              "PersistentVolumeClaim or Ephemeral for block mode",
         c0 + ".volumeDevices[0].name: Invalid value: \"v\": must not already exist in "
              "volumeMounts"}},
       {"/spec/containers/0/volumeDevices/0/devicePath",
        R"("/dev/..")",
        {c0 + ".volumeDevices[0].devicePath: Invalid value: \"/dev/..\": can not contain backsteps "
              "('..')"}}});
}

struct volume_case {
  const char* source;
  std::vector<std::string> faults;
};

TEST(PodContainerRules, OfVolumes) {
  const std::string v = "spec.volumes[0]";
  const volume_case table[] = {
      {R"({"image": {"reference": "r"}})", {}},
      {R"({"emptyDir": {}, "hostPath": {"path": "/a"}})",
       {v + ".hostPath: Forbidden: may not specify more than 1 volume type"}},
      {R"({"emptyDir": {"sizeLimit": "-1"}})",
       {v + ".emptyDir.sizeLimit: Forbidden: SizeLimit field must be a valid resource quantity"}},
      {R"({"hostPath": {"path": "/a/../b"}})",
       {v + ".hostPath.path: Invalid value: \"/a/../b\": must not contain '..'"}},
      {R"({"hostPath": {"path": "/a", "type": "Door"}})",
       {v + ".hostPath.type: Unsupported value: \"Door\": supported values: \"\", "
            "\"BlockDevice\""}},
      {R"({"configMap": {"name": "m", "items": [{"key": "k", "path": "..a"}]}})",
       {v + ".configMap.items[0].path: Invalid value: \"..a\": must not start with '..'"}},
      {R"({"configMap": {"name": "m", "defaultMode": 1000}})",
       {v + ".configMap.defaultMode: Invalid value: 1000: must be a number between 0 and 0777"}},
      {R"({"secret": {"secretName": "s", "items": [{"key": "k", "path": "/a"}]}})",
       {v + ".secret.items[0].path: Invalid value: \"/a\": must be a relative path"}},
      {R"({"downwardAPI": {"items": [{"path": "l", "fieldRef": {"fieldPath":
          "spec.nodeName"}}]}})",
       {v + ".downwardAPI.fieldRef.fieldPath: Unsupported value: \"spec.nodeName\": supported "
            "values: \"metadata.annotations\", \"metadata.labels\""}},
      {R"({"downwardAPI": {"items": [{"path": "l", "resourceFieldRef": {"resource":
          "limits.cpu"}}]}})",
       {v + ".downwardAPI.resourceFieldRef.containerName: Required value"}},
      {R"({"downwardAPI": {"items": [{"path": "l"}]}})",
       {v + ".downwardAPI: Required value: one of fieldRef and resourceFieldRef is required"}},
      {R"({"projected": {"sources": [{"configMap": {"name": "a", "items": [{"key": "k",
          "path": "p"}]}}, {"secret": {"name": "b", "items": [{"key": "k", "path": "p"}]}}]}})",
       {v + ".projected: Invalid value: \"b\": conflicting duplicate paths"}},
      {R"({"projected": {"sources": [{"serviceAccountToken": {"path": "",
          "expirationSeconds": 60}}]}})",
       {v + ".projected.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 60: may "
            "not specify a duration less than 10 minutes",
        v + ".projected.path: Required value"}},
      {R"({"projected": {"sources": [{"secret": {"name": ""}, "configMap": {"name": "a"}}]}})",
       {v + ".projected.sources[0].secret.name: Required value",
        v + ".projected.sources[0]: Forbidden: may not specify more than 1 volume type per "
            "source"}},
      {R"({"nfs": {"server": "s", "path": "rel"}})",
       {v + ".nfs.path: Invalid value: \"rel\": must be an absolute path"}},
      {R"({"gcePersistentDisk": {"pdName": "", "partition": 256}})",
       {v + ".persistentDisk.pdName: Required value",
        v + ".persistentDisk.partition: Invalid value: 256: must be between 1 and 255"}},
      {R"({"iscsi": {"targetPortal": "p", "iqn": "iqn.2001-04.com.example:disk", "lun": 300}})",
       {v + ".iscsi.lun: Invalid value: 300: must be between 0 and 255, inclusive"}},
      {R"({"iscsi": {"targetPortal": "p", "iqn": "disk", "chapAuthSession": true}})",
       {v + ".iscsi.iqn: Invalid value: \"disk\": must be valid format starting with iqn, eui, or "
            "naa",
        v + ".iscsi.secretRef: Required value"}},
      {R"({"flocker": {}})",
       {v + ".flocker: Required value: one of datasetName and datasetUUID is required"}},
      {R"({"quobyte": {"registry": "nowhere", "volume": "v"}})",
       {v + ".quobyte.registry: Invalid value: \"nowhere\": must be a host:port pair or multiple "
            "pairs separated by commas"}},
      {R"({"fc": {"targetWWNs": ["a"]}})",
       {v + ".fc.lun: Required value: lun is required if targetWWNs is specified"}},
      {R"({"flexVolume": {"driver": "d", "options": {"kubernetes.io/x": "y"}}})",
       {v + ".flexVolume.options[kubernetes.io/x]: Invalid value: \"kubernetes.io/x\": "
            "kubernetes.io and k8s.io namespaces are reserved"}},
      {R"({"iscsi": {"targetPortal": "a-portal-that-makes-the-name-of-the-volume-far-too-long-for-its-initiator",
          "iqn": "naa.62004567BA64678D0123456789ABCDEF", "initiatorName": "eui.x"}})",
       {v + ".iscsi.initiatorname: Invalid value: \"eui.x\": must be valid format",
        v + ".name: Invalid value: "}},
      {R"({"azureDisk": {"diskName": "d", "diskURI": "http://x"}})",
       {v + ".azureDisk.diskURI: Unsupported value: \"http://x\": supported values: \"https://"}},
      {R"({"csi": {"driver": "Bad_Driver"}})",
       {v + ".csi.driver: Invalid value: \"Bad_Driver\": a lowercase RFC 1123 subdomain must"}},
      {R"({"csi": {"driver": ""}})",
       {v + ".csi.driver: Required value", v + ".csi.driver: Invalid value: \"\": a lowercase"}},
      {R"({"ephemeral": {}})", {v + ".ephemeral.volumeClaimTemplate: Required value"}},
      {R"({"persistentVolumeClaim": {"claimName": ""}})",
       {v + ".persistentVolumeClaim.claimName: Required value"}},
  };
  for (const auto& c : table) {
    std::vector<::testing::Matcher<std::string>> expected;
    for (const auto& fault : c.faults) expected.emplace_back(::testing::StartsWith(fault));
    EXPECT_THAT(create("pods", with_volume(c.source)), ::testing::ElementsAreArray(expected))
        << c.source;
  }
}

TEST(PodContainerRules, ATokenIsOneOfAnAccount) {
  json object = with_volume(R"({"projected": {"sources": [{"serviceAccountToken":
    {"path": "t"}}]}})");
  EXPECT_THAT(create("pods", object), ::testing::IsEmpty());
  object["spec"].erase("serviceAccountName");
  object["spec"].erase("serviceAccount");
  EXPECT_THAT(create("pods", object),
              ::testing::ElementsAre(
                  "spec.volumes[0].projected.sources[0].serviceAccountToken: Forbidden: must not "
                  "be specified when serviceAccountName is not set"));
}

TEST(PodContainerRules, AClaimThatThePodMakesIsNotOneToReferTo) {
  json object = with_volume(R"({"ephemeral": {"volumeClaimTemplate": {"spec": {"accessModes":
    ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}}}}})");
  object["spec"]["volumes"].push_back(
      {{"name", "w"}, {"persistentVolumeClaim", {{"claimName", "web-v"}}}});
  EXPECT_THAT(create("pods", object),
              ::testing::ElementsAre(
                  "spec.volumes[1].persistentVolumeClaim.claimName: Invalid value: \"web-v\": must "
                  "not reference a PVC that gets created for an ephemeral volume"));
}

}  // namespace
}  // namespace troupe::model::rules
