#pragma once

#include "net/stream/frame.hpp"

#include <memory>
#include <string_view>

namespace troupe::stream {

/// How exec and attach go over WebSockets, by the sub-protocol: "v5.channel.k8s.io",
/// "v4.channel.k8s.io", "channel.k8s.io" or "" (the oldest). Null for others. A message begins with
/// the number of its channel; an empty one on `first` says that the command has begun. Version 5
/// can end the input; before version 4 a failure is told as a text.
std::unique_ptr<dialect> websocket_command(std::string_view protocol, command_channel first);

/// How a fixed set of ports is forwarded over a WebSocket ("v4.channel.k8s.io" or ""; null for
/// others): two channels a port, whose first message is the port's number.
std::unique_ptr<dialect> websocket_ports(std::string_view protocol,
                                         std::vector<std::uint16_t> ports);

/// What exec's clients before version 4 are told: the message of a Status that is a failure.
std::string failure_text(std::string_view status);

}  // namespace troupe::stream
