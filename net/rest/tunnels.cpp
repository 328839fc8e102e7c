#include "net/rest/tunnels.hpp"

#include "messages/errors.hpp"
#include "net/rest/bridge.hpp"

#include <caf/all.hpp>

#include <deque>
#include <mutex>

namespace troupe::rest {
namespace {

using std::chrono::steady_clock;

// Frames under way from the kubelet: a megabyte.
constexpr std::uint32_t chunks_under_way = 16;
// Middleboxes forget connections on which nothing is heard.
constexpr std::chrono::seconds ping_interval{30};
// kubelet's for the streams that a SPDY client still has to open, and for a silent session.
constexpr std::chrono::seconds opening_limit{30};
constexpr std::chrono::hours idle_limit{4};

// Of a client that asks and does not read the answers nothing more is read.
constexpr std::size_t reply_limit = 64u << 10;
// A kubelet that sends far more than it was granted is none of ours.
constexpr std::size_t most_frames = 4 * chunks_under_way;

// Where the actor's thread and the connection's meet.
struct inbox {
  std::mutex guard;
  std::deque<stream::frame> frames;
  std::uint32_t credit = 0;  ///< frames that the kubelet takes
  bool ended = false;
  std::string failure;  ///< why, as a Status
};

class session final : public http::upgraded {
 public:
  session(std::shared_ptr<inbox> in, std::shared_ptr<stream::dialect> d, std::uint64_t id,
          tunnel_actor far, tunnel_actor near, bool command)
      : inbox_(std::move(in)),
        dialect_(std::move(d)),
        id_(id),
        far_(std::move(far)),
        near_(std::move(near)),
        command_(command) {
    std::vector<stream::frame> frames;
    dialect_->begin(frames, reply_);
    waiting_.assign(std::make_move_iterator(frames.begin()), std::make_move_iterator(frames.end()));
    caf::anon_send(far_, credit_atom::value, id_, chunks_under_way);
  }

  ~session() override {
    caf::anon_send(far_, end_atom::value, id_, caf::error{});
    caf::anon_send_exit(near_, caf::exit_reason::user_shutdown);
  }

  std::size_t take(char* bytes, std::size_t size) override {
    std::uint32_t credit = 0;
    {
      std::lock_guard lock(inbox_->guard);
      credit = std::exchange(inbox_->credit, 0);
    }
    credit_ += credit;
    send_waiting();
    if (credit_ == 0 || over()) return 0;
    std::vector<stream::frame> frames;
    const auto n = dialect_->read(bytes, size, frames, credit_, reply_);
    if (!frames.empty()) heard_ = steady_clock::now();
    for (auto& f : frames) waiting_.push_back(std::move(f));
    send_waiting();
    return n;
  }

  bool ready() const override { return credit_ > 0 && reply_.size() < reply_limit && !over(); }

  bool pull(std::string& out, std::size_t limit) override {
    const auto now = steady_clock::now();
    out.swap(reply_);
    reply_.clear();
    if (over()) return false;
    if (!dialect_->ready()) return now < began_ + opening_limit;
    std::uint32_t taken = 0;
    bool ended = false;
    {
      std::lock_guard lock(inbox_->guard);
      for (; !inbox_->frames.empty() && out.size() < limit; ++taken) {
        dialect_->write(inbox_->frames.front(), out);
        inbox_->frames.pop_front();
      }
      ended = inbox_->ended && inbox_->frames.empty();
    }
    if (taken > 0) caf::anon_send(far_, credit_atom::value, id_, taken);
    if (taken > 0) heard_ = now;
    if (ended) return end(out);
    if (now < next_ping_) return true;
    next_ping_ = now + ping_interval;
    dialect_->ping(out);
    return now < heard_ + idle_limit;
  }

  steady_clock::time_point due() const override {
    return dialect_->ready() ? next_ping_ : began_ + opening_limit;
  }

  void retire(std::string& out) override { dialect_->finish(out); }

 private:
  bool over() const { return dialect_->ended() || !dialect_->fault().empty(); }

  // What was understood within the credit.
  void send_waiting() {
    for (; credit_ > 0 && !waiting_.empty(); --credit_) {
      auto& f = waiting_.front();
      caf::anon_send(far_, frame_atom::value, id_, f.channel, static_cast<std::uint8_t>(f.what),
                     blob_ref(std::move(f.bytes)));
      waiting_.pop_front();
    }
  }

  bool end(std::string& out) {
    if (command_ && !inbox_->failure.empty()) {
      constexpr auto channel = stream::number(stream::command_channel::error);
      dialect_->write({channel, stream::frame::kind::data, inbox_->failure}, out);
      dialect_->write({channel, stream::frame::kind::close, {}}, out);
    }
    dialect_->finish(out);
    return false;
  }

  std::shared_ptr<inbox> inbox_;
  std::shared_ptr<stream::dialect> dialect_;
  std::uint64_t id_;
  tunnel_actor far_, near_;
  bool command_;
  std::uint32_t credit_ = 0;
  std::string reply_;                  ///< what the protocol has to answer
  std::deque<stream::frame> waiting_;  ///< for credit
  const steady_clock::time_point began_ = steady_clock::now();
  steady_clock::time_point heard_ = began_;
  steady_clock::time_point next_ping_ = began_ + ping_interval;
};

tunnel_actor::behavior_type near_end(tunnel_actor::pointer, std::shared_ptr<inbox> in,
                                     std::function<void()> wake) {
  return {
      [in, wake](frame_atom, std::uint64_t, std::uint32_t channel, std::uint8_t what,
                 const blob_ref& bytes) {
        {
          std::lock_guard lock(in->guard);
          if (in->frames.size() < most_frames)
            in->frames.push_back({channel, static_cast<stream::frame::kind>(what), bytes.bytes()});
          else
            in->ended = true;
        }
        wake();
      },
      [in, wake](credit_atom, std::uint64_t, std::uint32_t n) {
        {
          std::lock_guard lock(in->guard);
          in->credit += n;
        }
        wake();
      },
      [in, wake](end_atom, std::uint64_t, const caf::error& why) {
        {
          std::lock_guard lock(in->guard);
          if (!in->ended && why) in->failure = model::to_text(to_status(why));
          in->ended = true;
        }
        wake();
      }};
}

}  // namespace

void open_tunnel(caf::event_based_actor* self, const api_server_actor& api, const tunnel_forward& f,
                 std::uint64_t id) {
  auto in = std::make_shared<inbox>();
  auto near = self->system().spawn(near_end, in, f.to->waker());
  const auto accept = f.request.accept;
  self->request(api, caf::infinite, tunnel_atom::value, f.request, id, near)
      .then(
          [to = f.to, how = f.how, command = f.command, in, id, near, accept](
              const api_response& r, const tunnel_actor& far, audit_notes& notes) mutable {
            if (!far) {
              caf::anon_send_exit(near, caf::exit_reason::user_shutdown);
              return to->respond(to_http(r, accept, std::move(notes)));
            }
            how.head.notes = std::move(notes);
            far->attach_functor([near, id] {
              caf::anon_send(near, end_atom::value, id,
                             to_error(model::unavailable("the node has ended the session")));
            });
            to->upgrade(how.head,
                        std::make_shared<session>(in, how.dialect, id, far, near, command));
          },
          [to = f.to, near, accept](const caf::error& e) {
            caf::anon_send_exit(near, caf::exit_reason::user_shutdown);
            to->respond(failure(e, accept));
          });
}

}  // namespace troupe::rest
