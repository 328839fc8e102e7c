#include "net/stream/spdy_channels.hpp"

#include "net/stream/spdy.hpp"
#include "net/stream/websocket_channels.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <utility>

namespace troupe::stream {
namespace {

// Connections that one session may have open at a time.
constexpr std::size_t most_connections = 1024;

constexpr std::array<std::pair<std::string_view, command_channel>, 5> stream_types{
    {{"stdin", command_channel::in},
     {"stdout", command_channel::out},
     {"stderr", command_channel::err},
     {"error", command_channel::error},
     {"resize", command_channel::resize}}};

// What all uses have in common: each channel is a stream.
class spdy_dialect : public dialect {
 public:
  /// `parity`: of the peer's stream and ping ids; a client's are odd.
  explicit spdy_dialect(std::uint32_t parity) : parity_(parity) {}

  std::size_t read(char* bytes, std::size_t size, std::vector<frame>& to, std::size_t room,
                   std::string& reply) final {
    std::size_t used = 0;
    while (used < size && to.size() < room && fault_.empty()) {
      spdy_event event;
      bool found = false;
      const auto n = reader_.next({bytes + used, size - used}, event, found);
      if (fault_.empty()) fault_ = reader_.fault();
      if (n == 0) break;
      used += n;
      if (found) take(event, to, reply);
    }
    return used;
  }

  void write(const frame& f, std::string& out) override {
    const auto i = streams_.find(f.channel);
    if (i == streams_.end()) return;
    if (f.what == frame::kind::data && !f.bytes.empty())
      writer_.data(i->second, f.bytes, false, out);
    if (f.what != frame::kind::close) return;
    writer_.data(i->second, {}, true, out);
    sent_all(f.channel);
  }
  void ping(std::string& out) final { writer_.ping(next_ping_ += 2, out); }
  void finish(std::string& out) override {
    if (std::exchange(finished_, true)) return;
    for (const auto& [channel, id] : streams_) writer_.data(id, {}, true, out);
    writer_.goaway(last_, out);
  }

 protected:
  /// The peer opens a stream: what it is for, or nothing.
  virtual void opened(const spdy_event& e, std::vector<frame>& to, std::string& reply) = 0;
  /// The peer sends no more on a channel.
  virtual void heard_all(std::uint32_t /*channel*/) {}
  virtual void sent_all(std::uint32_t channel) { streams_.erase(channel); }

  void bind(std::uint32_t channel, std::uint32_t id) {
    streams_[channel] = id;
    channels_[id] = channel;
  }

  spdy_reader reader_;
  spdy_writer writer_;
  std::map<std::uint32_t, std::uint32_t> streams_;   ///< ids by channel, as long as we may send
  std::map<std::uint32_t, std::uint32_t> channels_;  ///< channels by id, as long as the peer may

 private:
  void take(const spdy_event& e, std::vector<frame>& to, std::string& reply) {
    switch (e.what) {
      case spdy_event::kind::ping:
        if (e.id % 2 == parity_) writer_.ping(e.id, reply);
        return;
      case spdy_event::kind::syn_stream:
        if (e.id % 2 != parity_ || e.id <= last_) {
          fault_ = "a SPDY stream has the number of another one";
          return;
        }
        last_ = e.id;
        opened(e, to, reply);
        break;
      case spdy_event::kind::reset:
        if (const auto i = channels_.find(e.id); i != channels_.end()) {
          const auto channel = i->second;
          channels_.erase(i);
          to.push_back({channel, frame::kind::close, {}});
          heard_all(channel);
          sent_all(channel);
        }
        return;
      case spdy_event::kind::data:
        if (const auto i = channels_.find(e.id); i != channels_.end())
          append_data(to, i->second, e.data);
        break;
      default:
        return;
    }
    if (!e.fin) return;
    if (const auto i = channels_.find(e.id); i != channels_.end()) {
      const auto channel = i->second;
      channels_.erase(i);
      to.push_back({channel, frame::kind::close, {}});
      heard_all(channel);
    }
  }

  std::uint32_t parity_;
  std::uint32_t last_ = 0;  ///< stream of the peer
  std::uint32_t next_ping_ = parity_;
  bool finished_ = false;
};

class command_server final : public spdy_dialect {
 public:
  command_server(std::vector<command_channel> wanted, bool status)
      : spdy_dialect(1), wanted_(std::move(wanted)), status_(status) {}

  bool ready() const override { return wanted_.empty(); }

  void write(const frame& f, std::string& out) override {
    if (status_ || f.channel != number(command_channel::error)) return spdy_dialect::write(f, out);
    if (f.what == frame::kind::data) return static_cast<void>(failure_ += f.bytes);
    if (const auto text = failure_text(failure_); !text.empty())
      spdy_dialect::write({f.channel, frame::kind::data, text}, out);
    spdy_dialect::write(f, out);
  }

 private:
  void opened(const spdy_event& e, std::vector<frame>&, std::string& reply) override {
    const auto type = header(e.headers, "streamtype");
    for (const auto& [name, channel] : stream_types) {
      const auto i = std::find(wanted_.begin(), wanted_.end(), channel);
      if (name != type || i == wanted_.end()) continue;
      wanted_.erase(i);
      bind(number(channel), e.id);
      return writer_.syn_reply(e.id, reply);
    }
    writer_.reset(e.id, spdy_writer::refused_stream, reply);
  }

