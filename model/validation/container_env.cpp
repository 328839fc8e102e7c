#include "model/label_names.hpp"
#include "model/quantity.hpp"
#include "model/validation/names.hpp"
#include "model/validation/pod.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

constexpr std::string_view env_paths[] = {"metadata.name",
                                          "metadata.namespace",
                                          "metadata.uid",
                                          "spec.nodeName",
                                          "spec.serviceAccountName",
                                          "status.hostIP",
                                          "status.hostIPs",
                                          "status.podIP",
                                          "status.podIPs"};
constexpr std::string_view volume_paths[] = {"metadata.annotations", "metadata.labels",
                                             "metadata.name", "metadata.namespace", "metadata.uid"};
/// What both know, whether of use here or not.
constexpr std::string_view more_paths[] = {"metadata.annotations", "metadata.labels",
                                           "spec.restartPolicy", "spec.schedulerName",
                                           "status.phase"};
constexpr std::string_view resource_names[] = {
    "limits.cpu",   "limits.ephemeral-storage",   "limits.memory",
    "requests.cpu", "requests.ephemeral-storage", "requests.memory"};

template <std::size_t N>
bool is_among(const std::string_view (&list)[N], std::string_view text) {
  return std::ranges::find(list, text) != std::end(list);
}

/// "metadata.labels['app']" is a path and a key.
struct subscripted {
  std::string_view path;
  std::string_view key;
};
std::optional<subscripted> split_subscript(std::string_view text) {
  constexpr std::string_view open = "['", close = "']";
  const auto at = text.find(open);
  if (!text.ends_with(close) || at == text.npos || at == 0) return std::nullopt;
  const auto key = text.substr(at + open.size());
  return subscripted{text.substr(0, at), key.substr(0, key.size() - close.size())};
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return out;
}

bool is_huge_pages(std::string_view resource) {
  return resource.starts_with("limits.hugepages-") || resource.starts_with("requests.hugepages-");
}

void validate_divisor(std::string_view resource, const json& reference, const field_path& path,
                      faults& out) {
  const auto divisor = quantity::parse(text_of(reference, "divisor"));
  if (!divisor || divisor->zero()) return;
  static constexpr std::string_view sizes[] = {"1",   "1k",  "1M",  "1G",  "1T",  "1P", "1E",
                                               "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"};
  const std::string text = divisor->text();
  const field_path here = path.child("divisor");
  if (resource.ends_with(".cpu")) {
    if (text != "1" && text != "1m")
      out.invalid(here, resource,
                  "only divisor's values 1m and 1 are supported with the cpu resource");
    return;
  }
  const char* what = resource.ends_with(".memory")              ? "memory"
                     : resource.ends_with(".ephemeral-storage") ? "local ephemeral storage"
                     : is_huge_pages(resource)                  ? "hugepages"
                                                                : nullptr;
  if (what && !is_among(sizes, text))
    out.invalid(here, resource,
                "only divisor's values 1, 1k, 1M, 1G, 1T, 1P, 1E, 1Ki, 1Mi, 1Gi, 1Ti, 1Pi, 1Ei are "
                "supported with the " +
                    std::string(what) + " resource");
}

void validate_key_ref(const json& reference, const field_path& path, faults& out) {
  const auto name = text_of(reference, "name");
  out.check(path.child("name"), name, dns_subdomain_fault(name));
  if (const auto key = text_of(reference, "key"); !key.empty())
    out.check(path.child("key"), key, config_key_fault(key));
}

