#pragma once

#include "messages/stream.hpp"

#include <caf/meta/type_name.hpp>

#include <map>

namespace troupe {

/// Who asks: authentication's result (authentication.k8s.io UserInfo).
struct user_info {
  std::string name;  ///< "kubernetes-admin", "system:node:node1", "system:anonymous"
  std::vector<std::string>
      groups;       ///< "system:masters", "system:nodes", "system:authenticated", ...
  std::string uid;  ///< of a service account; else mostly empty
  std::map<std::string, std::vector<std::string>>
      extra;  ///< what else the credential says: "authentication.kubernetes.io/pod-name"
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, user_info& x) {
  return f(caf::meta::type_name("troupe.user_info"), x.name, x.groups, x.uid, x.extra);
}

/// A request of the Kubernetes API, whatever it came over.
struct api_request {
  std::string method;        ///< GET POST PUT PATCH DELETE
  std::string target;        ///< path and query: /api/v1/namespaces/default/pods?limit=5
  std::string content_type;  ///< of the body; empty: application/json
  std::string accept;        ///< empty: application/json
  std::string user_agent;    ///< names the field manager when fieldManager is absent
  blob_ref body;
  user_info user;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, api_request& x) {
  return f(caf::meta::type_name("troupe.api_request"), x.method, x.target, x.content_type, x.accept,
           x.user_agent, x.body, x.user);
}

/// Its answer. Failures are answers too: the body is then a Status.
struct api_response {
  uint16_t code = 200;
  std::string content_type = "application/json";
  blob_ref body;
  std::vector<std::string> warnings;    ///< texts of Warning headers
  caf::optional<uint32_t> retry_after;  ///< seconds
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, api_response& x) {
  return f(caf::meta::type_name("troupe.api_response"), x.code, x.content_type, x.body, x.warnings,
           x.retry_after);
}

using request_atom = caf::atom_constant<caf::atom("request")>;
using open_atom = caf::atom_constant<caf::atom("open")>;

/// Authenticated requests of the Kubernetes API: authorizes, defaults, admits, validates, and
/// passes writes to the store. A pool of equal actors an API node; owns nothing durable.
using api_actor = caf::typed_actor<
    /// Any request with one answer.
    caf::replies_to<request_atom, api_request>::with<api_response>,
    /// A request whose answer is a stream (watch=true, log): after a 200 the returned source sends
    /// to the sink under the given id, as far as it was granted credit. With another code the
    /// source is null.
    caf::replies_to<open_atom, api_request, uint64_t, stream_sink>::with<api_response,
                                                                         stream_source>>;

}  // namespace troupe

CAF_BEGIN_TYPE_ID_BLOCK(troupe_api, troupe::ids::api)
CAF_ADD_TYPE_ID(troupe_api, (troupe::user_info))
CAF_ADD_TYPE_ID(troupe_api, (troupe::api_request))
CAF_ADD_TYPE_ID(troupe_api, (troupe::api_response))
CAF_ADD_TYPE_ID(troupe_api, (troupe::api_actor))
CAF_END_TYPE_ID_BLOCK(troupe_api)
