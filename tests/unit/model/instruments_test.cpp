// floors: model
#include "model/instruments/instruments.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <thread>

namespace troupe::model {
namespace {

TEST(Instruments, WriteTheTextFormat) {
  instruments all;
  auto& requests = all.counters("requests_total", "Requests, by\nverb.", {"verb", "path"});
  requests.with("GET", "/a\"b\\").add(3);
  requests.with("DELETE", "").add();
  all.gauges("busy", "Now.", {}).with().set(-2);
  auto& times = all.histograms("seconds", "How long.", {"verb"}, {0.5, 1});
  times.with("GET").observe(0.5);
  times.with("GET").observe(0.75, 2);
  times.with("GET").observe(3);
  all.collected("read_late", "When asked for.", "gauge", {},
                [](exposition& out) { out.value({}, 1.5); });
  EXPECT_EQ(all.text(),
            "# HELP busy Now.\n# TYPE busy gauge\nbusy -2\n"
            "# HELP read_late When asked for.\n# TYPE read_late gauge\nread_late 1.5\n"
            "# HELP requests_total Requests, by\\nverb.\n# TYPE requests_total counter\n"
            "requests_total{verb=\"DELETE\",path=\"\"} 1\n"
            "requests_total{verb=\"GET\",path=\"/a\\\"b\\\\\"} 3\n"
            "# HELP seconds How long.\n# TYPE seconds histogram\n"
            "seconds_bucket{verb=\"GET\",le=\"0.5\"} 1\n"
            "seconds_bucket{verb=\"GET\",le=\"1\"} 3\n"
            "seconds_bucket{verb=\"GET\",le=\"+Inf\"} 4\n"
            "seconds_sum{verb=\"GET\"} 5\n"
            "seconds_count{verb=\"GET\"} 4\n");
}

TEST(Instruments, AFamilyIsThereOnce) {
  instruments all;
  auto& first = all.counters("a_total", "A.", {"x"});
  EXPECT_EQ(&all.counters("a_total", "A.", {"x"}), &first);
  EXPECT_EQ(&first.with("1"), &first.with("1"));
  EXPECT_NE(&first.with("1"), &first.with("2"));
  EXPECT_THROW(all.counters("a_total", "A.", {"y"}), std::logic_error);
  EXPECT_THROW(all.gauges("a_total", "A.", {"x"}), std::logic_error);
  // What has no labels shows from the start.
  all.counters("b_total", "B.", {});
  EXPECT_NE(all.text().find("\nb_total 0\n"), std::string::npos);
}

TEST(SeriesTable, IsBounded) {
  series_table<counter> t(1, 4);
  for (int i = 0; i < 100; ++i) t.with(std::to_string(i)).add();
  std::size_t sets = 0;
  std::uint64_t others = 0;
  t.each([&](const auto& values, const counter& c) {
    ++sets;
    if (values[0] == "other") others = c.value();
  });
  EXPECT_EQ(sets, 5U);
  EXPECT_EQ(others, 96U);
  const std::array<std::string_view, 1> unknown{"77"}, known{"3"};
  EXPECT_EQ(t.find(unknown), nullptr);
  EXPECT_NE(t.find(known), nullptr);
}

TEST(SeriesTable, LosesNothingAmongThreads) {
  series_table<counter> t(2, 64);
  std::vector<std::thread> all;
  for (int n = 0; n < 4; ++n)
    all.emplace_back([&t] {
      for (int i = 0; i < 20'000; ++i)
        t.with(i % 2 == 0 ? "even" : "odd", std::to_string(i % 20)).add();
    });
  for (auto& thread : all) thread.join();
  std::uint64_t sum = 0;
  std::size_t sets = 0;
  t.each([&](const auto&, const counter& c) {
    sum += c.value();
    ++sets;
  });
  EXPECT_EQ(sum, 80'000U);
  EXPECT_EQ(sets, 20U);
}

TEST(Histogram, HasKubernetesBounds) {
  EXPECT_EQ(exponential_bounds(0.001, 2, 3), (std::vector<double>{0.001, 0.002, 0.004}));
}

}  // namespace
}  // namespace troupe::model
