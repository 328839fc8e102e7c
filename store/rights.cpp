#include "store/rights.hpp"

#include "model/node_authorizer.hpp"

#include <algorithm>
#include <mutex>

namespace troupe::store {

using model::opinion;
using model::rbac::sources;

rights::rights(std::shared_ptr<cache> objects, std::vector<authorization_mode> modes)
    : objects_(std::move(objects)), relations_(objects_), modes_(std::move(modes)) {
  for (const auto resource : sources)
    wakes_.push_back(objects_->subscribe(resource, [behind = behind_] { *behind = true; }));
}

// Whoever finds the index behind brings it up to date before anybody reads it again.
std::shared_lock<std::shared_mutex> rights::current() const {
  if (*behind_) {
    const std::unique_lock lock(mutex_);
    while (behind_->exchange(false)) {
      if (!loaded_) reload();
      for (std::size_t i = 0; i < sources.size(); ++i) follow(i);
    }
  }
  return std::shared_lock(mutex_);
}

void rights::reload() const {
  index_.clear();
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const auto all = objects_->list(sources[i]);
    for (const auto& o : all.objects) index_.put(*o);
    seen_[i] = all.version;
  }
  loaded_ = true;
}

void rights::follow(std::size_t source) const {
  for (;;) {
    const auto batch = objects_->events(sources[source], seen_[source]);
    if (batch.expired) return reload();
    seen_[source] = batch.version;
    if (batch.events.empty()) return;
    for (const auto& e : batch.events)
      if (e.type == event::kind::deleted)
        index_.remove(e.object->key());
      else
        index_.put(*e.object);
  }
}

opinion rights::by_roles(const model::subject& who, const model::request_info& what) const {
  const auto lock = current();
  if (index_.allows(who, what, nullptr)) return {true, {}};
  std::vector<std::string> missing;
  index_.allows(who, what, &missing);
  if (missing.empty()) return {};
  std::string why = "RBAC: ";
  if (missing.size() > 1) why += '[';
  for (std::size_t i = 0; i < missing.size(); ++i) why += (i > 0 ? ", " : "") + missing[i];
  if (missing.size() > 1) why += ']';
  return {false, why};
}

opinion rights::decide(const model::subject& who, const model::request_info& what) const {
  if (who.in(model::masters_group)) return {true, {}};
  opinion out;
  for (const auto mode : modes_) {
    opinion o;
    if (mode == authorization_mode::always_allow) return {true, {}};
    if (mode == authorization_mode::always_deny) o.reason = "Everything is forbidden.";
    if (mode == authorization_mode::rbac) o = by_roles(who, what);
    if (mode == authorization_mode::node)
      if (const auto node = model::node_of(who); !node.empty())
        o = model::authorize_node(node, what, [&](auto resource, auto ns, auto name) {
          return relations_.related(node, resource, ns, name);
        });
    if (o.allowed) return o;
    if (!out.reason.empty() && !o.reason.empty()) out.reason += '\n';
    out.reason += o.reason;
  }
  return out;
}

model::held_rules rights::rules_of(const model::subject& who, std::string_view ns) const {
  model::held_rules out;
  const auto everything = [&] {
    out.rules.push_back({{"*"}, {"*"}, {"*"}, {}, {}});
    out.rules.push_back({{"*"}, {}, {}, {}, {"*"}});
  };
  for (const auto mode : modes_) {
    if (mode == authorization_mode::always_allow) everything();
    if (mode == authorization_mode::node && !model::node_of(who).empty()) {
      out.incomplete = true;
      out.error = "node authorizer does not support user rule resolution";
    }
    if (mode != authorization_mode::rbac) continue;
    std::vector<std::string> missing;
    const auto lock = current();
    for (auto& rule : index_.rules_of(who, ns, &missing)) out.rules.push_back(std::move(rule));
    for (const auto& text : missing) out.error += (out.error.empty() ? "" : ", ") + text;
    out.incomplete = out.incomplete || !missing.empty();
  }
  if (out.rules.empty() && who.in(model::masters_group)) everything();
  return out;
}

std::optional<std::vector<model::rbac::policy_rule>> rights::rules_of_role(
    std::string_view resource, std::string_view ns, std::string_view name) const {
  const auto lock = current();
  const auto* rules = index_.rules_of_role(resource, ns, name);
  if (!rules) return std::nullopt;
  return *rules;
}

}  // namespace troupe::store
