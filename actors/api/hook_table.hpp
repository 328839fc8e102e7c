#pragma once

#include "model/custom/kinds.hpp"
#include "model/hooks/policy.hpp"
#include "store/cache.hpp"

#include <atomic>
#include <map>
#include <memory>
#include <vector>

namespace troupe::api {

/// The webhooks and policies of a cache, read again where they have changed. Costs nothing but a
/// look at a flag as long as there are none. For one thread.
class hook_table {
 public:
  /// `rights`: what expressions ask.
  hook_table(std::shared_ptr<store::cache> objects,
             std::shared_ptr<const model::authorizer> rights);

  /// Brings the table up to date; before each use.
  void follow();

  bool any_mutating() const { return !mutating_.empty(); }
  bool any() const { return !mutating_.empty() || !validating_.empty() || !bindings_.empty(); }

  using hook_ptr = std::shared_ptr<const model::hook>;
  /// In the order of their configurations' names.
  const std::vector<hook_ptr>& mutating() const { return mutating_; }
  const std::vector<hook_ptr>& validating() const { return validating_; }

  const model::authorizer* rights() const { return rights_.get(); }

  /// What the policies say against a request.
  model::policy_verdict judge(const model::hook_request& r) const;
  /// The labels of a request's namespace.
  model::string_pairs labels_of(const std::string& ns) const;
  /// Where a webhook is reached: "10.0.0.1:8443" for one of a Service, or empty for one with a URL.
  /// Nothing when the Service has no ready endpoint, or is not there: unreachable() says which.
  std::optional<std::string> address_of(const model::hook& h) const;
  /// `service "x" not found`, `no endpoints available for service "x"`.
  std::string unreachable(const model::hook& h) const;

 private:
  static std::vector<hook_ptr> read(const store::cache& objects, std::string_view resource);
  /// The kind that a policy takes its parameters from; null where none of that name is served.
  model::served_kind param_kind(const std::string& api_version, const std::string& kind) const;
  std::vector<model::json> params(const std::string& api_version, const std::string& kind,
                                  const std::string& ns, const std::string& name) const;

  std::shared_ptr<store::cache> objects_;
  std::shared_ptr<const model::authorizer> rights_;
  std::shared_ptr<std::atomic<bool>> stale_ = std::make_shared<std::atomic<bool>>(true);
  std::vector<store::cache::subscription> woken_;
  std::vector<hook_ptr> mutating_, validating_;
  std::map<std::string, model::admission_policy> policies_;
  std::vector<model::policy_binding> bindings_;
};

}  // namespace troupe::api
