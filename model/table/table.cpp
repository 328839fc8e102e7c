#include "model/table.hpp"

#include "model/conversion.hpp"
#include "model/custom/kinds.hpp"
#include "model/table/printers.hpp"

#include <unordered_map>

namespace troupe::model {
namespace {

std::unordered_map<std::string_view, const printer*> all_printers() {
  std::unordered_map<std::string_view, const printer*> all;
  for (const auto printers :
       {pod_printers(), node_printers(), core_printers(), event_printers(), workload_printers(),
        batch_printers(), autoscaling_printers(), service_printers(), networking_printers(),
        storage_printers(), rbac_printers(), policy_printers(), certificate_printers(),
        admission_printers(), flow_control_printers(), api_service_printers(), metrics_printers()})
    for (const printer& p : printers) all.emplace(p.resource, &p);
  return all;
}

json column_json(const column& c) {
  return {{"name", c.name},
          {"type", c.type},
          {"format", c.format},
          {"description", c.description},
          {"priority", c.priority}};
}

std::string dump(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::vector<json> cells(const printer& p, const json& document, time_point now) {
  if (p.row) return p.row(document, now);
  std::vector<json> out;
  out.reserve(p.columns.size());
  for (const auto& c : p.columns) out.push_back(c.cell(document, now));
  return out;
}

void append_row(std::string& out, const printer& p, const kind_info& kind, const object& o,
                const table_form& form, time_point now) {
  const json document = custom_of(kind) ? parse_as(kind, o) : o.parse();
  out += "{\"cells\":";
  out += dump(cells(p, document, now));
  if (p.conditions)
    if (const json conditions = p.conditions(document); !conditions.is_null())
      out += ",\"conditions\":" + dump(conditions);
  if (form.include == include_object::metadata) {
    out += ",\"object\":{\"kind\":\"PartialObjectMetadata\",\"apiVersion\":\"meta.k8s.io/";
    out += form.version;
    out += "\",\"metadata\":";
    out += o.text_of(part::metadata);
    out += '}';
  } else if (form.include == include_object::object) {
    out += ",\"object\":";
    out += kind.stored ? o.bytes() : dump(parse_as(kind, o));
  }
  out += '}';
}

}  // namespace

std::string since(const json& time, time_point now) {
  const auto t = time.is_string() ? from_rfc3339(time.get_ref<const std::string&>()) : std::nullopt;
  if (!t) return "<unknown>";
  return human_duration(std::chrono::duration_cast<std::chrono::seconds>(now - *t));
}

std::string age_of(const json& document, time_point now) {
  return since(at(document, {"metadata", "creationTimestamp"}), now);
}

std::string name_of(const json& document) {
  return string_at(document, {"metadata", "name"});
}

std::string or_none(std::string text) {
  return text.empty() ? "<none>" : text;
}

std::size_t count_of(const json& container) {
  return container.is_structured() ? container.size() : 0;
}

const printer& printer_of(std::string_view resource) {
  static const auto all = all_printers();
  const auto found = all.find(resource);
  return found == all.end() ? *all.at("") : *found->second;
}

const printer& printer_of(const kind_info& kind) {
  const custom_version* custom = custom_of(kind);
  return custom ? custom->columns : printer_of(kind.resource);
}

std::vector<column> columns_of(const kind_info& kind) {
  const auto& columns = printer_of(kind).columns;
  return {columns.begin(), columns.end()};
}

std::vector<json> cells_of(const kind_info& kind, const json& document, time_point now) {
  return cells(printer_of(kind), document, now);
}

std::string table_text(const kind_info& kind, const std::vector<object_ptr>& objects,
                       const json& list_metadata, const table_form& form, time_point now) {
  const printer& p = printer_of(kind);
  std::string out = "{\"kind\":\"Table\",\"apiVersion\":\"meta.k8s.io/";
  out += form.version;
  out += "\",\"metadata\":";
  out += list_metadata.is_object() ? dump(list_metadata) : "{}";
  out += ",\"columnDefinitions\":";
  if (form.columns) {
    json columns = json::array();
    for (const column& c : p.columns) columns.push_back(column_json(c));
    out += dump(columns);
  } else {
    out += "null";
  }
  out += ",\"rows\":[";
  bool first = true;
  for (const object_ptr& o : objects) {
    if (!first) out += ',';
    first = false;
    append_row(out, p, kind, *o, form, now);
  }
  return out += "]}";
}

}  // namespace troupe::model
