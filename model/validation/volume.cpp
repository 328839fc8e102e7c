#include "model/quantity.hpp"
#include "model/validation/names.hpp"
#include "model/validation/pod.hpp"

namespace troupe::model {
namespace {

/// ".." as a part of the path.
bool steps_back(std::string_view path) {
  while (!path.empty()) {
    const auto end = std::min(path.find('/'), path.size());
    if (path.substr(0, end) == "..") return true;
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return false;
}

void validate_local_path(const json& item, const char* name, const field_path& path, faults& out) {
  const auto value = text_of(item, name);
  if (value.starts_with('/')) out.invalid(path.child(name), value, "must be a relative path");
  if (steps_back(value)) out.invalid(path.child(name), value, "must not contain '..'");
}

void validate_mode(const json& source, const char* name, const field_path& path, faults& out) {
  const json& mode = value_of(source, name);
  if (!mode.is_number_integer()) return;
  if (const auto value = mode.get<std::int64_t>(); value < 0 || value > 0777)
    out.invalid(path.child(name), mode,
                "must be a number between 0 and 0777 (octal), both inclusive");
}

void validate_items(const json& source, const field_path& source_path, faults& out) {
  const field_path path = source_path.child("items");
  const auto& items = items_of(source, "items");
  for (std::size_t i = 0; i < items.size(); ++i) {
    const field_path here = path.index(i);
    validate_local_path(items[i], "path", here, out);
    validate_mode(items[i], "mode", here, out);
  }
}

void validate_source(std::string_view name, const json& source, const field_path& path,
                     faults& out) {
  validate_mode(source, "defaultMode", path, out);
  validate_items(source, path, out);
  if (name == "secret" && text_of(source, "secretName").empty())
    out.required(path.child("secretName"));
  if (name == "configMap" && text_of(source, "name").empty()) out.required(path.child("name"));
  if (name == "emptyDir")
    if (const json& limit = value_of(source, "sizeLimit"); limit.is_string()) {
      const auto amount = quantity::parse(as_text(limit));
      if (amount && amount->negative())
        out.forbidden(path.child("sizeLimit"), "SizeLimit field must be a valid resource quantity");
    }
  if (name == "hostPath" && steps_back(text_of(source, "path")))
    out.invalid(path.child("path"), text_of(source, "path"), "must not contain '..'");
  if (name == "projected") {
    const field_path sources_path = path.child("sources");
    const auto& sources = items_of(source, "sources");
    for (std::size_t i = 0; i < sources.size(); ++i) {
      const field_path here = sources_path.index(i);
      for (const auto& [kind, part] : sources[i].items()) {
        const field_path part_path = here.child(kind);
        validate_items(part, part_path, out);
        if ((kind == "secret" || kind == "configMap") && text_of(part, "name").empty())
          out.required(part_path.child("name"));
      }
    }
  }
}

void validate_volume(const json& volume, const field_path& path, faults& out) {
  int sources = 0;
  for (const auto& [name, source] : volume.items()) {
    if (name == "name") continue;
    const field_path here = path.child(name);
    if (++sources > 1)
      out.forbidden(here, "may not specify more than 1 volume type");
    else
      validate_source(name, source, here, out);
  }
  if (sources == 0) out.required(path, "must specify a volume type");
}

}  // namespace

name_set validate_volumes(const json& spec, const field_path& spec_path, faults& out) {
  name_set names;
  const field_path path = spec_path.child("volumes");
  const auto& volumes = items_of(spec, "volumes");
  for (std::size_t i = 0; i < volumes.size(); ++i) {
    const field_path here = path.index(i);
    validate_volume(volumes[i], here, out);
    const auto name = text_of(volumes[i], "name");
    if (name.empty()) continue;
    out.check(here.child("name"), name, dns_label_fault(name));
    if (!names.insert(name).second) out.duplicate(here.child("name"), name);
  }
  return names;
}

}  // namespace troupe::model
