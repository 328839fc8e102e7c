#include "cli/output/object_printer.hpp"

#include "cli/commands/session.hpp"
#include "cli/output/colour.hpp"
#include "cli/output/table_printer.hpp"
#include "model/output/jsonpath.hpp"
#include "model/output/yaml_text.hpp"
#include "model/utf8.hpp"

#include <fstream>
#include <iterator>
#include <sstream>

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

std::string text_of_file(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw command_failure("error: error reading template " + file + ", it cannot be opened");
  return {std::istreambuf_iterator<char>(in), {}};
}

std::string with_dot(const std::string& path) {
  return path[0] == '.' || path[0] == '{' || path[0] == '[' ? path : "." + path;
}

/// A line of headers and one of their paths, between blanks.
std::vector<column_path> columns_from_file(const std::string& file) {
  std::istringstream text(text_of_file(file));
  std::string headers, paths;
  std::getline(text, headers);
  std::getline(text, paths);
  std::istringstream h(headers), p(paths);
  std::vector<column_path> out;
  for (std::string header, path; h >> header;) {
    if (!(p >> path)) break;
    out.push_back({header, path_from(with_dot(path), "custom-columns")});
  }
  if (out.empty() || h || (p >> headers))
    throw command_failure("error: number of headers (first line) and columns (second line) of " +
                          file + " must be the same");
  return out;
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
    const std::string path = with_dot(part.substr(colon + 1));
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

std::string custom_columns(const std::vector<column_path>& columns,
                           const std::vector<json>& objects, bool headers) {
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
      rows.back().push_back(cell.empty() ? "<none>" : harmless(cell));
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

/// "pod", "widget.example.com": the name of any kind, known here or not.
std::string qualified_kind(const json& object) {
  const std::string version = string_at(object, {"apiVersion"});
  const auto slash = version.find('/');
  return model::ascii_lower(string_at(object, {"kind"})) +
         (slash == std::string::npos ? "" : "." + version.substr(0, slash));
}

std::string names(const std::vector<json>& objects) {
  std::string out;
  for (const json& o : objects)
    out += qualified_kind(o) + "/" + string_at(o, {"metadata", "name"}) + "\n";
  return out;
}

/// Throws for a format that is none, or lacks its argument.
void check_format(const std::string& form, const std::string& argument) {
  if (form.starts_with("go-template") || form.starts_with("template"))
    throw command_failure(
        "error: Go templates are not supported by troupe; use -o jsonpath=TEMPLATE or -o "
        "custom-columns=HEADER:PATH,... instead, or kubectl, which speaks to the same cluster");
  if (form == "json" || form == "yaml") return;
  const bool columns = form.starts_with("custom-columns");
  static const std::set<std::string> with_argument{"jsonpath", "jsonpath-as-json", "jsonpath-file",
                                                   "custom-columns", "custom-columns-file"};
  if (!with_argument.contains(form))
    throw command_failure("error: unable to match a printer suitable for the output format \"" +
                          form +
                          "\", allowed formats are: custom-columns,custom-columns-file,json,"
                          "jsonpath,jsonpath-as-json,jsonpath-file,name,wide,yaml");
  if (argument.empty())
    throw command_failure(columns
                              ? "error: " + form + " format specified but no custom columns given"
                              : "error: template format specified but no template given");
}

}  // namespace

bool prints_objects(const std::string& format) {
  return !format.empty() && format != "wide";
}

std::string print_objects(const std::string& format, std::vector<json> objects, bool as_list,
                          bool headers, bool managed_fields) {
  if (format == "name") return names(objects);
  const auto equals = format.find('=');
  const std::string form = format.substr(0, equals);
  const std::string argument = equals == std::string::npos ? "" : format.substr(equals + 1);
  check_format(form, argument);
  if (form == "custom-columns") return custom_columns(columns_from(argument), objects, headers);
  if (form == "custom-columns-file")
    return custom_columns(columns_from_file(argument), objects, headers);
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
  if (form == "json") return json_text(document);
  if (form == "yaml") return model::yaml_text(document);
  if (form == "jsonpath-as-json")
    return json_text(path_from(argument, "jsonpath").values(document));
  if (form == "jsonpath-file") return path_from(text_of_file(argument), "jsonpath").print(document);
  return path_from(argument, "jsonpath").print(document);
}

}  // namespace troupe::cli
