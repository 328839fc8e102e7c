#pragma once

#include "model/hooks/hook.hpp"

#include <memory>
#include <string>

namespace troupe::api {

/// One call of a webhook.
struct hook_call {
  std::shared_ptr<const model::hook> hook;
  std::string address;  ///< "host:port" to dial instead of the URL's; empty: the URL's
  std::string body;
};

/// What came back: a code and a body, or why nothing did.
struct hook_reply {
  int code = 0;
  std::string body, error;
};

/// Calls the webhook over HTTPS, and blocks for as long as it takes, at most its time-out.
hook_reply call_hook(const hook_call& c);
/// The URL of a call: the webhook's, and the time-out that Kubernetes tells webhooks of.
std::string asked_url(const model::hook& h);
/// Who is called, among those that may be slow.
std::string name_of(const hook_call& c);

}  // namespace troupe::api
