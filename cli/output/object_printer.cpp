#include "cli/output/object_printer.hpp"

#include "cli/commands/session.hpp"
#include "cli/output/table_printer.hpp"
#include "model/output/jsonpath.hpp"
#include "model/output/yaml_text.hpp"

namespace troupe::cli {

using model::json;
using model::string_at;

namespace {

struct column_path {
  std::string header;
  model::jsonpath path;
};

model::jsonpath path_from(const std::string& text, const char* what) {
  std::string error;
  auto path = model::jsonpath::parse(text, error);
  if (!path)
    throw command_failure("error: error parsing " + std::string(what) + " " + text + ", " + error);
  return std::move(*path);
}

/// "NAME:.metadata.name,NODE:.spec.nodeName"
std::vector<column_path> columns_from(const std::string& spec) {
  std::vector<column_path> out;
  std::size_t start = 0;
  while (start <= spec.size()) {
    const auto end = std::min(spec.find(',', start), spec.size());
    const std::string part = spec.substr(start, end - start);
    const auto colon = part.find(':');
    if (colon == std::string::npos || colon == 0 || colon + 1 >= part.size())
      throw command_failure("error: unexpected custom-columns spec: " + part +
                            ", expected <header>:<json-path-expr>");
    std::string path = part.substr(colon + 1);
    if (path[0] != '.' && path[0] != '{' && path[0] != '[') path = "." + path;
    out.push_back({part.substr(0, colon), path_from(path, "custom-columns")});
    start = end + 1;
  }
  return out;
}

/// A value as Go prints it: map[a:1 b:2], [x y].
std::string go_text(const json& v) {
  if (v.is_string()) return v.get<std::string>();
  if (v.is_null()) return "<nil>";
  if (!v.is_structured()) return v.dump();
  std::string out;
  for (const auto& [key, value] : v.items())
    out += (out.empty() ? "" : " ") + (v.is_object() ? key + ":" : "") + go_text(value);
  return (v.is_object() ? "map[" : "[") + out + "]";
}

std::string custom_columns(const std::string& spec, const std::vector<json>& objects,
                           bool headers) {
  const auto columns = columns_from(spec);
  std::vector<std::vector<std::string>> rows;
  if (headers) {
    rows.emplace_back();
    for (const auto& c : columns) rows.back().push_back(c.header);
  }
  for (const json& o : objects) {
    rows.emplace_back();
    for (const auto& c : columns) {
      std::string cell;
      for (const json& v : c.path.values(o)) cell += (cell.empty() ? "" : ",") + go_text(v);
      rows.back().push_back(cell.empty() ? "<none>" : cell);
    }
  }
  std::vector<std::size_t> widths;
  return aligned(rows, widths);
}

/// JSON as Go writes it: four blanks, and <, > and & escaped.
std::string json_text(const json& document) {
  std::string out;
  for (const char c : document.dump(4, ' ', false, json::error_handler_t::replace)) {
    if (c == '<') {
      out += "\\u003c";
    } else if (c == '>') {
      out += "\\u003e";
    } else if (c == '&') {
      out += "\\u0026";
    } else {
      out += c;
    }
  }
  return out + "\n";
}

std::string names(const std::vector<json>& objects) {
  std::string out;
  for (const json& o : objects)
    out += display_name(kind_of_manifest({"the answer", o}), string_at(o, {"metadata", "name"})) +
           "\n";
  return out;
}

}  // namespace

bool prints_objects(const std::string& format) {
  return !format.empty() && format != "wide";
}

std::string print_objects(const std::string& format, std::vector<json> objects, bool as_list,
                          bool headers, bool managed_fields) {
  if (format == "name") return names(objects);
  if (format.starts_with("custom-columns="))
    return custom_columns(format.substr(15), objects, headers);
  if (!managed_fields)
    for (json& o : objects)
      if (o.contains("metadata")) o["metadata"].erase("managedFields");
  json document;
  if (objects.size() == 1 && !as_list) {
    document = std::move(objects[0]);
  } else {
    document = {{"apiVersion", "v1"},
                {"items", std::move(objects)},
                {"kind", "List"},
                {"metadata", {{"resourceVersion", ""}}}};
  }
  if (format.starts_with("jsonpath-as-json="))
    return json_text(path_from(format.substr(17), "jsonpath").values(document));
  if (format == "json") return json_text(document);
  if (format == "yaml") return model::yaml_text(document);
  if (format.starts_with("jsonpath="))
    return path_from(format.substr(9), "jsonpath").print(document);
  if (format == "jsonpath" || format == "jsonpath-as-json")
    throw command_failure("error: template format specified but no template given");
  if (format == "custom-columns")
    throw command_failure("error: custom-columns format specified but no custom columns given");
  throw command_failure(
      "error: unable to match a printer suitable for the output format \"" + format +
      "\", allowed formats are: custom-columns,json,jsonpath,jsonpath-as-json,name,wide,yaml");
}

}  // namespace troupe::cli
