#include "model/base64.hpp"
#include "model/describe/text.hpp"
#include "model/table/printers.hpp"

#include <cctype>

namespace troupe::model {
namespace {

void heading(describe_text& text, const json& object) {
  text.field(0, "Name", name_of(object));
  if (auto ns = string_at(object, {"metadata", "namespace"}); !ns.empty())
    text.field(0, "Namespace", ns);
  text.labels("Labels", at(object, {"metadata", "labels"}));
  text.annotations(at(object, {"metadata", "annotations"}));
}

/// "holderIdentity" as "Holder Identity", "uid" as "UID".
std::string label_of(const std::string& field) {
  std::vector<std::string> words(1);
  if (field.empty()) return "";
  for (const char c : field) {
    const auto& word = words.back();
    if (!word.empty() && std::isupper(static_cast<unsigned char>(c)) &&
        !std::isupper(static_cast<unsigned char>(word.back())))
      words.emplace_back();
    words.back() += c;
  }
  std::string out;
  for (std::string& word : words) {
    std::string upper;
    for (const char c : word)
      upper += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    const bool acronym = upper == "API" || upper == "URL" || upper == "UID" || upper == "GUID";
    word[0] = upper[0];
    out += (out.empty() ? "" : " ") + (acronym ? upper : word);
  }
  return out;
}

void fields(describe_text& text, const json& object, int level) {
  for (const auto& [key, value] : object.items()) {
    if (level == 0 && (key == "apiVersion" || key == "kind")) {
      text.field(0, key == "kind" ? "Kind" : "API Version", scalar_text(value));
    } else if (value.is_object()) {
      text.line(level, label_of(key) + ":");
      json shown = value;
      if (level == 0 && key == "metadata")
        for (const char* above : {"name", "namespace", "labels", "annotations", "managedFields"})
          shown.erase(above);
      fields(text, shown, level + 1);
    } else if (value.is_array()) {
      text.line(level, label_of(key) + ":");
      for (const json& item : value) {
        if (item.is_object()) {
          fields(text, item, level + 1);
        } else {
          text.line(level + 1, scalar_text(item));
        }
      }
    } else {
      text.field(level, label_of(key), scalar_text(value));
    }
  }
}

}  // namespace

std::string describe_namespace(const described& d) {
  describe_text text;
  heading(text, d.object);
  text.field(0, "Status", string_at(d.object, {"status", "phase"}));
  text.line(0, "");
  text.line(0, "No resource quota.");
  text.line(0, "");
  text.line(0, "No LimitRange resource.");
  return text.take();
}

std::string describe_config_map(const described& d) {
  describe_text text;
  heading(text, d.object);
  for (const char* l : {"", "Data", "===="}) text.line(0, l);
  if (const json& data = at(d.object, {"data"}); data.is_object())
    for (const auto& [key, value] : data.items()) {
      text.line(0, key + ":");
      text.line(0, "----");
      text.line(0, scalar_text(value));
      text.line(0, "");
    }
  for (const char* l : {"", "BinaryData", "===="}) text.line(0, l);
  if (const json& data = at(d.object, {"binaryData"}); data.is_object())
    for (const auto& [key, value] : data.items()) {
      const auto bytes = from_base64(scalar_text(value));
      text.line(0, key + ": " + std::to_string(bytes ? bytes->size() : 0) + " bytes");
    }
  text.line(0, "");
  text.events(d.events, d.now);
  return text.take();
}

std::string describe_secret(const described& d) {
  describe_text text;
  heading(text, d.object);
  text.line(0, "");
  text.field(0, "Type", string_at(d.object, {"type"}));
  for (const char* l : {"", "Data", "===="}) text.line(0, l);
  if (const json& data = at(d.object, {"data"}); data.is_object())
    for (const auto& [key, value] : data.items()) {
      const auto bytes = from_base64(scalar_text(value));
      text.field(0, key, std::to_string(bytes ? bytes->size() : 0) + " bytes");
    }
  return text.take();
}

std::string describe_generic(const described& d) {
  describe_text text;
  heading(text, d.object);
  fields(text, d.object, 0);
  text.events(d.events, d.now);
  return text.take();
}

}  // namespace troupe::model
