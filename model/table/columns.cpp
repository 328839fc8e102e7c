#include "model/table/columns.hpp"

#include "model/selector_text.hpp"

#include <algorithm>
#include <set>

namespace troupe::model {
namespace {

// A dotted path, split once.
class path_of {
 public:
  explicit path_of(std::string_view dotted) {
    while (!dotted.empty()) {
      const auto dot = dotted.find('.');
      keys_.emplace_back(dotted.substr(0, dot));
      dotted.remove_prefix(dot == std::string_view::npos ? dotted.size() : dot + 1);
    }
  }
  const json& in(const json& document) const {
    const json* here = &document;
    for (const auto& key : keys_) here = &at(*here, {key});
    return *here;
  }

 private:
  std::vector<std::string> keys_;
};

std::string text_of(const json& value) {
  return value.is_string() ? value.get<std::string>() : value.is_null() ? "" : value.dump();
}

shown_column container_column(std::string name, std::string description, const char* field,
                              std::string_view template_path) {
  return wide(made_column(std::move(name), std::move(description),
                          [path = path_of(template_path), field](const json& o) -> json {
                            return joined(at(path.in(o), {"spec", "containers"}), field);
                          }));
}

}  // namespace

shown_column name_column(std::string description) {
  return {{"Name", "string", "name", std::move(description)},
          [](const json& o, time_point) -> json { return name_of(o); }};
}

shown_column age_column() {
  return {{"Age", "string", "", "Time since creation"},
          [](const json& o, time_point now) -> json { return age_of(o, now); }};
}

shown_column text_column(std::string name, std::string description, std::string_view path,
                         std::string missing) {
  return made_column(std::move(name), std::move(description),
                     [path = path_of(path), missing = std::move(missing)](const json& o) -> json {
                       std::string text = text_of(path.in(o));
                       if (text.empty()) return missing;
                       return text;
                     });
}

shown_column number_column(std::string name, std::string description, std::string_view path,
                           std::string type) {
  return made_column(
      std::move(name), std::move(description),
      [path = path_of(path)](const json& o) -> json {
        const json& value = path.in(o);
        return value.is_number_integer() ? value : json(0);
      },
      std::move(type));
}

shown_column boolean_column(std::string name, std::string description, std::string_view path,
                            bool missing) {
  return made_column(
      std::move(name), std::move(description),
      [path = path_of(path), missing](const json& o) -> json {
        const json& value = path.in(o);
        return value.is_boolean() ? value : json(missing);
      },
      "boolean");
}

shown_column count_column(std::string name, std::string description, std::string_view path,
                          std::string type) {
  return made_column(
      std::move(name), std::move(description),
      [path = path_of(path)](const json& o) -> json { return count_of(path.in(o)); },
      std::move(type));
}

shown_column made_column(std::string name, std::string description,
                         std::function<json(const json&)> cell, std::string type) {
  return {{std::move(name), std::move(type), "", std::move(description)},
          [cell = std::move(cell)](const json& o, time_point) { return cell(o); }};
}

shown_column wide(shown_column c) {
  c.priority = 1;
  return c;
}

shown_column container_names_column(std::string_view template_path) {
  return container_column("Containers", "The names of its containers", "name", template_path);
}

shown_column container_images_column(std::string_view template_path) {
  return container_column("Images", "The images of its containers", "image", template_path);
}

shown_column selector_column(std::string_view path) {
  return wide(made_column("Selector", "Which pods belong to it",
                          [path = path_of(path)](const json& o) -> json {
                            return or_none(selector_text(path.in(o)));
                          }));
}

const json& at_path(const json& document, std::string_view path) {
  return path_of(path).in(document);
}

std::int64_t number_at(const json& document, std::string_view path) {
  const json& value = at_path(document, path);
  return value.is_number_integer() ? value.get<std::int64_t>() : 0;
}

std::string joined(const json& list, std::string_view field, std::string_view separator) {
  std::string out;
  bool first = true;
  for (const json& item : list) {
    if (!first) out += separator;
    first = false;
    out += field.empty() ? text_of(item) : string_at(item, {field});
  }
  return out;
}

std::string label_text(const json& labels) {
  std::string out;
  if (labels.is_object())
    for (const auto& [key, value] : labels.items())
      out += (out.empty() ? "" : ",") + key + "=" + text_of(value);
  return or_none(out);
}

std::string balancer_text(const json& status) {
  std::set<std::string> addresses;
  for (const json& i : at(status, {"loadBalancer", "ingress"})) {
    std::string ip = string_at(i, {"ip"});
    if (ip.empty()) ip = string_at(i, {"hostname"});
    if (!ip.empty()) addresses.insert(std::move(ip));
  }
  std::string out;
  for (const auto& a : addresses) out += (out.empty() ? "" : ",") + a;
  return out;
}

std::string with_more(const std::vector<std::string>& shown, std::size_t count) {
  std::string out;
  for (const auto& s : shown) out += (&s == shown.data() ? "" : ",") + s;
  if (count > shown.size()) out += " + " + std::to_string(count - shown.size()) + " more...";
  return out;
}

std::string condition_status(const json& document, std::string_view type) {
  for (const json& c : at(document, {"status", "conditions"}))
    if (string_at(c, {"type"}) == type) return string_at(c, {"status"});
  return {};
}

}  // namespace troupe::model
