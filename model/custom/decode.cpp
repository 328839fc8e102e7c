#include "model/custom/decode.hpp"

#include "model/custom/document.hpp"
#include "model/custom/embedded.hpp"

namespace troupe::model {
namespace {

constexpr const char* members[] = {"apiVersion", "kind", "metadata"};

/// What every object has, as a struct of this kind.
type_info head_of(const type_info& whole) {
  type_info out;
  out.name = whole.name;
  for (const field_info& f : whole.fields)
    if (is_object_member(f.name)) out.fields.push_back(f);
  return out;
}

void move_members(json& from, json& to) {
  for (const char* name : members) {
    const auto found = from.find(name);
    if (found == from.end()) continue;
    to[name] = std::move(*found);
    from.erase(found);
  }
}

}  // namespace

decoding decode_custom(const custom_version& version, json& document,
                       const std::vector<std::string>& duplicates) {
  json head = json::object();
  if (document.is_object()) move_members(document, head);
  decoding out = decode_fields(head_of(*version.kind.type), head);
  // The text is judged before the fields.
  out.strict.insert(out.strict.begin(), duplicates.begin(), duplicates.end());
  if (!document.is_object()) {
    out.error = "json: cannot unmarshal " + std::string(document.type_name()) +
                " into Go value of type map[string]interface {}";
    return out;
  }
  move_members(head, document);
  if (out) prune_unknown(version.schema(), document, out.strict);
  if (out) out.error = decode_embedded(version.schema(), document, out.strict);
  return out;
}

}  // namespace troupe::model
