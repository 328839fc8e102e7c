#include "net/rest/relayed_source.hpp"

#include "messages/errors.hpp"
#include "model/status.hpp"

#include <caf/all.hpp>

#include <mutex>
#include <utility>

namespace troupe::rest {
namespace {

// Under way from a server to a reader that is slow.
constexpr std::size_t most_underway = 256u << 10;
constexpr std::size_t chunk_size = 64u << 10;
// Of an answer that is no stream: a refusal.
constexpr std::size_t largest_refusal = 1u << 20;

using relayed_source = stream_source::extend<caf::reacts_to<changed_atom>>;

/// Between the relay's thread and the source's.
struct relayed_pipe {
  std::mutex guard;
  std::string bytes;
  bool paused = false;
  bool ended = false;
  std::string why;    ///< it ended before its end
  bool left = false;  ///< nobody reads it any more
  std::shared_ptr<http::relay_stream> from;
};
using pipe_ptr = std::shared_ptr<relayed_pipe>;

class relayed_source_actor final : public relayed_source::base {
 public:
  relayed_source_actor(caf::actor_config& c, pipe_ptr p, std::uint64_t id, stream_sink sink)
      : relayed_source::base(c), pipe_(std::move(p)), id_(id), sink_(std::move(sink)) {}

  const char* name() const override { return "relayed source"; }

 protected:
  behavior_type make_behavior() override {
    set_down_handler([this](const caf::down_msg&) { quit(); });
    monitor(sink_);
    return {[this](credit_atom, std::uint64_t id, std::uint32_t n) {
              if (id != id_) return;
              credit_ += n;
              pump();
            },
            [this](cancel_atom, std::uint64_t id) {
              if (id == id_) quit();
            },
            [this](changed_atom) { pump(); }};
  }

  void on_exit() override {
    std::shared_ptr<http::relay_stream> from;
    {
      const std::lock_guard lock(pipe_->guard);
      pipe_->left = true;
      from = std::move(pipe_->from);
    }
    if (from) from->cancel();
    sink_ = nullptr;
  }

 private:
  void pump() {
    while (credit_ > 0) {
      std::string chunk;
      std::shared_ptr<http::relay_stream> go_on;
      {
        const std::lock_guard lock(pipe_->guard);
        chunk = pipe_->bytes.substr(0, chunk_size);
        pipe_->bytes.erase(0, chunk.size());
        if (chunk.empty() && !pipe_->ended) return;
        if (pipe_->from && pipe_->bytes.size() < most_underway &&
            std::exchange(pipe_->paused, false))
          go_on = pipe_->from;
      }
      if (go_on) go_on->resume();
      if (chunk.empty()) return end();
      --credit_;
      send(sink_, chunk_atom::value, id_, blob_ref(std::move(chunk)));
    }
  }

  void end() {
    const auto& why = pipe_->why;  // nobody writes it any more
    send(sink_, end_atom::value, id_,
         why.empty() ? caf::error{} : to_error(model::unavailable(why)));
    quit();
  }

  pipe_ptr pipe_;
  std::uint64_t id_;
  stream_sink sink_;
  std::uint64_t credit_ = 0;
};

/// Hears the answer, and tells of it once.
class opening {
 public:
  opening(pipe_ptr p, relayed_source source, opened_fn opened)
      : pipe_(std::move(p)), source_(std::move(source)), opened_(std::move(opened)) {}

  void head(int code, const std::string& type) {
    head_.code = static_cast<std::uint16_t>(code);
    head_.content_type = type;
    streams_ = code == 200;
    if (streams_) opened_(head_, caf::actor_cast<stream_source>(source_));
  }

  bool data(std::string_view piece) {
    if (!streams_) {
      if (refusal_.size() < largest_refusal) refusal_ += piece;
      return true;
    }
    bool more = false;
    {
      const std::lock_guard lock(pipe_->guard);
      pipe_->bytes += piece;
      more = pipe_->bytes.size() < most_underway;
      pipe_->paused = !more;
    }
    caf::anon_send(source_, changed_atom::value);
    return more;
  }

  void end(const std::string& why) {
    if (!streams_) return refuse(why);
    {
      const std::lock_guard lock(pipe_->guard);
      pipe_->ended = true;
      pipe_->why = why;
    }
    caf::anon_send(source_, changed_atom::value);
    source_ = nullptr;
  }

  void refuse(const std::string& why) {
    if (!why.empty()) {
      head_ = {};
      head_.code = 503;
      refusal_ = model::to_text(model::unavailable(why));
    }
    head_.body = blob_ref(std::move(refusal_));
    caf::anon_send_exit(source_, caf::exit_reason::user_shutdown);
    source_ = nullptr;
    opened_(std::move(head_), stream_source{});
  }

 private:
  pipe_ptr pipe_;
  relayed_source source_;
  opened_fn opened_;
  api_response head_;
  std::string refusal_;
  bool streams_ = false;
};

}  // namespace

void open_relayed(caf::actor_system& system, std::uint64_t id, const stream_sink& sink,
                  const listen_fn& listen, opened_fn opened) {
  auto pipe = std::make_shared<relayed_pipe>();
  const auto source = system.spawn<relayed_source_actor>(pipe, id, sink);
  auto heard =
      std::make_shared<opening>(pipe, caf::actor_cast<relayed_source>(source), std::move(opened));
  auto from = listen({[heard](int code, const std::string& type) { heard->head(code, type); },
                      [heard](std::string_view piece) { return heard->data(piece); },
                      [heard](const std::string& why) {
                        heard->end(why.empty() ? why : "error trying to reach service: " + why);
                      }});
  if (!from) return heard->refuse("service unavailable");
  const std::lock_guard lock(pipe->guard);
  if (pipe->left) return from->cancel();
  pipe->from = std::move(from);
  // It may have been told to wait already.
  caf::anon_send(caf::actor_cast<relayed_source>(source), changed_atom::value);
}

}  // namespace troupe::rest
