#pragma once

#include "model/quota/ledger.hpp"
#include "model/status.hpp"
#include "model/time.hpp"
#include "store/cache.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace troupe::store {

/// Keeps namespaces within their ResourceQuotas. The one writer has it at the newest state, so that
/// no two creations take what is left of a quota; a namespace without a quota costs a look-up.
class quota_guard {
 public:
  /// All objects of a namespace, in their newest state.
  using lister = std::function<std::vector<model::object_ptr>(const std::string& ns)>;

  quota_guard(lister newest, model::wall_clock clock)
      : newest_(std::move(newest)), clock_(std::move(clock)) {}

  /// 403 when a new object, or the new state of one, needs more than a quota has left.
  std::optional<model::status> refuse(const model::object* before, const model::object& next);

  /// `before` and `now` are states of one object; either may be null.
  void replace(const model::object* before, const model::object* now);
  /// The quotas of the cache, and what its objects use.
  void reset(const cache& objects);

 private:
  bool concerns(const model::object_key& key) const {
    return !key.ns.empty() && ledger_.counts(key.ns, key.resource);
  }
  void set_quota(const model::object& quota);
  void count(const model::object& o);

  const lister newest_;
  const model::wall_clock clock_;
  model::quota_ledger ledger_;
};

}  // namespace troupe::store
