#include "actors/api/hook_table.hpp"

#include "model/conversion.hpp"
#include "store/served.hpp"
#include "store/service_address.hpp"

#include <array>

namespace troupe::api {
namespace {

using model::json;

constexpr std::array<std::string_view, 4> resources{
    model::mutating_hooks_resource, model::validating_hooks_resource, model::policies_resource,
    model::policy_bindings_resource};

}  // namespace

hook_table::hook_table(std::shared_ptr<store::cache> objects,
                       std::shared_ptr<const model::authorizer> rights)
    : objects_(std::move(objects)), rights_(std::move(rights)) {
  if (!objects_) return;
  for (const auto resource : resources)
    woken_.push_back(objects_->subscribe(resource, [stale = stale_] { stale->store(true); }));
}

void hook_table::follow() {
  if (!stale_->load(std::memory_order_relaxed) || !stale_->exchange(false)) return;
  mutating_ = read(*objects_, model::mutating_hooks_resource);
  validating_ = read(*objects_, model::validating_hooks_resource);
  policies_.clear();
  bindings_.clear();
  for (const auto& o : objects_->list(model::policies_resource).objects)
    policies_.emplace(o->key().name, model::read_policy(o->parse()));
  for (const auto& o : objects_->list(model::policy_bindings_resource).objects)
    bindings_.push_back(model::read_binding(o->parse()));
}

std::vector<hook_table::hook_ptr> hook_table::read(const store::cache& objects,
                                                   std::string_view resource) {
  std::vector<hook_ptr> out;
  for (const auto& o : objects.list(resource).objects)
    for (auto& h : model::read_hooks(o->parse()))
      out.push_back(std::make_shared<const model::hook>(std::move(h)));
  return out;
}

model::string_pairs hook_table::labels_of(const std::string& ns) const {
  if (ns.empty()) return {};
  const auto found = objects_->get({"namespaces", "", ns});
  return found ? found->header().labels : model::string_pairs{};
}

model::policy_verdict hook_table::judge(const model::hook_request& r) const {
  if (bindings_.empty()) return {};
  const model::policy_world world{
      [this](const std::string& ns) { return labels_of(ns); },
      [this](const std::string& ns) {
        const auto found = objects_->get({"namespaces", "", ns});
        return found ? found->parse() : json();
      },
      [this](const std::string& api_version, const std::string& kind) -> std::optional<bool> {
        const auto found = param_kind(api_version, kind);
        return found ? std::optional(found.kind->namespaced) : std::nullopt;
      },
      [this](const std::string& api_version, const std::string& kind, const std::string& ns,
             const std::string& name) { return params(api_version, kind, ns, name); },
      rights_.get()};
  return model::judge_by_policies(policies_, bindings_, r, world);
}

model::served_kind hook_table::param_kind(const std::string& api_version,
                                          const std::string& kind) const {
  const auto slash = api_version.find('/');
  const std::string group = slash == api_version.npos ? "" : api_version.substr(0, slash);
  const std::string version =
      slash == api_version.npos ? api_version : api_version.substr(slash + 1);
  model::served_kind found{model::schema::instance().by_kind(group, version, kind), nullptr};
  if (!found) found = objects_->custom_kinds()->by_kind(group, version, kind);
  return found;
}

std::vector<json> hook_table::params(const std::string& api_version, const std::string& kind,
                                     const std::string& ns, const std::string& name) const {
  const auto found = param_kind(api_version, kind);
  std::vector<json> out;
  if (!found) return out;
  const std::string resource(found.kind->resource);
  const std::string in = found.kind->namespaced ? ns : "";
  if (!name.empty()) {
    if (const auto o = objects_->get({resource, in, name}))
      out.push_back(model::parse_as(*found.kind, *o));
    return out;
  }
  for (const auto& o : objects_->list(resource, in).objects)
    out.push_back(model::parse_as(*found.kind, *o));
  return out;
}

std::optional<std::string> hook_table::address_of(const model::hook& h) const {
  if (h.service_name.empty()) return "";
  return store::service_address(*objects_, h.service_ns, h.service_name, h.service_port);
}

std::string hook_table::unreachable(const model::hook& h) const {
  const std::string service = "service \"" + h.service_name + "\"";
  if (!objects_->get({"services", h.service_ns, h.service_name})) return service + " not found";
  return "no endpoints available for " + service;
}

}  // namespace troupe::api
