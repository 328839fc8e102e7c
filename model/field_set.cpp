#include "model/field_set.hpp"

#include "model/field_place.hpp"

namespace troupe::model {
namespace {

void unite_nodes(json& into, const json& other) {
  const bool member = field_set::is_member(into) || field_set::is_member(other);
  // A bare place becomes a "." beside what stands below.
  if (member && !(into.empty() && other.empty())) into["."] = json::object();
  for (const auto& [name, node] : other.items()) {
    if (const auto found = into.find(name); found != into.end()) {
      unite_nodes(*found, node);
    } else {
      into.emplace(name, node);
    }
  }
}

/// Takes `other` out of `from`; false when nothing of `from` is left.
bool subtract_nodes(json& from, const json& other) {
  const bool bare = from.empty();
  if (field_set::is_member(other)) {
    if (bare) return false;
    from.erase(".");
  } else if (bare) {
    return true;
  }
  for (const auto& [name, node] : other.items()) {
    const auto found = from.find(name);
    if (name == "." || found == from.end()) continue;
    if (!subtract_nodes(*found, node)) from.erase(found);
  }
  if (from.empty()) return false;
  if (from.size() == 1 && from.begin().key() == ".") from.clear();
  return true;
}

/// The same for whole subtrees.
bool subtract_subtrees(json& from, const json& other) {
  if (field_set::is_member(other)) return false;
  for (const auto& [name, node] : other.items())
    if (const auto found = from.find(name); found != from.end() && !subtract_subtrees(*found, node))
      from.erase(found);
  return !from.empty();
}

void common_paths(const json& a, const json& b, const std::string& prefix,
                  std::vector<std::string>& out) {
  for (const auto& [name, node] : a.items()) {
    const auto found = b.find(name);
    if (name != "." && found != b.end() && field_set::is_member(node) &&
        field_set::is_member(*found))
      out.push_back(prefix + readable_element(name));
  }
  for (const auto& [name, node] : a.items()) {
    const auto found = b.find(name);
    if (name != "." && found != b.end() && !node.empty() && !found->empty())
      common_paths(node, *found, prefix + readable_element(name), out);
  }
}

bool is_element(std::string_view name) {
  if (name == ".") return true;
  const std::string_view rest = name.substr(std::min<std::size_t>(2, name.size()));
  if (name.starts_with("f:")) return true;
  if (name.starts_with("k:")) return rest.starts_with("{") && json::accept(rest);
  return (name.starts_with("v:") || name.starts_with("i:")) && json::accept(rest);
}

}  // namespace

void field_set::unite(const field_set& other) {
  if (other.empty()) return;
  if (empty()) {
    tree_ = other.tree_;
    return;
  }
  // The roots are containers, never members themselves.
  for (const auto& [name, node] : other.tree_.items()) {
    if (const auto found = tree_.find(name); found != tree_.end()) {
      unite_nodes(*found, node);
    } else {
      tree_.emplace(name, node);
    }
  }
}

void field_set::subtract(const field_set& other) {
  for (const auto& [name, node] : other.tree_.items()) {
    const auto found = tree_.find(name);
    if (found != tree_.end() && !subtract_nodes(*found, node)) tree_.erase(found);
  }
}

void field_set::subtract_whole(const field_set& other) {
  for (const auto& [name, node] : other.tree_.items()) {
    const auto found = tree_.find(name);
    if (found != tree_.end() && !subtract_subtrees(*found, node)) tree_.erase(found);
  }
}

std::vector<std::string> field_set::paths_also_in(const field_set& other) const {
  std::vector<std::string> out;
  common_paths(tree_, other.tree_, {}, out);
  return out;
}

bool is_fields_v1(const json& fields_v1, bool from_client) {
  if (!fields_v1.is_object()) return false;
  for (const auto& [name, node] : fields_v1.get_ref<const json::object_t&>())
    if ((from_client && !is_element(name)) || !is_fields_v1(node, from_client)) return false;
  return true;
}

}  // namespace troupe::model
