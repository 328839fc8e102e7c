#include "model/custom/document.hpp"

namespace troupe::model {
namespace {

constexpr std::size_t most_unknown = 100;

/// The way to a value, put into words only for what is unknown.
struct way {
  const way* up = nullptr;
  std::string_view name;
  std::size_t index = 0;
  bool item = false;

  std::string text() const {
    std::string out = up ? up->text() : std::string();
    if (item) return out += "[" + std::to_string(index) + "]";
    if (name.empty()) return out;
    if (!out.empty()) out += '.';
    return out.append(name);
  }
};

class pruner {
 public:
  explicit pruner(std::vector<std::string>& unknown) : unknown_(unknown) {}

  void value(const schema_node& n, json& v, bool resource, const way& here) {
    if (v.is_object()) {
      members(n, v, resource, here);
    } else if (v.is_array() && n.items) {
      for (std::size_t i = 0; i < v.size(); ++i)
        value(*n.items, v[i], n.items->embedded, way{&here, {}, i, true});
    }
  }

 private:
  void members(const schema_node& n, json& v, bool resource, const way& here) {
    auto& all = v.get_ref<json::object_t&>();
    for (auto member = all.begin(); member != all.end();) {
      const way below{&here, member->first};
      const bool own = resource && is_object_member(member->first);
      const schema_node* known = own ? nullptr : n.member(member->first);
      if (known) value(*known, member->second, known->embedded, below);
      if (own || known || n.preserves_unknown || n.any_member) {
        ++member;
      } else {
        if (unknown_.size() < most_unknown)
          unknown_.push_back("unknown field \"" + below.text() + "\"");
        member = all.erase(member);
      }
    }
  }

  std::vector<std::string>& unknown_;
};

// Whether a null stands for nothing here.
bool is_void(const schema_node& n, const json& v) {
  return v.is_null() && !n.nullable;
}

void drop_nulls(const schema_node& n, json& v) {
  if (v.is_object()) {
    auto& all = v.get_ref<json::object_t&>();
    for (auto member = all.begin(); member != all.end();) {
      const schema_node* known = n.member(member->first);
      if (known && is_void(*known, member->second)) {
        member = all.erase(member);
        continue;
      }
      if (known) drop_nulls(*known, member->second);
      ++member;
    }
  } else if (v.is_array() && n.items) {
    for (json& item : v) drop_nulls(*n.items, item);
  }
}

void fill(const schema_node& n, json& v) {
  if (!n.has_defaults) return;
  if (v.is_object()) {
    for (const auto& p : n.properties)
      if (p.node->by_default && !v.contains(p.name)) v[p.name] = *p.node->by_default;
    for (auto& [name, value] : v.get_ref<json::object_t&>()) {
      const schema_node* known = n.member(name);
      if (!known) continue;
      if (known->by_default && is_void(*known, value)) value = *known->by_default;
      fill(*known, value);
    }
  } else if (v.is_array() && n.items) {
    for (json& item : v) {
      if (n.items->by_default && is_void(*n.items, item)) item = *n.items->by_default;
      fill(*n.items, item);
    }
  }
}

}  // namespace

void prune_unknown(const schema_node& schema, json& document, std::vector<std::string>& unknown) {
  pruner(unknown).value(schema, document, true, way{});
}

void prune_value(const schema_node& schema, json& value, std::vector<std::string>& unknown) {
  pruner(unknown).value(schema, value, schema.embedded, way{});
}

void set_defaults(const schema_node& schema, json& document) {
  drop_nulls(schema, document);
  if (!schema.has_defaults) return;
  fill(schema, document);
  drop_nulls(schema, document);  // of the defaults
}

}  // namespace troupe::model
