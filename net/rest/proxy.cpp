#include "net/rest/proxy.hpp"

#include "model/proxy_target.hpp"
#include "net/rest/aggregation.hpp"
#include "store/service_address.hpp"

namespace troupe::rest {
namespace {

void answer_failure(const http::exchange_ptr& x, const model::status& s) {
  x->respond({s.code,
              "application/json",
              std::make_shared<const std::string>(model::to_text(s)),
              {{"Cache-Control", "no-cache, private"}}});
}

// A simulated node has no network: its pods' addresses lead nowhere.
bool is_simulated(const store::cache& objects, const model::json& pod) {
  const auto node = objects.get({"nodes", "", model::string_at(pod, {"spec", "nodeName"})});
  return node && model::string_at(node->parse(), {"status", "nodeInfo", "containerRuntimeVersion"})
                     .starts_with("hollow://");
}

}  // namespace

struct proxy::way {
  std::string name;     ///< as the request has it, without scheme and port
  std::string address;  ///< "10.0.0.1:8080"
  bool secure = false;
};

std::variant<proxy::way, model::status> proxy::find(const model::request_info& info) const {
  const auto n = model::parse_proxy_name(info.name);
  if (!n)
    return model::bad_request("invalid " + info.resource.substr(0, info.resource.size() - 1) +
                              " request " + model::json(info.name).dump());
  const model::object_key key{info.resource, info.resource == "nodes" ? "" : info.ns, n->name};
  const auto stored = cache_->get(key);
  if (!stored) return model::not_found(key);
  const auto document = stored->parse();
  if (info.resource == "pods" && is_simulated(*cache_, document))
    return model::unavailable("pod " + model::json(n->name).dump() +
                              " runs on a simulated node, which has no network");
  std::variant<std::string, model::status> address;
  if (info.resource == "services") {
    std::vector<model::json> slices;
    for (const auto& o : store::slices_of(*cache_, info.ns, n->name)) slices.push_back(o->parse());
    address = model::proxy_to_service(*n, document, slices);
  } else {
    address = info.resource == "pods" ? model::proxy_to_pod(*n, document)
                                      : model::proxy_to_node(*n, document);
  }
  if (auto* bad = std::get_if<model::status>(&address)) return std::move(*bad);
  return way{n->name, std::move(std::get<std::string>(address)), n->scheme == "https"};
}

void proxy::pass(const http::exchange_ptr& x, const model::request_info& info) {
  auto found = find(info);
  if (const auto* bad = std::get_if<model::status>(&found)) return answer_failure(x, *bad);
  const auto& to = std::get<way>(found);
  const std::string asked = x->in().target;
  auto target = model::proxied_target(asked);
  if (!target && info.verb == "get") {
    // What the other server's pages refer to lies below the slash.
    const auto query = std::min(asked.find('?'), asked.size());
    return x->respond({301,
                       "text/plain; charset=utf-8",
                       nullptr,
                       {{"Location", asked.substr(0, query) + "/" + asked.substr(query)}}});
  }
  auto what = relayed(x->in(), {});
  what.target = target.value_or("/");
  http::relay_target whom;
  whom.host = to.address;
  whom.dial = to.address;
  whom.insecure = true;
  whom.plain = !to.secure;
  relay().pass(x, std::move(whom), std::move(what),
               [](const http::exchange_ptr& failed, const std::string& why) {
                 answer_failure(failed,
                                model::unavailable("error trying to reach service: " + why));
               });
}

http::relay& proxy::relay() {
  const std::lock_guard lock(guard_);
  if (!relay_) relay_ = std::make_unique<http::relay>(http::relay_options{});
  return *relay_;
}

void proxy::stop() {
  const std::lock_guard lock(guard_);
  if (relay_) relay_->stop();
}

}  // namespace troupe::rest
