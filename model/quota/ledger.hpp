#pragma once

#include "model/quota/usage.hpp"

#include <map>
#include <set>
#include <unordered_map>

namespace troupe::model {

/// What the objects of namespaces that have quotas use, kept as events tell it: an object costs
/// what it uses itself, and nothing where no quota counts its kind.
class quota_ledger {
 public:
  /// Sets a quota; true when it counts other things than before: then it counts nothing until the
  /// objects of the namespace are put (again).
  bool set(const std::string& ns, const std::string& name, const json& spec);
  void drop(const std::string& ns, const std::string& name);

  /// Whether a quota of the namespace counts objects of this resource.
  bool counts(const std::string& ns, const std::string& resource) const;

  /// An object (its key as text) uses this. The quotas whose use changed.
  std::vector<std::string> put(const std::string& ns, const std::string& object, quota_usage usage);
  std::vector<std::string> remove(const std::string& ns, const std::string& object);
  /// Forgets the objects, not the quotas.
  void clear_objects();

  /// Why an object may not use this instead of what it uses so far: the first quota, by name, that
  /// would be exceeded by more than before, in Kubernetes' words. Empty when it may.
  std::string excess(const std::string& ns, const std::string& object,
                     const quota_usage& usage) const;
  /// Why a new pod may not be judged: a quota bounds what a container says nothing about. Empty
  /// when it may.
  std::string unspecified(const std::string& ns, const json& pod, const quota_usage& usage) const;

  /// What is used of each bound of a quota that somebody counts.
  resource_amounts used(const std::string& ns, const std::string& name) const;

 private:
  struct quota {
    std::string text;  // of its spec
    quota_scopes scopes;
    resource_amounts used;
    resource_amounts hard;
  };
  struct place {
    std::map<std::string, quota> quotas;
    std::set<std::string> resources;  // that are counted
    std::unordered_map<std::string, quota_usage> objects;
  };

  static std::string excess_of(const std::string& name, const quota& q,
                               const resource_amounts& before, const resource_amounts& wanted);
  static void recount_resources(place& p);
  static std::vector<std::string> apply(place& p, const quota_usage& usage, bool add);

  std::unordered_map<std::string, place> places_;
};

/// The status that a quota should have: its bounds and their use. What nobody counts stays as it
/// was. Nothing when the present status says the same.
std::optional<json> quota_status(const json& quota, const resource_amounts& used);

}  // namespace troupe::model
