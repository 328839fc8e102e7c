#include "model/custom/kinds.hpp"

#include <atomic>
#include <charconv>
#include <limits>
#include <optional>
#include <tuple>

namespace troupe::model {
namespace {

/// Built-in groups name a place of their own in discovery; custom ones come after them all.
constexpr int custom_priority = std::numeric_limits<int>::min();

struct parsed_version {
  int stage = 0;  ///< 2: stable, 1: beta, 0: alpha
  long major = 0, minor = 0;
};

std::optional<parsed_version> parse_version(std::string_view text) {
  const auto number = [&](long& out) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (error != std::errc() || text.starts_with('-')) return false;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    return true;
  };
  parsed_version out;
  if (!text.starts_with('v')) return std::nullopt;
  text.remove_prefix(1);
  if (!number(out.major)) return std::nullopt;
  out.stage = text.empty() ? 2 : text.starts_with("beta") ? 1 : 0;
  if (text.empty()) return out;
  if (!text.starts_with("beta") && !text.starts_with("alpha")) return std::nullopt;
  text.remove_prefix(out.stage == 1 ? 4 : 5);
  if (!number(out.minor) || !text.empty()) return std::nullopt;
  return out;
}

}  // namespace

bool is_preferred_version(std::string_view a, std::string_view b) {
  const auto left = parse_version(a), right = parse_version(b);
  if (left && right)
    return std::tuple(left->stage, left->major, left->minor) >
           std::tuple(right->stage, right->major, right->minor);
  if (left || right) return left.has_value();
  return a < b;
}

int custom_kind_priority() {
  return custom_priority;
}

const custom_version* custom_of(const kind_info& kind) {
  if (kind.priority != custom_priority) return nullptr;
  return static_cast<const custom_type*>(kind.type)->version;
}

std::shared_ptr<const void> keep(const kind_info& kind) {
  const custom_version* custom = custom_of(kind);
  return custom ? custom->definition->shared_from_this() : nullptr;
}

const kind_info& stored_kind(const kind_info& kind) {
  if (const custom_version* custom = custom_of(kind)) return custom->definition->stored->kind;
  return kind.stored ? kind : *schema::instance().by_resource(kind.resource);
}

custom_kinds::custom_kinds(const std::vector<object_ptr>& definitions, const custom_kinds& before) {
  static std::atomic<std::uint64_t> last{0};
  number_ = ++last;
  std::map<const object*, definition_ptr> known;
  for (const auto& [resource, d] : before.definitions_) known.emplace(d->object.get(), d);
  for (const object_ptr& o : definitions) {
    const auto found = known.find(o.get());
    definition_ptr d = found != known.end() ? found->second : read_definition(o);
    if (!d) continue;
    std::string resource = d->resource;
    definitions_.emplace(std::move(resource), std::move(d));
  }
}

served_kind custom_kinds::by_plural(std::string_view group, std::string_view version,
                                    std::string_view plural) const {
  std::string resource(plural);
  resource.append(".").append(group);
  const auto found = definitions_.find(resource);
  if (found == definitions_.end()) return {};
  for (const auto& v : found->second->versions)
    if (v->served && v->kind.version == version) {
      v->prepare();
      return {&v->kind, found->second};
    }
  return {};
}

served_kind custom_kinds::by_kind(std::string_view group, std::string_view version,
                                  std::string_view kind) const {
  for (const auto& [resource, d] : definitions_) {
    if (d->group != group || d->kind != kind) continue;
    for (const auto& v : d->versions)
      if (v->served && v->kind.version == version) return {&v->kind, d};
  }
  return {};
}

served_kind custom_kinds::by_resource(std::string_view resource) const {
  const auto found = definitions_.find(resource);
  if (found == definitions_.end()) return {};
  for (const auto& v : found->second->versions)
    if (v->served) return {&v->kind, found->second};
  return {};
}

}  // namespace troupe::model
