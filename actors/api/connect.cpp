#include "actors/api/connect.hpp"

#include "model/pod_connection.hpp"
#include "model/request_info.hpp"
#include "model/schema.hpp"

namespace troupe::api {

using model::status;

namespace {

model::hook_request admission_of_connection(const user_info& user, const model::request_info& info,
                                            const model::pod_connection& wanted) {
  model::hook_request r;
  r.kind = model::schema::instance().by_resource("pods");
  r.operation = "CONNECT";
  r.subresource = info.subresource;
  r.ns = info.ns;
  r.name = info.name;
  r.user = user.name;
  r.groups = user.groups;
  r.fixed = true;
  const auto* sub = r.kind->subresource(info.subresource);
  r.object = {{"kind", sub->kind}, {"apiVersion", "v1"}};
  if (info.subresource == "portforward") {
    if (!wanted.ports.empty()) r.object["ports"] = wanted.ports;
    return r;
  }
  for (const auto& [name, on] : {std::pair{"stdin", wanted.in},
                                 {"stdout", wanted.out},
                                 {"stderr", wanted.err},
                                 {"tty", wanted.tty}})
    if (on) r.object[name] = true;
  if (!wanted.container.empty()) r.object["container"] = wanted.container;
  if (!wanted.command.empty()) r.object["command"] = wanted.command;
  return r;
}

}  // namespace

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
  out.admission = admission_of_connection(request.user, info, wanted);
  r.command = std::move(wanted.command);
  r.in = wanted.in;
  r.out = wanted.out;
  r.err = wanted.err;
  r.tty = wanted.tty;
  return out;
}

}  // namespace troupe::api
