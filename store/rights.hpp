#pragma once

#include "model/authorizer.hpp"
#include "model/rbac/index.hpp"
#include "store/cache.hpp"
#include "store/node_relations.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <shared_mutex>
#include <vector>

namespace troupe::store {

enum class authorization_mode : std::uint8_t { always_allow, always_deny, rbac, node };

/// Kubernetes' authorizers, asked in order, over the roles and bindings of a cache: a change is
/// known to the first request after it was applied. system:masters is asked nothing.
class rights final : public model::authorizer {
 public:
  explicit rights(std::shared_ptr<cache> objects,
                  std::vector<authorization_mode> modes = {authorization_mode::node,
                                                           authorization_mode::rbac});

  model::opinion decide(const model::subject& who, const model::request_info& what) const override;
  model::held_rules rules_of(const model::subject& who, std::string_view ns) const override;
  std::optional<std::vector<model::rbac::policy_rule>> rules_of_role(
      std::string_view resource, std::string_view ns, std::string_view name) const override;

 private:
  std::shared_lock<std::shared_mutex> current() const;
  void follow(std::size_t source) const;
  void reload() const;
  model::opinion by_roles(const model::subject& who, const model::request_info& what) const;

  const std::shared_ptr<cache> objects_;
  mutable node_relations relations_;
  const std::vector<authorization_mode> modes_;
  // What readers bring up to date when the cache has moved.
  mutable std::shared_mutex mutex_;
  mutable model::rbac::index index_;
  mutable std::array<std::uint64_t, model::rbac::sources.size()> seen_{};
  mutable bool loaded_ = false;
  const std::shared_ptr<std::atomic<bool>> behind_ = std::make_shared<std::atomic<bool>>(true);
  std::vector<cache::subscription> wakes_;
};

}  // namespace troupe::store
