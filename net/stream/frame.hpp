#pragma once

#include "model/kubelet/tunnel.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::stream {

using model::kubelet::command_channel;
using model::kubelet::data_channel;
using model::kubelet::error_channel;
using model::kubelet::frame;
using model::kubelet::frame_bytes;
using model::kubelet::number;

/// Appends data of a channel: to the frame before when that one goes on, so that small pieces make
/// few frames.
void append_data(std::vector<frame>& to, std::uint32_t channel, std::string_view bytes);

/// A protocol in which a peer speaks of channels, without its transport.
class dialect {
 public:
  virtual ~dialect() = default;

  /// What is so from the start: frames of the peer's, and words to it.
  virtual void begin(std::vector<frame>& /*to*/, std::string& /*reply*/) {}
  /// Understands received bytes, which it may change in place, and appends what they say to `to`,
  /// until `to` has `room` frames. Returns how many bytes it took: what is left comes again with
  /// more behind it. What the protocol itself wants to be answered is appended to `reply`.
  virtual std::size_t read(char* bytes, std::size_t size, std::vector<frame>& to, std::size_t room,
                           std::string& reply) = 0;
  /// Appends a frame for the peer to `out`.
  virtual void write(const frame& f, std::string& out) = 0;
  /// Whether the peer is ready for frames.
  virtual bool ready() const { return true; }
  /// Appends a sign of life.
  virtual void ping(std::string& out) = 0;
  /// Appends the last words of the session.
  virtual void finish(std::string& out) = 0;

  /// Why the peer's bytes cannot be understood; empty: they can. Nothing is read any more then.
  const std::string& fault() const { return fault_; }
  /// The peer has ended the session in order.
  bool ended() const { return ended_; }

 protected:
  std::string fault_;
  bool ended_ = false;
};

/// The channels of a command whose options say which streams it has (in, out, err, tty).
template <class Options>
std::vector<command_channel> channels_of(const Options& o) {
  std::vector<command_channel> out{command_channel::error};
  if (o.in) out.push_back(command_channel::in);
  if (o.out) out.push_back(command_channel::out);
  if (o.err) out.push_back(command_channel::err);
  if (o.tty) out.push_back(command_channel::resize);
  return out;
}

}  // namespace troupe::stream
