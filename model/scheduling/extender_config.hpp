#pragma once

#include <chrono>
#include <cstdint>
#include <set>
#include <string>

namespace troupe::model {

/// An HTTP service that has a say in where pods go: an extender of a KubeSchedulerConfiguration.
/// A verb that is empty is none of its business.
struct extender_config {
  std::string url_prefix;
  std::string filter_verb;
  std::string prioritize_verb;
  std::string preempt_verb;
  std::string bind_verb;
  std::int64_t weight = 0;          ///< of its scores, which are 0 to 10
  bool node_cache_capable = false;  ///< it gets and gives names of nodes alone
  bool ignorable = false;           ///< what it cannot answer is decided without it
  std::chrono::milliseconds timeout{5000};
  std::set<std::string, std::less<>> managed;  ///< its pods ask for one of these; empty: all pods

  struct tls {
    bool https = false;
    bool insecure = false;  ///< trusts anybody
    std::string server_name;
    std::string ca, certificate, key;  ///< PEM, or empty
    std::string ca_file, certificate_file, key_file;
  };
  tls transport;
};

}  // namespace troupe::model
