#include "model/managed_fields.hpp"

#include <algorithm>
#include <tuple>

namespace troupe::model {
namespace {

json to_json(managed_entry e) {
  const bool applied = e.operation == manage_operation::apply;
  json out = {{"apiVersion", std::move(e.api_version)},
              {"fieldsType", "FieldsV1"},
              {"fieldsV1", std::move(e.fields).take()},
              {"manager", std::move(e.manager)},
              {"operation", applied ? "Apply" : "Update"}};
  if (!e.subresource.empty()) out["subresource"] = std::move(e.subresource);
  if (!e.time.empty()) out["time"] = std::move(e.time);
  return out;
}

bool comes_before(const managed_entry& a, const managed_entry& b) {
  if (a.operation != b.operation) return a.operation == manage_operation::apply;
  return std::tie(a.time, a.manager, a.api_version, a.subresource) <
         std::tie(b.time, b.manager, b.api_version, b.subresource);
}

}  // namespace

managed_entry entry_for(const field_manager& who, const kind_info& kind, time_point now) {
  return {std::string(who.name.empty() ? "unknown" : who.name),
          who.operation,
          kind.api_version(),
          std::string(who.subresource),
          to_rfc3339(now),
          {}};
}

std::optional<managed_entries> read_managed_fields(json list) {
  managed_entries out;
  if (list.is_null()) return out;
  if (!list.is_array()) return std::nullopt;
  out.reserve(list.size());
  for (json& e : list) {
    const std::string operation = string_at(e, {"operation"});
    if (operation != "Update" && operation != "Apply") return std::nullopt;
    const auto fields = e.find("fieldsV1");
    if (string_at(e, {"fieldsType"}) != "FieldsV1" || fields == e.end() || !is_fields_v1(*fields))
      return std::nullopt;
    out.push_back({string_at(e, {"manager"}),
                   operation == "Apply" ? manage_operation::apply : manage_operation::update,
                   string_at(e, {"apiVersion"}), string_at(e, {"subresource"}),
                   string_at(e, {"time"}), field_set(std::move(*fields))});
    if (out.back().api_version.empty()) return std::nullopt;
  }
  return out;
}

json write_managed_fields(managed_entries entries) {
  std::sort(entries.begin(), entries.end(), comes_before);
  json list = json::array();
  for (managed_entry& e : entries) list.push_back(to_json(std::move(e)));
  return list;
}

}  // namespace troupe::model
