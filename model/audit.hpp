#pragma once

#include "model/audit_notes.hpp"
#include "model/authorize.hpp"
#include "model/json.hpp"
#include "model/time.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace troupe::model {

// Auditing (audit.k8s.io/v1): which requests are written down, and how.

enum class audit_level : std::uint8_t { none, metadata, request, request_response };

/// A rule of an audit Policy; what it leaves empty matches everything.
struct audit_rule {
  struct group_resources {
    std::string group;
    std::vector<std::string> resources;  ///< "pods", "pods/log", "pods/*", "*/status", "*"
    std::vector<std::string> names;
  };
  audit_level level = audit_level::none;
  std::vector<std::string> users, groups, verbs, namespaces;
  std::vector<group_resources> resources;
  std::vector<std::string> paths;        ///< nonResourceURLs, "*" at the end
  std::vector<std::string> omit_stages;  ///< with those of the policy
};

struct audit_policy {
  std::vector<audit_rule> rules;
};

/// Reads a Policy, YAML or JSON; else what is wrong with it.
std::variant<audit_policy, std::string> read_audit_policy(std::string_view text);

/// The first rule that matches; null (nothing is written) when none does.
const audit_rule* audit_rule_for(const audit_policy& policy, const subject& who,
                                 const request_info& what);
bool audits_stage(const audit_rule& rule, std::string_view stage);

/// Whom an event tells of.
struct audit_user {
  std::string name;
  std::vector<std::string> groups;
  std::string uid;
  std::map<std::string, std::vector<std::string>> extra;
};

/// A request on its way, as its events tell it.
struct audit_record {
  audit_level level = audit_level::metadata;
  std::string id;  ///< a uuid
  std::string uri;
  audit_user user;
  std::optional<audit_user> impersonated;
  std::string source_ip;
  std::string user_agent;
  request_info info;
  time_point received;
  json request_object;   ///< from level request on; null: none
  json response_object;  ///< at level request_response
  int code = 0;          ///< of the answer; 0: not yet
  std::string reason;    ///< of a failure
  std::string message;
  json details;                                    ///< of a Status; null: none
  std::map<std::string, std::string> annotations;  ///< of admission
  audited_object object;                           ///< as the body names it
  bool allowed = true;
  bool authenticated = true;  ///< else nobody judged what it may do
};

/// One line of the log, without its line end. `stage`: RequestReceived, ResponseStarted,
/// ResponseComplete.
std::string audit_line(const audit_record& r, std::string_view stage, time_point now);

}  // namespace troupe::model
