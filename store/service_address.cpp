#include "store/service_address.hpp"

#include "model/json.hpp"
#include "model/selector.hpp"

namespace troupe::store {
namespace {

using model::json;

/// The port that an EndpointSlice gives a Service's port.
std::optional<int> target_port(const json& service, const json& slice, int port) {
  for (const json& p : model::at(service, {"spec", "ports"})) {
    if (model::at(p, {"port"}) != port) continue;
    for (const json& target : model::at(slice, {"ports"}))
      if (model::string_at(target, {"name"}) == model::string_at(p, {"name"}) &&
          model::at(target, {"port"}).is_number_integer())
        return model::at(target, {"port"}).get<int>();
  }
  return std::nullopt;
}

}  // namespace

std::vector<object_ptr> slices_of(const cache& objects, const std::string& ns,
                                  const std::string& service) {
  std::vector<object_ptr> out;
  for (const auto& o : objects.list("endpointslices.discovery.k8s.io", ns).objects)
    if (const auto* owner = model::find(o->header().labels, "kubernetes.io/service-name");
        owner && *owner == service)
      out.push_back(o);
  return out;
}

std::optional<std::string> service_address(const cache& objects, const std::string& ns,
                                           const std::string& service, int port) {
  const auto found = objects.get({"services", ns, service});
  if (!found) return std::nullopt;
  const json spec = found->parse();
  for (const auto& o : slices_of(objects, ns, service)) {
    const json slice = o->parse();
    const auto target = target_port(spec, slice, port);
    if (!target) continue;
    for (const json& e : model::at(slice, {"endpoints"})) {
      const json& addresses = model::at(e, {"addresses"});
      if (model::at(e, {"conditions", "ready"}) == false || addresses.empty()) continue;
      std::string host = addresses[0].get<std::string>();
      if (host.find(':') != std::string::npos) host = "[" + host + "]";
      return host + ":" + std::to_string(*target);
    }
  }
  return std::nullopt;
}

}  // namespace troupe::store
