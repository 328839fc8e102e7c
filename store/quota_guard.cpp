#include "store/quota_guard.hpp"

namespace troupe::store {
namespace {

constexpr const char* quotas = "resourcequotas";

}  // namespace

std::optional<model::status> quota_guard::refuse(const model::object* before,
                                                 const model::object& next) {
  const auto& key = next.key();
  if (!concerns(key)) return std::nullopt;
  const model::json document = next.content();
  const auto usage = model::quota_usage_of(key.resource, document, clock_());
  std::string why;
  if (!before && key.resource == "pods") why = ledger_.unspecified(key.ns, document, usage);
  if (!why.empty()) return model::forbidden(key, why);
  if (ledger_.excess(key.ns, to_string(key), usage).empty()) return std::nullopt;
  // What has stopped to count by the mere passing of time.
  for (const auto& o : newest_(key.ns))
    if (concerns(o->key())) count(*o);
  why = ledger_.excess(key.ns, to_string(key), usage);
  if (why.empty()) return std::nullopt;
  return model::forbidden(key, why);
}

void quota_guard::replace(const model::object* before, const model::object* now) {
  const auto& key = (now ? now : before)->key();
  if (key.resource == quotas) {
    if (now)
      set_quota(*now);
    else
      ledger_.drop(key.ns, key.name);
  }
  if (!concerns(key)) return;
  if (now)
    count(*now);
  else
    ledger_.remove(key.ns, to_string(key));
}

void quota_guard::set_quota(const model::object& quota) {
  const auto& key = quota.key();
  if (!ledger_.set(key.ns, key.name, model::at(quota.parse(), {"spec"}))) return;
  for (const auto& o : newest_(key.ns))
    if (concerns(o->key())) count(*o);
}

void quota_guard::count(const model::object& o) {
  const auto& key = o.key();
  ledger_.put(key.ns, to_string(key), model::quota_usage_of(key.resource, o.content(), clock_()));
}

void quota_guard::reset(const cache& objects) {
  ledger_ = {};
  for (const auto& o : objects.list(quotas).objects) set_quota(*o);
}

}  // namespace troupe::store
