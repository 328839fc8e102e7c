// Which form and encoding a client gets, by its Accept header.

#include "model/custom/kinds.hpp"
#include "model/media_type.hpp"
#include "store/reads.hpp"

#include <algorithm>
#include <array>

namespace troupe::store {
namespace {

using encoding = rendering::encoding;
using form = rendering::form;

struct offer {
  std::string_view media_type;
  encoding in;
  bool streams;
};

constexpr std::array<offer, 3> offers{
    {{"application/json", encoding::json, true},
     {"application/yaml", encoding::yaml, false},
     {"application/vnd.kubernetes.protobuf", encoding::protobuf, true}}};

// Whether an offer can be given as the range asks; sets form and version.
bool fits(const model::media_range& range, const offer& o, bool stream, rendering& r) {
  if (!range.matches(o.media_type) || (stream && !o.streams)) return false;
  if (const auto s = range.parameter("stream"); !s.empty() && (s != "watch" || !stream))
    return false;
  r.in = o.in;
  if (range.parameter("pretty") == "1") r.pretty = true;
  const auto as = range.parameter("as");
  if (as.empty()) return true;
  const auto version = range.parameter("v");
  if (range.parameter("g") != "meta.k8s.io" || (version != "v1" && version != "v1beta1"))
    return false;
  r.v1beta1 = version == "v1beta1";
  if (as == "Table") r.as = form::table;
  if (as == "PartialObjectMetadata") r.as = form::metadata;
  if (as == "PartialObjectMetadataList") r.as = form::metadata_list;
  return r.as == form::table ? o.in != encoding::protobuf : r.as != form::full;
}

std::optional<rendering> first_fit(std::string_view accept, bool stream, bool custom = false) {
  const auto ranges = model::parse_accept(accept);
  if (ranges.empty()) return rendering{};
  for (const auto& range : ranges)
    for (const auto& o : offers)
      if (rendering r; fits(range, o, stream, r) &&
                       !(custom && r.in == encoding::protobuf && r.as == form::full))
        return r;
  return std::nullopt;
}

model::status none_fits(bool stream, bool custom) {
  std::string out = "only the following media types are accepted: ";
  bool first = true;
  for (const auto& o : offers) {
    if ((stream && !o.streams) || (custom && o.in == encoding::protobuf)) continue;
    if (!std::exchange(first, false)) out += ", ";
    out += o.media_type;
    if (stream) out += ";stream=watch";
  }
  return model::not_acceptable(std::move(out));
}

// People at a terminal get indented JSON: apiserver goes by these names, too.
bool reads_by_eye(std::string_view user_agent) {
  constexpr std::array<std::string_view, 3> names{"curl", "Wget", "Mozilla/5.0"};
  return std::ranges::any_of(names, [&](auto name) { return user_agent.starts_with(name); });
}

// "*core.PodList", as Go names the type that was asked for.
std::string go_name(const model::kind_info& kind, std::string_view suffix) {
  const auto group = kind.group.substr(0, kind.group.find('.'));
  return "*" + std::string(group.empty() ? "core" : group) + "." + std::string(kind.kind) +
         std::string(suffix);
}

}  // namespace

std::string_view rendering::content_type(bool stream) const {
  switch (in) {
    case encoding::yaml:
      return "application/yaml";
    case encoding::protobuf:
      return stream ? "application/vnd.kubernetes.protobuf;stream=watch"
                    : "application/vnd.kubernetes.protobuf";
    default:
      return "application/json";
  }
}

std::variant<rendering, model::status> negotiate_for(const model::kind_info& kind,
                                                     const model::request_info& info,
                                                     std::string_view accept,
                                                     std::string_view user_agent) {
  const bool stream = info.verb == "watch";
  const bool custom = model::custom_of(kind) != nullptr;
  auto found = first_fit(accept, stream, custom);
  if (!found) return none_fits(stream, custom);
  if (const auto include = info.parameter("includeObject"); include == "None")
    found->include = model::include_object::none;
  else if (include == "Object")
    found->include = model::include_object::object;
  if (!info.parameter("pretty").empty())
    found->pretty = info.flag("pretty");
  else
    found->pretty = found->pretty || reads_by_eye(user_agent);
  return *found;
}

rendering rendering_of_status(std::string_view accept) {
  const auto found = first_fit(accept, false);
  rendering r;
  if (found) r.in = found->in;
  return r;
}

std::optional<model::status> check_form(const rendering& show, const model::kind_info& kind,
                                        bool list) {
  const auto refuse = [&](std::string_view wanted, const char* verb, std::string_view suffix) {
    return model::not_acceptable("you requested " + std::string(wanted) +
                                 ", but the requested object is " + verb + " (" +
                                 go_name(kind, suffix) + ")");
  };
  const bool only_created = kind.verbs.size() == 1 && kind.verbs[0] == "create";
  if (show.as == form::table && only_created)
    return model::not_acceptable("the resource " + std::string(kind.resource) +
                                 " does not support being converted to a Table");
  if (list && show.as == form::metadata) return refuse("PartialObjectMetadata", "a list", "List");
  if (!list && show.as == form::metadata_list)
    return refuse("PartialObjectMetadataList", "not a list", "");
  return std::nullopt;
}

}  // namespace troupe::store
