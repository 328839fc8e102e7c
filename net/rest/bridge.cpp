#include "net/rest/bridge.hpp"

#include "messages/errors.hpp"
#include "net/rest/tunnels.hpp"

#include <caf/all.hpp>

#include <deque>
#include <mutex>

namespace troupe::rest {
namespace {

// Chunks under way from a source: a quarter of a megabyte is what a client that does not read
// costs.
constexpr std::uint32_t window = 4;

// What a stream's chunks pass through, from the sink's thread to the connection's.
struct pipe {
  std::mutex guard;
  std::deque<blob_ref> chunks;
  bool ended = false;
};

class stream_body final : public http::body_source {
 public:
  stream_body(std::shared_ptr<pipe> p, std::uint64_t id, stream_source source, stream_sink sink)
      : pipe_(std::move(p)), id_(id), source_(std::move(source)), sink_(std::move(sink)) {
    caf::anon_send(source_, credit_atom::value, id_, window);
  }
  ~stream_body() override {
    caf::anon_send(source_, cancel_atom::value, id_);
    caf::anon_send_exit(sink_, caf::exit_reason::user_shutdown);
  }

  bool pull(std::string& out, std::size_t limit) override {
    std::uint32_t taken = 0;
    bool more = true;
    {
      std::lock_guard lock(pipe_->guard);
      for (; !pipe_->chunks.empty() && out.size() < limit; ++taken) {
        out += pipe_->chunks.front().bytes();
        pipe_->chunks.pop_front();
      }
      more = !pipe_->ended || !pipe_->chunks.empty();
    }
    if (taken > 0) caf::anon_send(source_, credit_atom::value, id_, taken);
    return more;
  }

 private:
  std::shared_ptr<pipe> pipe_;
  std::uint64_t id_;
  stream_source source_;
  stream_sink sink_;
};

stream_sink::behavior_type sink(stream_sink::pointer, std::shared_ptr<pipe> p,
                                std::function<void()> wake) {
  auto end = [p, wake] {
    {
      std::lock_guard lock(p->guard);
      p->ended = true;
    }
    wake();
  };
  return {[p, wake](chunk_atom, std::uint64_t, const blob_ref& chunk) {
            {
              std::lock_guard lock(p->guard);
              p->chunks.push_back(chunk);
            }
            wake();
          },
          [end](end_atom, std::uint64_t, const caf::error&) { end(); }};
}

void open(caf::event_based_actor* self, const api_actor& api, const forward& f, std::uint64_t id) {
  auto p = std::make_shared<pipe>();
  auto to_sink = self->system().spawn(sink, p, f.to->waker());
  const auto accept = f.request.accept;
  self->request(api, caf::infinite, open_atom::value, f.request, id, to_sink)
      .then(
          [to = f.to, p, id, to_sink, accept](const api_response& r, const stream_source& source) {
            if (!source) {
              caf::anon_send_exit(to_sink, caf::exit_reason::user_shutdown);
              return to->respond(to_http(r, accept));
            }
            // A source that dies without a word ends the stream, too; its end lines up behind the
            // chunks that the sink has still to take.
            source->attach_functor(
                [to_sink, id] { caf::anon_send(to_sink, end_atom::value, id, caf::error{}); });
            http::response head = to_http(r, accept);
            to->stream(std::move(head), std::make_shared<stream_body>(p, id, source, to_sink));
          },
          [to = f.to, to_sink, accept](const caf::error& e) {
            caf::anon_send_exit(to_sink, caf::exit_reason::user_shutdown);
            to->respond(failure(e, accept));
          });
}

}  // namespace

void add_warning(http::response& to, std::string_view text) {
  std::string value = "299 - \"";
  for (const char c : text) {
    if (c == '"' || c == '\\') value += '\\';
    value += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
  }
  value += '"';
  to.headers.emplace_back("Warning", std::move(value));
}

http::response failure(const caf::error& e, std::string_view accept) {
  const auto s = to_status(e);
  const auto show = store::rendering_of_status(accept);
  return {s.code,
          std::string(show.content_type()),
          std::make_shared<const std::string>(store::encode(model::to_text(s), show)),
          {}};
}

http::response to_http(const api_response& r, std::string_view accept, audit_notes notes) {
  http::response out{r.code, r.content_type, r.body.get(), {}};
  if (r.code >= 400) {
    const auto show = store::rendering_of_status(accept);
    if (show.in != store::rendering::encoding::json) {
      out.content_type = show.content_type();
      out.body =
          std::make_shared<const std::string>(store::encode(std::string(r.body.bytes()), show));
    }
  }
  out.headers.emplace_back("Cache-Control", "no-cache, private");
  for (const auto& w : r.warnings) add_warning(out, w);
  if (r.retry_after) out.headers.emplace_back("Retry-After", std::to_string(*r.retry_after));
  out.notes = std::move(notes);
  return out;
}

caf::actor spawn_bridge(caf::actor_system& system, api_server_actor api) {
  return system.spawn([api = std::move(api)](caf::event_based_actor* self) -> caf::behavior {
    auto id = std::make_shared<std::uint64_t>(0);
    return {
        [self, api](forward_atom, forward& f) {
          const auto accept = f.request.accept;
          self->request(api, caf::infinite, audited_atom::value, std::move(f.request))
              .then(
                  [to = f.to, accept](const api_response& r, audit_notes& n) {
                    to->respond(to_http(r, accept, std::move(n)));
                  },
                  [to = f.to, accept](const caf::error& e) { to->respond(failure(e, accept)); });
        },
        [self, api, id](open_atom, const forward& f) { open(self, api, f, ++*id); },
        [self, api, id](tunnel_atom, const tunnel_forward& f) {
          open_tunnel(self, api, f, ++*id);
        }};
  });
}

}  // namespace troupe::rest
