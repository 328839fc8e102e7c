#pragma once

#include "model/json.hpp"
#include "model/pod_amounts.hpp"
#include "model/schema.hpp"
#include "model/time.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::model {

// What objects count for ResourceQuotas: kube-controller-manager's evaluators.

/// What scopes ask of a pod.
struct quota_traits {
  bool terminating = false;  ///< has an activeDeadlineSeconds
  bool best_effort = false;
  bool crosses_namespaces = false;  ///< by the affinity to pods of other namespaces
  std::string priority_class;
  bool operator==(const quota_traits&) const = default;
};

struct quota_usage {
  resource_amounts used;
  std::optional<quota_traits> pod;  ///< of a pod; no scope matches another object
  bool operator==(const quota_usage&) const = default;
};

/// What an object of a resource ("pods", "things.example.com") counts.
quota_usage quota_usage_of(std::string_view resource, const json& object, time_point now);

/// When a pod that is being deleted stops to count, though it may still be there.
std::optional<time_point> stops_counting(const json& pod);

/// The resource whose objects a bound counts ("pods" for requests.cpu); empty: nobody counts it.
std::string counted_resource(std::string_view bound);

/// Which objects a quota counts: its scopes and scopeSelector.
class quota_scopes {
 public:
  quota_scopes() = default;
  explicit quota_scopes(const json& quota_spec);
  bool match(const quota_usage& usage) const;

 private:
  struct term {
    std::string scope;
    std::string op;  ///< In, NotIn, Exists, DoesNotExist
    std::vector<std::string> values;
  };
  static bool matches(const term& t, const quota_traits& pod);
  std::vector<term> terms_;
};

}  // namespace troupe::model
