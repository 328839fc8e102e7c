#include "actors/api/answer.hpp"

#include "model/json_writer.hpp"
#include "store/derived.hpp"

namespace troupe::api {
namespace {

// metav1.Status "Success": what a delete or a binding answers.
std::string success(const call& c, const object_ptr& object, int code) {
  json s = {{"kind", "Status"},
            {"apiVersion", "v1"},
            {"metadata", json::object()},
            {"status", "Success"}};
  if (code == 201) s["code"] = 201;
  if (object && code == 200) {
    s["details"] = {
        {"name", object->key().name}, {"kind", c.kind->plural}, {"uid", object->header().uid}};
    if (!c.kind->group.empty()) s["details"]["group"] = c.kind->group;
  }
  return store::encode(model::dump(s), c.show);
}

}  // namespace

api_response answer(const status& s) {
  api_response r;
  r.code = static_cast<uint16_t>(s.code);
  r.body = blob_ref(model::to_text(s));
  if (s.retry_after) r.retry_after = static_cast<uint32_t>(*s.retry_after);
  return r;
}

namespace {

// What a conversion webhook was shown, with the version that it got.
object_ptr shown_of(const decision& d, const object_ptr& stored) {
  if (!d.shown || !stored) return stored;
  json document = *d.shown;
  if (stored->version() != 0)
    document["metadata"]["resourceVersion"] = std::to_string(stored->version());
  model::object_header header = stored->header();
  return std::make_shared<const model::object>(std::move(header), model::dump(document));
}

}  // namespace

api_response answer(call& c, const object_ptr& stored, const decision& d, model::time_point now) {
  const object_ptr object = shown_of(d, stored);
  api_response r;
  r.code = static_cast<uint16_t>(d.code);
  r.body = d.say_success ? blob_ref(success(c, object, d.code))
                         : blob_ref(store::render_requested(c.info, *c.kind, object, c.show, now));
  r.content_type = c.show.content_type();
  r.warnings = std::move(c.warnings);
  return r;
}

api_response answer(call& c, const store::page& listed, model::time_point now) {
  api_response r;
  r.body = blob_ref(store::list_body({c.info, *c.kind, c.show, now}, listed));
  r.content_type = c.show.content_type();
  r.warnings = std::move(c.warnings);
  return r;
}

api_response read(const call& c, const store::cache& objects, model::time_point now) {
  const auto needed = store::needed_version(c.info);
  if (const auto* bad = std::get_if<status>(&needed)) return answer(*bad);
  if (const auto wanted = std::get<std::uint64_t>(needed); wanted > objects.version())
    return answer(store::too_large_version(wanted, objects.version()));
  const store::read_request request{c.info, *c.kind, c.show, now};
  auto made = c.info.verb == "list" ? store::list(objects, request) : store::get(objects, request);
  if (const auto* bad = std::get_if<status>(&made)) return answer(*bad);
  auto& body = std::get<store::read_body>(made);
  api_response r;
  r.code = static_cast<uint16_t>(body.code);
  r.body = blob_ref(std::move(body.text));
  if (body.code == 200) r.content_type = c.show.content_type();
  return r;
}

object_ptr dry_result(const decision& d) {
  if (!d.change || !d.change->object) return d.object;
  // An update keeps the version it was made from; a created object has none yet.
  if (d.change->if_version) return model::seal(*d.change->object, *d.change->if_version);
  model::draft made = *d.change->object;
  json document = model::seal(made, 0)->parse();
  document["metadata"].erase("resourceVersion");
  return std::make_shared<const model::object>(std::move(made.header), model::dump(document));
}

}  // namespace troupe::api