  std::vector<command_channel> wanted_;  ///< not open yet
  bool status_;
  std::string failure_;
};

class command_client final : public spdy_dialect {
 public:
  explicit command_client(std::vector<command_channel> channels)
      : spdy_dialect(0), wanted_(std::move(channels)) {}

  void begin(std::vector<frame>&, std::string& reply) override {
    std::uint32_t id = 1;
    for (const auto channel : wanted_) {
      const auto type = std::find_if(stream_types.begin(), stream_types.end(),
                                     [&](const auto& t) { return t.second == channel; });
      writer_.syn_stream(id, {{"streamtype", std::string(type->first)}}, reply);
      bind(number(channel), id);
      id += 2;
    }
  }

 private:
  void opened(const spdy_event& e, std::vector<frame>&, std::string& reply) override {
    writer_.reset(e.id, spdy_writer::refused_stream, reply);
  }

  std::vector<command_channel> wanted_;
};

class ports_server final : public spdy_dialect {
 public:
  ports_server() : spdy_dialect(1) {}

 private:
  struct connection {
    std::string request, port;
    std::uint32_t data = 0, error = 0;  ///< streams; 0: not open yet
  };

  void opened(const spdy_event& e, std::vector<frame>& to, std::string& reply) override {
    const auto type = header(e.headers, "streamtype");
    const auto port = header(e.headers, "port");
    const bool data = type == "data";
    std::string request(header(e.headers, "requestid"));
    // Old clients open both streams one after the other, the error's first.
    if (request.empty()) request = std::to_string(data ? e.id - 2 : e.id);
    if (!is_port(port) || (!data && type != "error"))
      return writer_.reset(e.id, spdy_writer::refused_stream, reply);
    auto i = std::find_if(open_.begin(), open_.end(),
                          [&](const auto& c) { return c.second.request == request; });
    if (i == open_.end()) {
      if (open_.size() >= most_connections)
        return writer_.reset(e.id, spdy_writer::refused_stream, reply);
      i = open_.emplace(next_++, connection{request, std::string(port), 0, 0}).first;
    }
    auto& [number, c] = *i;
    auto& stream = data ? c.data : c.error;
    if (stream != 0) return writer_.reset(e.id, spdy_writer::refused_stream, reply);
    stream = e.id;
    bind(data ? data_channel(number) : error_channel(number), e.id);
    writer_.syn_reply(e.id, reply);
    if (c.data != 0 && c.error != 0)
      to.push_back({data_channel(number), frame::kind::open, c.port});
  }

  static bool is_port(std::string_view text) {
    std::uint16_t n = 0;
    const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), n);
    return bad == std::errc() && end == text.data() + text.size() && n > 0;
  }

  void heard_all(std::uint32_t channel) override { forget(channel / 2); }
  void sent_all(std::uint32_t channel) override {
    spdy_dialect::sent_all(channel);
    forget(channel / 2);
  }

  // When nothing can come or go any more.
  void forget(std::uint32_t index) {
    const auto i = open_.find(index);
    if (i == open_.end() || i->second.data == 0 || i->second.error == 0) return;
    if (streams_.contains(data_channel(index)) || streams_.contains(error_channel(index)) ||
        channels_.contains(i->second.data))
      return;
    channels_.erase(i->second.error);
    open_.erase(i);
  }

  std::map<std::uint32_t, connection> open_;
  std::uint32_t next_ = 0;
};

class ports_client final : public spdy_dialect {
 public:
  ports_client() : spdy_dialect(0) {}

  void write(const frame& f, std::string& out) override {
    if (f.what != frame::kind::open) return spdy_dialect::write(f, out);
    const auto connection = f.channel / 2;
    const spdy_headers both{{"port", f.bytes}, {"requestid", std::to_string(connection)}};
    for (const bool error : {true, false}) {
      auto headers = both;
      headers.emplace_back("streamtype", error ? "error" : "data");
      writer_.syn_stream(next_, headers, out);
      bind(error ? error_channel(connection) : data_channel(connection), next_);
      if (error) spdy_dialect::write({error_channel(connection), frame::kind::close, {}}, out);
      next_ += 2;
    }
  }

 private:
  void opened(const spdy_event& e, std::vector<frame>&, std::string& reply) override {
    writer_.reset(e.id, spdy_writer::refused_stream, reply);
  }

  std::uint32_t next_ = 1;
};

}  // namespace

std::unique_ptr<dialect> spdy_command_server(std::string_view protocol,
                                             std::vector<command_channel> channels) {
  const bool status = protocol == "v5.channel.k8s.io" || protocol == "v4.channel.k8s.io";
  const bool known = status || protocol == "v3.channel.k8s.io" || protocol == "v2.channel.k8s.io" ||
                     protocol == "channel.k8s.io";
  // Terminals could be resized from version 3 on.
  if (protocol == "v2.channel.k8s.io" || protocol == "channel.k8s.io")
    std::erase(channels, command_channel::resize);
  if (!known) return nullptr;
  return std::make_unique<command_server>(std::move(channels), status);
}

std::unique_ptr<dialect> spdy_command_client(std::vector<command_channel> channels) {
  return std::make_unique<command_client>(std::move(channels));
}

std::unique_ptr<dialect> spdy_ports_server() {
  return std::make_unique<ports_server>();
}

std::unique_ptr<dialect> spdy_ports_client() {
  return std::make_unique<ports_client>();
}

}  // namespace troupe::stream
