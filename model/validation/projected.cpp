#include "model/validation/pod.hpp"

namespace troupe::model {
namespace {

/// Paths that the sources of one volume have taken.
struct taken_paths {
  name_set paths;
  const field_path& volume;
  faults& out;

  void take(std::string_view path, std::string_view shown) {
    if (!path.empty() && !paths.insert(path).second)
      out.invalid(volume, shown, "conflicting duplicate paths");
  }
};

void validate_named(const json& part, const field_path& path, taken_paths& taken, faults& out) {
  const auto name = text_of(part, "name");
  if (name.empty()) out.required(path.child("name"));
  validate_keys(part, path, out);
  for (const json& item : items_of(part, "items")) taken.take(text_of(item, "path"), name);
}

void validate_downward(const json& part, const field_path& path, taken_paths& taken, faults& out) {
  for (const json& file : items_of(part, "items")) {
    validate_downward_file(file, path, out);
    taken.take(text_of(file, "path"), text_of(file, "path"));
  }
}

/// `volume_path` is where Kubernetes puts faults of the token's path.
void validate_token(const json& part, const field_path& path, const field_path& volume_path,
                    faults& out) {
  constexpr std::int64_t least = 600;
  constexpr std::int64_t most = std::int64_t{1} << 32;
  const auto seconds = integer_of(part, "expirationSeconds");
  const field_path here = path.child("expirationSeconds");
  if (seconds < least)
    out.invalid(here, seconds, "may not specify a duration less than 10 minutes");
  if (seconds > most)
    out.invalid(here, seconds, "may not specify a duration larger than 2^32 seconds");
  if (const auto place = text_of(part, "path"); place.empty())
    out.required(volume_path.child("path"));
  else
    validate_local_path(place, volume_path.child("path"), out);
}

}  // namespace

void validate_projected(const json& source, const field_path& path, faults& out) {
  validate_file_mode(source, "defaultMode", path, out);
  taken_paths taken{{}, path, out};
  const field_path sources_path = path.child("sources");
  const auto& sources = items_of(source, "sources");
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const field_path here = sources_path.index(i);
    for (const char* kind : {"secret", "configMap"})
      if (const json& part = value_of(sources[i], kind); part.is_object())
        validate_named(part, here.child(kind), taken, out);
    if (const json& part = value_of(sources[i], "downwardAPI"); part.is_object())
      validate_downward(part, here.child("downwardAPI"), taken, out);
    if (const json& part = value_of(sources[i], "serviceAccountToken"); part.is_object())
      validate_token(part, here.child("serviceAccountToken"), path, out);
    if (sources[i].size() > 1)
      out.forbidden(here, "may not specify more than 1 volume type per source");
  }
}

}  // namespace troupe::model
