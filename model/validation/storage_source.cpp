#include "model/label_names.hpp"
#include "model/validation/go_text.hpp"
#include "model/validation/metadata.hpp"
#include "model/validation/names.hpp"
#include "model/validation/pod.hpp"
#include "model/validation/storage.hpp"
#include "model/validation/volume.hpp"

#include <algorithm>
#include <unordered_map>

namespace troupe::model {
namespace {

// Fields that are merely required are in the schema.

void validate_range(const json& source, const char* name, std::string_view fault,
                    const field_path& path, faults& out) {
  const auto value = integer_of(source, name);
  if (value < 0 || value > 255) out.invalid(path.child(name), value, fault);
}
constexpr std::string_view partition_fault = "must be between 1 and 255, inclusive, or 0";
constexpr std::string_view lun_fault = "must be between 0 and 255, inclusive";

bool all_of(std::string_view text, std::string_view more) {
  return std::ranges::all_of(text, [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || more.find(c) != more.npos;
  });
}

bool is_hex(std::string_view text, std::initializer_list<std::size_t> sizes) {
  return std::ranges::find(sizes, text.size()) != sizes.end() &&
         std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
         });
}

/// iqn.2001-04.com.example[:storage.disk1]
bool is_iqn(std::string_view text) {
  constexpr std::string_view head = "iqn.";
  const auto digits = [&](std::size_t from, std::size_t n) {
    return text.size() >= from + n &&
           std::ranges::all_of(text.substr(from, n), [](char c) { return c >= '0' && c <= '9'; });
  };
  if (!text.starts_with(head) || !digits(4, 4) || text.size() < 13 || text[8] != '-' ||
      !digits(9, 2) || text[11] != '.')
    return false;
  const auto colon = text.find(':');
  const auto domain = text.substr(12, colon == text.npos ? text.npos : colon - 12);
  if (domain.empty() || !all_of(domain, ".-ABCDEFGHIJKLMNOPQRSTUVWXYZ")) return false;
  return colon == text.npos || colon + 1 < text.size();
}

void validate_initiator(std::string_view name, bool say_start, const field_path& path,
                        faults& out) {
  const bool eui = name.starts_with("eui");
  const bool naa = name.starts_with("naa");
  if (!name.starts_with("iqn") && !eui && !naa) {
    if (say_start) out.invalid(path, name, "must be valid format starting with iqn, eui, or naa");
    return;
  }
  const auto rest = name.size() > 4 && name[3] == '.' ? name.substr(4) : std::string_view();
  const bool valid = eui ? is_hex(rest, {16}) : naa ? is_hex(rest, {32}) : is_iqn(name);
  if (!valid) out.invalid(path, name, "must be valid format");
}

void validate_gce(const json& source, const field_path& volume_path, faults& out) {
  const field_path path = volume_path.child("persistentDisk");  // Kubernetes' own name here
  if (text_of(source, "pdName").empty()) out.required(path.child("pdName"));
  validate_range(source, "partition", partition_fault, path, out);
}

void validate_iscsi(const json& source, std::string_view volume, const field_path& volume_path,
                    faults& out) {
  const field_path path = volume_path.child("iscsi");
  if (const auto iqn = text_of(source, "iqn"); !iqn.empty())
    validate_initiator(iqn, true, path.child("iqn"), out);
  validate_range(source, "lun", lun_fault, path, out);
  const bool authenticates =
      value_of(source, "chapAuthDiscovery") == true || value_of(source, "chapAuthSession") == true;
  if (authenticates && value_of(source, "secretRef").is_null())
    out.required(path.child("secretRef"));
  const json& initiator = value_of(source, "initiatorName");
  if (initiator.is_null()) return;
  validate_initiator(as_text(initiator), true, path.child("initiatorname"), out);
  constexpr std::size_t most = 64;
  if (volume.size() + 1 + text_of(source, "targetPortal").size() > most)
    out.invalid(volume_path.child("name"), volume,
                "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if "
                "iscsi.initiatorName is specified.");
}

void validate_nfs(const json& source, const field_path& path, faults& out) {
  if (const auto place = text_of(source, "path"); !place.starts_with('/'))
    out.invalid(path.child("path"), place, "must be an absolute path");
}

void validate_flocker(const json& source, const field_path& path, faults& out) {
  const auto name = text_of(source, "datasetName");
  const auto uuid = text_of(source, "datasetUUID");
  if (name.empty() && uuid.empty())
    out.required(path, "one of datasetName and datasetUUID is required");
  if (!name.empty() && !uuid.empty())
    out.invalid(path, "resource",
                "datasetName and datasetUUID can not be specified simultaneously");
  if (name.find('/') != name.npos)
    out.invalid(path.child("datasetName"), name, "must not contain '/'");
}

