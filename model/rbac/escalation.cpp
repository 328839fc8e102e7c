#include "model/rbac/escalation.hpp"

#include "model/rbac/index.hpp"

#include <algorithm>
#include <set>

namespace troupe::model::rbac {
namespace {

constexpr const char* api_group = "rbac.authorization.k8s.io";

bool may(const authorizer& by, const subject& who, const char* verb, std::string_view resource,
         const std::string& ns, const std::string& name) {
  request_info what;
  what.is_resource = true;
  what.verb = verb;
  what.group = api_group;
  what.version = "v1";
  what.resource = resource.substr(0, resource.find('.'));
  what.ns = ns;
  what.name = name;
  return by.decide(who, what).allowed;
}

// Go's %q of the user and its groups.
std::string identified(const subject& who) {
  std::string out = "user " + json(who.name).dump() + " (groups=[";
  for (std::size_t i = 0; i < who.groups.size(); ++i)
    out += (i > 0 ? " " : "") + json(who.groups[i]).dump();
  return out + "])";
}

std::optional<status> refuse_beyond(const authorizer& by, const subject& who, const object_key& key,
                                    const std::vector<policy_rule>& given) {
  const auto held = by.rules_of(who, key.ns);
  const auto missing = not_covered(held.rules, given);
  if (missing.empty()) return std::nullopt;
  std::set<std::string> lines;
  for (const auto& rule : missing) lines.insert(compact_text(rule));
  std::string why =
      identified(who) + " is attempting to grant RBAC permissions not currently held:";
  for (const auto& line : lines) why += "\n" + line;
  if (!held.error.empty()) why += "; resolution errors: [" + held.error + "]";
  return forbidden(key, why);
}

std::optional<status> refuse_role(const authorizer& by, const subject& who, const object_key& key,
                                  const json* old, const json& wanted) {
  const bool collects = !at(wanted, {"aggregationRule"}).is_null();
  const bool same = old && at(*old, {"rules"}) == at(wanted, {"rules"}) &&
                    at(*old, {"aggregationRule"}) == at(wanted, {"aggregationRule"});
  if (same || may(by, who, "escalate", key.resource, key.ns, key.name)) return std::nullopt;
  if (collects) {
    const std::vector<policy_rule> all{{{"*"}, {"*"}, {"*"}, {}, {}}, {{"*"}, {}, {}, {}, {"*"}}};
    if (refuse_beyond(by, who, key, all))
      return forbidden(key, "must have cluster-admin privileges to use the aggregationRule");
  }
  return refuse_beyond(by, who, key, read_rules(wanted));
}

std::optional<status> refuse_binding(const authorizer& by, const subject& who,
                                     const object_key& key, const json* old, const json& wanted) {
  if (old && *old == wanted) return std::nullopt;
  const bool local = string_at(wanted, {"roleRef", "kind"}) == "Role";
  const std::string name = string_at(wanted, {"roleRef", "name"});
  const std::string_view resource = local ? roles : cluster_roles;
  if (may(by, who, "bind", resource, key.ns, name)) return std::nullopt;
  const std::string ns = local ? key.ns : std::string();
  const auto rules = by.rules_of_role(resource, ns, name);
  if (!rules) return not_found({std::string(resource), ns, name});
  return refuse_beyond(by, who, key, *rules);
}

}  // namespace

std::optional<status> refuse_escalation(const authorizer& by, const subject& who,
                                        const object_key& key, const json* old,
                                        const json& wanted) {
  if (std::ranges::find(sources, key.resource) == sources.end() || who.in(masters_group))
    return std::nullopt;
  if (key.resource == roles || key.resource == cluster_roles)
    return refuse_role(by, who, key, old, wanted);
  return refuse_binding(by, who, key, old, wanted);
}

}  // namespace troupe::model::rbac
