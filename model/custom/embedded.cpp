#include "model/custom/embedded.hpp"

#include "model/custom/types.hpp"
#include "model/validation/custom_resource.hpp"
#include "model/validation/lists.hpp"
#include "model/validation/metadata.hpp"
#include "model/validation/names.hpp"
#include "model/validation/path.hpp"
#include "model/validation/structural.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

/// Calls `f` with every embedded object and the path to it, until it returns false.
template <class Json, class F>
bool each_embedded(const schema_node& n, Json& v, const field_path* here, const F& f) {
  if (!n.has_embedded) return true;
  if (v.is_object()) {
    if (n.embedded && here && !f(v, *here)) return false;
    for (auto& [name, value] : v.items()) {
      const schema_node* property = n.find(name);
      const schema_node* below = property ? property : n.members.get();
      if (!below) continue;
      const field_path path = !here      ? field_path(name)
                              : property ? here->child(name)
                                         : here->key(name);
      if (!each_embedded(*below, value, &path, f)) return false;
    }
  } else if (v.is_array() && n.items && here) {
    for (std::size_t i = 0; i < v.size(); ++i) {
      const field_path path = here->index(i);
      if (!each_embedded(*n.items, v[i], &path, f)) return false;
    }
  }
  return true;
}

std::string decode_one(json& object, const field_path& path, std::vector<std::string>& unknown) {
  faults f;
  for (const char* name : {"apiVersion", "kind"})
    if (const auto at = object.find(name); at != object.end() && !at->is_string())
      f.invalid(path.child(name), *at, "must be a string");
  const field_path metadata = path.child("metadata");
  if (const auto at = object.find("metadata"); f.empty() && at != object.end()) {
    const json before = *at;
    const decoding found = decode_fields(object_metadata_type(), *at);
    if (!found) f.invalid(metadata, before, found.error);
    for (std::string fault : found.strict) {
      if (const auto quote = fault.find('"'); quote != fault.npos)
        fault.insert(quote + 1, metadata.text() + ".");
      unknown.push_back(std::move(fault));
    }
  }
  if (f.empty()) return {};
  const cause first = f.take().front();
  return first.field + ": " + first.message;
}

void judge_type(const json& object, const field_path& path, faults& f) {
  const auto api_version = text_of(object, "apiVersion");
  if (api_version.empty())
    f.required(path.child("apiVersion"));
  else if (std::ranges::count(api_version, '/') > 1)
    f.invalid(path.child("apiVersion"), api_version,
              "unexpected GroupVersion string: " + std::string(api_version));
  const auto kind = text_of(object, "kind");
  if (kind.empty()) return f.required(path.child("kind"));
  if (const auto fault = dns_1035_label_fault(lower_case(kind)); !fault.empty())
    f.invalid(path.child("kind"), kind,
              "may have mixed case, but should otherwise match: " + comma_joined(fault));
}

}  // namespace

std::string decode_embedded(const schema_node& schema, json& document,
                            std::vector<std::string>& unknown) {
  std::string fault;
  each_embedded(schema, document, nullptr, [&](json& object, const field_path& path) {
    fault = decode_one(object, path, unknown);
    return fault.empty();
  });
  return fault;
}

std::vector<cause> embedded_faults(const schema_node& schema, const json& document) {
  faults f;
  each_embedded(schema, document, nullptr, [&](const json& object, const field_path& path) {
    judge_type(object, path, f);
    if (object.contains("metadata"))
      validate_embedded_metadata(object["metadata"], path.child("metadata"), f);
    return true;
  });
  return f.take();
}

}  // namespace troupe::model
