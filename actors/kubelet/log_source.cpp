#include "actors/kubelet/log_source.hpp"

#include "actors/kubelet/log_reader.hpp"
#include "messages/errors.hpp"
#include "model/status.hpp"

#include <caf/all.hpp>

#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace troupe {

namespace {

constexpr std::size_t chunk_bytes = 256 << 10;
constexpr std::chrono::milliseconds follow_interval{100};

using source_self = stream_source::extend<caf::reacts_to<tick_atom>>;

/// Reads one log; sends as far as it has credit.
class log_source final : public source_self::base {
 public:
  log_source(caf::actor_config& cfg, log_options options, uint64_t id, stream_sink sink,
             std::function<bool()> running)
      : source_self::base(cfg),
        options_(std::move(options)),
        filter_(options_.request, options_.clock()),
        id_(id),
        sink_(std::move(sink)),
        running_(std::move(running)) {}

  ~log_source() override { close_file(); }

  const char* name() const override { return "log_source"; }

  behavior_type make_behavior() override {
    monitor(sink_);
    set_down_handler([this](const caf::down_msg&) { quit(); });
    open_file();
    if (fd_ >= 0 && options_.request.tail_lines)
      offset_ = tail_offset(fd_, *options_.request.tail_lines);
    return {[this](credit_atom, uint64_t id, uint32_t n) {
              if (id != id_) return;
              credit_ += n;
              pump();
            },
            [this](cancel_atom, uint64_t id) {
              if (id == id_) quit();
            },
            [this](tick_atom) {
              waiting_ = false;
              pump();
            }};
  }

  void on_exit() override {
    sink_ = nullptr;
    running_ = nullptr;
    close_file();
  }

 private:
  void open_file() {
    if (options_.path.empty()) return open_text();
    fd_ = open(options_.path.c_str(), O_RDONLY | O_CLOEXEC);
  }

  void open_text() {
    fd_ = memfd_create("log", MFD_CLOEXEC);
    const auto& t = options_.text;
    if (fd_ >= 0 && ::write(fd_, t.data(), t.size()) != static_cast<ssize_t>(t.size()))
      close_file();
  }

  void close_file() {
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
  }

  /// The file was rotated away or cut: go on with the one that is there now.
  bool reopened() {
    struct stat mine {
    }, there{};
    if (stat(options_.path.c_str(), &there) != 0) return false;
    if (fd_ >= 0 && fstat(fd_, &mine) == 0 && mine.st_ino == there.st_ino &&
        static_cast<std::uint64_t>(mine.st_size) >= offset_)
      return false;
    close_file();
    offset_ = 0;
    open_file();
    return fd_ >= 0;
  }

  void pump() {
    // What was written before the end of the container is read after it was noticed.
    const bool live = options_.request.follow && running_();
    while (credit_ > 0 && !filter_.full()) {
      char buffer[64 << 10];
      const auto n = fd_ < 0 ? 0 : pread(fd_, buffer, sizeof buffer, static_cast<off_t>(offset_));
      if (n < 0) return end(to_error(model::internal_error(std::strerror(errno))));
      offset_ += static_cast<std::uint64_t>(n);
      filter_.feed({buffer, static_cast<std::size_t>(n)}, held_);
      if (held_.size() >= chunk_bytes) ship();
      if (n == 0 && !reopened()) break;
    }
    while (!held_.empty() && credit_ > 0) ship();
    if (credit_ == 0 || !held_.empty()) return;
    if (filter_.full() || !live) return end({});
    if (!std::exchange(waiting_, true)) delayed_send(this, follow_interval, tick_atom::value);
  }

  void ship() {
    auto rest = held_.size() > chunk_bytes ? held_.substr(chunk_bytes) : std::string{};
    held_.resize(std::min(held_.size(), chunk_bytes));
    --credit_;
    send(sink_, chunk_atom::value, id_, blob_ref{std::move(held_)});
    held_ = std::move(rest);
  }

  void end(caf::error e) {
    send(sink_, end_atom::value, id_, std::move(e));
    quit();
  }

  log_options options_;
  log_filter filter_;
  uint64_t id_;
  stream_sink sink_;
  std::function<bool()> running_;
  int fd_ = -1;
  std::uint64_t offset_ = 0;
  std::string held_;  ///< read, not sent yet
  uint64_t credit_ = 0;
  bool waiting_ = false;
};

}  // namespace

stream_source spawn_log_source(caf::actor_system& system, log_options options, uint64_t id,
                               stream_sink sink, std::function<bool()> running) {
  return caf::actor_cast<stream_source>(
      system.spawn<log_source>(std::move(options), id, std::move(sink), std::move(running)));
}

}  // namespace troupe
