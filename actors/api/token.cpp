#include "actors/api/admission.hpp"
#include "actors/api/call.hpp"
#include "model/authorize.hpp"
#include "model/json_writer.hpp"
#include "model/service_account_token.hpp"
#include "model/subresource.hpp"

namespace troupe::api {
namespace {

// NodeRestriction: a node asks for tokens of its own pods alone.
std::optional<status> restrict_node_token(const call& c, const environment& e) {
  const auto node = model::node_of({c.user.name, c.user.groups});
  if (node.empty()) return std::nullopt;
  const json& bound = model::at(c.body, {"spec", "boundObjectRef"});
  const auto refuse = [&](const std::string& why) { return model::forbidden(c.key(), why); };
  if (model::string_at(bound, {"apiVersion"}) != "v1" ||
      model::string_at(bound, {"kind"}) != "Pod" || model::string_at(bound, {"name"}).empty())
    return refuse("node requested token not bound to a pod");
  if (model::string_at(bound, {"uid"}).empty())
    return refuse("node requested token with a pod binding without a uid");
  const auto pod = e.objects.get({"pods", c.info.ns, model::string_at(bound, {"name"})});
  if (!pod) return model::not_found({"pods", c.info.ns, model::string_at(bound, {"name"})});
  if (model::string_at(pod->parse(), {"spec", "nodeName"}) != node)
    return refuse("node requested token bound to a pod scheduled on a different node");
  return std::nullopt;
}

}  // namespace

decision token(call& c, environment& e) {
  const auto account = e.objects.get(c.key());
  if (!account) return model::not_found(c.key());
  if (!e.tokens) return model::unavailable("this server makes no tokens");
  static const model::kind_info kind = model::subresource_kind(*c.kind->subresource("token"));
  if (auto bad = decode_document(c, kind, c.body)) return *bad;
  if (auto ask = mutate_body(c, e.hooks)) return std::move(*ask);
  if (auto bad = restrict_node_token(c, e)) return *bad;
  decision d;
  if (e.hooks.any()) d.reviews.push_back(admission_of(c, "CREATE", c.body, nullptr));
  auto made = model::issue_token(
      *e.tokens, *account, std::move(c.body),
      [&e](const object_key& key) { return e.objects.get(key); }, e.now, e.random.uuid());
  if (auto* bad = std::get_if<status>(&made)) return std::move(*bad);
  c.kind = &kind;  // of the answer
  d.code = 201;
  // Stored nowhere: an object without a version.
  d.object = std::make_shared<const model::object>(model::object_header{},
                                                   model::dump(std::get<json>(made)));
  return d;
}

}  // namespace troupe::api
