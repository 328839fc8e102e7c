#pragma once

#include "model/authorizer.hpp"
#include "model/cel/program.hpp"
#include "model/schema.hpp"
#include "model/selector.hpp"
#include "model/status.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace troupe::model {

// Dynamic admission: webhooks and policies that are called for requests they match.

inline constexpr std::string_view mutating_hooks_resource =
    "mutatingwebhookconfigurations.admissionregistration.k8s.io";
inline constexpr std::string_view validating_hooks_resource =
    "validatingwebhookconfigurations.admissionregistration.k8s.io";
inline constexpr std::string_view policies_resource =
    "validatingadmissionpolicies.admissionregistration.k8s.io";
inline constexpr std::string_view policy_bindings_resource =
    "validatingadmissionpolicybindings.admissionregistration.k8s.io";

/// What is asked of admission.
struct hook_request {
  const kind_info* kind = nullptr;
  std::string operation;  ///< CREATE, UPDATE, DELETE, CONNECT
  std::string subresource;
  std::string ns, name;
  std::string user;
  std::vector<std::string> groups;
  std::string user_uid;
  std::map<std::string, std::vector<std::string>> user_extra;
  bool dry_run = false;
  bool fixed = false;  ///< mutating webhooks are asked, but may change nothing
  json object;         ///< null for DELETE
  json old;            ///< null for CREATE
  json options;        ///< CreateOptions and the like
};

/// rules of a webhook, matchConstraints' resourceRules of a policy.
struct admission_rule {
  std::vector<std::string> operations, groups, versions, resources, names;
  std::string scope;  ///< Cluster, Namespaced, *

  bool matches(const hook_request& r, const kind_info& as) const;
};

/// Which requests somebody wants to see.
struct admission_match {
  std::vector<admission_rule> rules, excluded;
  bool equivalent = true;  ///< matchPolicy Equivalent: also by other versions of the resource
  label_selector namespaces, objects;

  /// The version of the request's kind in which it is wanted, or null. `namespace_labels` are of
  /// the request's namespace.
  const kind_info* wanted(const hook_request& r, const string_pairs& namespace_labels) const;
};

struct match_condition {
  std::string name;
  std::shared_ptr<const cel::program> expression;
};

/// An entry of a Mutating- or ValidatingWebhookConfiguration.
struct hook {
  std::string configuration, name;
  admission_match match;
  std::vector<match_condition> conditions;
  bool fails_closed = true;  ///< failurePolicy Fail
  bool dry_runs = false;     ///< has no side effects, or none in a dry run
  bool reinvoked = false;    ///< reinvocationPolicy IfNeeded
  bool beta = false;         ///< speaks v1beta1 of AdmissionReview only
  std::chrono::seconds timeout{10};
  std::string url;  ///< "https://host:8443/path"; of a service its name in the cluster
  std::string service_ns, service_name;
  int service_port = 443;
  std::string ca;  ///< PEM
};

/// The webhooks of a configuration.
std::vector<hook> read_hooks(const json& configuration);

/// The `request` of expressions, and of a review: who asks for what.
json request_document(const hook_request& r, const kind_info& as, const std::string& uid);

/// Whether a request's object is of a kind of its subresource's: a Binding, an Eviction, a Scale.
const subresource_info* own_kind_of(const hook_request& r);

/// Whether the conditions let a request through to their owner; a text when one of them cannot be
/// evaluated.
struct conditions_answer {
  bool matched = true;
  std::string error;
};
/// `rights`: what `authorizer` asks; null: there is none.
conditions_answer judge_conditions(const std::vector<match_condition>& conditions,
                                   const hook_request& r, const kind_info& as,
                                   const authorizer* rights = nullptr);
/// The variables `authorizer` and `authorizer.requestResource`; nothing for another name.
std::optional<cel::value> find_authorizer(std::string_view name, const hook_request& r,
                                          const kind_info& as, const authorizer* rights);

// Reading of configurations, also for policies.

std::vector<admission_rule> read_rules(const json& rules);
std::vector<match_condition> read_conditions(const json& list);
label_selector read_selector(const json& selector);

}  // namespace troupe::model
