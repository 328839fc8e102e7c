#include "model/describe/containers.hpp"

#include "model/table/printers.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

/// "80/TCP (http), 443/TCP"; `field` is containerPort or hostPort.
std::string ports(const json& container, std::string_view field, bool names) {
  std::string out;
  for (const json& p : at(container, {"ports"})) {
    if (!out.empty()) out += ", ";
    const json& number = at(p, {field});
    out += (number.is_number() ? number.dump() : "0") + "/" + string_at(p, {"protocol"}, "TCP");
    if (const auto name = string_at(p, {"name"}); names && !name.empty()) out += " (" + name + ")";
  }
  return out;
}

void basics(describe_text& text, const json& container, const json& status) {
  if (status.is_object()) text.field(2, "Container ID", string_at(status, {"containerID"}));
  text.field(2, "Image", string_at(container, {"image"}));
  if (status.is_object()) text.field(2, "Image ID", string_at(status, {"imageID"}));
  const std::string inside = ports(container, "containerPort", true);
  text.field(2, inside.find(',') == std::string::npos ? "Port" : "Ports", or_none(inside));
  const std::string outside = ports(container, "hostPort", false);
  text.field(2, outside.find(',') == std::string::npos ? "Host Port" : "Host Ports",
             or_none(outside));
  for (const auto& [title, field] : {std::pair{"Command:", "command"}, {"Args:", "args"}}) {
    const json& words = at(container, {field});
    if (count_of(words) == 0) continue;
    text.line(2, title);
    for (const json& word : words) {
      const std::string all = scalar_text(word);
      for (std::size_t start = 0; start <= all.size();) {
        const auto end = std::min(all.find('\n', start), all.size());
        text.line(3, all.substr(start, end - start));
        start = end + 1;
      }
    }
  }
}

void state(describe_text& text, std::string_view title, const json& state) {
  if (const json& running = at(state, {"running"}); running.is_object()) {
    text.field(2, title, "Running");
    text.field(3, "Started", rfc1123(at(running, {"startedAt"})));
  } else if (const json& ended = at(state, {"terminated"}); ended.is_object()) {
    text.field(2, title, "Terminated");
    for (const auto& [label, field] : {std::pair{"Reason", "reason"}, {"Message", "message"}})
      if (auto value = string_at(ended, {field}); !value.empty()) text.field(3, label, value);
    const json& code = at(ended, {"exitCode"});
    text.field(3, "Exit Code", code.is_number() ? code.dump() : "0");
    if (const json& s = at(ended, {"signal"}); s.is_number() && s > 0)
      text.field(3, "Signal", s.dump());
    text.field(3, "Started", rfc1123(at(ended, {"startedAt"})));
    text.field(3, "Finished", rfc1123(at(ended, {"finishedAt"})));
  } else {
    text.field(2, title, "Waiting");
    if (auto why = string_at(state, {"waiting", "reason"}); !why.empty())
      text.field(3, "Reason", why);
  }
}

void resources(describe_text& text, const json& container) {
  for (const auto& [title, field] : {std::pair{"Limits:", "limits"}, {"Requests:", "requests"}}) {
    const json& amounts = at(container, {"resources", field});
    if (count_of(amounts) == 0) continue;
    text.line(2, title);
    for (const auto& [name, amount] : amounts.items()) text.field(3, name, scalar_text(amount));
  }
}

std::string action(const json& probe) {
  if (const json& exec = at(probe, {"exec"}); exec.is_object()) {
    std::string words;
    for (const json& word : at(exec, {"command"}))
      words += (words.empty() ? "" : " ") + scalar_text(word);
    return "exec [" + words + "]";
  }
  if (const json& get = at(probe, {"httpGet"}); get.is_object()) {
    std::string scheme = string_at(get, {"scheme"}, "HTTP");
    for (char& c : scheme) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    return "http-get " + scheme + "://" + string_at(get, {"host"}) + ":" +
           scalar_text(at(get, {"port"})) + string_at(get, {"path"});
  }
  if (const json& tcp = at(probe, {"tcpSocket"}); tcp.is_object())
    return "tcp-socket " + string_at(tcp, {"host"}) + ":" + scalar_text(at(tcp, {"port"}));
  if (const json& grpc = at(probe, {"grpc"}); grpc.is_object())
    return "grpc <pod>:" + scalar_text(at(grpc, {"port"})) + " " + string_at(grpc, {"service"});
  return "unknown";
}

void probes(describe_text& text, const json& container) {
  for (const auto& [title, field] : {std::pair{"Liveness", "livenessProbe"},
                                     {"Readiness", "readinessProbe"},
                                     {"Startup", "startupProbe"}}) {
    const json& probe = at(container, {field});
    if (!probe.is_object()) continue;
    auto number = [&](std::string_view name) {
      const json& n = at(probe, {name});
      return n.is_number() ? n.dump() : std::string("0");
    };
    text.field(2, title,
               action(probe) + " delay=" + number("initialDelaySeconds") +
                   "s timeout=" + number("timeoutSeconds") + "s period=" + number("periodSeconds") +
                   "s #success=" + number("successThreshold") +
                   " #failure=" + number("failureThreshold"));
  }
}

