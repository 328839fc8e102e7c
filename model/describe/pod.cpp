#include "model/describe/containers.hpp"
#include "model/describe/text.hpp"
#include "model/table/printers.hpp"

namespace troupe::model {
namespace {

std::string whether(const json& value) {
  return value == true ? "true" : "false";
}

// kubectl prints the pointer here.
std::string unset_or(const json& optional) {
  return optional.is_null() ? "<nil>" : whether(optional);
}

void one_volume(describe_text& text, const json& v) {
  auto kind = [&](std::string_view name) -> const json& { return at(v, {name}); };
  if (const json& dir = kind("emptyDir"); dir.is_object()) {
    text.field(2, "Type", "EmptyDir (a temporary directory that shares a pod's lifetime)");
    text.field(2, "Medium", string_at(dir, {"medium"}));
    const json& limit = at(dir, {"sizeLimit"});
    text.field(2, "SizeLimit", limit.is_null() || limit == "0" ? "<unset>" : scalar_text(limit));
  } else if (const json& path = kind("hostPath"); path.is_object()) {
    text.field(2, "Type", "HostPath (bare host directory volume)");
    text.field(2, "Path", string_at(path, {"path"}));
    text.field(2, "HostPathType", string_at(path, {"type"}));
  } else if (const json& map = kind("configMap"); map.is_object()) {
    text.field(2, "Type", "ConfigMap (a volume populated by a ConfigMap)");
    text.field(2, "Name", string_at(map, {"name"}));
    text.field(2, "Optional", whether(at(map, {"optional"})));
  } else if (const json& secret = kind("secret"); secret.is_object()) {
    text.field(2, "Type", "Secret (a volume populated by a Secret)");
    text.field(2, "SecretName", string_at(secret, {"secretName"}));
    text.field(2, "Optional", whether(at(secret, {"optional"})));
  } else if (const json& projected = kind("projected"); projected.is_object()) {
    text.field(2, "Type", "Projected (a volume that contains injected data from multiple sources)");
    for (const json& source : at(projected, {"sources"})) {
      if (const json& s = at(source, {"secret"}); s.is_object()) {
        text.field(2, "SecretName", string_at(s, {"name"}));
        text.field(2, "SecretOptionalName", unset_or(at(s, {"optional"})));
      }
      if (at(source, {"downwardAPI"}).is_object()) text.field(2, "DownwardAPI", "true");
      if (const json& m = at(source, {"configMap"}); m.is_object()) {
        text.field(2, "ConfigMapName", string_at(m, {"name"}));
        text.field(2, "ConfigMapOptional", unset_or(at(m, {"optional"})));
      }
      if (const json& t = at(source, {"serviceAccountToken"}); t.is_object())
        text.field(2, "TokenExpirationSeconds", at(t, {"expirationSeconds"}).dump());
    }
  } else {
    text.line(2, "<unknown>");
  }
}

void volumes(describe_text& text, const json& list) {
  if (count_of(list) == 0) return text.field(0, "Volumes", "<none>");
  text.line(0, "Volumes:");
  for (const json& v : list) {
    text.line(1, string_at(v, {"name"}) + ":");
    one_volume(text, v);
  }
}

std::string toleration(const json& t) {
  std::string out = string_at(t, {"key"});
  const std::string value = string_at(t, {"value"}), effect = string_at(t, {"effect"});
  if (!value.empty()) out += "=" + value;
  if (!effect.empty()) out += ":" + effect;
  if (string_at(t, {"operator"}) == "Exists" && value.empty())
    out += out.empty() ? "op=Exists" : " op=Exists";
  if (const json& seconds = at(t, {"tolerationSeconds"}); seconds.is_number_integer())
    out += " for " + seconds.dump() + "s";
  return out;
}

void tolerations(describe_text& text, const json& list) {
  if (count_of(list) == 0) return text.field(0, "Tolerations", "<none>");
  std::string lead = "Tolerations:";
  for (const json& t : list) {
    text.line(0, lead + "\t" + toleration(t));
    lead.clear();
  }
}

void optional(describe_text& text, std::string_view title, const std::string& value) {
  if (!value.empty()) text.field(0, title, value);
}

void identity(describe_text& text, const json& pod) {
  text.field(0, "Name", name_of(pod));
  text.field(0, "Namespace", string_at(pod, {"metadata", "namespace"}));
  if (const json& p = at(pod, {"spec", "priority"}); p.is_number())
    text.field(0, "Priority", p.dump());
  optional(text, "Priority Class Name", string_at(pod, {"spec", "priorityClassName"}));
  optional(text, "Runtime Class Name", string_at(pod, {"spec", "runtimeClassName"}));
  optional(text, "Service Account", string_at(pod, {"spec", "serviceAccountName"}));
  const std::string node = string_at(pod, {"spec", "nodeName"});
  text.field(0, "Node",
             node.empty() ? "<none>" : node + "/" + string_at(pod, {"status", "hostIP"}));
  if (const json& start = at(pod, {"status", "startTime"}); start.is_string())
    text.field(0, "Start Time", rfc1123(start));
  text.labels("Labels", at(pod, {"metadata", "labels"}));
  text.annotations(at(pod, {"metadata", "annotations"}));
}

void state(describe_text& text, const json& pod, time_point now) {
  const std::string phase = string_at(pod, {"status", "phase"});
  const json& deleted = at(pod, {"metadata", "deletionTimestamp"});
  if (deleted.is_string() && phase != "Failed" && phase != "Succeeded") {
    text.field(0, "Status", "Terminating (lasts " + since(deleted, now) + ")");
    text.field(0, "Termination Grace Period",
               scalar_text(at(pod, {"metadata", "deletionGracePeriodSeconds"})) + "s");
  } else {
    text.field(0, "Status", phase);
  }
  optional(text, "Reason", string_at(pod, {"status", "reason"}));
  optional(text, "Message", string_at(pod, {"status", "message"}));
  optional(text, "SeccompProfile",
           string_at(pod, {"spec", "securityContext", "seccompProfile", "type"}));
  text.field(0, "IP", string_at(pod, {"status", "podIP"}));
  const json& ips = at(pod, {"status", "podIPs"});
  if (count_of(ips) == 0) {
    text.field(0, "IPs", "<none>");
  } else {
    text.line(0, "IPs:");
    for (const json& ip : ips) text.field(1, "IP", string_at(ip, {"ip"}));
  }
  for (const json& owner : at(pod, {"metadata", "ownerReferences"}))
    if (at(owner, {"controller"}) == true)
      text.field(0, "Controlled By", string_at(owner, {"kind"}) + "/" + string_at(owner, {"name"}));
  optional(text, "NominatedNodeName", string_at(pod, {"status", "nominatedNodeName"}));
}

}  // namespace

std::string describe_pod(const described& d) {
  const json& pod = d.object;
  describe_text text;
  identity(text, pod);
  state(text, pod, d.now);
  if (const json& init = at(pod, {"spec", "initContainers"}); count_of(init) > 0)
    describe_containers(text, "Init Containers", init, at(pod, {"status", "initContainerStatuses"}),
                        pod);
  describe_containers(text, "Containers", at(pod, {"spec", "containers"}),
                      at(pod, {"status", "containerStatuses"}), pod);
  if (const json& conditions = at(pod, {"status", "conditions"}); count_of(conditions) > 0) {
    text.line(0, "Conditions:");
    text.line(1, "Type\tStatus");
    for (const json& c : conditions)
      text.line(1, string_at(c, {"type"}) + " \t" + string_at(c, {"status"}) + " ");
  }
  volumes(text, at(pod, {"spec", "volumes"}));
  text.field(0, "QoS Class", string_at(pod, {"status", "qosClass"}));
  text.labels("Node-Selectors", at(pod, {"spec", "nodeSelector"}));
  tolerations(text, at(pod, {"spec", "tolerations"}));
  text.events(d.events, d.now);
  return text.take();
}

}  // namespace troupe::model