void validate_source(const json& variable, const field_path& path, faults& out) {
  const json& source = value_of(variable, "valueFrom");
  if (!source.is_object()) return;
  std::size_t sources = 0;
  const auto each = [&](const char* name, auto&& rule) {
    const json& reference = value_of(source, name);
    if (!reference.is_object()) return;
    ++sources;
    rule(reference, path.child(name));
  };
  each("fieldRef",
       [&](const json& r, const field_path& p) { validate_field_ref(r, false, p, out); });
  each("resourceFieldRef",
       [&](const json& r, const field_path& p) { validate_resource_ref(r, false, p, out); });
  for (const char* name : {"configMapKeyRef", "secretKeyRef"})
    each(name, [&](const json& r, const field_path& p) { validate_key_ref(r, p, out); });
  if (sources == 0)
    out.invalid(path, "",
                "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or "
                "`secretKeyRef`");
  else if (!text_of(variable, "value").empty())
    out.invalid(path, "", "may not be specified when `value` is not empty");
  else if (sources > 1)
    out.invalid(path, "", "may not have more than one field specified at a time");
}

void validate_env_from(const json& container, const field_path& container_path, faults& out) {
  const field_path path = container_path.child("envFrom");
  const auto& sources = items_of(container, "envFrom");
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const field_path here = path.index(i);
    if (const auto prefix = text_of(sources[i], "prefix"); !prefix.empty())
      out.check(here.child("prefix"), prefix, env_name_fault(prefix));
    int seen = 0;
    for (const char* kind : {"configMapRef", "secretRef"}) {
      const json& reference = value_of(sources[i], kind);
      if (!reference.is_object()) continue;
      ++seen;
      const field_path reference_path = here.child(kind);
      const auto name = text_of(reference, "name");
      if (name.empty())
        out.required(reference_path.child("name"));
      else
        out.check(reference_path.child("name"), name, dns_subdomain_fault(as_prefix(name)));
    }
    // Kubernetes names the list, not the item.
    if (seen == 0) out.invalid(path, "", "must specify one of: `configMapRef` or `secretRef`");
    if (seen > 1) out.invalid(path, "", "may not have more than one field specified at a time");
  }
}

}  // namespace

void validate_field_ref(const json& reference, bool in_volume, const field_path& path,
                        faults& out) {
  const auto text = text_of(reference, "fieldPath");
  if (text.empty()) return;  // said by the shape
  const field_path here = path.child("fieldPath");
  const auto unknown = [&](std::string_view why) {
    out.invalid(here, text, "error converting fieldPath: " + std::string(why));
  };
  if (const auto version = text_of(reference, "apiVersion"); version != "v1")
    return unknown("unsupported pod version: " + std::string(version));
  if (const auto parts = split_subscript(text)) {
    if (parts->path == "metadata.annotations")
      out.check(path, lower(parts->key), qualified_name_fault(lower(parts->key)));
    else if (parts->path == "metadata.labels")
      out.check(path, parts->key, qualified_name_fault(parts->key));
    else
      unknown("field label does not support subscript: " + std::string(text));
    return;
  }
  const auto meant = text == "spec.host" ? "spec.nodeName" : text;
  if (!is_among(env_paths, meant) && !is_among(more_paths, meant))
    return unknown("field label not supported: " + std::string(text));
  if (in_volume && !is_among(volume_paths, meant)) out.not_supported(here, meant, volume_paths);
  if (!in_volume && !is_among(env_paths, meant)) out.not_supported(here, meant, env_paths);
}

void validate_resource_ref(const json& reference, bool in_volume, const field_path& path,
                           faults& out) {
  const auto resource = text_of(reference, "resource");
  if (in_volume && text_of(reference, "containerName").empty())
    out.required(path.child("containerName"));
  else if (resource.empty())
    out.required(path.child("resource"));
  else if (!is_among(resource_names, resource) && !is_huge_pages(resource))
    out.not_supported(path.child("resource"), resource, resource_names);
  validate_divisor(resource, reference, path, out);
}

void validate_env(const json& container, const field_path& container_path, faults& out) {
  const field_path path = container_path.child("env");
  const auto& variables = items_of(container, "env");
  for (std::size_t i = 0; i < variables.size(); ++i) {
    const field_path here = path.index(i);
    if (const auto name = text_of(variables[i], "name"); !name.empty())
      out.check(here.child("name"), name, env_name_fault(name));
    validate_source(variables[i], here.child("valueFrom"), out);
  }
  validate_env_from(container, container_path, out);
}

}  // namespace troupe::model
