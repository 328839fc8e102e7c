#include "actors/api/remove.hpp"

#include "actors/api/admission.hpp"
#include "model/admission.hpp"
#include "model/authorize.hpp"
#include "model/conversion.hpp"
#include "model/custom/names.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace troupe::api {
namespace {

// DeleteOptions come in the body; only without one are they read from the query.
std::optional<status> read_query(call& c) {
  if (const auto policy = c.info.parameter("propagationPolicy"); !policy.empty())
    c.body["propagationPolicy"] = policy;
  if (c.info.query.contains("orphanDependents"))
    c.body["orphanDependents"] = c.info.flag("orphanDependents");
  if (const auto text = c.info.parameter("gracePeriodSeconds"); !text.empty()) {
    std::int64_t grace = 0;
    const auto [p, ec] = std::from_chars(text.data(), text.data() + text.size(), grace);
    if (ec != std::errc() || p != text.data() + text.size())
      return model::bad_request("strconv.ParseInt: parsing " + json(text).dump() +
                                ": invalid syntax");
    c.body["gracePeriodSeconds"] = grace;
  }
  return std::nullopt;
}

std::variant<model::delete_options, status> options_of(call& c) {
  if (c.body.is_null())
    if (auto bad = read_query(c)) return *bad;
  auto read = model::delete_options_of(c.body);
  if (const auto* options = std::get_if<model::delete_options>(&read))
    c.dry_run = c.dry_run || options->dry_run;
  return read;
}

// Fills in the write, unless the deletion of the object has begun already.
std::optional<status> plan(const model::kind_info& kind, const object_ptr& stored,
                           const model::delete_options& options, model::time_point now,
                           const last_words& words, std::optional<write>& out) {
  const object_key& key = stored->key();
  if (auto bad = model::admit_delete(key)) return bad;
  write w{write_op::remove, key.resource, key.ns, key.name};
  w.if_version = stored->version();
  w.if_uid = options.if_uid;
  if (model::goes_at_once(kind, *stored, options)) {
    out = std::move(w);
    return std::nullopt;
  }
  json document = stored->parse();
  if (key.resource == model::definitions_resource && !stored->header().deleting)
    model::hold_definition(document, now);
  auto decided = model::decide_deletion(kind, key, std::move(document), options, now);
  if (auto* bad = std::get_if<status>(&decided)) return std::move(*bad);
  auto& what = std::get<model::deletion>(decided);
  if (what.what == model::deletion::action::pending) return std::nullopt;
  if (what.what == model::deletion::action::mark) {
    if (words) words(what.object);
    w.op = write_op::update;
    w.object = model::encode(key.resource, what.object);
  }
  model::discard(std::move(what.object));
  out = std::move(w);
  return std::nullopt;
}

// Kinds whose registry answers the deleted object itself.
bool answers_object(const model::kind_info& kind) {
  static constexpr std::array<std::string_view, 11> kinds{"pods",
                                                          "services",
                                                          "serviceaccounts",
                                                          "persistentvolumes",
                                                          "persistentvolumeclaims",
                                                          "podtemplates",
                                                          "resourcequotas",
                                                          "csidrivers.storage.k8s.io",
                                                          "csinodes.storage.k8s.io",
                                                          "storageclasses.storage.k8s.io",
                                                          "volumeattachments.storage.k8s.io"};
  return std::find(kinds.begin(), kinds.end(), kind.resource) != kinds.end();
}

/// The object in the version of the request, as admission sees it.
json seen(const call& c, const model::object& stored) {
  return model::parse_as(*c.kind, stored);
}

void warn_of_orphans(call& c, const model::delete_options& options) {
  if (c.attempts == 1 && c.kind->resource == "jobs.batch" && options.dependents.unsaid())
    c.warnings.emplace_back(
        "child pods are preserved by default when jobs are deleted; set "
        "propagationPolicy=Background to remove them or set propagationPolicy=Orphan to suppress "
        "this warning");
}

}  // namespace

decision delete_one(call& c, environment& e, const object_key& key,
                    const model::delete_options& options, const last_words& words) {
  const object_ptr stored = e.objects.get(key);
  if (!stored) return model::not_found(key);
  if (c.user.name.starts_with("system:node:"))
    if (auto bad = model::restrict_node({c.user.name, c.user.groups}, c.info, stored->parse()))
      return *bad;
  decision d;
  if (auto bad = plan(*c.kind, stored, options, e.now, words, d.change)) return *bad;
  d.retry = options.if_version.empty();
  d.object = stored;
  if (e.hooks.any()) d.reviews.push_back(admission_of(c, "DELETE", nullptr, seen(c, *stored)));
  const bool removed = d.change && d.change->op == write_op::remove;
  d.say_success = removed && !answers_object(*c.kind);
  // Clients of old ask for a cascade in this way only, and are told that it has just begun.
  if (!removed && options.dependents.orphan == false) d.code = 202;
  return d;
}

decision remove(call& c, environment& e) {
  auto options = options_of(c);
  if (auto* bad = std::get_if<status>(&options)) return std::move(*bad);
  const auto& asked = std::get<model::delete_options>(options);
  warn_of_orphans(c, asked);
  return delete_one(c, e, c.key(), asked);
}

decision remove_collection(call& c, environment& e) {
  auto options = options_of(c);
  if (auto* bad = std::get_if<status>(&options)) return std::move(*bad);
  const auto& asked = std::get<model::delete_options>(options);
  warn_of_orphans(c, asked);
  if (!c.listed) {
    auto listed = store::read_list(e.objects, {c.info, *c.kind, c.show, e.now});
    if (auto* bad = std::get_if<status>(&listed)) return std::move(*bad);
    c.listed = std::move(std::get<store::page>(listed));
    if (c.listed->lost) return store::lost_page();
  }
  decision d;
  for (const auto& stored : c.listed->objects) {
    const object_ptr latest = e.objects.get(stored->key());
    if (!latest || latest->header().uid != stored->header().uid) continue;
    std::optional<write> w;
    if (auto bad = plan(*c.kind, latest, asked, e.now, {}, w)) return *bad;
    if (!w) continue;
    d.batch.push_back(std::move(*w));
    if (e.hooks.any()) d.reviews.push_back(admission_of(c, "DELETE", nullptr, seen(c, *latest)));
  }
  return d;
}

}  // namespace troupe::api