/// What a field reference of an environment variable stands for.
std::string field_value(const json& pod, const std::string& path) {
  if (path == "metadata.name") return name_of(pod);
  if (path == "metadata.namespace") return string_at(pod, {"metadata", "namespace"});
  if (path == "metadata.uid") return string_at(pod, {"metadata", "uid"});
  if (path == "spec.nodeName") return string_at(pod, {"spec", "nodeName"});
  if (path == "spec.serviceAccountName") return string_at(pod, {"spec", "serviceAccountName"});
  if (path == "status.podIP") return string_at(pod, {"status", "podIP"});
  if (path == "status.hostIP") return string_at(pod, {"status", "hostIP"});
  return "";
}

void environment(describe_text& text, const json& container, const json& pod) {
  const json& from = at(container, {"envFrom"});
  if (count_of(from) > 0) text.line(2, "Environment Variables from:");
  for (const json& source : from) {
    const bool map = at(source, {"configMapRef"}).is_object();
    const json& ref = at(source, {map ? "configMapRef" : "secretRef"});
    text.line(3, string_at(ref, {"name"}) + "\t" + (map ? "ConfigMap" : "Secret") +
                     "\tOptional: " + (at(ref, {"optional"}) == true ? "true" : "false"));
  }
  const json& env = at(container, {"env"});
  if (count_of(env) == 0) return text.field(2, "Environment", "<none>");
  text.line(2, "Environment:");
  for (const json& e : env) {
    const std::string name = string_at(e, {"name"});
    if (const json& field = at(e, {"valueFrom", "fieldRef"}); field.is_object()) {
      const std::string path = string_at(field, {"fieldPath"});
      text.field(3, name,
                 field_value(pod, path) + " (" + string_at(field, {"apiVersion"}, "v1") + ":" +
                     path + ")");
    } else if (const json& r = at(e, {"valueFrom", "resourceFieldRef"}); r.is_object()) {
      text.field(3, name, "(" + string_at(r, {"resource"}) + ")");
    } else if (const json& s = at(e, {"valueFrom", "secretKeyRef"}); s.is_object()) {
      text.field(3, name,
                 "<set to the key '" + string_at(s, {"key"}) + "' in secret '" +
                     string_at(s, {"name"}) +
                     "'>\tOptional: " + (at(s, {"optional"}) == true ? "true" : "false"));
    } else if (const json& m = at(e, {"valueFrom", "configMapKeyRef"}); m.is_object()) {
      text.field(3, name,
                 "<set to the key '" + string_at(m, {"key"}) + "' of config map '" +
                     string_at(m, {"name"}) +
                     "'>\tOptional: " + (at(m, {"optional"}) == true ? "true" : "false"));
    } else {
      text.field(3, name, string_at(e, {"value"}));
    }
  }
}

void mounts(describe_text& text, const json& container) {
  const json& list = at(container, {"volumeMounts"});
  if (count_of(list) == 0) return text.field(2, "Mounts", "<none>");
  text.line(2, "Mounts:");
  std::vector<std::string> lines;
  for (const json& m : list) {
    std::string flags = at(m, {"readOnly"}) == true ? "ro" : "rw";
    if (auto sub = string_at(m, {"subPath"}); !sub.empty()) flags += ",path=\"" + sub + "\"";
    lines.push_back(string_at(m, {"mountPath"}) + " from " + string_at(m, {"name"}) + " (" + flags +
                    ")");
  }
  std::sort(lines.begin(), lines.end());
  for (const std::string& l : lines) text.line(3, l);
}

}  // namespace

void describe_containers(describe_text& text, std::string_view title, const json& containers,
                         const json& statuses, const json& pod) {
  text.line(0, std::string(title) + ":");
  for (const json& container : containers) {
    const std::string name = string_at(container, {"name"});
    static const json missing;
    const json* status = &missing;
    for (const json& s : statuses)
      if (string_at(s, {"name"}) == name) status = &s;
    text.line(1, name + ":");
    basics(text, container, *status);
    if (status->is_object()) {
      state(text, "State", at(*status, {"state"}));
      if (const json& last = at(*status, {"lastState"}); at(last, {"terminated"}).is_object())
        state(text, "Last State", last);
      text.field(2, "Ready", at(*status, {"ready"}) == true ? "True" : "False");
      const json& restarts = at(*status, {"restartCount"});
      text.field(2, "Restart Count", restarts.is_number() ? restarts.dump() : "0");
    }
    resources(text, container);
    probes(text, container);
    environment(text, container, pod);
    mounts(text, container);
  }
}

}  // namespace troupe::model
