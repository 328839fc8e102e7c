#include "store/derived.hpp"

#include "model/component_status.hpp"
#include "model/conversion.hpp"
#include "model/custom/fields.hpp"
#include "model/scale.hpp"
#include "model/subresource.hpp"

namespace troupe::store {
namespace {

constexpr std::string_view component_statuses = "componentstatuses";

/// The parts whose Lease tells whether they work, by the Lease's name in kube-system.
constexpr std::pair<const char*, const char*> components[] = {{"scheduler", "kube-scheduler"}};

object_ptr made(std::string_view resource, const model::json& document, std::uint64_t version) {
  model::object_header header = model::encode(resource, document).header;
  header.version = version;
  return std::make_shared<const model::object>(std::move(header), document.dump());
}

}  // namespace

std::shared_ptr<const std::string> render_requested(const model::request_info& info,
                                                    const model::kind_info& kind,
                                                    const object_ptr& object, const rendering& show,
                                                    model::time_point now) {
  if (info.subresource != "scale") return render(kind, object, show, now);
  const model::kind_info scale = model::subresource_kind(*kind.subresource("scale"));
  const auto* custom = model::custom_of(kind);
  const model::json whole = model::parse_as(kind, *object);
  const model::json document =
      custom ? model::custom_scale(*custom, whole) : model::scale_of(whole);
  return render(scale, made(scale.resource, document, object->version()), show, now);
}

bool is_derived(const model::kind_info& kind) {
  return kind.resource == component_statuses;
}

std::vector<object_ptr> derived_objects(const cache& objects, const model::kind_info& kind,
                                        model::time_point now) {
  std::vector<object_ptr> out;
  if (!is_derived(kind)) return out;
  for (const auto& [name, lease] : components) {
    const auto held = objects.get({"leases.coordination.k8s.io", "kube-system", lease});
    const auto document =
        model::component_status(name, held ? held->parse() : model::json(nullptr), now);
    out.push_back(made(kind.resource, document, 0));
  }
  return out;
}

}  // namespace troupe::store
