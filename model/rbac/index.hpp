#pragma once

#include "model/authorize.hpp"
#include "model/name_hash.hpp"
#include "model/object.hpp"
#include "model/rbac/policy_rule.hpp"

#include <array>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace troupe::model::rbac {

inline constexpr std::string_view cluster_roles = "clusterroles.rbac.authorization.k8s.io";
inline constexpr std::string_view cluster_role_bindings =
    "clusterrolebindings.rbac.authorization.k8s.io";
inline constexpr std::string_view roles = "roles.rbac.authorization.k8s.io";
inline constexpr std::string_view role_bindings = "rolebindings.rbac.authorization.k8s.io";
/// What an index is made of.
inline constexpr std::array<std::string_view, 4> sources{cluster_roles, cluster_role_bindings,
                                                         roles, role_bindings};

/// All roles and bindings, by whom they are bound to: a request looks at what is bound to its user
/// and groups, in its namespace or everywhere, and at nothing else. One writer, or any number of
/// readers.
class index {
 public:
  /// Takes in an object of one of the sources.
  void put(const object& o);
  void remove(const object_key& key);
  void clear();

  /// Whether a rule allows it. `missing` gets a line for each role that is bound to the user but is
  /// not there; null: nobody asks.
  bool allows(const subject& who, const request_info& what,
              std::vector<std::string>* missing) const;
  /// The rules that hold for somebody in a namespace (empty: those of ClusterRoleBindings alone).
  std::vector<policy_rule> rules_of(const subject& who, std::string_view ns,
                                    std::vector<std::string>* missing) const;
  /// The rules of a role, or null when it is not there. `resource` is roles or cluster_roles.
  const std::vector<policy_rule>* rules_of_role(std::string_view resource, std::string_view ns,
                                                std::string_view name) const;

 private:
  struct role {
    object_key key;
    bool there = false;
    std::vector<policy_rule> rules;
  };
  using role_ptr = std::shared_ptr<role>;
  template <class V>
  using by_text = std::unordered_map<std::string, V, name_hash, std::equal_to<>>;
  using by_namespace = by_text<std::vector<role_ptr>>;  // "": everywhere
  struct binding {
    role_ptr to;
    std::vector<std::string> users;
    std::vector<std::string> groups;
  };

  role_ptr role_at(object_key key);
  void forget(const std::string& id);
  template <class F>
  bool visit(const subject& who, std::string_view ns, F use) const;

  by_text<role_ptr> roles_;
  by_text<binding> bindings_;
  by_text<by_namespace> users_;
  by_text<by_namespace> groups_;
};

}  // namespace troupe::model::rbac
