#include "actors/api/conversion.hpp"

#include "model/conversion.hpp"
#include "model/custom/kinds.hpp"
#include "model/hooks/conversion_review.hpp"
#include "store/derived.hpp"

namespace troupe::api {
namespace {

bool is_of(const json& document, const model::kind_info& kind) {
  return model::string_at(document, {"apiVersion"}) == kind.api_version();
}

/// What a list selects by fields of its version's own; nothing when it does not, or is refused.
std::optional<store::selection> own_selection(const call& c) {
  if (c.info.verb != "list" && c.info.verb != "deletecollection") return std::nullopt;
  auto read = store::selection_of(c.info, *c.kind);
  auto* what = std::get_if<store::selection>(&read);
  const auto is_own = [](const auto& term) { return !term.field.starts_with("metadata."); };
  if (!what || std::ranges::none_of(what->fields.terms, is_own)) return std::nullopt;
  return std::move(*what);
}

}  // namespace

bool is_converted(const model::kind_info& kind) {
  const auto* custom = model::custom_of(kind);
  return custom && custom->definition->converts;
}

std::variant<json, decision> read_stored(call& c, const model::object& stored) {
  if (!is_converted(*c.kind)) return model::parse_as(*c.kind, stored);
  json document = stored.parse();
  if (is_of(document, *c.kind)) return document;
  if (c.read_as && c.read_from == stored.version()) return *c.read_as;
  c.read_from = stored.version();
  decision d;
  d.convert.push_back(std::move(document));
  return d;
}

void set_document(decision& d, write& w, const model::kind_info& kind, json document,
                  std::string_view managed_fields) {
  if (is_converted(kind) && &model::stored_kind(kind) != &kind) {
    d.store = document;
    d.shown = document;
  }
  w.object = model::encode_from(kind, std::move(document), managed_fields);
}

void convert(const model::kind_info& to, std::vector<json> objects, model::random_source& random,
             const ask_hook& ask, const hook_table& hooks, std::function<void(converted)> done) {
  const auto* custom = model::custom_of(to);
  auto h = std::make_shared<const model::hook>(model::read_conversion_hook(*custom->definition));
  const auto address = hooks.address_of(*h);
  if (!address) return done({model::conversion_failed(objects.front(), hooks.unreachable(*h)), {}});
  std::string uid = random.uuid();
  std::string desired = to.api_version();
  hook_call call{h, *address, model::conversion_text(uid, desired, objects)};
  ask(std::move(call), [uid = std::move(uid), desired = std::move(desired), kept = model::keep(to),
                        objects = std::move(objects), done = std::move(done)](const hook_reply& r) {
    if (!r.error.empty()) return done({model::conversion_failed(objects.front(), r.error), {}});
    auto read = model::read_conversion(uid, desired, objects, r.code, r.body);
    if (const auto* why = std::get_if<std::string>(&read))
      return done({model::conversion_failed(objects.front(), *why), {}});
    done({std::nullopt, std::move(std::get<std::vector<json>>(read))});
  });
}

std::variant<store::page, status> stored_page(const call& c, const store::cache& objects,
                                              model::time_point now) {
  const auto needed = store::needed_version(c.info);
  if (const auto* bad = std::get_if<status>(&needed)) return *bad;
  if (const auto wanted = std::get<std::uint64_t>(needed); wanted > objects.version())
    return store::too_large_version(wanted, objects.version());
  if (own_selection(c)) {
    // In one page: how many there will be nobody knows.
    model::request_info all = c.info;
    for (const char* option : {"fieldSelector", "limit", "continue"}) all.query.erase(option);
    return store::read_list(objects, {all, *c.kind, c.show, now});
  }
  if (c.info.verb != "get") return store::read_list(objects, {c.info, *c.kind, c.show, now});
  if (auto bad = store::check_form(c.show, *c.kind, false)) return *bad;
  const auto found = objects.get(c.key());
  if (!found) return model::not_found(c.key());
  store::page page;
  page.objects.push_back(found);
  return page;
}

std::vector<json> documents_of_others(const model::kind_info& kind, const store::page& page) {
  std::vector<json> out;
  for (const auto& o : page.objects)
    if (!model::is_written_as(kind, *o)) out.push_back(o->parse());
  return out;
}

object_ptr with_text(const model::object& of, const json& document) {
  model::object_header header = of.header();
  return std::make_shared<const model::object>(std::move(header), document.dump());
}

void select_converted(const call& c, store::page& page) {
  if (const auto what = own_selection(c))
    std::erase_if(page.objects, [&](const object_ptr& o) { return !what->matches(o); });
}

void put_converted(const model::kind_info& kind, std::vector<json> made, store::page& page) {
  auto next = made.begin();
  for (auto& o : page.objects)
    if (!model::is_written_as(kind, *o)) o = with_text(*o, *next++);
}

api_response shown_page(const call& c, const store::page& page, model::time_point now) {
  api_response r;
  r.content_type = c.show.content_type();
  if (c.info.verb == "list") {
    const auto made = store::list_answer({c.info, *c.kind, c.show, now}, page);
    r.code = static_cast<std::uint16_t>(made.code);
    r.body = blob_ref(made.text);
    return r;
  }
  r.body = blob_ref(store::render_requested(c.info, *c.kind, page.objects.front(), c.show, now));
  return r;
}

}  // namespace troupe::api
