#include "store/reads.hpp"

#include "model/conversion.hpp"
#include "store/continue_token.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

namespace troupe::store {
namespace {

constexpr std::size_t every_event = std::numeric_limits<std::size_t>::max();

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t n = 0;
  const auto [p, ec] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (ec != std::errc() || p != text.data() + text.size()) return std::nullopt;
  return n;
}

bool is_integer(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return number(text).has_value();
}

std::string key_of(const object_ptr& o) {
  return o->key().ns + "/" + o->key().name;
}

bool before(const model::object_key& a, const model::object_key& b) {
  return std::tie(a.ns, a.name) < std::tie(b.ns, b.name);
}

model::status bad_list_option(std::string field, std::string reason, std::string message) {
  return model::invalid("meta.k8s.io", "ListOptions", "",
                        {{std::move(reason), std::move(message), std::move(field)}});
}

model::status forbidden_option(std::string field, const std::string& why) {
  return bad_list_option(std::move(field), "FieldValueForbidden", "Forbidden: " + why);
}

std::optional<model::status> check_version_match(const model::request_info& info) {
  const auto match = info.parameter("resourceVersionMatch");
  const auto version = info.parameter("resourceVersion");
  if (info.query.contains("sendInitialEvents"))
    return forbidden_option("sendInitialEvents", "sendInitialEvents is forbidden for list");
  if (match.empty()) return std::nullopt;
  if (version.empty())
    return forbidden_option("resourceVersionMatch",
                            "resourceVersionMatch is forbidden unless resourceVersion is provided");
  if (!info.parameter("continue").empty())
    return forbidden_option("resourceVersionMatch",
                            "resourceVersionMatch is forbidden when continue is provided");
  if (match != "Exact" && match != "NotOlderThan")
    return bad_list_option("resourceVersionMatch", "FieldValueNotSupported",
                           "Unsupported value: \"" + std::string(match) +
                               "\": supported values: \"Exact\", \"NotOlderThan\", \"\"");
  if (match == "Exact" && version == "0")
    return forbidden_option(
        "resourceVersionMatch",
        "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"");
  return std::nullopt;
}

// The collection as it was at `version`: what is there now, with the changes since undone. Nothing
// when the window does not reach back so far.
std::optional<std::vector<object_ptr>> collection_at(const cache& objects,
                                                     std::string_view resource, std::string_view ns,
                                                     std::uint64_t version) {
  auto now = objects.list(resource, ns);
  if (now.version <= version) return std::move(now.objects);
  auto since = objects.events(resource, version, every_event);
  if (since.expired) return std::nullopt;
  std::map<model::object_key, object_ptr> undone;  // the first change of a key tells its old state
  for (const event& e : since.events) {
    if (e.version() > now.version) break;
    if (!ns.empty() && e.object->key().ns != ns) continue;
    if (!e.previous && e.type != event::kind::added) return std::nullopt;
    undone.emplace(e.object->key(), e.previous);
  }
  if (undone.empty()) return std::move(now.objects);
  std::vector<object_ptr> then;
  for (auto& o : now.objects)
    if (!undone.contains(o->key())) then.push_back(std::move(o));
  for (auto& [key, o] : undone)
    if (o) then.push_back(std::move(o));
  std::sort(then.begin(), then.end(),
            [](const auto& a, const auto& b) { return before(a->key(), b->key()); });
  return then;
}

struct page {
  std::vector<object_ptr> objects;
  std::uint64_t version = 0;
  std::string next;  ///< continue token; empty: this is the last
  std::uint64_t remaining = 0;
};

// Keeps what is selected after `after`, at most `limit`.
void cut(page& p, const selection& what, const std::string& after, std::size_t limit) {
  std::vector<object_ptr> kept;
  std::size_t seen = 0;
  for (auto& o : p.objects) {
    ++seen;
    if (!after.empty() && key_of(o) <= after) continue;
    if (!what.matches(o)) continue;
    if (limit != 0 && kept.size() == limit) {
      p.next = continue_token{p.version, key_of(kept.back())}.text();
      p.remaining = p.objects.size() - seen + 1;
      break;
    }
    kept.push_back(std::move(o));
  }
  p.objects = std::move(kept);
}

std::variant<page, model::status> read_page(const cache& objects, const read_request& r,
                                            const selection& what) {
  const auto limit = number(r.info.parameter("limit")).value_or(0);
  const auto token_text = r.info.parameter("continue");
  const auto version_text = r.info.parameter("resourceVersion");
  page p;
  if (!token_text.empty()) {
    if (!version_text.empty() && version_text != "0")
      return model::bad_request("specifying resource version is not allowed when using continue");
    const auto token = continue_token::parse(token_text);
    if (!token) return model::bad_request("continue key is not valid");
    auto then = collection_at(objects, r.kind.resource, what.ns, token->version);
    if (!then)
      return model::expired(
          "The provided continue parameter is too old to display a consistent list result. You "
          "must start a new list without the continue parameter.");
    p.objects = std::move(*then);
    p.version = token->version;
    cut(p, what, token->after, limit);
    return p;
  }
  if (r.info.parameter("resourceVersionMatch") == "Exact") {
    p.version = number(version_text).value_or(0);
    auto then = collection_at(objects, r.kind.resource, what.ns, p.version);
    if (!then) return model::expired("The resourceVersion for the provided list is too old.");
    p.objects = std::move(*then);
    cut(p, what, {}, limit);
    return p;
  }
  auto found = objects.list(r.kind.resource, what.ns);
  p.objects = std::move(found.objects);
  p.version = found.version;
  if (limit != 0 || !what.everything()) cut(p, what, {}, limit);
  return p;
}

// metav1.ListMeta.
model::json list_metadata(const page& p) {
  model::json metadata = {{"resourceVersion", std::to_string(p.version)}};
  if (!p.next.empty()) metadata["continue"] = p.next;
  if (p.remaining != 0) metadata["remainingItemCount"] = p.remaining;
  return metadata;
}

}  // namespace

std::variant<std::uint64_t, model::status> needed_version(const model::request_info& info) {
  const auto text = info.parameter("resourceVersion");
  if (text.empty()) return std::uint64_t{0};
  if (const auto version = number(text)) return *version;
  return model::bad_request("resourceVersion: Invalid value: " + model::json(text).dump() +
                            ": must be a decimal number");
}

model::status too_large_version(std::uint64_t wanted, std::uint64_t current) {
  model::status s = model::timeout("Too large resource version: " + std::to_string(wanted) +
                                   ", current: " + std::to_string(current));
  s.causes.push_back({"ResourceVersionTooLarge", "Too large resource version", ""});
  s.retry_after = 1;
  return s;
}

bool selection::matches(const object_ptr& object) const {
  return labels.matches(object->header().labels) && fields.matches(object->header().fields);
}

std::variant<selection, model::status> selection_of(const model::request_info& info,
                                                    const model::kind_info& kind) {
  for (const char* option : {"limit", "timeoutSeconds"})
    if (const auto text = info.parameter(option); !text.empty() && !is_integer(text))
      return model::bad_request(std::string(option) + ": Invalid value: " +
                                model::json(text).dump() + ": must be an integer");
  selection s;
  if (kind.namespaced) s.ns = info.ns;
  std::string error;
  auto labels = model::label_selector::parse(info.parameter("labelSelector"), error);
  if (!labels) return model::bad_request(error);
  auto fields = model::field_selector::parse(info.parameter("fieldSelector"), error);
  if (!fields) return model::bad_request(error);
  for (auto& term : fields->terms) {
    const std::string asked = std::exchange(term.field, model::stored_field(kind, term.field));
    const bool known = term.field == "metadata.name" ||
                       (kind.namespaced && term.field == "metadata.namespace") ||
                       std::find(kind.field_selectors.begin(), kind.field_selectors.end(),
                                 term.field) != kind.field_selectors.end();
    if (!known) return model::bad_request("field label not supported: " + asked);
  }
  s.labels = std::move(*labels);
  s.fields = std::move(*fields);
  return s;
}

read_answer get(const cache& objects, const read_request& r) {
  if (auto bad = check_form(r.show, r.kind, false)) return *bad;
  const model::object_key key{std::string(r.kind.resource), r.kind.namespaced ? r.info.ns : "",
                              r.info.name};
  const object_ptr found = objects.get(key);
  if (!found) return model::not_found(key);
  return render(r.kind, found, r.show, r.now);
}

read_answer list(const cache& objects, const read_request& r) {
  if (auto bad = check_form(r.show, r.kind, true)) return *bad;
  if (auto bad = check_version_match(r.info)) return *bad;
  auto what = selection_of(r.info, r.kind);
  if (auto* bad = std::get_if<model::status>(&what)) return *bad;
  const auto& selected = std::get<selection>(what);
  auto read = read_page(objects, r, selected);
  if (auto* bad = std::get_if<model::status>(&read)) return *bad;
  page& p = std::get<page>(read);
  if (!selected.everything()) p.remaining = 0;  // nobody counted what the rest of them selects
  return std::make_shared<const std::string>(
      render_list(r.kind, p.objects, list_metadata(p), r.show, r.now));
}

}  // namespace troupe::store
