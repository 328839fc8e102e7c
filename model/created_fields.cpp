#include "model/created_fields.hpp"

#include "model/field_place.hpp"
#include "model/json_scan.hpp"
#include "model/members.hpp"
#include "model/reset_fields.hpp"
#include "model/text_block.hpp"

#include <algorithm>
#include <map>

namespace troupe::model {
namespace {

/// Writes one node of FieldsV1: its elements in order, then end().
class node_text {
 public:
  explicit node_text(text_block& out) : out_(out) { out_.put('{'); }

  void self() {
    element(".");
    out_.put("{}");
  }
  void field(std::string_view name) {
    if (!is_plain(name)) return element(field_element(name));
    separate();
    out_.put("\"f:");
    out_.put(name);
    out_.put("\":");
  }
  void element(std::string_view text) {
    separate();
    out_.put_quoted(text);
    out_.put(':');
  }
  void end() { out_.put('}'); }

 private:
  void separate() {
    if (!first_) out_.put(',');
    first_ = false;
  }

  text_block& out_;
  bool first_ = true;
};

void write_all(text_block& out, const json& value, const field_place& p, bool self, bool rooted);

void write_fields(node_text& node, text_block& out, const json& value, const field_place& p,
                  field_form f, bool rooted) {
  for (const auto& [name, v] : value.get_ref<const json::object_t&>()) {
    if (v.is_null()) continue;
    const bool there = rooted && f == field_form::structure && is_always_there(name);
    if (there && v.empty()) continue;
    node.field(name);
    write_all(out, v, p.member(f, name), !there, there);
  }
}

/// Items in the order of their elements; of those that a list repeats, the first counts.
void write_items(node_text& node, text_block& out, const json& value, const field_place& p) {
  std::map<std::string, const json*> items;
  for (const json& item : value) items.try_emplace(item_element(item, p), &item);
  for (const auto& [element, item] : items) {
    node.element(element);
    write_all(out, *item, p.item(), true, false);
  }
}

/// All of `value` as a node; `self` and `rooted` as compare_fields() has them.
void write_all(text_block& out, const json& value, const field_place& p, bool self, bool rooted) {
  node_text node(out);
  const field_form f = p.form_of(value);
  if (f != field_form::leaf && !value.empty()) {
    if (self) node.self();
    if (f == field_form::structure || f == field_form::map)
      write_fields(node, out, value, p, f, rooted);
    else
      write_items(node, out, value, p);
  }
  node.end();
}

/// Whether a member of the metadata belongs to whoever writes it.
bool is_managed_metadata(const json::object_t::value_type& member) {
  return !member.second.is_null() && !is_of_nobody(member.first);
}

/// Whether a member of the object does, or something in it.
bool is_managed(const std::string& name, const json& value, const field_place& p,
                const field_set& ignored) {
  if (value.is_null() || name == "apiVersion" || name == "kind") return false;
  if (is_always_there(name) && value.empty()) return false;
  if (name == "metadata")
    return p.form_of(value) == field_form::structure &&
           std::ranges::any_of(value.get_ref<const json::object_t&>(), is_managed_metadata);
  return !ignored.fields_v1().contains(field_element(name));
}

void write_metadata(text_block& out, const json& metadata, const field_place& p) {
  node_text node(out);
  for (const auto& member : metadata.get_ref<const json::object_t&>()) {
    if (!is_managed_metadata(member)) continue;
    node.field(member.first);
    write_all(out, member.second, p.member(field_form::structure, member.first), true, false);
  }
  node.end();
}

void write_object(text_block& out, const json& object, const field_place& root,
                  const field_set& ignored) {
  node_text node(out);
  for (const auto& [name, v] : object.get_ref<const json::object_t&>()) {
    const field_place p = root.member(field_form::structure, name);
    if (!is_managed(name, v, p, ignored)) continue;
    node.field(name);
    if (name == "metadata")
      write_metadata(out, v, p);
    else
      write_all(out, v, p, !is_always_there(name), is_always_there(name));
  }
  node.end();
}

}  // namespace

std::string created_fields(const json& object, const field_manager& manager, time_point now,
                           const kind_info& kind) {
  if (!kind.type || !value_of(object, "metadata").is_object()) return {};
  const field_place root = field_place::root(*kind.type);
  const field_set& ignored = reset_fields(kind, {});
  const auto managed = [&](const auto& m) {
    return is_managed(m.first, m.second, root.member(field_form::structure, m.first), ignored);
  };
  if (std::ranges::none_of(object.get_ref<const json::object_t&>(), managed)) return {};
  const managed_entry entry = entry_for(manager, kind, now);
  std::string text;
  text.reserve(1024);
  text_block out(text);
  out.put(R"([{"apiVersion":)");
  out.put_quoted(entry.api_version);
  out.put(R"(,"fieldsType":"FieldsV1","fieldsV1":)");
  write_object(out, object, root, ignored);
  out.put(R"(,"manager":)");
  out.put_quoted(entry.manager);
  out.put(R"(,"operation":"Update","time":)");
  out.put_quoted(entry.time);
  out.put("}]");
  out.flush();
  return text;
}

}  // namespace troupe::model
