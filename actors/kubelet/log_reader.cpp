#include "actors/kubelet/log_reader.hpp"

#include <algorithm>
#include <sys/stat.h>
#include <unistd.h>

namespace troupe {

std::optional<log_line> parse_log_line(std::string_view line) {
  const auto first = line.find(' ');
  const auto second = first == line.npos ? line.npos : line.find(' ', first + 1);
  const auto third = second == line.npos ? line.npos : line.find(' ', second + 1);
  if (third == line.npos) return std::nullopt;
  const auto stream = line.substr(first + 1, second - first - 1);
  const auto tags = line.substr(second + 1, third - second - 1);
  if (stream != "stdout" && stream != "stderr") return std::nullopt;
  // Tags are joined by colons; the first says partial or full.
  return log_line{line.substr(0, first), line.substr(third + 1), tags.starts_with('P')};
}

log_filter::log_filter(const log_request& r, model::time_point now) : timestamps_(r.timestamps) {
  if (r.since_seconds) since_ = now - std::chrono::seconds{*r.since_seconds};
  if (!r.since_time.empty()) since_ = model::from_rfc3339(r.since_time);
  if (r.limit_bytes) limit_ = *r.limit_bytes;
}

void log_filter::feed(std::string_view bytes, std::string& out) {
  while (!bytes.empty() && !full()) {
    const auto end = bytes.find('\n');
    if (end == bytes.npos) {
      rest_ += bytes;
      return;
    }
    if (rest_.empty()) {
      line(bytes.substr(0, end), out);
    } else {
      rest_ += bytes.substr(0, end);
      line(rest_, out);
      rest_.clear();
    }
    bytes.remove_prefix(end + 1);
  }
}

void log_filter::line(std::string_view raw, std::string& out) {
  const auto parsed = parse_log_line(raw);
  if (!parsed) return;
  if (since_) {
    const auto when = model::from_rfc3339(parsed->time);
    if (when && *when < *since_) return;
    since_.reset();  // lines are in order: none after this one is older
  }
  std::string shown;
  if (timestamps_ && !joining_) shown.append(parsed->time).append(" ");
  shown.append(parsed->text);
  if (!parsed->partial) shown += '\n';
  joining_ = parsed->partial;
  if (limit_) {
    shown.resize(std::min<std::size_t>(
        shown.size(), static_cast<std::size_t>(std::max<std::int64_t>(*limit_, 0))));
    *limit_ -= static_cast<std::int64_t>(shown.size());
  }
  out += shown;
}

std::uint64_t tail_offset(int fd, std::int64_t lines) {
  struct stat st {};
  if (fstat(fd, &st) != 0) return 0;
  auto end = static_cast<std::uint64_t>(st.st_size);
  if (lines <= 0) return end;
  constexpr std::uint64_t block = 64 << 10;
  std::string buffer;
  std::uint64_t begin = end;
  std::int64_t found = 0;
  // Backwards, block by block, each line judged once it is complete in the buffer.
  std::string carried;
  while (begin > 0) {
    const auto size = std::min(block, begin);
    begin -= size;
    buffer.resize(size);
    if (pread(fd, buffer.data(), size, static_cast<off_t>(begin)) != static_cast<ssize_t>(size))
      return 0;
    buffer += carried;
    auto stop = buffer.size();
    while (stop > 0) {
      const auto previous = stop >= 2 ? buffer.rfind('\n', stop - 2) : std::string::npos;
      // The file's first line has no end of another before it.
      if (previous == std::string::npos && begin > 0) break;
      const auto first = previous == std::string::npos ? 0 : previous + 1;
      const auto text = std::string_view(buffer).substr(first, stop - first);
      const auto parsed = parse_log_line(text.substr(0, text.find('\n')));
      if (!parsed || !parsed->partial) ++found;
      // One more whole line than asked for: what follows it is the answer.
      if (found > lines) return begin + stop;
      stop = first;
    }
    carried = buffer.substr(0, stop);
    // A first line longer than this is no line of ours.
    if (carried.size() > (16u << 20)) return begin;
  }
  return 0;
}

}  // namespace troupe
