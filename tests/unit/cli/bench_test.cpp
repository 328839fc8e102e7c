// floors: cli
#include "cli/bench/endpoint.hpp"
#include "cli/bench/figures.hpp"
#include "cli/bench/workload.hpp"

#include <gtest/gtest.h>

namespace troupe::cli::bench {
namespace {

using namespace std::chrono_literals;

TEST(bench_endpoint, reads_urls) {
  const auto plain = parse_server("http://127.0.0.1:8080");
  EXPECT_EQ(plain.host, "127.0.0.1");
  EXPECT_EQ(plain.port, 8080);
  EXPECT_FALSE(plain.tls);
  const auto secure = parse_server("https://master/path");
  EXPECT_EQ(secure.host, "master");
  EXPECT_EQ(secure.port, 443);
  EXPECT_TRUE(secure.tls);
}

TEST(bench_endpoint, refuses_what_is_no_server) {
  for (const auto* url :
       {"127.0.0.1:8080", "http://x:", "http://x:0", "http://x:70000", "http://x:8o", ""})
    EXPECT_THROW(parse_server(url), bench_error) << url;
}

TEST(bench_endpoint, makes_requests) {
  const endpoint to{.host = "h", .token = "secret"};
  EXPECT_EQ(
      make_request(to, "GET", "/api"),
      "GET /api HTTP/1.1\r\nHost: h\r\nUser-Agent: troupe-bench\r\nAccept: application/json\r\n"
      "Authorization: Bearer secret\r\n\r\n");
  EXPECT_TRUE(make_request(to, "POST", "/api", "{}").ends_with("Content-Length: 2\r\n\r\n{}"));
}

TEST(bench_lines, joins_pieces_and_cuts_lines) {
  lines cut;
  std::vector<std::string> seen;
  for (const auto* piece : {"a", "b\ncd\n\ne", "", "f", "\n", "rest"})
    cut.add(piece, [&](std::string_view line) { seen.emplace_back(line); });
  EXPECT_EQ(seen, (std::vector<std::string>{"ab", "cd", "", "ef"}));
}

TEST(bench_lines, finds_its_numbers) {
  const std::string_view line =
      R"({"object":{"metadata":{"annotations":{"bench/sent":"123456789012"},"name":"bench-17"}}})";
  EXPECT_EQ(pod_number(line), 17);
  EXPECT_EQ(sent_nanoseconds(line), 123456789012);
  EXPECT_EQ(pod_number(R"({"name":"other"})"), -1);
  EXPECT_EQ(sent_nanoseconds("{}"), -1);
}

TEST(bench_latencies, gives_percentiles) {
  latencies none;
  EXPECT_EQ(none.percentile(0.99), 0);
  latencies some;
  for (int i = 100; i >= 1; --i) some.add(i * 1ms);
  EXPECT_DOUBLE_EQ(some.percentile(0.5), 51);
  EXPECT_DOUBLE_EQ(some.percentile(0.99), 100);
  EXPECT_DOUBLE_EQ(some.percentile(0), 1);
  EXPECT_DOUBLE_EQ(some.percentile(1), 100);
}

}  // namespace
}  // namespace troupe::cli::bench
