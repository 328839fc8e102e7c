#include "net/http/relay_call.hpp"

#include <boost/asio/post.hpp>
#include <boost/beast/core/string.hpp>

#include <array>
#include <mutex>

namespace troupe::http {
namespace bhttp = boost::beast::http;

namespace {

// Under way from a server to a client that is slow, and the other way after a 101.
constexpr std::size_t most_underway = 256u << 10;
// An answer of known length up to this is sent whole.
constexpr std::uint64_t sent_whole = 256u << 10;
// What is gathered for clients that take no chunks.
constexpr std::size_t most_gathered = 64u << 20;

// What concerns one connection alone, or is written anew.
bool hop_by_hop(boost::string_view name) {
  static constexpr std::array<const char*, 12> names{
      "Connection",   "Keep-Alive", "Proxy-Authenticate",  "Proxy-Connection",
      "TE",           "Trailer",    "Transfer-Encoding",   "Content-Length",
      "Content-Type", "Date",       "Proxy-Authorization", "Audit-Id"};
  return std::any_of(names.begin(), names.end(),
                     [&](const char* n) { return boost::beast::iequals(name, n); });
}

response head_of(const bhttp::response_header<>& h) {
  response out;
  out.code = static_cast<int>(h.result_int());
  const auto type = h[bhttp::field::content_type];
  out.content_type = type.empty() ? "application/octet-stream" : std::string(type);
  for (const auto& f : h)
    if (!hop_by_hop(f.name_string()))
      out.headers.emplace_back(std::string(f.name_string()), std::string(f.value()));
  return out;
}

// Between the relay's thread and the connection's.
struct relay_pipe {
  explicit relay_pipe(asio::io_context& context) : io(context) {}

  asio::io_context& io;
  std::weak_ptr<relay_call> call;  // of the relay's thread
  std::function<void()> wake;

  std::mutex guard;
  std::string in;       // from the server
  bool paused = false;  // it is not read from
  bool ended = false;
  bool broken = false;  // ended before its end
  std::string out;      // to the server
  bool sending = false;

  // The connection's side.
  bool pull(std::string& to) {
    bool go_on = false, more = false;
    {
      const std::lock_guard lock(guard);
      to += in;
      in.clear();
      go_on = std::exchange(paused, false);
      more = !ended;
    }
    if (go_on) on_call([](relay_call& c) { c.resume(); });
    return more;
  }
  template <class F>
  void on_call(F f) {
    asio::post(io, [weak = call, f] {
      if (const auto c = weak.lock()) f(*c);
    });
  }
};

class relayed_body final : public body_source {
 public:
  relayed_body(std::shared_ptr<relay_pipe> p, std::shared_ptr<relay_call> call)
      : pipe_(std::move(p)), call_(std::move(call)) {}
  ~relayed_body() override {
    asio::post(pipe_->io, [call = std::move(call_)] { call->cancel(); });
  }
  bool pull(std::string& out, std::size_t) override { return pipe_->pull(out); }
  bool broken() const override {
    const std::lock_guard lock(pipe_->guard);
    return pipe_->broken;
  }

 private:
  std::shared_ptr<relay_pipe> pipe_;
  std::shared_ptr<relay_call> call_;
};

class relayed_session final : public upgraded {
 public:
  relayed_session(std::shared_ptr<relay_pipe> p, std::shared_ptr<relay_call> call)
      : pipe_(std::move(p)), call_(std::move(call)) {}
  ~relayed_session() override {
    asio::post(pipe_->io, [call = std::move(call_)] { call->cancel(); });
  }
  bool pull(std::string& out, std::size_t) override { return pipe_->pull(out); }
  std::size_t take(char* bytes, std::size_t size) override {
    bool begin = false;
    {
      const std::lock_guard lock(pipe_->guard);
      size = std::min(size, most_underway - std::min(most_underway, pipe_->out.size()));
      pipe_->out.append(bytes, size);
      begin = size > 0 && !std::exchange(pipe_->sending, true);
    }
    if (begin) asio::post(pipe_->io, [p = pipe_, weak = std::weak_ptr(call_)] { send(p, weak); });
    return size;
  }
  bool ready() const override {
    const std::lock_guard lock(pipe_->guard);
    return pipe_->out.size() < most_underway && !pipe_->ended;
  }
  void retire(std::string&) override {}

 private:
  // On the relay's thread: one write after the other.
  static void send(const std::shared_ptr<relay_pipe>& p, const std::weak_ptr<relay_call>& weak) {
    const auto call = weak.lock();
    std::string bytes;
    {
      const std::lock_guard lock(p->guard);
      bytes.swap(p->out);
      p->sending = !bytes.empty();
    }
    if (bytes.empty() || !call) return;
    p->wake();
    call->write(std::move(bytes), [p, weak] { send(p, weak); });
  }

  std::shared_ptr<relay_pipe> pipe_;
  std::shared_ptr<relay_call> call_;
};

class answer_receiver final : public relay_receiver {
 public:
  answer_receiver(asio::io_context& io, exchange_ptr to, relay::failure failed)
      : to_(std::move(to)), failed_(std::move(failed)), pipe_(std::make_shared<relay_pipe>(io)) {
    pipe_->wake = to_->waker();
  }

  void head(const bhttp::response_header<>& h, std::optional<std::uint64_t> length,
            const std::shared_ptr<relay_call>& call) override {
    answer_ = head_of(h);
    call_ = call;
    pipe_->call = call;
    const bool takes_chunks = to_->in().takes_chunks;
    if (answer_.code == 101) {
      begin([&](const exchange_ptr& to) {
        to->upgrade(std::move(answer_), std::make_shared<relayed_session>(pipe_, call));
      });
    } else if (takes_chunks && (!length || *length > sent_whole)) {
      begin([&](const exchange_ptr& to) {
        to->stream(std::move(answer_), std::make_shared<relayed_body>(pipe_, call));
      });
    }
  }

  bool data(std::string_view piece) override {
    if (!streams_) {
      if (whole_.size() + piece.size() > most_gathered) {
        if (const auto call = call_.lock()) call->cancel();
        failed("the answer is too large for a client that takes no chunks");
        return false;
      }
      whole_ += piece;
      return true;
    }
    bool more = false;
    {
      const std::lock_guard lock(pipe_->guard);
      pipe_->in += piece;
      more = pipe_->in.size() < most_underway;
      pipe_->paused = !more;
    }
    pipe_->wake();
    return more;
  }

  void end() override { close(false); }
  void failed(const std::string& why) override {
    if (streams_) return close(true);
    failed_(std::exchange(to_, nullptr), why);
  }

 private:
  template <class F>
  void begin(F f) {
    streams_ = true;
    f(std::exchange(to_, nullptr));
  }

  void close(bool broken) {
    if (!streams_) {
      answer_.body = std::make_shared<const std::string>(std::move(whole_));
      return std::exchange(to_, nullptr)->respond(std::move(answer_));
    }
    {
      const std::lock_guard lock(pipe_->guard);
      pipe_->ended = true;
      pipe_->broken = broken;
    }
    pipe_->wake();
  }

  exchange_ptr to_;
  relay::failure failed_;
  std::shared_ptr<relay_pipe> pipe_;
  std::weak_ptr<relay_call> call_;
  response answer_;
  std::string whole_;
  bool streams_ = false;
};

}  // namespace

std::shared_ptr<relay_receiver> make_answer_receiver(asio::io_context& io, exchange_ptr to,
                                                     relay::failure failed) {
  return std::make_shared<answer_receiver>(io, std::move(to), std::move(failed));
}

}  // namespace troupe::http
