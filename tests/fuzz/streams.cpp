#include "net/stream/spdy.hpp"
#include "net/stream/spdy_channels.hpp"
#include "net/stream/websocket_channels.hpp"
#include "tests/fuzz/target.hpp"

using namespace troupe::stream;

namespace {

std::unique_ptr<dialect> some_dialect(char which) {
  const std::vector<command_channel> all{command_channel::error, command_channel::in,
                                         command_channel::out};
  switch (which) {
    case 'w':
      return websocket_command("v5.channel.k8s.io", command_channel::out);
    case 'p':
      return websocket_ports("v4.channel.k8s.io", {80, 81});
    case 's':
      return spdy_command_server("v4.channel.k8s.io", all);
    case 'c':
      return spdy_command_client(all);
    case 'f':
      return spdy_ports_server();
    default:
      return websocket_tunnel(spdy_ports_server());
  }
}

struct heard {
  std::vector<frame> frames;
  std::string reply, fault;
};

// What it understands of bytes that come `step` at a time, with little room.
heard listen(char which, std::string_view bytes, std::size_t step) {
  auto d = some_dialect(which);
  heard out;
  std::string held;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    held += bytes.substr(at, step);
    for (;;) {
      std::vector<frame> some;
      const auto n = d->read(held.data(), held.size(), some, 3, out.reply);
      require(n <= held.size(), "more was taken than there was");
      held.erase(0, n);
      for (auto& f : some) {
        require(f.bytes.size() <= bytes.size(), "a frame is larger than what came");
        if (f.what == frame::kind::data)
          append_data(out.frames, f.channel, f.bytes);
        else
          out.frames.push_back(f);
      }
      if (n == 0 && some.empty()) break;
    }
  }
  out.fault = d->fault();
  std::string last;
  d->ping(last);
  d->finish(last);
  return out;
}

}  // namespace

// The input is the letter of a protocol and what a peer sends.
void fuzz(std::string_view input) {
  if (input.empty()) return;
  const auto whole = listen(input[0], input.substr(1), input.size());
  const auto pieces = listen(input[0], input.substr(1), 1);
  require(whole.frames == pieces.frames, "the same bytes say something else in pieces");
  require(whole.fault == pieces.fault, "the same bytes are at fault otherwise in pieces");
}

std::vector<std::string> seeds() {
  std::string streams;
  spdy_writer w;
  w.syn_stream(1, {{"streamtype", "error"}, {"port", "80"}, {"requestid", "0"}}, streams);
  w.syn_stream(3, {{"streamtype", "data"}, {"port", "80"}, {"requestid", "0"}}, streams);
  w.data(3, "hello", false, streams);
  w.data(3, {}, true, streams);
  w.ping(1, streams);
  std::string command;
  spdy_writer v;
  v.syn_stream(1, {{"streamtype", "stdin"}}, command);
  v.data(1, "x", true, command);
  const std::string message("\x82\x83\0\0\0\0\0ab\x82\x82\0\0\0\0\xff\0\x89\x80\0\0\0\0", 23);
  const std::string wrapped = std::string("\x82\xfe", 2) + static_cast<char>(streams.size() >> 8) +
                              static_cast<char>(streams.size()) + std::string(4, '\0') + streams;
  return {"w" + message, "p" + message, "s" + command, "c" + command, "f" + streams, "t" + wrapped};
}
