#include "actors/api/connect.hpp"

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
  r.user_uid = user.uid;
  r.user_extra = user.extra;
  r.object = model::connection_document(wanted, r.kind->subresource(info.subresource)->kind);
  return r;
}

tunnel_use use_of(std::string_view subresource) {
  if (subresource == "exec") return tunnel_use::exec;
  return subresource == "attach" ? tunnel_use::attach : tunnel_use::port_forward;
}

// What is asked of the node.
std::optional<status> fill_in(tunnel_target& t, const model::json& pod) {
  tunnel_request& r = t.request;
  if (r.use != tunnel_use::port_forward) {
    auto container = model::choose_container(pod, r.pod, t.wanted.container);
    if (auto* bad = std::get_if<status>(&container)) return std::move(*bad);
    r.container = std::move(std::get<std::string>(container));
  }
  r.command = t.wanted.command;
  r.in = t.wanted.in;
  r.out = t.wanted.out;
  r.err = t.wanted.err;
  r.tty = t.wanted.tty;
  return std::nullopt;
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
  const auto pod = stored->parse();
  tunnel_target out;
  out.wanted = std::move(std::get<model::pod_connection>(options));
  out.admission = admission_of_connection(request.user, info, out.wanted);
  out.node = model::string_at(pod, {"spec", "nodeName"});
  out.request.use = use_of(info.subresource);
  out.request.ns = key.ns;
  out.request.pod = key.name;
  out.request.uid = stored->header().uid;
  if (auto bad = fill_in(out, pod)) return *bad;
  if (out.node.empty())
    return model::bad_request("pod " + key.name + " does not have a host assigned");
  return out;
}

std::optional<status> change_options(tunnel_target& t, model::json options,
                                     const store::cache& objects) {
  if (options == t.admission.object) return std::nullopt;
  const bool forwards = t.request.use == tunnel_use::port_forward;
  // The client's end of the ports is set up by what it asked for.
  if (forwards)
    return model::internal_error(
        "Internal error occurred: an admission webhook attempted to change the ports that are "
        "forwarded, which is not supported");
  if (auto bad = model::change_connection(t.wanted, options)) return bad;
  const auto pod = objects.get({"pods", t.request.ns, t.request.pod});
  if (!pod || pod->header().uid != t.request.uid)
    return model::not_found({"pods", t.request.ns, t.request.pod});
  t.admission.object = std::move(options);
  return fill_in(t, pod->parse());
}

}  // namespace troupe::api
