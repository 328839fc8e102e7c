#include "net/http/server.hpp"

#include "model/status.hpp"
#include "net/http/tls_connection.hpp"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <spdlog/spdlog.h>

#include <future>
#include <optional>
#include <sys/resource.h>

namespace troupe::http {
using tcp = asio::ip::tcp;

exchange::exchange(std::shared_ptr<connection> c, request r)
    : connection_(std::move(c)), request_(std::move(r)) {}

exchange::~exchange() {
  // No effect when it was answered.
  if (!answered_)
    connection_->respond({500,
                          "application/json",
                          std::make_shared<const std::string>(
                              model::to_text(model::internal_error("the request was dropped"))),
                          {}});
}

std::vector<std::function<void()>> exchange::begin(response& r, bool streams) {
  for (auto& h : headers_) r.headers.push_back(std::move(h));
  std::vector<std::function<void()>> out;
  for (const auto& o : observers_)
    if (auto ended = o(r, streams)) out.push_back(std::move(ended));
  return out;
}

namespace {

// The last holder of a body lets it go when it has been sent, or nobody reads on.
template <class Body>
std::shared_ptr<Body> ending(std::shared_ptr<Body> body, std::vector<std::function<void()>> then) {
  if (then.empty()) return body;
  Body* raw = body.get();
  return std::shared_ptr<Body>(raw, [body = std::move(body), then = std::move(then)](Body*) {
    for (const auto& f : then) f();
  });
}

}  // namespace

void exchange::respond(response r) {
  if (answered_.exchange(true)) return;
  begin(r, false);
  connection_->respond(std::move(r));
}

void exchange::stream(response head, std::shared_ptr<body_source> body) {
  if (answered_.exchange(true)) return;
  auto then = begin(head, true);
  connection_->stream(std::move(head), ending(std::move(body), std::move(then)));
}

void exchange::upgrade(response head, std::shared_ptr<upgraded> session) {
  if (answered_.exchange(true)) return;
  auto then = begin(head, true);
  connection_->upgrade(std::move(head), ending(std::move(session), std::move(then)));
}

std::function<void()> exchange::waker() const {
  return [weak = std::weak_ptr<connection>(connection_)] {
    if (auto c = weak.lock()) c->wake();
  };
}

void exchange::post(std::function<void()> f) {
  connection_->post(std::move(f));
}

void exchange::post_after(std::chrono::milliseconds delay, std::function<void()> f) {
  connection_->post_after(delay, std::move(f));
}

namespace {

std::size_t connections_by_files() {
  rlimit files{};
  if (::getrlimit(RLIMIT_NOFILE, &files) != 0) return 512;
  return static_cast<std::size_t>(std::min<rlim_t>(files.rlim_cur, 1u << 20)) / 8 * 7;
}

}  // namespace

struct server::impl {
  struct listener {
    tcp::acceptor acceptor;
    std::optional<asio::ssl::context> tls;
    bool stopped = false;
    asio::steady_timer retry;
  };

  std::shared_ptr<server_state> state = std::make_shared<server_state>();
  std::vector<std::shared_ptr<event_loop>> loops;
  std::vector<std::unique_ptr<listener>> listeners;
  std::vector<std::uint16_t> ports;
  std::size_t next_loop = 0;
  bool stopped = false;

  impl(server_options o, handler h) {
    state->options = std::move(o);
    state->handle = std::move(h);
    if (auto& most = state->options.max_connections; most == 0) most = connections_by_files();
    for (unsigned i = 0; i < std::max(1u, state->options.threads); ++i)
      loops.push_back(std::make_shared<event_loop>(state));
    for (const auto& l : state->options.listeners) open(l);
    for (auto& loop : loops) {
      loop->sweep();
      loop->thread = std::thread([&io = loop->io] {
        pthread_setname_np(pthread_self(), "http");
        io.run();
      });
    }
    for (auto& l : listeners) asio::post(loops.front()->io, [this, at = l.get()] { accept(*at); });
  }

