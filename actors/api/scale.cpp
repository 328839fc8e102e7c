#include "model/scale.hpp"

#include "actors/api/admission.hpp"
#include "actors/api/call.hpp"
#include "model/apply/apply.hpp"
#include "model/conversion.hpp"
#include "model/custom/fields.hpp"
#include "model/managed_fields.hpp"
#include "model/patch/patch.hpp"
#include "model/strategy.hpp"
#include "model/subresource.hpp"
#include "model/validation/validate.hpp"

namespace troupe::api {
namespace {

model::field_manager writer(const call& c) {
  return {c.manager, c.applies() ? model::manage_operation::apply : model::manage_operation::update,
          "scale"};
}

/// The Scale that the client wants.
std::variant<json, status> wanted(const call& c, const model::kind_info& kind, const json& old) {
  if (c.info.verb == "update" || c.applies()) return c.body;
  if (c.content_type == "application/json-patch+json") return model::json_patch(old, c.body);
  if (c.content_type == "application/merge-patch+json") return model::merge_patch(old, c.body);
  return model::strategic_merge_patch(old, c.body, *kind.type);
}

/// The workload with the number that the Scale asks for. An apply of a Scale is one of the number
/// alone, so that its owner is known among those of the workload.
std::variant<json, status> scaled(const call& c, const json& old, const json& asked,
                                  model::time_point now) {
  json workload = c.applies() ? json{{"apiVersion", c.kind->api_version()},
                                     {"kind", c.kind->kind},
                                     {"metadata", {{"name", c.info.name}}}}
                              : old;
  if (const auto* custom = model::custom_of(*c.kind))
    model::set_custom_scale(*custom, workload, asked);
  else
    model::apply_scale(workload, asked);
  if (!c.applies()) return workload;
  return model::apply_configuration(*c.kind, old, workload,
                                    {c.manager, "scale", c.info.flag("force")}, now);
}

}  // namespace

// A Scale is a view of the workload: what is written is the workload.
decision scale(call& c, environment& e) {
  const object_key key = c.key();
  const object_ptr stored = e.objects.get(key);
  if (!stored) return model::not_found(key);
  const model::kind_info kind = model::subresource_kind(*c.kind->subresource("scale"));
  auto read = read_stored(c, *stored);
  if (auto* first = std::get_if<decision>(&read)) return std::move(*first);
  const json& old = std::get<json>(read);
  const auto* custom = model::custom_of(*c.kind);
  const json old_scale = custom ? model::custom_scale(*custom, old) : model::scale_of(old);
  auto made = wanted(c, kind, old_scale);
  if (auto* bad = std::get_if<status>(&made)) return std::move(*bad);
  json& asked = std::get<json>(made);
  if (auto bad = decode_document(c, kind, asked)) return *bad;
  if (auto bad = check_place(c, asked)) return *bad;
  bool conditional = false;
  if (auto bad = check_preconditions(c, asked, old, conditional)) return *bad;
  if (auto ask = mutate_object(c, e.hooks, asked, old_scale, stored->version()))
    return std::move(*ask);
  if (auto causes = model::validate_scale(asked); !causes.empty())
    return model::invalid(kind.group, kind.kind, c.info.name, std::move(causes));
  auto changed = scaled(c, old, asked, e.now);
  if (auto* bad = std::get_if<status>(&changed)) return std::move(*bad);
  json& workload = std::get<json>(changed);
  model::prepare_for_update(*c.kind, old, workload);
  if (auto causes = model::validate_update(*c.kind, old, workload); !causes.empty())
    return model::invalid(c.kind->group, c.kind->kind, c.info.name, std::move(causes));
  decision d;
  if (e.hooks.any()) d.reviews.push_back(admission_of(c, "UPDATE", asked, old_scale));
  d.object = stored;
  if (workload == old) return d;
  if (c.applies())
    model::touch_manager(workload, writer(c), *c.kind, e.now);
  else
    model::update_managed_fields(workload, &old, writer(c), e.now, *c.kind);
  d.retry = !conditional;
  write w{write_op::update, key.resource, key.ns, key.name};
  w.if_version = stored->version();
  set_document(d, w, *c.kind, std::move(workload));
  d.change = std::move(w);
  return d;
}

}  // namespace troupe::api
