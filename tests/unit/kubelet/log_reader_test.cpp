// floors: actors/kubelet

#include "actors/kubelet/log_reader.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <memory>

namespace troupe {
namespace {

const model::time_point now = *model::from_rfc3339("2026-11-22T10:00:10Z");
constexpr const char* file =
    "2026-11-22T10:00:00.000000001Z stdout F one\n"
    "2026-11-22T10:00:05.000000000Z stdout P tw\n"
    "2026-11-22T10:00:05.000000001Z stdout F o\n"
    "garbage\n"
    "2026-11-22T10:00:09Z stderr F \n"
    "2026-11-22T10:00:09Z stdout F three\n";

/// What a reader gets, whatever the size of the pieces that the file is read in.
std::string shown(const log_request& r, std::string_view text = file) {
  std::string whole;
  log_filter at_once(r, now);
  at_once.feed(text, whole);
  for (std::size_t size : {1u, 7u, 50u}) {
    std::string out;
    log_filter f(r, now);
    for (std::size_t i = 0; i < text.size(); i += size) f.feed(text.substr(i, size), out);
    EXPECT_EQ(out, whole) << size;
  }
  return whole;
}

TEST(LogFilter, JoinsPartialLinesAndSkipsWhatIsNoLogLine) {
  EXPECT_EQ(shown({}), "one\ntwo\n\nthree\n");
}

TEST(LogFilter, ShowsTimesOncePerLine) {
  log_request r;
  r.timestamps = true;
  EXPECT_EQ(shown(r),
            "2026-11-22T10:00:00.000000001Z one\n2026-11-22T10:00:05.000000000Z two\n"
            "2026-11-22T10:00:09Z \n2026-11-22T10:00:09Z three\n");
}

TEST(LogFilter, LeavesOutWhatIsOlder) {
  log_request r;
  r.since_seconds = 5;
  EXPECT_EQ(shown(r), "two\n\nthree\n");
  r.since_time = "2026-11-22T10:00:09Z";
  EXPECT_EQ(shown(r), "\nthree\n");
  r.since_time = "2026-11-22T10:00:11Z";
  EXPECT_EQ(shown(r), "");
}

TEST(LogFilter, StopsAtTheLimit) {
  log_request r;
  for (const auto& [limit, expected] :
       {std::pair{0, ""}, {1, "o"}, {4, "one\n"}, {6, "one\ntw"}, {100, "one\ntwo\n\nthree\n"}}) {
    r.limit_bytes = limit;
    EXPECT_EQ(shown(r), expected) << limit;
  }
}

TEST(LogLine, MustHaveATimeAStreamAndATag) {
  for (const char* bad : {"", "x", "a b", "a stdout F", "t stdin F x"})
    EXPECT_FALSE(parse_log_line(bad)) << bad;
  const auto line = parse_log_line("t stderr P:x some text");
  ASSERT_TRUE(line);
  EXPECT_TRUE(line->partial);
  EXPECT_EQ(line->text, "some text");
}

/// The text of a file from where its last `lines` lines begin.
std::string tail(const std::string& text, std::int64_t lines) {
  const std::unique_ptr<FILE, int (*)(FILE*)> f(std::tmpfile(), std::fclose);
  std::fwrite(text.data(), 1, text.size(), f.get());
  std::fflush(f.get());
  return text.substr(tail_offset(fileno(f.get()), lines));
}

TEST(TailOffset, CountsALineOfPartsAsOne) {
  const std::string a = "t stdout F a\n", b = "t stdout P b\nt stdout F b\n", c = "t stdout F c\n";
  EXPECT_EQ(tail(a + b + c, 0), "");
  EXPECT_EQ(tail(a + b + c, 1), c);
  EXPECT_EQ(tail(a + b + c, 2), b + c);
  EXPECT_EQ(tail(a + b + c, 3), a + b + c);
  EXPECT_EQ(tail(a + b + c, 9), a + b + c);
  EXPECT_EQ(tail("", 3), "");
}

TEST(TailOffset, FindsLinesAcrossBlocks) {
  std::string all, last;
  for (int i = 0; i < 9000; ++i) {
    const auto line = "2026-11-22T10:00:00Z stdout F line " + std::to_string(i) + "\n";
    all += line;
    if (i >= 4000) last += line;
  }
  ASSERT_GT(all.size(), 256u << 10);
  EXPECT_EQ(tail(all, 5000), last);
}

}  // namespace
}  // namespace troupe
