#pragma once

#include "model/json.hpp"
#include "model/request_info.hpp"
#include "model/status.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace troupe::model {

/// What a request for pods/NAME/exec, attach or portforward asks (core/v1 PodExecOptions,
/// PodAttachOptions, PodPortForwardOptions).
struct pod_connection {
  std::string container;  ///< empty: the only one
  std::vector<std::string> command;
  bool in = false;
  bool out = false;
  bool err = false;
  bool tty = false;
  std::vector<std::uint16_t> ports;
};

/// Whether a request leaves HTTP for a stream in both directions.
bool connects(const request_info& info);

/// Reads the options; 400 when no stream is wanted, a command is missing or a port is none.
std::variant<pod_connection, status> read_connection(const request_info& info);

/// The options as a document: kind is `kind`, what is not set is left out.
json connection_document(const pod_connection& c, std::string_view kind);
/// Puts what such a document says into the options; 400 as above, or when it is none. Ports stay.
std::optional<status> change_connection(pod_connection& c, const json& document);

/// The container that a request for a pod's log, exec or attach means; 400 when it has to be named,
/// or is none of the pod's.
std::variant<std::string, status> choose_container(const json& pod, std::string_view pod_name,
                                                   std::string_view wanted);

}  // namespace troupe::model
