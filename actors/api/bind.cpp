#include "actors/api/admission.hpp"
#include "actors/api/call.hpp"
#include "model/binding.hpp"
#include "model/subresource.hpp"
#include "model/validation/validate.hpp"

namespace troupe::api {
namespace {

void copy_missing(const json& from, json& metadata, const char* key, bool overwrite) {
  const json& pairs = model::at(from, {"metadata", key});
  if (!pairs.is_object()) return;
  for (const auto& [name, value] : pairs.items())
    if (value.is_string() && (overwrite || !metadata[key].contains(name)))
      metadata[key][name] = value;
}

}  // namespace

decision bind(call& c, environment& e) {
  const bool of_pod = c.kind->resource == "pods";
  const model::kind_info kind =
      of_pod ? model::subresource_kind(*c.kind->subresource("binding")) : *c.kind;
  if (auto bad = decode_document(c, kind, c.body)) return *bad;
  c.body["metadata"]["namespace"] = c.info.ns;
  if (auto ask = mutate_body(c, e.hooks)) return std::move(*ask);
  const std::string name = of_pod ? c.info.name : model::string_at(c.body, {"metadata", "name"});
  if (const std::string given = model::string_at(c.body, {"metadata", "name"});
      !given.empty() && given != name)
    return model::bad_request("the name of the object (" + given +
                              ") does not match the name on the URL (" + name + ")");
  if (auto causes = model::validate_binding(c.body); !causes.empty())
    return model::invalid("", "Binding", name, std::move(causes));
  const object_key key{"pods", c.info.ns, name};
  const object_ptr stored = e.objects.get(key);
  if (!stored) return model::not_found(key);
  const std::string uid = model::string_at(c.body, {"metadata", "uid"});
  if (!uid.empty() && uid != stored->header().uid)
    return model::conflict({"pods/binding", key.ns, name},
                           "Precondition failed: UID in precondition: " + uid +
                               ", UID in object meta: " + stored->header().uid);
  json pod = stored->parse();
  if (auto bad = model::bind(pod, model::string_at(c.body, {"target", "name"}), e.now)) return *bad;
  copy_missing(c.body, pod["metadata"], "annotations", true);
  copy_missing(c.body, pod["metadata"], "labels", false);
  decision d;
  d.code = 201;
  d.say_success = true;
  d.retry = true;
  write w{write_op::update, key.resource, key.ns, key.name};
  w.if_version = stored->version();
  w.object = model::encode("pods", pod);
  d.change = std::move(w);
  if (e.hooks.any()) {
    json binding = c.body;
    binding["metadata"]["name"] = name;
    d.reviews.push_back(admission_of(c, "CREATE", std::move(binding), nullptr));
  }
  return d;
}

}  // namespace troupe::api
