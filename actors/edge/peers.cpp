#include "actors/edge/peers.hpp"

#include "messages/errors.hpp"

#include <caf/all.hpp>
#include <caf/io/all.hpp>
#include <caf/openssl/all.hpp>

namespace troupe::edge {
namespace {

directory_actor::behavior_type directory(directory_actor::pointer, const peer_handles& handles) {
  return {[handles](directory_atom, std::uint32_t protocol)
              -> caf::result<store_actor, scheduling_registry_actor, mirror_source> {
    if (protocol != peer_protocol)
      return to_error(model::bad_request("this peer speaks protocol " +
                                         std::to_string(peer_protocol) + ", not " +
                                         std::to_string(protocol)));
    return {handles.store, handles.registry, handles.mirror};
  }};
}

}  // namespace

peer_door::peer_door(caf::actor_system& system, const peer_handles& handles,
                     const std::string& address, std::uint16_t port)
    : directory_(system.spawn(directory, handles)) {
  const auto bound = caf::openssl::publish(directory_, port, address.c_str(), true);
  if (!bound) {
    caf::anon_send_exit(directory_, caf::exit_reason::user_shutdown);
    throw std::runtime_error("cannot open the peer door at " + address + ":" +
                             std::to_string(port) + ": " + system.render(bound.error()));
  }
  port_ = *bound;
}

peer_door::~peer_door() {
  caf::anon_send_exit(directory_, caf::exit_reason::user_shutdown);
}

peer_handles dial_peer(caf::actor_system& system, const std::string& host, std::uint16_t port,
                       std::chrono::milliseconds patience) {
  caf::scoped_actor self{system};
  peer_handles out;
  directory_actor remote;
  auto refuse = [&](const caf::error& e) {
    throw std::runtime_error("no answer at the peer door " + host + ":" + std::to_string(port) +
                             ": " + to_status(e).message);
  };
  self->request(system.openssl_manager().actor_handle(), patience, caf::connect_atom::value, host,
                port)
      .receive(
          [&](const caf::node_id&, caf::strong_actor_ptr& p, const std::set<std::string>&) {
            if (p) remote = caf::actor_cast<directory_actor>(p);
          },
          refuse);
  if (!remote) refuse(caf::sec::cannot_connect_to_node);
  self->request(remote, patience, directory_atom::value, peer_protocol)
      .receive(
          [&](store_actor& store, scheduling_registry_actor& registry, mirror_source& mirror) {
            out = {std::move(store), std::move(registry), std::move(mirror)};
          },
          refuse);
  return out;
}

caf::actor watch_peer(caf::actor_system& system, const peer_handles& handles,
                      std::function<void()> lost) {
  return system.spawn([=](caf::event_based_actor* self) -> caf::behavior {
    self->set_down_handler([=](const caf::down_msg&) {
      lost();
      self->quit();
    });
    self->monitor(handles.store);
    return {[](tick_atom) {}};
  });
}

}  // namespace troupe::edge
