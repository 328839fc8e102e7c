#include "actors/edge/edge.hpp"

#include "actors/edge/door.hpp"
#include "net/tls/error_queue.hpp"
#include "net/tls/files.hpp"

#include <caf/all.hpp>
#include <caf/io/all.hpp>
#include <caf/openssl/all.hpp>

namespace troupe::edge {
namespace {

// A killed peer is noticed at once by its closed socket; these are for one that falls silent.
constexpr std::chrono::milliseconds heartbeat{1'000};
constexpr std::chrono::milliseconds silence{6'000};

}  // namespace

network_config::network_config(const tls_files& files, std::size_t threads)
    : system_config(threads) {
  tls::keep_tls_errors_apart();
  for (const auto& file : {files.certificate, files.key, files.ca})
    if (file.empty() || tls::read_file(file).empty())
      throw tls::pki_error("mutual TLS needs a certificate, a key and a CA file");
  load<caf::io::middleman>();
  load<caf::openssl::manager>();
  openssl_certificate = files.certificate;
  openssl_key = files.key;
  openssl_cafile = files.ca;
  set("middleman.heartbeat-interval", caf::timespan{heartbeat});
  set("middleman.connection-timeout", caf::timespan{silence});
}

struct edge_door::impl {
  explicit impl(const edge_door_options& o)
      : config(o.files, 1),
        system(config),
        entrance(system.spawn<door>(door_options{o.api, o.registry, tls::read_file(o.files.ca),
                                                 o.clock, o.max_sessions})) {}
  ~impl() { caf::anon_send_exit(entrance, caf::exit_reason::user_shutdown); }

  network_config config;
  caf::actor_system system;
  door_actor entrance;
};

edge_door::edge_door(const edge_door_options& options) : impl_(std::make_unique<impl>(options)) {
  const auto port =
      caf::openssl::publish(impl_->entrance, options.port, options.address.c_str(), true);
  if (!port)
    throw std::runtime_error("cannot open the worker door at " + options.address + ":" +
                             std::to_string(options.port) + ": " +
                             impl_->system.render(port.error()));
  port_ = *port;
}

edge_door::~edge_door() = default;

}  // namespace troupe::edge
