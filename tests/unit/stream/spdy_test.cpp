// floors: net/stream
#include "net/stream/spdy.hpp"

#include <gmock/gmock.h>

namespace troupe::stream {
namespace {

struct heard {
  std::vector<std::string> events;
  std::string fault;
};

heard read(const std::string& bytes, std::size_t step) {
  spdy_reader reader;
  heard out;
  std::string held;
  for (std::size_t at = 0; at < bytes.size(); at += step) {
    held += bytes.substr(at, step);
    for (;;) {
      spdy_event e;
      bool found = false;
      const auto n = reader.next(held, e, found);
      if (n == 0) break;
      if (found) {
        const char* const names[] = {"syn", "reply", "data", "reset", "ping", "goaway"};
        auto line = names[static_cast<int>(e.what)] + (" " + std::to_string(e.id));
        for (const auto& [name, value] : e.headers)
          line.append(" ").append(name).append("=").append(value);
        line.append(e.data.empty() ? "" : " ").append(e.data).append(e.fin ? " fin" : "");
        // Data comes in pieces.
        if (e.what == spdy_event::kind::data && !out.events.empty() &&
            out.events.back().starts_with("data") && e.id == 1 && step == 1 && !e.data.empty())
          out.events.back() += std::string(e.data) + (e.fin ? " fin" : "");
        else
          out.events.push_back(line);
      }
      held.erase(0, n);
    }
  }
  out.fault = reader.fault();
  return out;
}

TEST(Spdy, ReadsWhatItWrites) {
  spdy_writer w;
  std::string bytes;
  w.syn_stream(1, {{"streamtype", "data"}, {"port", "80"}}, bytes);
  w.syn_stream(3, {{"streamtype", "data"}, {"port", "80"}}, bytes);  // the dictionary goes on
  w.syn_reply(1, bytes);
  w.data(1, "hello", true, bytes);
  w.reset(3, spdy_writer::cancel, bytes);
  w.ping(7, bytes);
  w.goaway(3, bytes);
  for (const std::size_t step : {std::size_t{1}, std::size_t{1000}}) {
    const auto got = read(bytes, step);
    EXPECT_EQ(got.fault, "");
    EXPECT_THAT(got.events, testing::ElementsAre(
                                "syn 1 streamtype=data port=80", "syn 3 streamtype=data port=80",
                                "reply 1", "data 1 hello fin", "reset 3", "ping 7", "goaway 3"));
  }
}

// What zlib writes in front of headers that are compressed with SPDY/3's dictionary.
TEST(Spdy, CompressesWithTheDictionaryOfVersion3) {
  spdy_writer w;
  std::string bytes;
  w.syn_reply(1, bytes);
  EXPECT_EQ(bytes.substr(14, 4), std::string("\xe3\xc6\xa7\xc2", 4));
}

TEST(Spdy, RefusesWhatIsNone) {
  std::string headers;
  spdy_writer().syn_stream(1, {{"a", "b"}}, headers);
  auto broken = headers;
  broken[20] = '\x55';
  const struct {
    std::string bytes;
    const char* fault;
  } cases[] = {
      {std::string("\x80\x02\x00\x06\x00\x00\x00\x04\x00\x00\x00\x01", 12), "another version"},
      {std::string("\x80\x03\x00\x06\x00\xff\xff\xff\x00\x00\x00\x01", 12), "too large"},
      {std::string("\x80\x03\x00\x06\x00\x00\x00\x02\x00\x00", 10), "too short"},
      {broken, "headers of a SPDY frame cannot be read"},
  };
  for (const auto& c : cases) EXPECT_THAT(read(c.bytes, 1000).fault, testing::HasSubstr(c.fault));
}

TEST(Spdy, HeadersThatGrowWithoutEndAreRefused) {
  spdy_writer w;
  std::string bytes;
  w.syn_stream(1, {{"a", std::string(1u << 20, 'x')}}, bytes);
  EXPECT_LT(bytes.size(), 64u << 10);
  EXPECT_THAT(read(bytes, bytes.size()).fault, testing::HasSubstr("cannot be read"));
}

}  // namespace
}  // namespace troupe::stream
