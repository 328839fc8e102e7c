#include "model/schema.hpp"

#include "model/kind_argument.hpp"
#include "model/schema/parser.hpp"
#include "model/utf8.hpp"

#include <algorithm>
#include <unordered_map>

extern "C" const char troupe_schema_text_begin[];
extern "C" const char troupe_schema_text_end[];

namespace troupe::model {
namespace {

struct name_key {
  std::string_view group, version, name;
  bool operator==(const name_key&) const = default;
};

struct name_hash {
  std::size_t operator()(const name_key& k) const {
    const std::hash<std::string_view> h;
    return (h(k.group) * 31 + h(k.version)) * 31 + h(k.name);
  }
};

using name_map = std::unordered_map<name_key, const kind_info*, name_hash>;

const kind_info* look_up(const name_map& map, const name_key& key) {
  const auto found = map.find(key);
  return found == map.end() ? nullptr : found->second;
}

}  // namespace

struct schema::data {
  schema_tables tables;
  name_map by_kind;
  name_map by_plural;
  std::unordered_map<std::string_view, const kind_info*> by_resource;
  /// Plural, singular and short names; the preferred group's kind.
  std::unordered_map<std::string_view, const kind_info*> by_word;
  std::unordered_map<std::string_view, const type_info*> types;
};

schema::schema(std::string_view text) {
  auto d = std::make_shared<data>();
  d->tables = parse_schema(text);
  for (kind_info& k : d->tables.kinds) {
    d->by_kind.emplace(name_key{k.group, k.version, k.kind}, &k);
    d->by_plural.emplace(name_key{k.group, k.version, k.plural}, &k);
    k.stored = d->by_resource.emplace(k.resource, &k).second;
    d->by_word.emplace(k.plural, &k);
    d->by_word.emplace(k.singular, &k);
    for (const auto word : k.short_names) d->by_word.emplace(word, &k);
  }
  for (const type_info& t : d->tables.types) d->types.emplace(t.name, &t);
  data_ = std::move(d);
}

const schema& schema::instance() {
  static const schema all({troupe_schema_text_begin, troupe_schema_text_end});
  return all;
}

std::span<const kind_info> schema::kinds() const {
  return data_->tables.kinds;
}

const kind_info* schema::by_kind(std::string_view group, std::string_view version,
                                 std::string_view kind) const {
  return look_up(data_->by_kind, {group, version, kind});
}

const kind_info* schema::by_plural(std::string_view group, std::string_view version,
                                   std::string_view plural) const {
  return look_up(data_->by_plural, {group, version, plural});
}

const kind_info* schema::by_resource(std::string_view resource) const {
  const auto found = data_->by_resource.find(resource);
  return found == data_->by_resource.end() ? nullptr : found->second;
}

const kind_info* schema::by_argument(std::string_view argument) const {
  const std::string text = ascii_lower(argument);
  if (text.find('.') == std::string::npos) {
    const auto found = data_->by_word.find(text);
    return found == data_->by_word.end() ? nullptr : found->second;
  }
  const auto found =
      std::ranges::find_if(kinds(), [&](const kind_info& k) { return named_by(k, text); });
  return found == kinds().end() ? nullptr : &*found;
}

const type_info* schema::type(std::string_view definition_name) const {
  const auto found = data_->types.find(definition_name);
  return found == data_->types.end() ? nullptr : found->second;
}

std::vector<const type_info*> schema::types() const {
  std::vector<const type_info*> out;
  out.reserve(data_->tables.types.size());
  for (const type_info& t : data_->tables.types) out.push_back(&t);
  std::ranges::sort(out, {}, &type_info::name);
  return out;
}

const field_info* type_info::field(std::string_view wanted) const {
  const auto found = std::ranges::lower_bound(fields, wanted, key_order(), &field_info::name);
  return found != fields.end() && found->name == wanted ? &*found : nullptr;
}

std::string kind_info::api_version() const {
  std::string out(group);
  if (!out.empty()) out += '/';
  return out += version;
}

const subresource_info* kind_info::subresource(std::string_view wanted) const {
  const auto found = std::ranges::find(subresource_kinds, wanted, &subresource_info::name);
  return found == subresource_kinds.end() ? nullptr : &*found;
}

}  // namespace troupe::model
