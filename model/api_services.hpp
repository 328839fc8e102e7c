#pragma once

#include "model/document.hpp"
#include "model/json.hpp"
#include "model/time.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::model {

inline constexpr std::string_view api_services_resource = "apiservices.apiregistration.k8s.io";

/// What an APIService says: who serves a group and version.
struct api_service {
  std::string name, group, version;
  int group_priority = 0, version_priority = 0;
  bool local = true;  ///< served here; what follows is of others
  std::string service_ns, service_name;
  int port = 443;
  std::string ca;          ///< PEM; empty: the system's authorities
  bool insecure = false;   ///< do not check the certificate
  bool available = false;  ///< its condition Available is True
};
api_service read_api_service(const json& document);

// Registration: the APIServices that the server keeps itself (kube-aggregator's autoregister).

/// How long the server answers for an APIService of its own: label automanaged.
enum class managed_api : std::uint8_t {
  none,      ///< nobody wants it
  on_start,  ///< a built-in one: brought into order when the server starts
  always     ///< of custom kinds: made and removed with them
};

/// The APIServices of the built-in groups and versions.
std::vector<json> built_in_api_services();
/// That of a group and version of custom kinds.
json custom_api_service(const std::string& group, const std::string& version);

enum class api_service_step : std::uint8_t { nothing, create, update, remove };
/// What is to be done about an APIService that is there as `current` (null: it is not) and wanted
/// as `desired`. `at_start`: it was there when the server started; `synced`: it has been brought
/// into order since.
api_service_step plan_registration(const json& current, const json& desired, managed_api how,
                                   bool at_start, bool synced);

// Availability of those that others serve.

/// The condition Available, with the reasons of Kubernetes 1.32.
struct api_availability {
  bool available = false;
  std::string reason, message;
};
/// Why a server cannot be asked, as far as its Service (null: there is none) and EndpointSlices
/// say; nothing: it is to be tried.
std::optional<api_availability> judge_backend(const api_service& s, const json& service,
                                              const std::vector<json>& slices);
/// Passed, or FailedDiscoveryCheck with what went wrong (empty: nothing).
api_availability judge_answer(const api_service& s, const std::string& error);
/// The condition of an APIService that is served here.
api_availability local_availability();
/// Puts the condition into an APIService; false: it says so already.
bool set_available(json& document, const api_availability& a, time_point now);

// Discovery of all of them.

/// A group and version that another server serves, as it told last.
struct extension_version {
  std::string group, version;
  int group_priority = 0, version_priority = 0;
  json resources = json::array();         ///< APIResourceDiscovery
  bool current = false;                   ///< its server answers
  std::string openapi;                    ///< address of its OpenAPI 3 document; empty: none
  std::shared_ptr<const json> openapi_2;  ///< what its OpenAPI 2 document says of it; null: nothing

  bool operator==(const extension_version&) const = default;
};

/// The resources of an APIResourceList as aggregated discovery has them.
json aggregated_resources(const json& list, const std::string& group, const std::string& version);
/// The document at /apis (plain or aggregated) or /apis/GROUP with others' versions in it. `base`
/// is that of the kinds served here, null where there are none.
document merge_discovery(std::string_view path, const document& base,
                         const std::vector<extension_version>& others);
/// The index at /openapi/v3 likewise.
document merge_openapi_index(const document& base, const std::vector<extension_version>& others);
/// The document at /openapi/v2 (JSON) likewise.
document merge_openapi_2(const document& base, const std::vector<extension_version>& others);

}  // namespace troupe::model
