#include "actors/kubelet/hollow_tunnel.hpp"

#include "model/json.hpp"
#include "model/kubelet/hollow_program.hpp"

#include <deque>
#include <mutex>

namespace troupe {

using namespace model::kubelet;
using std::chrono::milliseconds;

namespace {

// How a command ended, in the words of a kubelet.
std::string status_of(const std::vector<std::string>& command, int code) {
  if (code == 0) return R"({"metadata":{},"status":"Success"})";
  std::string line = "[";
  for (const auto& word : command) line.append(line.size() > 1 ? " " : "").append(word);
  return model::json{
      {"metadata", model::json::object()},
      {"status", "Failure"},
      {"message",
       "command terminated with non-zero exit code: error executing "
       "command " +
           line + "], exit code " + std::to_string(code)},
      {"reason", "NonZeroExitCode"},
      {"details", {{"causes", {{{"reason", "ExitCode"}, {"message", std::to_string(code)}}}}}}}
      .dump();
}

class command final : public tunnel, public std::enable_shared_from_this<command> {
 public:
  command(const std::vector<std::string>& line, const tunnel_options& options, tunnel_events events,
          hollow_timer timer, std::function<void(int)> ended)
      : line_(line),
        options_(options),
        events_(std::move(events)),
        timer_(std::move(timer)),
        on_end_(std::move(ended)),
        program_(line, options.tty) {}

  void write(frame f) override {
    std::function<void(int)> tell;
    {
      std::lock_guard lock(mutex_);
      if (done_) return;
      ++unread_;
      const bool in = f.channel == number(command_channel::in);
      if (in && f.what == frame::kind::data) program_.input(f.bytes);
      if (in && f.what == frame::kind::close) program_.end_input();
      if (f.channel == number(command_channel::resize)) program_.resize(f.bytes);
      pump(tell);
    }
    if (tell) tell(*program_.code());
  }

  void allow(std::uint32_t frames) override {
    std::function<void(int)> tell;
    {
      std::lock_guard lock(mutex_);
      allowed_ += frames;
      pump(tell);
    }
    if (tell) tell(*program_.code());
  }

  void close() override {
    std::lock_guard lock(mutex_);
    done_ = true;
  }

 private:
  void say(command_channel channel, std::string bytes) {
    --allowed_;
    events_.said({number(channel), frame::kind::data, std::move(bytes)});
  }

  // As far as what was allowed reaches. Two, for both outputs.
  void pump(std::function<void(int)>& tell) {
    while (!done_ && allowed_ >= 2) {
      std::string out, err;
      program_.run(out, err, frame_bytes / 2);
      const bool silent = out.empty() && err.empty();
      if (options_.out && !out.empty()) say(command_channel::out, std::move(out));
      if (options_.err && !err.empty()) say(command_channel::err, std::move(err));
      if (!silent) continue;
      if (!program_.code()) break;
      done_ = true;
      say(command_channel::error, status_of(line_, *program_.code()));
      events_.said({number(command_channel::error), frame::kind::close, {}});
      events_.ended({});
      tell = on_end_;
    }
    if (unread_ > 0 && program_.drained()) events_.took(std::exchange(unread_, 0));
    if (const auto time = program_.sleeps(); time && !std::exchange(asleep_, true))
      timer_(*time, [weak = weak_from_this()] {
        if (auto self = weak.lock()) self->wake();
      });
  }

  void wake() {
    std::function<void(int)> tell;
    {
      std::lock_guard lock(mutex_);
      asleep_ = false;
      program_.wake();
      pump(tell);
    }
    if (tell) tell(*program_.code());
  }

  const std::vector<std::string> line_;
  const tunnel_options options_;
  const tunnel_events events_;
  const hollow_timer timer_;
  const std::function<void(int)> on_end_;
  std::mutex mutex_;
  hollow_program program_;
  std::uint32_t allowed_ = 0;
  std::uint32_t unread_ = 0;  ///< frames that the program has not read
  bool asleep_ = false;
  bool done_ = false;
};

class ports final : public tunnel {
 public:
  ports(std::set<std::string> echo, tunnel_events events)
      : echo_(std::move(echo)), events_(std::move(events)) {}

  void write(frame f) override {
    std::lock_guard lock(mutex_);
    if (done_) return;
    const auto channel = f.channel;
    if (f.what == frame::kind::open && !echo_.contains(f.bytes)) {
      refuse(channel, f.bytes);
      events_.took(1);
    } else if (f.what == frame::kind::open) {
      open_.insert(channel);
      events_.took(1);
    } else if (!open_.contains(channel)) {
      events_.took(1);
    } else if (f.what == frame::kind::close) {
      open_.erase(channel);
      waiting_.emplace_back(std::move(f), true);
      waiting_.emplace_back(frame{channel + 1, frame::kind::close, {}}, false);
    } else {
      waiting_.emplace_back(std::move(f), true);
    }
    pump();
  }

  void allow(std::uint32_t frames) override {
    std::lock_guard lock(mutex_);
    allowed_ += frames;
    pump();
  }

  void close() override {
    std::lock_guard lock(mutex_);
    done_ = true;
  }

 private:
  void refuse(std::uint32_t channel, const std::string& port) {
    const std::string why =
        "failed to connect to localhost:" + port + " inside the simulated pod: connection refused";
    waiting_.emplace_back(frame{channel + 1, frame::kind::data, why}, false);
    waiting_.emplace_back(frame{channel + 1, frame::kind::close, {}}, false);
    waiting_.emplace_back(frame{channel, frame::kind::close, {}}, false);
  }

  // What is sent back makes room for more of it.
  void pump() {
    while (!done_ && allowed_ > 0 && !waiting_.empty()) {
      --allowed_;
      auto& [f, echoed] = waiting_.front();
      const bool took = echoed;
      events_.said(std::move(f));
      waiting_.pop_front();
      if (took) events_.took(1);
    }
  }

  const std::set<std::string> echo_;
  const tunnel_events events_;
  std::mutex mutex_;
  std::set<std::uint32_t> open_;                ///< data channels
  std::deque<std::pair<frame, bool>> waiting_;  ///< with whether it came from the client
  std::uint32_t allowed_ = 0;
  bool done_ = false;
};

}  // namespace

std::shared_ptr<tunnel> open_hollow_command(const std::vector<std::string>& command_line,
                                            const tunnel_options& options, tunnel_events events,
                                            hollow_timer timer, std::function<void(int)> ended) {
  return std::make_shared<command>(command_line, options, std::move(events), std::move(timer),
                                   std::move(ended));
}

std::shared_ptr<tunnel> open_hollow_ports(std::set<std::string> echo_ports, tunnel_events events) {
  return std::make_shared<ports>(std::move(echo_ports), std::move(events));
}

std::string echo_port(const std::vector<std::string>& w) {
  const bool echoes = w.size() == 6 && w[0] == "nc" && w[1] == "-lk" && w[2] == "-p" &&
                      w[4] == "-e" && w[5] == "cat";
  return echoes ? w[3] : std::string();
}

}  // namespace troupe
