#include "net/stream/websocket_channels.hpp"

#include "model/json.hpp"
#include "net/stream/websocket.hpp"

#include <utility>

namespace troupe::stream {
namespace {

constexpr unsigned char close_signal = 255;

// What both uses have in common: the first byte of a message is its channel.
class channels : public dialect {
 public:
  std::size_t read(char* bytes, std::size_t size, std::vector<frame>& to, std::size_t room,
                   std::string& reply) final {
    std::size_t used = 0;
    while (used < size && to.size() < room && fault_.empty() && !ended_) {
      websocket_piece piece;
      bool found = false;
      const auto n = reader_.next(bytes + used, size - used, piece, found);
      fault_ = reader_.fault();
      if (n == 0) break;
      used += n;
      if (found) take(piece, to, reply);
    }
    return used;
  }

  void write(const frame& f, std::string& out) override {
    if (f.what == frame::kind::data) message(f.channel, f.bytes, out);
  }
  void ping(std::string& out) final { append_message(websocket_op::ping, {}, out); }
  void finish(std::string& out) final {
    if (!closed_) append_message(websocket_op::close, normal_closure, out);
    closed_ = true;
  }

 protected:
  /// `begins`: this is the first of the message's data.
  virtual void take_data(unsigned char channel, std::string_view data, bool begins,
                         std::vector<frame>& to) = 0;

  static void message(std::uint32_t channel, std::string_view data, std::string& out) {
    const char first = static_cast<char>(channel);
    append_message(websocket_op::binary, {&first, 1}, data, out);
  }

 private:
  void take(const websocket_piece& piece, std::vector<frame>& to, std::string& reply) {
    if (piece.op == websocket_op::ping)
      return append_message(websocket_op::pong, piece.payload, reply);
    if (piece.op == websocket_op::pong) return;
    if (piece.op == websocket_op::close) {
      ended_ = true;
      return finish(reply);
    }
    auto data = piece.payload;
    if (piece.first) named_ = begun_ = false;
    if (!named_ && !data.empty()) {
      named_ = true;
      channel_ = static_cast<unsigned char>(data.front());
      data.remove_prefix(1);
    }
    if (named_ && !data.empty()) take_data(channel_, data, !std::exchange(begun_, true), to);
  }

  websocket_reader reader_;
  unsigned char channel_ = 0;
  bool named_ = false;  ///< the channel of the message under way is known
  bool begun_ = false;  ///< data of it was taken
  bool closed_ = false;
};

class command final : public channels {
 public:
  command(command_channel first, bool closes, bool status)
      : first_(first), closes_(closes), status_(status) {}

  void begin(std::vector<frame>&, std::string& reply) override {
    message(number(first_), {}, reply);
  }

  void write(const frame& f, std::string& out) override {
    if (status_ || f.channel != number(command_channel::error)) return channels::write(f, out);
    if (f.what == frame::kind::data) return static_cast<void>(failure_ += f.bytes);
    if (const auto text = failure_text(failure_); !text.empty()) message(f.channel, text, out);
  }

 private:
  void take_data(unsigned char channel, std::string_view data, bool begins,
                 std::vector<frame>& to) override {
    constexpr auto in = number(command_channel::in);
    if (channel == in || channel == number(command_channel::resize))
      append_data(to, channel, data);
    else if (channel == close_signal && closes_ && begins &&
             static_cast<unsigned char>(data[0]) == in)
      to.push_back({in, frame::kind::close, {}});
  }

  command_channel first_;
  bool closes_;
  bool status_;
  std::string failure_;  ///< told at its end
};

class ports final : public channels {
 public:
  explicit ports(std::vector<std::uint16_t> all) : ports_(std::move(all)) {}

  void begin(std::vector<frame>& to, std::string& reply) override {
    for (std::uint32_t i = 0; i < ports_.size(); ++i) {
      const char number[2] = {static_cast<char>(ports_[i]), static_cast<char>(ports_[i] >> 8)};
      message(data_channel(i), {number, 2}, reply);
      message(error_channel(i), {number, 2}, reply);
      to.push_back({data_channel(i), frame::kind::open, std::to_string(ports_[i])});
    }
  }

 private:
  void take_data(unsigned char channel, std::string_view data, bool,
                 std::vector<frame>& to) override {
    if (channel % 2 == 0 && channel / 2 < ports_.size()) append_data(to, channel, data);
  }

  std::vector<std::uint16_t> ports_;
};

}  // namespace

std::string failure_text(std::string_view status) {
  const auto parsed = model::parse_json(status);
  if (!parsed || model::string_at(parsed.value, {"status"}) == "Success") return {};
  return model::string_at(parsed.value, {"message"});
}

std::unique_ptr<dialect> websocket_command(std::string_view protocol, command_channel first) {
  if (protocol == "v5.channel.k8s.io") return std::make_unique<command>(first, true, true);
  if (protocol == "v4.channel.k8s.io") return std::make_unique<command>(first, false, true);
  if (protocol == "channel.k8s.io" || protocol.empty())
    return std::make_unique<command>(first, false, false);
  return nullptr;
}

std::unique_ptr<dialect> websocket_ports(std::string_view protocol,
                                         std::vector<std::uint16_t> all) {
  if (protocol != "v4.channel.k8s.io" && !protocol.empty()) return nullptr;
  return std::make_unique<ports>(std::move(all));
}

}  // namespace troupe::stream
