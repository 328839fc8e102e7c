#include "cli/output/progress.hpp"

#include <condition_variable>
#include <mutex>
#include <ostream>
#include <stop_token>

namespace troupe::cli {
namespace {

constexpr std::chrono::milliseconds period{200};
constexpr const char* to_line_end = "\x1b[K";

}  // namespace

void progress::update(const std::function<std::string()>& text) {
  const auto now = clock::now();
  if (!terminal_ || now < next_) return;
  next_ = now + period;
  shown_ = true;
  err_ << text() << to_line_end << '\r' << std::flush;
}

void progress::clear() {
  if (shown_) err_ << to_line_end << std::flush;
  shown_ = false;
}

double progress::seconds() const {
  return std::chrono::duration<double>(clock::now() - start_).count();
}

waiting_line::waiting_line(std::ostream& err, bool terminal, std::string text) {
  if (!terminal) return;
  thread_ = std::jthread([&err, text = std::move(text)](const std::stop_token& stop) {
    progress line(err, true);
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock(mutex);
    while (!wake.wait_for(lock, stop, period, [&] { return stop.stop_requested(); }))
      line.update(
          [&] { return text + ", " + std::to_string(static_cast<int>(line.seconds())) + " s"; });
  });
}

}  // namespace troupe::cli
