#pragma once

#include "messages/node.hpp"
#include "model/time.hpp"

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace troupe {

/// One line of a CRI log file: "2024-01-02T15:04:05.123456789Z stdout F text".
struct log_line {
  std::string_view time, text;
  bool partial = false;  ///< the next line of the same stream goes on with it
};

/// Nothing when the line is no such.
std::optional<log_line> parse_log_line(std::string_view line);

/// Turns raw bytes of a log file into what the reader asked for: joins partial lines, drops what is
/// older than `since`, adds times, stops at the limit.
class log_filter {
 public:
  log_filter(const log_request& request, model::time_point now);

  /// Takes bytes as they stand in the file; appends to `out` what is to be shown.
  void feed(std::string_view bytes, std::string& out);
  /// The limit is reached: nothing more comes.
  bool full() const { return limit_ && *limit_ <= 0; }

 private:
  void line(std::string_view raw, std::string& out);

  bool timestamps_;
  std::optional<model::time_point> since_;
  std::optional<std::int64_t> limit_;
  std::string rest_;      ///< the beginning of an unfinished line
  bool joining_ = false;  ///< the last line shown was partial
};

/// Where in an open log file the last `lines` whole lines begin (a line of parts is one); 0 when it
/// has fewer.
std::uint64_t tail_offset(int fd, std::int64_t lines);

}  // namespace troupe
