// How objects are shown: the Accept header, and one object's body.

#include "model/conversion.hpp"
#include "store/reads.hpp"

#include <algorithm>

namespace troupe::store {
namespace {

std::string_view trim(std::string_view s) {
  while (!s.empty() && s.front() == ' ') s.remove_prefix(1);
  while (!s.empty() && s.back() == ' ') s.remove_suffix(1);
  return s;
}

// Calls f with each piece of `s` between separators, until it returns false.
template <class F>
void split(std::string_view s, char separator, F f) {
  while (true) {
    const auto at = s.find(separator);
    if (!f(trim(s.substr(0, at))) || at == std::string_view::npos) return;
    s.remove_prefix(at + 1);
  }
}

std::optional<rendering::form> form_of(std::string_view media_type) {
  std::string_view type;
  std::string_view as;
  std::string_view version;
  std::string_view group;
  split(media_type, ';', [&](std::string_view part) {
    if (type.empty())
      type = part;
    else if (part.starts_with("as="))
      as = part.substr(3);
    else if (part.starts_with("v="))
      version = part.substr(2);
    else if (part.starts_with("g="))
      group = part.substr(2);
    return true;
  });
  if (type != "application/json" && type != "*/*" && type != "application/*") return std::nullopt;
  if (as.empty()) return rendering::form::full;
  if (group != "meta.k8s.io" || version != "v1") return std::nullopt;
  if (as == "Table") return rendering::form::table;
  if (as == "PartialObjectMetadata" || as == "PartialObjectMetadataList")
    return rendering::form::metadata;
  return std::nullopt;
}

}  // namespace

std::variant<rendering, model::status> negotiate(const model::request_info& info,
                                                 std::string_view accept) {
  rendering r;
  if (const auto include = info.parameter("includeObject"); include == "None")
    r.include = model::include_object::none;
  else if (include == "Object")
    r.include = model::include_object::object;
  if (trim(accept).empty()) return r;
  std::optional<rendering::form> found;
  split(accept, ',', [&](std::string_view part) { return !(found = form_of(part)); });
  if (!found)
    return model::not_acceptable(
        "only the following media types are accepted: application/json, "
        "application/json;as=Table;v=v1;g=meta.k8s.io, "
        "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io");
  r.as = *found;
  return r;
}

std::shared_ptr<const std::string> render(const model::kind_info& kind, const object_ptr& object,
                                          const rendering& show, model::time_point now) {
  if (show.as == rendering::form::full) {
    if (kind.stored) return {object, &object->bytes()};
    return std::make_shared<const std::string>(model::parse_as(kind, *object).dump());
  }
  if (show.as == rendering::form::metadata) {
    const auto document = object->parse();
    return std::make_shared<const std::string>(
        R"({"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":)" +
        model::at(document, {"metadata"}).dump() + "}");
  }
  return std::make_shared<const std::string>(
      model::table_text(kind, {object}, {{"resourceVersion", std::to_string(object->version())}},
                        show.include, true, now));
}

}  // namespace troupe::store
