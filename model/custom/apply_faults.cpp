#include "model/apply/typed_check.hpp"
#include "model/custom/document.hpp"
#include "model/custom/types.hpp"
#include "model/field_place.hpp"
#include "model/go_text.hpp"

#include <set>

namespace troupe::model {
namespace {

/// Finds what structured-merge-diff cannot make typed values of.
class checker {
 public:
  std::vector<std::string> faults;

  void check(const schema_node& n, const json& v, const std::string& path, bool resource) {
    if (v.is_null() || n.int_or_string) return;
    if (n.type == value_type::object) {
      v.is_object() ? members(n, v, path, resource) : expected("map", v, path);
    } else if (n.type == value_type::array) {
      v.is_array() ? items(n, v, path) : expected("list", v, path);
    } else {
      scalar(n, v, path);
    }
  }

 private:
  void fail(const std::string& path, const std::string& why) {
    faults.push_back(path.empty() ? why : path + ": " + why);
  }

  void expected(const char* what, const json& v, const std::string& path) {
    fail(path, std::string("expected ") + what + ", got &{" + go_value(v) + "}");
  }

  void members(const schema_node& n, const json& v, const std::string& path, bool resource) {
    for (const auto& [name, below] : v.items()) {
      const std::string here = path + "." + name;
      if (resource && is_object_member(name)) {
        if (name == "metadata") metadata(below, here);
        continue;
      }
      if (const schema_node* known = n.member(name))
        check(*known, below, here, known->embedded);
      else if (!n.preserves_unknown && !n.any_member)
        return fail(here, "field not declared in schema");
    }
  }

  void metadata(const json& v, const std::string& path) {
    for (auto& fault : typed_faults_at(path, v, object_metadata_type()))
      faults.push_back(std::move(fault));
  }

  void items(const schema_node& n, const json& v, const std::string& path) {
    std::set<json> seen;
    for (std::size_t i = 0; i < v.size(); ++i) {
      std::string here = path + "[" + std::to_string(i) + "]";
      if (n.list == list_type::set) {
        here = path + readable_element("v:" + v[i].dump());
        if (v[i].is_structured() || v[i].is_null())
          return fail(path, "element " + std::to_string(i) +
                                ": associative list without keys has an element that's " +
                                (v[i].is_null() ? "an explicit null" : "a map type"));
        if (!seen.insert(v[i]).second)
          fail(path, "duplicate entries for key " + readable_element("v:" + v[i].dump()));
      } else if (n.list == list_type::map) {
        json keys;
        if (const std::string why = keys_of(n, v[i], keys); !why.empty())
          return fail(path, "element " + std::to_string(i) + ": " + why);
        here = path + readable_element("k:" + keys.dump());
        if (!seen.insert(keys).second)
          fail(path, "duplicate entries for key " + readable_element("k:" + keys.dump()));
      }
      if (n.items) check(*n.items, v[i], here, n.items->embedded);
    }
  }

  static std::string keys_of(const schema_node& n, const json& item, json& keys) {
    if (item.is_null()) return "associative list with keys may not have a null element";
    if (!item.is_object()) return "associative list with keys may not have non-map elements";
    keys = json::object();
    for (const std::string& key : n.map_keys) {
      const schema_node* known = n.items ? n.items->find(key) : nullptr;
      if (item.contains(key))
        keys[key] = item[key];
      else if (known && known->by_default)
        keys[key] = *known->by_default;
      else
        return "associative list with keys has an element that omits key field \"" + key +
               "\" (and doesn't have default value)";
    }
    return {};
  }

  void scalar(const schema_node& n, const json& v, const std::string& path) {
    if (n.type == value_type::string && !v.is_string())
      fail(path, "expected string, got &value.valueUnstructured{Value:" + go_value(v) + "}");
    if ((n.type == value_type::integer || n.type == value_type::number) && !v.is_number())
      fail(path, "expected numeric (int or float), got " + std::string(go_type(v)));
    if (n.type == value_type::boolean && !v.is_boolean()) expected("boolean", v, path);
  }
};

}  // namespace

std::string apply_faults(const schema_node& schema, const json& configuration) {
  checker c;
  c.check(schema, configuration, "", true);
  if (c.faults.size() == 1) return c.faults[0];
  std::string out = c.faults.empty() ? "" : "errors:";
  for (const std::string& fault : c.faults) out.append("\n  ").append(fault);
  return out;
}

}  // namespace troupe::model
