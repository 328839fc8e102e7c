// floors: model
// Which images go when the disk is full, or when nobody has used them for too long.
#include "model/kubelet/image_gc.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace troupe::model::kubelet {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

TEST(ImageGc, FreesDownToTheLowThreshold) {
  const image_gc_policy policy;
  EXPECT_EQ(bytes_to_free(policy, 160, 1000), std::nullopt);
  EXPECT_EQ(bytes_to_free(policy, 150, 1000), 50);
  EXPECT_EQ(bytes_to_free(policy, 0, 1000), 200);
  EXPECT_EQ(bytes_to_free(policy, 2000, 1000), std::nullopt);
  EXPECT_EQ(bytes_to_free(policy, 0, 0), std::nullopt);
}

struct ImageBook : testing::Test {
  static image_state image(const std::string& id, bool pinned = false) {
    image_state i;
    i.id = id;
    i.names = {id + ":tag"};
    i.size = 10;
    i.pinned = pinned;
    return i;
  }
  static std::vector<std::string> ids(const std::vector<image_book::candidate>& list) {
    std::vector<std::string> out;
    for (const auto& c : list) out.push_back(c.id);
    return out;
  }
  time_point now{100h};
};

TEST_F(ImageBook, WhatWasUsedLongestAgoGoesFirst) {
  image_book book({});
  const std::vector<image_state> all{image("a"), image("b"), image("never"), image("pinned", true)};
  book.see(all, {"a:tag", "b"}, now);
  EXPECT_THAT(ids(book.removable()), ElementsAre("never")) << "also at once after the start";
  now += 1min;
  book.see(all, {"a"}, now);
  EXPECT_THAT(ids(book.removable()), ElementsAre("never", "b"));
  now += 1min;
  book.see(all, {"b"}, now);
  EXPECT_THAT(ids(book.removable()), ElementsAre("never", "a"));
  book.forget("never");
  EXPECT_THAT(ids(book.removable()), ElementsAre("a"));
}

TEST_F(ImageBook, WhatWasJustPulledStays) {
  image_book book({});
  book.see({}, {}, now);
  now += 1min;
  book.see({image("new")}, {}, now);
  now += 119s;
  book.see({image("new")}, {}, now);
  EXPECT_THAT(book.removable(), IsEmpty());
  now += 1s;
  book.see({image("new")}, {}, now);
  EXPECT_THAT(ids(book.removable()), ElementsAre("new"));
}

TEST_F(ImageBook, WhatNobodyUsesForTooLongGoes) {
  image_gc_policy policy;
  policy.most_age = 1h;
  image_book book(policy);
  const auto began = now;
  const std::vector<image_state> all{image("a"), image("b")};
  book.see(all, {"a"}, now);
  EXPECT_THAT(book.expired(began), IsEmpty()) << "the kubelet has not run for that long";
  now += 1h + 1s;
  book.see(all, {"a"}, now);
  EXPECT_THAT(ids(book.expired(began)), ElementsAre("b"));
  now += 1h;
  book.see(all, {}, now);
  EXPECT_THAT(ids(book.expired(began)), ElementsAre("b")) << "not longer than that";
  now += 1s;
  book.see(all, {}, now);
  EXPECT_THAT(ids(book.expired(began)), ElementsAre("b", "a"));
  EXPECT_THAT(image_book({}).expired(began), IsEmpty());
}

}  // namespace
}  // namespace troupe::model::kubelet
