#include "model/scheduling/placement_rules.hpp"

#include "model/scheduling/default_spread.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

constexpr const char* required_list = "requiredDuringSchedulingIgnoredDuringExecution";
constexpr const char* preferred_list = "preferredDuringSchedulingIgnoredDuringExecution";

std::int64_t int_or(const json& value, const char* key, std::int64_t fallback) {
  const json& v = at(value, {key});
  return v.is_number_integer() ? v.get<std::int64_t>() : fallback;
}

// What the API has refused selects nothing.
std::optional<label_selector> selector_of(const json& value) {
  if (!value.is_object()) return std::nullopt;
  std::string error;
  return label_selector::from_json(value, error);
}

void describe(const label_selector& selector, std::string& out) {
  for (const auto& r : selector.terms) {
    out += '\n' + r.key + '\t' + std::to_string(static_cast<int>(r.op));
    for (const auto& value : r.values) out += '\t' + value;
  }
}

void finish(pod_matcher& m) {
  for (const auto& ns : m.namespaces) m.text += ns + ' ';
  if (m.in_labelled) {
    m.text += '?';
    describe(*m.in_labelled, m.text);
  }
  m.text += m.pods ? "\n=" : "\n-";
  if (m.pods) describe(*m.pods, m.text);
}

affinity_term term_of(const json& term, const std::string& ns) {
  affinity_term out;
  for (const json& n : at(term, {"namespaces"}))
    if (n.is_string()) out.who.namespaces.push_back(n.get<std::string>());
  out.who.in_labelled = selector_of(at(term, {"namespaceSelector"}));
  if (out.who.namespaces.empty() && !out.who.in_labelled) out.who.namespaces.push_back(ns);
  std::sort(out.who.namespaces.begin(), out.who.namespaces.end());
  out.who.pods = selector_of(at(term, {"labelSelector"}));
  out.topology_key = string_at(term, {"topologyKey"});
  finish(out.who);
  return out;
}

void read_terms(const json& affinity, const std::string& ns, std::vector<affinity_term>& required,
                std::vector<affinity_term>& preferred) {
  for (const json& term : at(affinity, {required_list})) required.push_back(term_of(term, ns));
  for (const json& weighted : at(affinity, {preferred_list})) {
    preferred.push_back(term_of(at(weighted, {"podAffinityTerm"}), ns));
    preferred.back().weight = int_or(weighted, "weight", 0);
  }
}

// All but whom it counts.
spread_constraint bare_constraint(const json& c) {
  spread_constraint out;
  out.topology_key = string_at(c, {"topologyKey"});
  out.max_skew = int_or(c, "maxSkew", 1);
  out.min_domains = int_or(c, "minDomains", 1);
  out.required = string_at(c, {"whenUnsatisfiable"}) != "ScheduleAnyway";
  out.honors_affinity = string_at(c, {"nodeAffinityPolicy"}, "Honor") == "Honor";
  out.honors_taints = string_at(c, {"nodeTaintsPolicy"}, "Ignore") == "Honor";
  return out;
}

spread_constraint constraint_of(const json& c, const std::string& ns, const string_pairs& labels) {
  auto out = bare_constraint(c);
  auto selector = selector_of(at(c, {"labelSelector"}));
  for (const json& key : at(c, {"matchLabelKeys"})) {
    if (!key.is_string()) continue;
    const auto* value = find(labels, key.get_ref<const std::string&>());
    if (!value) continue;
    if (!selector) selector.emplace();
    selector->terms.push_back({key.get<std::string>(), requirement::operation::in, {*value}});
  }
  out.counts = !selector || !selector->empty();
  out.who.namespaces = {ns};
  out.who.pods = std::move(selector);
  finish(out.who);
  return out;
}

}  // namespace

bool pod_matcher::matches(const std::string& ns, const string_pairs& labels,
                          const namespace_labels& known) const {
  if (!pods || !pods->matches(labels)) return false;
  if (std::binary_search(namespaces.begin(), namespaces.end(), ns)) return true;
  if (!in_labelled) return false;
  static const string_pairs none;
  const auto* of_namespace = known ? known(ns) : nullptr;
  return in_labelled->matches(of_namespace ? *of_namespace : none);
}

bool pod_matcher::may_match(const std::string& ns, const string_pairs& labels) const {
  return pods && pods->matches(labels) &&
         (in_labelled || std::binary_search(namespaces.begin(), namespaces.end(), ns));
}

std::shared_ptr<const placement_rules> placement_rules_of(const json& spec, const std::string& ns,
                                                          const string_pairs& labels) {
  const json& affinity = at(spec, {"affinity", "podAffinity"});
  const json& anti = at(spec, {"affinity", "podAntiAffinity"});
  const json& spread = at(spec, {"topologySpreadConstraints"});
  if (affinity.empty() && anti.empty() && spread.empty()) return nullptr;
  auto rules = std::make_shared<placement_rules>();
  read_terms(affinity, ns, rules->affinity, rules->preferred);
  read_terms(anti, ns, rules->anti_affinity, rules->preferred_anti);
  for (const json& c : spread) rules->spread.push_back(constraint_of(c, ns, labels));
  return rules->has_terms() || !rules->spread.empty() ? std::move(rules) : nullptr;
}

std::vector<spread_constraint> system_default_spread(const pod_matcher& who) {
  std::vector<spread_constraint> out;
  for (const auto& [key, skew] :
       {std::pair{"kubernetes.io/hostname", 3}, std::pair{"topology.kubernetes.io/zone", 5}}) {
    spread_constraint c;
    c.who = who;
    c.topology_key = key;
    c.max_skew = skew;
    c.required = false;
    out.push_back(std::move(c));
  }
  return out;
}

spread_constraint default_constraint_of(const json& constraint) {
  return bare_constraint(constraint);
}

std::vector<spread_constraint> spread_over(std::vector<spread_constraint> constraints,
                                           const pod_matcher& who) {
  for (auto& c : constraints) c.who = who;
  return constraints;
}

pod_matcher matcher_in(const std::string& ns, label_selector selector) {
  pod_matcher m;
  m.namespaces = {ns};
  m.pods = std::move(selector);
  finish(m);
  return m;
}

}  // namespace troupe::model