  void open(const listener_options& o) {
    const tcp::endpoint where(asio::ip::make_address(o.address), o.port);
    auto l = std::unique_ptr<listener>(new listener{tcp::acceptor(loops.front()->io), std::nullopt,
                                                    false, asio::steady_timer(loops.front()->io)});
    if (o.tls) l->tls.emplace(make_server_context(*o.tls));
    l->acceptor.open(where.protocol());
    l->acceptor.set_option(tcp::acceptor::reuse_address(true));
    l->acceptor.bind(where);
    l->acceptor.listen(1024);
    ports.push_back(l->acceptor.local_endpoint().port());
    listeners.push_back(std::move(l));
  }

  void accept(listener& l) {
    auto loop = loops[next_loop++ % loops.size()];
    l.acceptor.async_accept(loop->io, [this, &l, loop](error_code ec, tcp::socket s) {
      if (l.stopped) return;
      if (ec) return retry_accept(l, ec);
      if (state->connections.load(std::memory_order_relaxed) < state->options.max_connections)
        admit(l, loop, std::move(s));
      accept(l);
    });
  }

  // Out of file descriptors, most likely: connections that end will free some.
  void retry_accept(listener& l, error_code ec) {
    spdlog::warn("http: cannot accept a connection: {}", ec.message());
    l.retry.expires_after(std::chrono::milliseconds(100));
    l.retry.async_wait([this, &l](error_code cancelled) {
      if (!cancelled && !l.stopped) accept(l);
    });
  }

  static void admit(listener& l, const std::shared_ptr<event_loop>& loop, tcp::socket s) {
    error_code ignored;
    s.set_option(tcp::no_delay(true), ignored);
    s.set_option(asio::socket_base::keep_alive(true), ignored);
    const auto peer = s.remote_endpoint(ignored);
    std::string address = ignored ? std::string() : peer.address().to_string();
    asio::dispatch(loop->io,
                   [&l, loop, socket = std::move(s), address = std::move(address)]() mutable {
                     if (loop->stopping) return;
                     auto c = l.tls ? make_tls_connection(loop, std::move(socket), *l.tls)
                                    : make_plain_connection(loop, std::move(socket));
                     c->from(std::move(address));
                     c->start();
                   });
  }

  void stop() {
    if (std::exchange(stopped, true)) return;
    run_on(*loops.front(), [this] {
      for (auto& l : listeners) {
        l->stopped = true;
        error_code ignored;
        l->acceptor.close(ignored);
        l->retry.cancel();
      }
    });
    for (auto& loop : loops) run_on(*loop, [&loop] { loop->stop(); });
    const auto until = steady_clock::now() + state->options.grace;
    while (state->connections.load() > 0 && steady_clock::now() < until)
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    for (auto& loop : loops) {
      run_on(*loop, [&loop] {
        loop->close_all();
        loop->sweeper.cancel();
        loop->ended = true;
      });
      loop->io.stop();
      loop->thread.join();
      loop->io.restart();
      loop->io.poll();  // what was cancelled lets go of its connection
    }
  }

  static void run_on(event_loop& loop, const std::function<void()>& f) {
    std::promise<void> done;
    asio::post(loop.io, [&] {
      f();
      done.set_value();
    });
    done.get_future().wait();
  }
};

unsigned usual_server_threads() {
  return std::max(1u, std::thread::hardware_concurrency() / 2);
}

server::server(server_options options, handler handle)
    : impl_(std::make_unique<impl>(std::move(options), std::move(handle))) {}

server::~server() {
  stop();
}

const std::vector<std::uint16_t>& server::ports() const {
  return impl_->ports;
}

std::size_t server::connections() const {
  return impl_->state->connections.load(std::memory_order_relaxed);
}

void server::stop() {
  impl_->stop();
}

}  // namespace troupe::http
