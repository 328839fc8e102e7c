#include "actors/api/connect.hpp"

#include "model/pod_connection.hpp"
#include "model/request_info.hpp"

namespace troupe::api {

using model::status;

std::variant<tunnel_target, status> find_tunnel(const api_request& request,
                                                const store::cache& objects,
                                                const model::authorizer& rights) {
  auto parsed = model::parse_request(request.method, request.target);
  if (auto* bad = std::get_if<status>(&parsed)) return std::move(*bad);
  const auto& info = std::get<model::request_info>(parsed);
  if (auto bad = model::authorize(rights, {request.user.name, request.user.groups}, info))
    return *bad;
  if (!model::connects(info)) return model::bad_request("this request opens no tunnel");
  const model::object_key key{"pods", info.ns, info.name};
  const auto stored = objects.get(key);
  if (!stored) return model::not_found(key);
  auto options = model::read_connection(info);
  if (auto* bad = std::get_if<status>(&options)) return std::move(*bad);
  auto& wanted = std::get<model::pod_connection>(options);
  const auto pod = stored->parse();
  tunnel_target out;
  tunnel_request& r = out.request;
  r.use = info.subresource == "exec"     ? tunnel_use::exec
          : info.subresource == "attach" ? tunnel_use::attach
                                         : tunnel_use::port_forward;
  if (r.use != tunnel_use::port_forward) {
    auto container = model::choose_container(pod, key.name, wanted.container);
    if (auto* bad = std::get_if<status>(&container)) return std::move(*bad);
    r.container = std::move(std::get<std::string>(container));
  }
  out.node = model::string_at(pod, {"spec", "nodeName"});
  if (out.node.empty())
    return model::bad_request("pod " + key.name + " does not have a host assigned");
  r.ns = key.ns;
  r.pod = key.name;
  r.uid = stored->header().uid;
  r.command = std::move(wanted.command);
  r.in = wanted.in;
  r.out = wanted.out;
  r.err = wanted.err;
  r.tty = wanted.tty;
  return out;
}

}  // namespace troupe::api
