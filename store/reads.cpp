#include "store/reads.hpp"

#include "model/conversion.hpp"
#include "store/collection.hpp"
#include "store/continue_token.hpp"
#include "store/derived.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

namespace troupe::store {
namespace {

constexpr std::size_t stream_from = 256u << 10;  // bytes of a list

constexpr std::size_t every_event = std::numeric_limits<std::size_t>::max();

std::string key_of(const object_ptr& o) {
  return o->key().ns + "/" + o->key().name;
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
            [](const auto& a, const auto& b) { return key_view::of(*a) < key_view::of(*b); });
  return then;
}

// Keeps what is selected after `after`, at most `limit`.
void cut(page& p, const selection& what, const std::string& after, std::size_t limit) {
  std::vector<object_ptr> kept;
  std::size_t seen = 0;
  for (auto& o : p.objects) {
    ++seen;
    if (!after.empty() && !(key_view::parse(after) < key_view::of(*o))) continue;
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

// The collection now, no more of it than the page needs.
page newest(const cache& objects, const read_request& r, const selection& what, std::size_t limit) {
  page p;
  const auto one = what.only(r.kind);
  auto found = one ? objects.list_one(*one)
                   : objects.list(r.kind.resource, what.ns, {}, what.everything() ? limit : 0);
  p.objects = is_derived(r.kind) ? derived_objects(objects, r.kind, what.ns, r.now)
                                 : std::move(found.objects);
  p.version = found.version;
  if (!what.everything() || is_derived(r.kind)) {
    cut(p, what, {}, limit);
  } else if (found.remaining != 0) {
    p.next = continue_token{p.version, key_of(p.objects.back())}.text();
    p.remaining = found.remaining;
  }
  return p;
}

std::variant<page, model::status> next_page(const cache& objects, const read_request& r,
                                            const selection& what, std::size_t limit) {
  const auto version = r.info.parameter("resourceVersion");
  const auto token = continue_token::parse(r.info.parameter("continue"));
  if (!token) return model::bad_request("invalid continue token: continue key is not valid");
  if (!version.empty() && version != "0")
    return model::bad_request("specifying resource version is not allowed when using continue");
  page p;
  if (token->version == 0 || is_derived(r.kind)) {
    p = newest(objects, r, what, 0);
  } else {
    auto then = collection_at(objects, r.kind.resource, what.ns, token->version);
    if (!then) {
      p.lost = true;
      p.next = continue_token{0, token->after}.text();
      return p;
    }
    p.objects = std::move(*then);
    p.version = token->version;
  }
  cut(p, what, token->after, limit);
  return p;
}

std::variant<page, model::status> read_page(const cache& objects, const read_request& r,
                                            const selection& what) {
  const auto asked = number_option(r.info, "limit").value_or(0);
  const std::size_t limit = asked > 0 ? static_cast<std::size_t>(asked) : 0;
  if (!r.info.parameter("continue").empty()) return next_page(objects, r, what, limit);
  const auto match = r.info.parameter("resourceVersionMatch");
  const auto version = needed_version(r.info);
  if (const auto* bad = std::get_if<model::status>(&version)) return *bad;
  const auto wanted = std::get<std::uint64_t>(version);
  // Chunks of a version have always been of that version.
  const bool exact = match == "Exact" || (match.empty() && limit != 0 && wanted != 0);
  if (!exact) return newest(objects, r, what, limit);
  auto then = collection_at(objects, r.kind.resource, what.ns, wanted);
  if (!then) return model::expired("The resourceVersion for the provided list is too old.");
  page p;
  p.objects = std::move(*then);
  p.version = wanted;
  cut(p, what, {}, limit);
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

read_answer get(const cache& objects, const read_request& r) {
  if (auto bad = check_form(r.show, r.kind, false)) return *bad;
  const model::object_key key{std::string(r.kind.resource), r.kind.namespaced ? r.info.ns : "",
                              r.info.name};
  const object_ptr found =
      is_derived(r.kind) ? derived_object(objects, key, r.now) : objects.get(key);
  if (!found) return model::not_found(key);
  return read_body{render_requested(r.info, r.kind, found, r.show, r.now)};
}

std::variant<page, model::status> read_list(const cache& objects, const read_request& r) {
  if (auto bad = check_form(r.show, r.kind, true)) return *bad;
  if (auto bad = check_list_options(r.info)) return *bad;
  auto what = selection_of(r.info, r.kind);
  if (auto* bad = std::get_if<model::status>(&what)) return *bad;
  const auto& selected = std::get<selection>(what);
  auto read = read_page(objects, r, selected);
  if (auto* p = std::get_if<page>(&read); p && !selected.everything())
    p->remaining = 0;  // nobody counted what the rest of them selects
  return read;
}

std::string list_body(const read_request& r, const page& p) {
  return render_list(r.kind, p.objects, list_metadata(p), r.show, r.now);
}

std::unique_ptr<list_text> streamed_list(const read_request& r, page& p) {
  if (p.lost || !r.show.plain() || !r.kind.stored) return nullptr;
  std::size_t size = 0;
  for (const auto& o : p.objects) size += o->bytes().size();
  if (size < stream_from) return nullptr;
  return std::make_unique<list_text>(r.kind, std::move(p.objects), list_metadata(p), r.show, r.now);
}

read_body list_answer(const read_request& r, const page& p) {
  if (!p.lost) return {std::make_shared<const std::string>(list_body(r, p))};
  const auto why = lost_page();
  model::json text = model::to_json(why);
  text["metadata"]["continue"] = p.next;
  return {std::make_shared<const std::string>(text.dump()), why.code};
}

model::status lost_page() {
  return model::expired(
      "The provided continue parameter is too old to display a consistent list result. You can "
      "start a new list without the continue parameter, or use the continue token in this response "
      "to retrieve the remainder of the results. Continuing with the provided token results in an "
      "inconsistent list - objects that were created, modified, or deleted between the time the "
      "first chunk was returned and now may show up in the list.");
}

read_answer list(const cache& objects, const read_request& r) {
  auto read = read_list(objects, r);
  if (auto* bad = std::get_if<model::status>(&read)) return *bad;
  return list_answer(r, std::get<page>(read));
}

}  // namespace troupe::store
