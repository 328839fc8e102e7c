#include "net/rest/tunnels.hpp"
#include "net/stream/spdy_channels.hpp"
#include "net/stream/websocket.hpp"
#include "net/stream/websocket_channels.hpp"

#include <array>

namespace troupe::rest {
namespace {

using model::pod_connection;
using model::status;
using stream::command_channel;
using protocols = std::vector<std::string_view>;

// Best first, where the client leaves the choice.
const protocols command_protocols{"v5.channel.k8s.io", "v4.channel.k8s.io", "channel.k8s.io"};
const protocols spdy_command_protocols{"v5.channel.k8s.io", "v4.channel.k8s.io",
                                       "v3.channel.k8s.io", "v2.channel.k8s.io", "channel.k8s.io"};
const protocols port_protocols{"SPDY/3.1+portforward.k8s.io", "v4.channel.k8s.io"};
const protocols spdy_port_protocols{"portforward.k8s.io"};

template <class List>
std::string listed(const List& all) {
  std::string out = "[";
  for (const auto& one : all) {
    if (out.size() > 1) out += ' ';
    out += one;
  }
  return out + "]";
}

command_channel first_output(const pod_connection& o) {
  if (o.out) return command_channel::out;
  return o.err ? command_channel::err : command_channel::error;
}

std::unique_ptr<stream::dialect> websocket_dialect(std::string_view protocol, bool ports,
                                                   const pod_connection& options) {
  if (!ports) return stream::websocket_command(protocol, first_output(options));
  if (protocol == port_protocols.front())
    return stream::websocket_tunnel(stream::spdy_ports_server());
  return stream::websocket_ports(protocol, options.ports);
}

std::unique_ptr<stream::dialect> spdy_dialect(std::string_view protocol, bool ports,
                                              const pod_connection& options) {
  if (ports) return protocol == "portforward.k8s.io" ? stream::spdy_ports_server() : nullptr;
  return stream::spdy_command_server(protocol, stream::channels_of(options));
}

}  // namespace

std::variant<agreement, status> agree(const http::upgrade_offer* offer,
                                      const model::request_info& info,
                                      const pod_connection& options) {
  const bool websocket = offer && offer->protocol == "websocket";
  if (!offer || (!websocket && offer->protocol != "spdy/3.1"))
    return model::bad_request("Upgrade request required");
  if (websocket && (info.verb != "get" || offer->key.empty() || offer->version != "13"))
    return model::bad_request("the WebSocket handshake is not that of RFC 6455");
  const bool ports = info.subresource == "portforward";
  agreement out;
  // The client's order counts. The oldest clients name none.
  auto wanted = offer->protocols;
  if (wanted.empty())
    wanted.emplace_back(websocket ? "" : ports ? "portforward.k8s.io" : "channel.k8s.io");
  std::string chosen;
  for (const auto& one : wanted) {
    out.dialect =
        websocket ? websocket_dialect(one, ports, options) : spdy_dialect(one, ports, options);
    chosen = one;
    if (out.dialect) break;
  }
  if (!out.dialect) {
    const auto& known = websocket ? (ports ? port_protocols : command_protocols)
                                  : (ports ? spdy_port_protocols : spdy_command_protocols);
    status bad =
        model::bad_request("unable to upgrade: unable to negotiate protocol: client supports " +
                           listed(offer->protocols) + ", server accepts " + listed(known));
    if (!websocket) bad.code = 403, bad.reason = "Forbidden";
    return bad;
  }
  // A WebSocket names its ports in the request; SPDY names them in its streams.
  if (ports && websocket && chosen != port_protocols.front() && options.ports.empty())
    return model::bad_request("query parameter \"port\" is required");
  auto& headers = out.head.headers;
  out.head.code = 101;
  headers.emplace_back("Upgrade", websocket ? "websocket" : "SPDY/3.1");
  if (websocket) headers.emplace_back("Sec-WebSocket-Accept", stream::websocket_accept(offer->key));
  if (!offer->protocols.empty())
    headers.emplace_back(websocket ? "Sec-WebSocket-Protocol" : "X-Stream-Protocol-Version",
                         chosen);
  return out;
}

}  // namespace troupe::rest
