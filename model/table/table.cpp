#include "model/table.hpp"

#include "model/table/printers.hpp"

namespace troupe::model {
namespace {

const printer& printer_of(const kind_info& kind) {
  for (const printer* p : {&pod_printer(), &node_printer(), &event_printer(),
                           &certificate_request_printer(), &service_printer()})
    if (p->resource == kind.resource) return *p;
  const printer* fallback = nullptr;
  for (const printer& p : simple_printers()) {
    if (p.resource == kind.resource) return p;
    if (p.resource.empty()) fallback = &p;
  }
  return *fallback;
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

void append_row(std::string& out, const printer& p, const object& o, include_object include,
                time_point now) {
  const json document = o.parse();
  out += "{\"cells\":";
  out += dump(p.cells(document, now));
  if (include == include_object::metadata) {
    out +=
        ",\"object\":{\"apiVersion\":\"meta.k8s.io/v1\",\"kind\":\"PartialObjectMetadata\","
        "\"metadata\":";
    out += dump(at(document, {"metadata"}));
    out += '}';
  } else if (include == include_object::object) {
    out += ",\"object\":";
    out += o.bytes();
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

const std::vector<column>& columns_of(const kind_info& kind) {
  return printer_of(kind).columns;
}

std::vector<json> cells_of(const kind_info& kind, const json& document, time_point now) {
  return printer_of(kind).cells(document, now);
}

std::string table_text(const kind_info& kind, const std::vector<object_ptr>& objects,
                       const json& list_metadata, include_object include, bool with_columns,
                       time_point now) {
  const printer& p = printer_of(kind);
  std::string out = "{\"kind\":\"Table\",\"apiVersion\":\"meta.k8s.io/v1\",\"metadata\":";
  out += list_metadata.is_object() ? dump(list_metadata) : "{}";
  out += ",\"columnDefinitions\":";
  if (with_columns) {
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
    append_row(out, p, *o, include, now);
  }
  return out += "]}";
}

}  // namespace troupe::model
