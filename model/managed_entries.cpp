#include "model/managed_fields.hpp"

#include <algorithm>
#include <tuple>

namespace troupe::model {
namespace {

json to_json(managed_entry e) {
  const bool applied = e.operation == manage_operation::apply;
  json out = json::object();
  auto& members = out.get_ref<json::object_t&>();
  const auto add = [&](const char* name, json value) {
    members.emplace_hint(members.end(), name, std::move(value));
  };
  add("apiVersion", std::move(e.api_version));
  add("fieldsType", "FieldsV1");
  add("fieldsV1", std::move(e.fields).take());
  add("manager", std::move(e.manager));
  add("operation", applied ? "Apply" : "Update");
  if (!e.subresource.empty()) add("subresource", std::move(e.subresource));
  if (!e.time.empty()) add("time", std::move(e.time));
  return out;
}

std::string_view text_at(const json& entry, const char* name) {
  const auto found = entry.find(name);
  return found == entry.end() || !found->is_string() ? std::string_view{}
                                                     : found->get_ref<const std::string&>();
}

auto sort_key(const json& e) {
  return std::tuple(text_at(e, "operation"), text_at(e, "time"), text_at(e, "manager"),
                    text_at(e, "apiVersion"), text_at(e, "subresource"));
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

std::optional<managed_entries> read_managed_fields(json list, bool from_client) {
  managed_entries out;
  if (list.is_null()) return out;
  if (!list.is_array()) return std::nullopt;
  out.reserve(list.size());
  for (json& e : list) {
    const std::string operation = string_at(e, {"operation"});
    if (operation != "Update" && operation != "Apply") return std::nullopt;
    const auto fields = e.find("fieldsV1");
    if (string_at(e, {"fieldsType"}) != "FieldsV1" || fields == e.end() ||
        !is_fields_v1(*fields, from_client))
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
  json list = json::array();
  for (managed_entry& e : entries) list.push_back(to_json(std::move(e)));
  sort_managed_fields(list);
  return list;
}

void sort_managed_fields(json& list) {
  std::sort(list.begin(), list.end(),
            [](const json& a, const json& b) { return sort_key(a) < sort_key(b); });
}

}  // namespace troupe::model
