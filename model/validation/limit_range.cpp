#include "model/label_names.hpp"
#include "model/validation/kinds.hpp"
#include "model/validation/pod.hpp"
#include "model/validation/resource_names.hpp"

#include <array>
#include <cstdio>

namespace troupe::model {
namespace {

constexpr std::array lists = {"max", "min", "default", "defaultRequest", "maxLimitRequestRatio"};

void validate_type(std::string_view type, const field_path& path, faults& out) {
  const std::string fault = qualified_name_fault(type);
  out.check(path, type, fault);
  if (fault.empty() && type.find('/') == type.npos && type != "Pod" && type != "Container" &&
      type != "PersistentVolumeClaim")
    out.invalid(path, type, "must be a standard limit type or fully qualified");
}

/// The limits of one resource.
struct bounds {
  const json& limit;
  const std::string& resource;
  std::optional<quantity> of(const char* list) const {
    const json& value = value_of(value_of(limit, list), resource.c_str());
    return value.is_string() ? quantity::parse(as_text(value)) : std::nullopt;
  }
};

struct order {
  const char* low_list;
  const char* low_text;
  const char* high_list;
  const char* high_text;
  const char* at;     ///< the list that the fault names
  const char* shown;  ///< the list whose value it shows
};
constexpr order orders[] = {{"min", "min value ", "max", "max value ", "min", "min"},
                            {"min", "min value ", "defaultRequest", "default request value ",
                             "defaultRequest", "defaultRequest"},
                            {"defaultRequest", "default request value ", "max", "max value ",
                             "defaultRequest", "defaultRequest"},
                            {"defaultRequest", "default request value ", "default",
                             "default limit value ", "defaultRequest", "defaultRequest"},
                            {"min", "min value ", "default", "default value ", "default", "min"},
                            {"default", "default value ", "max", "max value ", "default", "max"}};

void validate_ratio(const bounds& b, const field_path& path, faults& out) {
  const auto ratio = b.of("maxLimitRequestRatio");
  if (!ratio) return;
  if (*ratio < quantity::of(1))
    out.invalid(path, ratio->text(), "ratio " + ratio->text() + " is less than 1");
  const auto min = b.of("min");
  const auto max = b.of("max");
  if (!min || !max || min->zero()) return;
  const double most =
      static_cast<double>(max->milli_value()) / static_cast<double>(min->milli_value());
  if (static_cast<double>(ratio->milli_value()) / 1000 <= most) return;
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%f", most);
  out.invalid(path, ratio->text(),
              "ratio " + ratio->text() + " is greater than max/min = " + text.data());
}

void validate_bounds(const bounds& b, const field_path& path, faults& out) {
  for (const order& o : orders) {
    const auto low = b.of(o.low_list);
    const auto high = b.of(o.high_list);
    if (!low || !high || *low <= *high) continue;
    const field_path list_path = path.child(o.at);
    out.invalid(list_path.key(b.resource), b.of(o.shown)->text(),
                o.low_text + low->text() + " is greater than " + o.high_text + high->text());
  }
  const field_path ratio_path = path.child("maxLimitRequestRatio");
  validate_ratio(b, ratio_path.key(b.resource), out);
  const auto limit = b.of("default");
  const auto request = b.of("defaultRequest");
  if (may_overcommit(b.resource) || !limit || !request || *limit == *request) return;
  const field_path request_path = path.child("defaultRequest");
  out.invalid(request_path.key(b.resource), request->text(),
              "default value " + limit->text() + " must equal to defaultRequest value " +
                  request->text() + " in " + b.resource);
}

void validate_limit(const json& limit, const field_path& path, faults& out) {
  const auto type = text_of(limit, "type");
  const bool of_pods = type == "Pod";
  std::set<std::string> resources;
  for (const char* list : lists) {
    const field_path list_path = path.child(list);
    const bool preset = std::string_view(list).starts_with("default");
    if (of_pods && preset) {
      if (!members_of(limit, list).empty())
        out.forbidden(list_path, "may not be specified when `type` is 'Pod'");
      continue;
    }
    for (const auto& [name, value] : members_of(limit, list)) {
      if (of_pods || type == "Container")
        validate_container_resource_name(name, list_path.key(name), out);
      else
        validate_resource_name(name, list_path.key(name), out);
      resources.insert(name);
    }
  }
  if (type == "PersistentVolumeClaim" && !members_of(limit, "min").contains("storage") &&
      !members_of(limit, "max").contains("storage"))
    out.required(path.child("limits"),
                 "either minimum or maximum storage value is required, but neither was provided");
  for (const auto& resource : resources) validate_bounds({limit, resource}, path, out);
}

}  // namespace

void validate_limit_range(const json& range, faults& out) {
  const field_path spec_path("spec");
  const field_path path = spec_path.child("limits");
  const auto& limits = items_of(value_of(range, "spec"), "limits");
  name_set seen;
  for (std::size_t i = 0; i < limits.size(); ++i) {
    const field_path here = path.index(i);
    const auto type = text_of(limits[i], "type");
    validate_type(type, here.child("type"), out);
    if (!seen.insert(type).second) out.duplicate(here.child("type"), type);
    validate_limit(limits[i], here, out);
  }
}

}  // namespace troupe::model
