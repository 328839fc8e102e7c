#include "net/http/relay.hpp"

#include "net/http/relay_call.hpp"

#include <boost/asio/post.hpp>

#include <atomic>
#include <map>
#include <thread>

namespace troupe::http {
namespace {

constexpr std::size_t most_contexts = 64;

}  // namespace

struct relay::impl {
  explicit impl(relay_options o) : options(std::move(o)) {}

  // Reading the system's authorities takes a while; the contexts of few servers are kept.
  std::shared_ptr<asio::ssl::context> context_of(const relay_target& whom) {
    const std::string name = whom.insecure ? "insecure" : "ca:" + whom.ca;
    if (const auto found = contexts.find(name); found != contexts.end()) return found->second;
    if (contexts.size() >= most_contexts) contexts.clear();
    auto made = std::make_shared<asio::ssl::context>(
        make_relay_context(whom, options.certificate, options.key));
    contexts.emplace(name, made);
    return made;
  }

  void start(const relay_target& whom, relay_request what, std::chrono::milliseconds patience,
             std::shared_ptr<relay_receiver> to) {
    try {
      auto context = whom.plain ? nullptr : context_of(whom);
      make_relay_call(io, std::move(context), whom, std::move(what), to)->start(patience);
    } catch (const std::exception& e) {
      to->failed(e.what());
    }
  }

  relay_options options;
  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{io.get_executor()};
  std::map<std::string, std::shared_ptr<asio::ssl::context>> contexts;
  std::atomic<bool> stopped{false};
  std::thread thread;
};

relay::relay(relay_options options) : impl_(std::make_shared<impl>(std::move(options))) {
  // What is wrong with our own certificate shows now.
  relay_target nobody;
  nobody.insecure = true;
  impl_->context_of(nobody);
  impl_->thread = std::thread([i = impl_.get()] { i->io.run(); });
}

relay::~relay() {
  stop();
}

void relay::stop() {
  if (impl_->stopped.exchange(true)) return;
  impl_->work.reset();
  impl_->io.stop();
  impl_->thread.join();
}

void relay::post(std::function<void()> f) {
  if (!impl_->stopped) asio::post(impl_->io, std::move(f));
}

void relay::post_after(std::chrono::milliseconds delay, std::function<void()> f) {
  if (impl_->stopped) return;
  auto timer = std::make_shared<asio::steady_timer>(impl_->io, delay);
  timer->async_wait([timer, f = std::move(f)](error_code ec) {
    if (!ec) f();
  });
}

void relay::pass(exchange_ptr to, relay_target whom, relay_request what, failure failed) {
  post([i = impl_.get(), to = std::move(to), whom = std::move(whom), what = std::move(what),
        failed = std::move(failed)]() mutable {
    const auto patience = i->options.patience;
    i->start(whom, std::move(what), patience,
             make_answer_receiver(i->io, std::move(to), std::move(failed)));
  });
}

void relay::fetch(relay_target whom, relay_request what, std::chrono::milliseconds patience,
                  std::size_t limit, std::function<void(client_reply)> done) {
  post([i = impl_.get(), whom = std::move(whom), what = std::move(what), patience, limit,
        done = std::move(done)]() mutable {
    i->start(whom, std::move(what), patience, make_fetch_receiver(limit, std::move(done)));
  });
}

// Holds the relay loosely: what it posts may lie there when the relay has stopped.
class relay::listening final : public relay_stream, public std::enable_shared_from_this<listening> {
 public:
  explicit listening(std::weak_ptr<impl> of) : of_(std::move(of)) {}

  void resume() override {
    on_call([](relay_call& c) { c.resume(); });
  }
  void cancel() override {
    cancelled_ = true;
    on_call([](relay_call& c) { c.cancel(); });
  }
  bool cancelled() const { return cancelled_; }
  /// On the relay's thread.
  void began(std::weak_ptr<relay_call> call) { call_ = std::move(call); }

 private:
  template <class F>
  void on_call(F f) {
    const auto i = of_.lock();
    if (!i || i->stopped) return;
    asio::post(i->io, [weak = weak_from_this(), f] {
      const auto self = weak.lock();
      if (!self) return;
      if (const auto call = self->call_.lock()) f(*call);
    });
  }

  std::weak_ptr<impl> of_;
  std::weak_ptr<relay_call> call_;
  std::atomic<bool> cancelled_{false};
};

std::shared_ptr<relay_stream> relay::listen(relay_target whom, relay_request what,
                                            relay_listener listener) {
  auto stream = std::make_shared<listening>(impl_);
  const auto head = std::move(listener.head);
  listener.head = nullptr;
  post([i = impl_.get(), stream, whom = std::move(whom), what = std::move(what), head,
        listener = std::move(listener)]() mutable {
    auto to = make_listening_receiver(
        [stream, head](int code, const std::string& type, const std::shared_ptr<relay_call>& call) {
          stream->began(call);
          if (stream->cancelled()) return call->cancel();
          head(code, type);
        },
        std::move(listener));
    i->start(whom, std::move(what), i->options.patience, std::move(to));
  });
  return stream;
}

}  // namespace troupe::http