void validate_quobyte(const json& source, const field_path& path, faults& out) {
  constexpr std::string_view pairs =
      "must be a host:port pair or multiple pairs separated by commas";
  constexpr std::size_t most_tenant = 64;
  auto registry = text_of(source, "registry");
  if (registry.empty()) {
    out.required(path.child("registry"), pairs);
  } else if (text_of(source, "tenant").size() > most_tenant) {
    out.required(path.child("tenant"),
                 "must be a UUID and may not exceed a length of 64 characters");
  } else {
    for (auto rest = registry; !rest.empty();) {
      const auto end = std::min(rest.find(','), rest.size());
      if (rest.substr(0, end).find(':') == rest.npos)
        out.invalid(path.child("registry"), registry, pairs);
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
  }
}

void validate_fc(const json& source, const field_path& path, faults& out) {
  const auto& targets = items_of(source, "targetWWNs");
  const auto& wwids = items_of(source, "wwids");
  const field_path targets_path = path.child("targetWWNs");
  if (targets.empty() && wwids.empty())
    out.required(targets_path, "must specify either targetWWNs or wwids, but not both");
  if (!targets.empty() && !wwids.empty())
    out.invalid(targets_path, go_strings(targets),
                "targetWWNs and wwids can not be specified simultaneously");
  if (targets.empty()) return;
  if (value_of(source, "lun").is_null())
    out.required(path.child("lun"), "lun is required if targetWWNs is specified");
  else
    validate_range(source, "lun", lun_fault, path, out);
}

void validate_flex(const json& source, const field_path& path, faults& out) {
  const field_path options_path = path.child("options");
  for (const auto& [key, value] : members_of(source, "options")) {
    std::string domain = "." + key.substr(0, key.find('/'));
    std::ranges::transform(domain, domain.begin(), [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    if (domain.ends_with(".kubernetes.io") || domain.ends_with(".k8s.io"))
      out.invalid(options_path.key(key), key, "kubernetes.io and k8s.io namespaces are reserved");
  }
}

void validate_azure_disk(const json& source, const field_path& path, faults& out) {
  const auto uri = text_of(source, "diskURI");
  const auto mode = text_of(source, "cachingMode");
  const auto kind = text_of(source, "kind");
  if (!mode.empty() && mode != "None" && mode != "ReadOnly" && mode != "ReadWrite")
    out.not_supported(path.child("cachingMode"), mode, {"None", "ReadOnly", "ReadWrite"});
  if (kind.empty()) return;
  if (kind != "Dedicated" && kind != "Managed" && kind != "Shared")
    out.not_supported(path.child("kind"), kind, {"Dedicated", "Managed", "Shared"});
  if (kind == "Managed" && !uri.starts_with("/subscriptions/"))
    out.not_supported(path.child("diskURI"), uri,
                      {"/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/"
                       "microsoft.compute/disks/{disk-id}"});
  if (kind != "Managed" && !uri.starts_with("https://"))
    out.not_supported(
        path.child("diskURI"), uri,
        {"https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd"});
}

void validate_storage_os(const json& source, const field_path& path, faults& out) {
  const auto name = text_of(source, "volumeName");
  if (name.empty())
    out.required(path.child("volumeName"));
  else
    out.check(path.child("volumeName"), name, dns_label_fault(name));
  if (const auto ns = text_of(source, "volumeNamespace"); !ns.empty())
    out.check(path.child("volumeNamespace"), ns, dns_label_fault(ns));
}

/// A secret that is referred to has a name.
void validate_secret_name(const json& source, const char* member, const field_path& path,
                          faults& out) {
  const json& secret = value_of(source, member);
  const field_path secret_path = path.child(member);
  if (secret.is_object() && text_of(secret, "name").empty())
    out.required(secret_path.child("name"));
}

void validate_csi(const json& source, const field_path& path, faults& out) {
  validate_csi_driver(text_of(source, "driver"), path.child("driver"), out);
  validate_secret_name(source, "nodePublishSecretRef", path, out);
  const auto name = text_of(value_of(source, "nodePublishSecretRef"), "name");
  if (!name.empty()) out.check(path.child("name"), name, dns_subdomain_fault(name));
}

}  // namespace

bool validate_storage_source(std::string_view type, std::string_view volume, const json& source,
                             const field_path& volume_path, faults& out) {
  using rule = void (*)(const json&, const field_path&, faults&);
  static const std::unordered_map<std::string_view, rule> rules = {
      {"awsElasticBlockStore",
       [](const json& s, const field_path& p, faults& f) {
         validate_range(s, "partition", partition_fault, p, f);
       }},
      {"azureDisk", validate_azure_disk},
      {"cinder", [](const json& s, const field_path& p,
                    faults& f) { validate_secret_name(s, "secretRef", p, f); }},
      {"csi", validate_csi},
      {"fc", validate_fc},
      {"flexVolume", validate_flex},
      {"flocker", validate_flocker},
      {"gitRepo",
       [](const json& s, const field_path& p, faults& f) {
         validate_descending(text_of(s, "directory"), p.child("directory"), f);
       }},
      {"nfs", validate_nfs},
      {"quobyte", validate_quobyte},
      {"storageos",
       [](const json& s, const field_path& p, faults& f) {
         validate_storage_os(s, p, f);
         validate_secret_name(s, "secretRef", p, f);
       }},
  };
  if (type == "gcePersistentDisk") return validate_gce(source, volume_path, out), true;
  if (type == "iscsi") return validate_iscsi(source, volume, volume_path, out), true;
  const auto found = rules.find(type);
  if (found == rules.end()) return false;
  found->second(source, volume_path.child(type), out);
  return true;
}

void validate_csi_driver(std::string_view driver, const field_path& path, faults& out) {
  constexpr std::size_t longest = 63;
  if (driver.empty()) out.required(path);
  if (driver.size() > longest) out.too_long(path, longest);
  std::string lower(driver);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  out.check(path, driver, dns_subdomain_fault(lower));
}

void validate_claim_template(const json& tmpl, const field_path& path, faults& out) {
  const field_path metadata_path = path.child("metadata");
  const json& metadata = value_of(tmpl, "metadata");
  validate_annotations(metadata, metadata_path.child("annotations"), out);
  validate_labels(members_of(metadata, "labels"), metadata_path.child("labels"), out);
  for (const auto& [name, value] : members_of(tmpl, "metadata"))
    if (name != "annotations" && name != "labels")
      out.forbidden(metadata_path.child(name), "cannot be set");
  validate_claim_spec(value_of(tmpl, "spec"), path.child("spec"), out);
}

}  // namespace troupe::model
