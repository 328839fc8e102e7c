#include "net/stream/spdy_channels.hpp"
#include "net/stream/websocket.hpp"

namespace troupe::stream {
namespace {

class tunnel final : public dialect {
 public:
  explicit tunnel(std::unique_ptr<dialect> inner) : inner_(std::move(inner)) {}

  void begin(std::vector<frame>& to, std::string& reply) override {
    std::string said;
    inner_->begin(to, said);
    wrap(said, reply);
  }

  std::size_t read(char* bytes, std::size_t size, std::vector<frame>& to, std::size_t room,
                   std::string& reply) override {
    std::size_t used = 0;
    understand(to, room, reply);
    while (to.size() < room && used < size && fault_.empty() && !ended_) {
      websocket_piece piece;
      bool found = false;
      const auto n = reader_.next(bytes + used, size - used, piece, found);
      if (fault_.empty()) fault_ = reader_.fault();
      if (n == 0) break;
      used += n;
      if (!found) continue;
      if (piece.op == websocket_op::ping) {
        append_message(websocket_op::pong, piece.payload, reply);
      } else if (piece.op == websocket_op::close) {
        ended_ = true;
        append_message(websocket_op::close, piece.payload.substr(0, 2), reply);
      } else if (piece.op != websocket_op::pong) {
        held_.append(piece.payload);
        understand(to, room, reply);
      }
    }
    return used;
  }

  void write(const frame& f, std::string& out) override {
    std::string said;
    inner_->write(f, said);
    wrap(said, out);
  }
  bool ready() const override { return inner_->ready(); }
  void ping(std::string& out) override { append_message(websocket_op::ping, {}, out); }
  void finish(std::string& out) override {
    if (ended_) return;
    std::string said;
    inner_->finish(said);
    wrap(said, out);
    append_message(websocket_op::close, normal_closure, out);
  }

 private:
  static void wrap(const std::string& said, std::string& out) {
    if (!said.empty()) append_message(websocket_op::binary, said, out);
  }

  void understand(std::vector<frame>& to, std::size_t room, std::string& reply) {
    if (held_.empty()) return;
    std::string said;
    const auto n = inner_->read(held_.data(), held_.size(), to, room, said);
    wrap(said, reply);
    fault_ = inner_->fault();
    held_.erase(0, n);
  }

  std::unique_ptr<dialect> inner_;
  websocket_reader reader_;
  std::string
      held_;  ///< what the inner protocol has not taken: part of a frame, or all without room
};

}  // namespace

std::unique_ptr<dialect> websocket_tunnel(std::unique_ptr<dialect> inner) {
  return std::make_unique<tunnel>(std::move(inner));
}

}  // namespace troupe::stream
