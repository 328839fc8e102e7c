#include "net/http/connection.hpp"

#include "model/status.hpp"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/rfc7230.hpp>

#include <algorithm>
#include <charconv>
#include <stdexcept>

namespace troupe::http {
namespace {

constexpr std::size_t read_size = 8u << 10;
constexpr std::size_t join_below = 16u << 10;   // one write of head and body beats two
constexpr std::size_t piece_size = 128u << 10;  // of a streamed body
constexpr std::size_t upgraded_read_size = 128u << 10;
constexpr std::chrono::seconds drain_time{2};
// Handlers answer always; this only bounds what a fault of ours would hold.
constexpr std::chrono::seconds handling_limit{120};

// `name` is a known one, or text.
template <class Name>
std::string take(const boost::beast::http::fields& fields, Name name) {
  const auto v = fields[name];
  return {v.data(), v.size()};
}

std::vector<std::pair<std::string, std::string>> impersonation(
    const boost::beast::http::fields& fields) {
  constexpr std::string_view prefix = "impersonate-";
  std::vector<std::pair<std::string, std::string>> out;
  for (const auto& field : fields) {
    const auto name = field.name_string();
    if (name.size() <= prefix.size() ||
        !boost::beast::iequals(name.substr(0, prefix.size()), {prefix.data(), prefix.size()}))
      continue;
    std::string rest(name.substr(prefix.size()));
    for (char& c : rest)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    out.emplace_back(std::move(rest), std::string(field.value()));
  }
  return out;
}

// Appends what stands between commas in all headers of that name. Kubernetes' names of protocols
// have slashes, which tokens have not.
void append_listed(const boost::beast::http::fields& fields, std::string_view name,
                   std::vector<std::string>& out) {
  const auto [begin, end] = fields.equal_range({name.data(), name.size()});
  for (auto i = begin; i != end; ++i) {
    std::string_view rest(i->value().data(), i->value().size());
    while (!rest.empty()) {
      auto one = rest.substr(0, rest.find(','));
      rest.remove_prefix(std::min(rest.size(), one.size() + 1));
      while (one.starts_with(' ')) one.remove_prefix(1);
      while (one.ends_with(' ')) one.remove_suffix(1);
      if (!one.empty()) out.emplace_back(one);
    }
  }
}

std::shared_ptr<const upgrade_offer> offer_of(const boost::beast::http::fields& fields) {
  using boost::beast::http::field;
  if (!boost::beast::http::token_list(fields[field::connection]).exists("upgrade")) return nullptr;
  auto out = std::make_shared<upgrade_offer>();
  out->protocol = take(fields, field::upgrade);
  for (char& c : out->protocol)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  out->key = take(fields, field::sec_websocket_key);
  out->version = take(fields, field::sec_websocket_version);
  append_listed(
      fields, out->protocol == "websocket" ? "Sec-WebSocket-Protocol" : "X-Stream-Protocol-Version",
      out->protocols);
  return out;
}

}  // namespace

connection::connection(std::shared_ptr<event_loop> loop) : loop_(std::move(loop)) {
  loop_->connections.insert(this);
  loop_->server->connections.fetch_add(1, std::memory_order_relaxed);
  expire_in(loop_->server->options.read_timeout);
}

void connection::closed() {
  if (state_ == state::closed) return;
  state_ = state::closed;
  source_.reset();
  session_.reset();
  loop_->connections.erase(this);
  loop_->server->connections.fetch_sub(1, std::memory_order_relaxed);
  // Whoever calls goes on with this object.
  if (self_) asio::post(loop_->io, [self = std::move(self_)] {});
}

void connection::opened() {
  next_request();
}

void connection::next_request() {
  if (loop_->stopping) return close();
  state_ = state::reading;
  parser_.emplace();
  parser_->eager(true);
  // Beast counts the header and its target together.
  parser_->header_limit(static_cast<std::uint32_t>(loop_->server->options.header_limit +
                                                   loop_->server->options.target_limit));
  parser_->body_limit(loop_->server->options.body_limit);
  continued_ = false;
  expire_in(begin_ == end_ ? loop_->server->options.idle_timeout
                           : loop_->server->options.read_timeout);
  if (begin_ == end_) {
    read_more();
  } else {
    feed();
  }
}

void connection::read_more() {
  if (reading_) return;
  if (begin_ == end_) begin_ = end_ = 0;
  const std::size_t least = state_ == state::upgraded ? upgraded_read_size : read_size;
  if (in_.size() - end_ < least / 2) {
    std::copy(in_.begin() + static_cast<std::ptrdiff_t>(begin_),
              in_.begin() + static_cast<std::ptrdiff_t>(end_), in_.begin());
    end_ -= begin_;
    begin_ = 0;
    if (in_.size() - end_ < least) in_.resize(std::max(least, in_.size() * 2));
  }
  reading_ = true;
  start_read(asio::buffer(in_.data() + end_, in_.size() - end_));
}

void connection::on_read(error_code ec, std::size_t n) {
  reading_ = false;
  if (state_ == state::closed) return;
  if (ec) return close();
  end_ += n;
  if (state_ == state::draining) {
    begin_ = end_ = 0;
    return read_more();
  }
  if (state_ == state::upgraded) return feed_upgraded();
  if (state_ == state::reading) {
    expire_in(loop_->server->options.read_timeout);
    return feed();
  }
  // Bytes of a next request while this one's answer streams out: keep a few, never more.
  if (end_ - begin_ < loop_->server->options.header_limit) read_more();
}

std::size_t connection::parse(error_code& ec) {
  try {
    return parser_->put(asio::buffer(in_.data() + begin_, end_ - begin_), ec);
  } catch (const std::length_error&) {
    // Beast throws for a field that passed its limits but is past its 16-bit lengths.
    ec = boost::beast::http::error::header_limit;
    return 0;
  }
}

void connection::feed() {
  while (begin_ < end_) {
    error_code ec;
    const auto n = parse(ec);
    begin_ += n;
    using boost::beast::http::error;
    if (ec == error::need_more) ec = {};
    if (ec == error::header_limit)
      return refuse(431, "RequestHeaderFieldsTooLarge", "the request's header is too large");
    if (ec == error::body_limit)
      return refuse(413, "RequestEntityTooLarge",
                    "Request entity too large: limit is " +
                        std::to_string(loop_->server->options.body_limit));
    if (ec) return refuse(400, "BadRequest", "malformed HTTP request: " + ec.message());
    if (parser_->is_header_done() &&
        parser_->get().target().size() > loop_->server->options.target_limit)
      return refuse(414, "RequestURITooLong", "the request's URL is too long");
    if (parser_->is_done()) return dispatch();
    if (n == 0) break;
  }
  if (parser_->is_header_done() && !continued_ && !writing_ &&
      boost::beast::iequals(parser_->get()[boost::beast::http::field::expect], "100-continue")) {
    continued_ = true;
    writing_ = true;
    head_ = "HTTP/1.1 100 Continue\r\n\r\n";
    out_.assign({asio::buffer(head_)});
    return start_write();
  }
  read_more();
}

void connection::dispatch() {
  using boost::beast::http::field;
  auto message = parser_->release();
  state_ = state::handling;
  expire_in(handling_limit);
  keep_alive_ = message.keep_alive();
  request r;
  r.method = std::string(message.method_string());
  r.target = std::string(message.target());
  r.accept = take(message, field::accept);
  r.accept_encoding = take(message, field::accept_encoding);
  r.authorization = take(message, field::authorization);
  r.content_type = take(message, field::content_type);
  r.if_none_match = take(message, field::if_none_match);
  r.user_agent = take(message, field::user_agent);
  r.audit_id = take(message, "Audit-ID");
  r.impersonate = impersonation(message);
  r.upgrade = offer_of(message);
  r.body = std::move(message.body());
  r.takes_chunks = message.version() >= 11;
  r.address = address_;
  r.secure = secure_;
  r.peer = peer_;
  r.peer_rejected = peer_rejected_;
  accepts_gzip_ = accepts_gzip(r);
  head_request_ = r.method == "HEAD";
  loop_->server->handle(std::make_shared<exchange>(shared_from_this(), std::move(r)));
}

void connection::refuse(int code, std::string reason, std::string message) {
  keep_alive_ = false;
  state_ = state::handling;
  send({code,
        "application/json",
        std::make_shared<const std::string>(
            model::to_text({code, std::move(reason), std::move(message)})),
        {}});
}

void connection::respond(response r) {
  if (loop_->ended) return;
  asio::dispatch(loop_->io, [self = shared_from_this(), r = std::move(r)]() mutable {
    if (self->state_ == state::handling) self->send(std::move(r));
  });
}

void connection::stream(response head, std::shared_ptr<body_source> body) {
  if (loop_->ended) return;
  asio::dispatch(loop_->io, [self = shared_from_this(), head = std::move(head),
                             body = std::move(body)]() mutable {
    if (self->state_ == state::handling) self->send_stream(std::move(head), std::move(body));
  });
}

void connection::upgrade(response head, std::shared_ptr<upgraded> session) {
  if (loop_->ended) return;
  asio::dispatch(loop_->io, [self = shared_from_this(), head = std::move(head),
                             session = std::move(session)]() mutable {
    if (self->state_ == state::handling) self->send_upgrade(head, std::move(session));
  });
}

void connection::post(std::function<void()> f) {
  if (!loop_->ended) asio::post(loop_->io, std::move(f));
}

void connection::post_after(std::chrono::milliseconds delay, std::function<void()> f) {
  auto timer = std::make_shared<asio::steady_timer>(loop_->io, delay);
  timer->async_wait([timer, f = std::move(f)](error_code ec) {
    if (!ec) f();
  });
}

void connection::write_head(const response& r, std::size_t length, bool chunked) {
  if (loop_->stopping) keep_alive_ = false;
  head_.clear();
  head_.append("HTTP/1.1 ").append(std::to_string(r.code)).append(" ");
  head_.append(reason_phrase(r.code)).append("\r\nContent-Type: ").append(r.content_type);
  head_.append("\r\nDate: ").append(loop_->date);
  for (const auto& [name, value] : r.headers)
    head_.append("\r\n").append(name).append(": ").append(value);
  if (chunked)
    head_.append("\r\nTransfer-Encoding: chunked");
  else
    head_.append("\r\nContent-Length: ").append(std::to_string(length));
  if (!keep_alive_) head_.append("\r\nConnection: close");
  head_.append("\r\n\r\n");
}

void connection::send(response r) {
  state_ = state::writing;
  static const auto nothing = std::make_shared<const std::string>();
  body_ = std::move(r.body);
  if (!body_) body_ = nothing;
  if (accepts_gzip_ && body_->size() > loop_->server->options.gzip_from) {
    body_ = std::make_shared<const std::string>(gzip(*body_));
    r.headers.emplace_back("Content-Encoding", "gzip");
    r.headers.emplace_back("Vary", "Accept-Encoding");
  }
  write_head(r, body_->size(), false);
  out_.clear();
  if (head_request_) body_ = nothing;
  if (body_->size() < join_below) {
    head_.append(*body_);
    out_.push_back(asio::buffer(head_));
  } else {
    out_.push_back(asio::buffer(head_));
    out_.push_back(asio::buffer(*body_));
  }
  writing_ = true;
  // A large body may take the peer a while; allow it a second a MiB besides.
  expire_in(loop_->server->options.write_timeout + std::chrono::seconds(body_->size() >> 20));
  start_write();
}

void connection::send_stream(response head, std::shared_ptr<body_source> body) {
  state_ = state::streaming;
  source_ = std::move(body);
  last_piece_ = false;
  write_head(head, 0, true);
  out_.assign({asio::buffer(head_)});
  writing_ = true;
  expire_in(loop_->server->options.write_timeout);
  start_write();
  read_more();  // notices when the reader leaves
}

void connection::send_upgrade(const response& head, std::shared_ptr<upgraded> session) {
  state_ = state::upgraded;
  session_ = std::move(session);
  self_ = shared_from_this();
  last_piece_ = false;
  keep_alive_ = false;
  head_ = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nDate: " + loop_->date;
  for (const auto& [name, value] : head.headers)
    head_.append("\r\n").append(name).append(": ").append(value);
  head_.append("\r\n\r\n");
  out_.assign({asio::buffer(head_)});
  writing_ = true;
  expire_in(loop_->server->options.write_timeout);
  start_write();
  feed_upgraded();
}

// Shows the session what has come, and asks for more when it wants more.
void connection::feed_upgraded() {
  if (last_piece_) return;
  begin_ += session_->take(in_.data() + begin_, end_ - begin_);
  if (session_->ready()) read_more();
  pump_upgraded();
}

void connection::pump_upgraded() {
  if (state_ != state::upgraded || writing_ || last_piece_) return;
  due_ = steady_clock::time_point::max();
  piece_.clear();
  last_piece_ = loop_->stopping;
  if (last_piece_)
    session_->retire(piece_);
  else
    last_piece_ = !session_->pull(piece_, piece_size);
  if (piece_.empty()) {
    if (last_piece_) return finished();
    deadline_ = steady_clock::time_point::max();
    due_ = session_->due();
    return;
  }
  out_.assign({asio::buffer(piece_)});
  writing_ = true;
  expire_in(loop_->server->options.write_timeout);
  start_write();
}

void connection::wake() {
  if (loop_->ended || woken_.exchange(true, std::memory_order_acq_rel)) return;
  asio::post(loop_->io, [self = shared_from_this()] {
    self->woken_.store(false, std::memory_order_release);
    if (self->state_ == state::upgraded) return self->feed_upgraded();
    self->pump();
  });
}

void connection::pump() {
  if (state_ != state::streaming || writing_ || !source_) return;
  due_ = steady_clock::time_point::max();
  piece_.clear();
  last_piece_ = (loop_->stopping && source_->endless()) || !source_->pull(piece_, piece_size);
  if (piece_.empty() && !last_piece_) {
    deadline_ = steady_clock::time_point::max();
    due_ = source_->due();
    return;
  }
  if (last_piece_ && source_->broken()) return close();
  head_.clear();
  out_.clear();
  if (!piece_.empty()) {
    char size[24];
    const auto end = std::to_chars(size, size + sizeof size, piece_.size(), 16).ptr;
    head_.append(size, end).append("\r\n");
    piece_.append("\r\n");
  }
  if (last_piece_) piece_.append("0\r\n\r\n");
  head_.append(piece_.size() < join_below ? piece_ : "");
  out_.push_back(asio::buffer(head_));
  if (piece_.size() >= join_below) out_.push_back(asio::buffer(piece_));
  writing_ = true;
  expire_in(loop_->server->options.write_timeout);
  start_write();
}

void connection::on_write(error_code ec) {
  writing_ = false;
  if (state_ == state::closed) return;
  if (ec) return close();
  if (state_ == state::reading) return read_more();  // that was "100 Continue"
  if (state_ == state::streaming && !last_piece_) return pump();
  if (state_ == state::upgraded && !last_piece_) return feed_upgraded();
  finished();
}

void connection::finished() {
  source_.reset();
  session_.reset();
  body_.reset();
  if (piece_.capacity() > read_size) piece_ = {};
  if (!keep_alive_ || loop_->stopping) return drain();
  next_request();
}

void connection::drain() {
  // Closing with unread input would reset the connection and take the answer with it.
  state_ = state::draining;
  begin_ = end_ = 0;
  expire_in(drain_time);
  end_sending();
  if (!reading_) read_more();
  self_.reset();
}

void connection::retire() {
  if (state_ == state::reading) return close();
  if (state_ == state::streaming) return pump();
  if (state_ == state::upgraded) return pump_upgraded();
  keep_alive_ = false;
}

namespace {

// Handlers may drop connections, so nobody iterates the set while calling into them.
std::vector<std::shared_ptr<connection>> held(const std::unordered_set<connection*>& all) {
  std::vector<std::shared_ptr<connection>> out;
  for (connection* c : all)
    if (auto strong = c->weak_from_this().lock()) out.push_back(std::move(strong));
  return out;
}

}  // namespace

void event_loop::sweep() {
  const auto now = steady_clock::now();
  date = header_date(std::chrono::system_clock::now());
  for (const auto& c : held(connections))
    if (c->overdue(now))
      c->close();
    else if (c->due(now))
      c->wake();
  sweeper.expires_after(std::chrono::seconds(1));
  sweeper.async_wait([this](error_code ec) {
    if (!ec) sweep();
  });
}

void event_loop::stop() {
  stopping = true;
  for (const auto& c : held(connections)) c->retire();
}

void event_loop::close_all() {
  for (const auto& c : held(connections)) c->close();
}

namespace {

class plain_connection final : public connection {
 public:
  plain_connection(std::shared_ptr<event_loop> loop, asio::ip::tcp::socket s)
      : connection(std::move(loop)), socket_(std::move(s)) {}

  void start() override { opened(); }
  void close() override {
    error_code ignored;
    socket_.close(ignored);
    closed();
  }

 private:
  void start_read(asio::mutable_buffer into) override {
    socket_.async_read_some(
        into, [this, self = shared_from_this()](error_code ec, std::size_t n) { on_read(ec, n); });
  }
  void start_write() override {
    asio::async_write(socket_, out_, [this, self = shared_from_this()](error_code ec, std::size_t) {
      on_write(ec);
    });
  }
  void end_sending() override {
    error_code ignored;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
  }

  asio::ip::tcp::socket socket_;
};

}  // namespace

std::shared_ptr<connection> make_plain_connection(std::shared_ptr<event_loop> loop,
                                                  asio::ip::tcp::socket socket) {
  return std::make_shared<plain_connection>(std::move(loop), std::move(socket));
}

}  // namespace troupe::http
