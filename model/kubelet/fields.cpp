#include "model/kubelet/fields.hpp"

#include "model/base64.hpp"

#include <algorithm>

namespace troupe::model::kubelet {

namespace {

/// "metadata.labels['app']" with the prefix "metadata.labels": app.
std::optional<std::string> subscript(const std::string& path, const std::string& prefix) {
  if (!path.starts_with(prefix + "['") || !path.ends_with("']")) return std::nullopt;
  return path.substr(prefix.size() + 2, path.size() - prefix.size() - 4);
}

/// All pairs as the downward API writes them: key="value", a line each, quoted as Go does.
std::string pairs_text(const json& map) {
  std::string out;
  for (const auto& [key, value] : map.items()) {
    if (!out.empty()) out += '\n';
    out += key + "=" + json(value.is_string() ? value.get<std::string>() : "").dump();
  }
  return out;
}

std::string joined(const std::vector<std::string>& list) {
  std::string out;
  for (const auto& s : list) out += (out.empty() ? "" : ",") + s;
  return out;
}

}  // namespace

resolved field_value(const json& pod, const std::string& path, const pod_facts& facts) {
  if (path == "metadata.name") return {string_at(pod, {"metadata", "name"}), {}};
  if (path == "metadata.namespace") return {string_at(pod, {"metadata", "namespace"}), {}};
  if (path == "metadata.uid") return {string_at(pod, {"metadata", "uid"}), {}};
  if (path == "metadata.labels") return {pairs_text(at(pod, {"metadata", "labels"})), {}};
  if (path == "metadata.annotations") return {pairs_text(at(pod, {"metadata", "annotations"})), {}};
  if (path == "spec.nodeName") return {string_at(pod, {"spec", "nodeName"}), {}};
  if (path == "spec.serviceAccountName")
    return {string_at(pod, {"spec", "serviceAccountName"}, "default"), {}};
  if (path == "status.hostIP")
    return {facts.host_ips.empty() ? std::string{} : facts.host_ips.front(), {}};
  if (path == "status.hostIPs") return {joined(facts.host_ips), {}};
  if (path == "status.podIP")
    return {facts.pod_ips.empty() ? std::string{} : facts.pod_ips.front(), {}};
  if (path == "status.podIPs") return {joined(facts.pod_ips), {}};
  if (auto key = subscript(path, "metadata.labels"))
    return {string_at(pod, {"metadata", "labels", *key}), {}};
  if (auto key = subscript(path, "metadata.annotations"))
    return {string_at(pod, {"metadata", "annotations", *key}), {}};
  return {{}, "unsupported fieldPath: " + path};
}

resolved resource_value(const json& container, const json& reference, const pod_facts& facts) {
  const auto resource = string_at(reference, {"resource"});
  const auto dot = resource.find('.');
  const auto which = resource.substr(0, dot);
  const auto name = dot == std::string::npos ? std::string{} : resource.substr(dot + 1);
  if ((which != "limits" && which != "requests") || name.empty())
    return {{}, "unsupported container resource : " + resource};
  auto text = string_at(container, {"resources", which, name});
  // A limit that is not set is what the node has; a request that is not set is its limit.
  if (text.empty() && which == "requests")
    text = string_at(container, {"resources", "limits", name});
  if (auto all = facts.allocatable.find(name);
      text.empty() && which == "limits" && all != facts.allocatable.end())
    text = all->second;
  const auto amount = quantity::parse(text.empty() ? "0" : text);
  const auto divisor = quantity::parse(string_at(reference, {"divisor"}, "1"));
  if (!amount || !divisor) return {{}, "invalid quantity of " + resource};
  std::int64_t unit = divisor->milli_value(), value = amount->milli_value();
  // Milli-units matter for CPU alone; bytes would overflow on large machines.
  if (name != "cpu") unit = divisor->value(), value = amount->value();
  if (unit == 0) unit = name == "cpu" ? 1000 : 1;
  return {std::to_string(value / unit + (value % unit > 0 ? 1 : 0)), {}};
}

std::string expand(const std::string& text, const std::map<std::string, std::string>& variables) {
  return expand(text, [&](const std::string& name) {
    const auto known = variables.find(name);
    return known == variables.end() ? std::nullopt : std::optional(known->second);
  });
}

std::string expand(
    const std::string& text,
    const std::function<std::optional<std::string>(const std::string& name)>& value) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '$' || i + 1 == text.size()) {
      out += text[i];
    } else if (text[i + 1] == '$') {
      out += '$';
      ++i;
    } else if (text[i + 1] == '(') {
      const auto end = text.find(')', i);
      if (end == std::string::npos) return out + text.substr(i);
      const auto name = text.substr(i + 2, end - i - 2);
      out += value(name).value_or(text.substr(i, end - i + 1));
      i = end;
    } else {
      out += '$';
    }
  }
  return out;
}

std::optional<std::string> data_of(const json& object, const std::string& key) {
  const auto& plain = at(object, {"data", key});
  if (plain.is_string() && string_at(object, {"kind"}) != "Secret") return plain.get<std::string>();
  const auto& encoded = plain.is_string() ? plain : at(object, {"binaryData", key});
  if (!encoded.is_string()) return std::nullopt;
  return from_base64(encoded.get_ref<const std::string&>());
}

std::vector<std::string> keys_of(const json& object) {
  std::vector<std::string> out;
  for (const char* part : {"data", "binaryData"})
    for (const auto& [key, value] : at(object, {part}).items()) out.push_back(key);
  std::sort(out.begin(), out.end());
  return out;
}

}  // namespace troupe::model::kubelet
