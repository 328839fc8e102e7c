#pragma once

#include "messages/node.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <chrono>

namespace troupe::edge {

// What stands in for an actor on the other side of the door, so that no handle of one side's actor
// system is ever seen by the other.

/// How long the remote end of a request may take.
inline constexpr std::chrono::seconds remote_timeout{10};

using source_atom = caf::atom_constant<caf::atom("source")>;

/// Both ends of one stream. Ends with it, and when either end goes down.
using stream_relay_actor = stream_sink::extend_with<stream_source>::extend<
    /// This is where the stream comes from; its chunks wait for credit until then.
    caf::reacts_to<source_atom, stream_source>>;

/// One end of a relayed stream: who it is, and by which id it knows the stream.
struct stream_end {
  stream_sink sink;
  std::uint64_t sink_id = 0;
  std::uint64_t source_id = 0;
};

class stream_relay : public stream_relay_actor::base {
 public:
  stream_relay(caf::actor_config& cfg, stream_end end);
  const char* name() const override { return "stream-relay"; }
  behavior_type make_behavior() override;
  void on_exit() override;

 private:
  void on_down(const caf::down_msg& down);

  stream_end end_;
  stream_source source_;
};

using far_end_atom = caf::atom_constant<caf::atom("farend")>;

/// Both ends of one tunnel. Ends with it, and when either end goes down.
using tunnel_relay_actor = tunnel_actor::extend<
    /// This is the end beyond the door.
    caf::reacts_to<far_end_atom, tunnel_actor>>;

class tunnel_relay : public tunnel_relay_actor::base {
 public:
  /// By which id each end knows the tunnel; they differ.
  tunnel_relay(caf::actor_config& cfg, tunnel_actor near, std::uint64_t near_id,
               std::uint64_t far_id);
  const char* name() const override { return "tunnel-relay"; }
  behavior_type make_behavior() override;
  void on_exit() override;

 private:
  template <class Atom, class... Args>
  void pass(std::uint64_t from, Atom what, Args&&... args);
  void end(std::uint64_t from, const caf::error& why);

  tunnel_actor near_, far_;
  std::uint64_t near_id_, far_id_;
};

/// A kubelet beyond the door, as the node's proxy sees it. Ends when the kubelet goes down.
class kubelet_relay : public kubelet_actor::base {
 public:
  kubelet_relay(caf::actor_config& cfg, kubelet_actor far);
  const char* name() const override { return "kubelet-relay"; }
  behavior_type make_behavior() override;
  void on_exit() override;

 private:
  caf::result<stream_source> logs(const log_request& r, std::uint64_t id, const stream_sink& sink);
  caf::result<tunnel_actor> tunnel(const tunnel_request& r, std::uint64_t id,
                                   const tunnel_actor& near);
  template <class Relay, class Promise>
  void give_up(const Relay& relay, Promise& promise);

  kubelet_actor far_;
};

}  // namespace troupe::edge
