#pragma once

#include "net/stream/frame.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::stream {

/// How exec and attach go over SPDY, seen from the server: the client opens a stream a channel,
/// named by its header streamType. `protocol`: "v5.channel.k8s.io" and the older ones down to
/// "channel.k8s.io"; null for others. Ready when all of `channels` are open.
std::unique_ptr<dialect> spdy_command_server(std::string_view protocol,
                                             std::vector<command_channel> channels);
/// The same seen from the client, which opens the streams; version 4.
std::unique_ptr<dialect> spdy_command_client(std::vector<command_channel> channels);

/// How ports are forwarded over SPDY ("portforward.k8s.io"), seen from the server: the client opens
/// two streams a connection, whose headers name the port.
std::unique_ptr<dialect> spdy_ports_server();
/// The same seen from the client.
std::unique_ptr<dialect> spdy_ports_client();

/// A dialect whose bytes travel in the binary messages of a WebSocket
/// ("SPDY/3.1+portforward.k8s.io", KEP-4006).
std::unique_ptr<dialect> websocket_tunnel(std::unique_ptr<dialect> inner);

}  // namespace troupe::stream
