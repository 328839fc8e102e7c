#include "actors/api/call.hpp"
#include "model/admission.hpp"
#include "model/authorize.hpp"

#include <charconv>

namespace troupe::api {
namespace {

std::variant<model::delete_options, status> options_of(call& c) {
  if (c.body.is_null()) {
    if (const auto policy = c.info.parameter("propagationPolicy"); !policy.empty())
      c.body["propagationPolicy"] = policy;
    if (c.info.query.contains("orphanDependents"))
      c.body["orphanDependents"] = c.info.flag("orphanDependents");
  }
  auto read = model::delete_options_of(c.body);
  if (auto* bad = std::get_if<status>(&read)) return *bad;
  auto options = std::get<model::delete_options>(read);
  if (const auto text = c.info.parameter("gracePeriodSeconds"); !text.empty() && !options.grace) {
    std::int64_t grace = 0;
    const auto [p, ec] = std::from_chars(text.data(), text.data() + text.size(), grace);
    if (ec != std::errc() || p != text.data() + text.size())
      return model::bad_request("gracePeriodSeconds: Invalid value: " + json(text).dump());
    options.grace = grace;
  }
  if (const json& dry = model::at(c.body, {"dryRun"}); dry.is_array() && !dry.empty())
    c.dry_run = true;
  return options;
}

// Fills in the write, unless the deletion of the object has begun already.
std::optional<status> plan(const model::kind_info& kind, const object_ptr& stored,
                           const model::delete_options& options, model::time_point now,
                           std::optional<write>& out) {
  const object_key& key = stored->key();
  if (auto bad = model::admit_delete(key)) return bad;
  auto decided = model::decide_deletion(kind, key, stored->parse(), options, now);
  if (auto* bad = std::get_if<status>(&decided)) return std::move(*bad);
  auto& what = std::get<model::deletion>(decided);
  if (what.what == model::deletion::action::pending) return std::nullopt;
  const bool mark = what.what == model::deletion::action::mark;
  write w{mark ? write_op::update : write_op::remove, key.resource, key.ns, key.name};
  w.if_version = stored->version();
  w.if_uid = options.if_uid;
  if (mark) w.object = model::encode(kind.resource, what.object);
  out = std::move(w);
  return std::nullopt;
}

// Kinds whose strategy answers the deleted object itself.
bool answers_object(const model::kind_info& kind) {
  return kind.resource == "pods" || kind.resource == "services" ||
         kind.resource == "serviceaccounts" || kind.resource == "persistentvolumes" ||
         kind.resource == "persistentvolumeclaims" || kind.resource == "podtemplates" ||
         kind.resource == "resourcequotas";
}

decision delete_one(call& c, environment& e, const object_key& key, const model::kind_info& kind,
                    const model::delete_options& options) {
  const object_ptr stored = e.objects.get(key);
  if (!stored) return model::not_found(key);
  if (c.user.name.starts_with("system:node:"))
    if (auto bad = model::restrict_node({c.user.name, c.user.groups}, c.info, stored->parse()))
      return *bad;
  decision d;
  if (auto bad = plan(kind, stored, options, e.now, d.change)) return *bad;
  d.retry = options.if_version.empty();
  d.object = stored;
  d.say_success = d.change && d.change->op == write_op::remove && !answers_object(kind);
  return d;
}

}  // namespace

decision remove(call& c, environment& e) {
  auto options = options_of(c);
  if (auto* bad = std::get_if<status>(&options)) return std::move(*bad);
  return delete_one(c, e, c.key(), *c.kind, std::get<model::delete_options>(options));
}

decision remove_collection(call& c, environment& e) {
  auto options = options_of(c);
  if (auto* bad = std::get_if<status>(&options)) return std::move(*bad);
  auto what = store::selection_of(c.info, *c.kind);
  if (auto* bad = std::get_if<status>(&what)) return std::move(*bad);
  const auto& selected = std::get<store::selection>(what);
  decision d;
  for (const auto& stored : e.objects.list(c.kind->resource, selected.ns).objects) {
    if (!selected.matches(stored)) continue;
    std::optional<write> w;
    if (auto bad = plan(*c.kind, stored, std::get<model::delete_options>(options), e.now, w))
      return *bad;
    if (w)
      d.batch.push_back(std::move(*w));
    else
      d.unchanged.push_back(stored);
  }
  return d;
}

decision evict(call& c, environment& e) {
  if (!c.body.is_object()) return model::bad_request("the body is no Eviction");
  auto options = model::delete_options_of(model::at(c.body, {"deleteOptions"}));
  if (auto* bad = std::get_if<status>(&options)) return std::move(*bad);
  decision d = delete_one(c, e, c.key(), *c.kind, std::get<model::delete_options>(options));
  d.code = 201;
  d.say_success = true;
  return d;
}

}  // namespace troupe::api
