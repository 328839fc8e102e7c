// floors: model
#include "model/json.hpp"
#include "model/random.hpp"

#include <gtest/gtest.h>

#include <map>

// The members of an object are what std::map would make of them.
namespace troupe::model {
namespace {

using members = json::object_t;
using reference = std::map<std::string, json>;

void expect_same(const members& got, const reference& wanted) {
  ASSERT_EQ(got.size(), wanted.size());
  EXPECT_EQ(got.empty(), wanted.empty());
  auto i = got.begin();
  for (const auto& [key, value] : wanted) {
    EXPECT_EQ(i->first, key);
    EXPECT_EQ(i->second, value);
    ++i;
  }
  EXPECT_EQ(i, got.end());
  auto back = got.end();
  for (auto k = wanted.rbegin(); k != wanted.rend(); ++k) EXPECT_EQ((--back)->first, k->first);
}

// Few short keys, some with a beginning of eight bytes in common, one with a null in it.
std::string some_key(random_source& random, std::size_t range) {
  const auto n = random.below(range);
  if (n % 5 == 0) return "the same beginning " + std::to_string(n);
  if (n % 7 == 0) return std::string("a\0", 2) + std::to_string(n);
  return std::to_string(n);
}

// With ranges of keys below and above what is looked up one after the other.
TEST(JsonMembers, AreAMapsThroughInsertionsAndErasures) {
  for (const std::size_t range : {4, 20, 40, 400}) {
    random_source random(range);
    members got;
    reference wanted;
    for (int step = 0; step < 2'000; ++step) {
      const auto key = some_key(random, range);
      switch (random.below(6)) {
        case 0:
          EXPECT_EQ(got.erase(key), wanted.erase(key));
          break;
        case 1:
          got[key] = wanted[key] = step;
          break;
        case 2:
          EXPECT_EQ(got.try_emplace(key, step).second, wanted.try_emplace(key, step).second);
          break;
        case 3: {
          const auto place = got.lower_bound(key);
          const auto same = wanted.lower_bound(key);
          ASSERT_EQ(place == got.end(), same == wanted.end());
          if (same != wanted.end()) {
            EXPECT_EQ(place->first, same->first);
          }
          // A hint may be wrong, and the key may be there.
          const bool right = random.below(2) == 0;
          const auto put = got.emplace_hint(right ? place : got.end(), key, step);
          wanted.emplace(key, step);
          EXPECT_EQ(put->second, wanted.at(key));
          break;
        }
        case 4:
          EXPECT_EQ(got.contains(key), wanted.contains(key));
          EXPECT_EQ(got.find(key) == got.end(), wanted.find(key) == wanted.end());
          break;
        default:
          if (random.below(50) == 0) {
            const auto odd = [](const auto& m) { return m.second.template get<int>() % 2 != 0; };
            EXPECT_EQ(erase_if(got, odd), std::erase_if(wanted, odd));
          }
      }
    }
    expect_same(got, wanted);
    const members copy(got);
    EXPECT_EQ(copy, got);
    expect_same(copy, wanted);
  }
}

TEST(JsonMembers, LieWhereTheyAreWhileOthersComeAndGo) {
  members all;
  all["m"] = "stays";
  json* const value = &all["m"];
  const auto place = all.find("m");
  for (int i = 0; i < 100; ++i) all[std::to_string(i)] = i;
  for (int i = 0; i < 90; ++i) all.erase(std::to_string(i));
  all["a"] = 1;
  EXPECT_EQ(&all["m"], value);
  EXPECT_EQ(place->second, "stays");
  members other = std::move(all);
  EXPECT_EQ(&other["m"], value);
  EXPECT_TRUE(all.empty());  // NOLINT(bugprone-use-after-move): it can be used again
  all["b"] = 2;
  all.swap(other);
  EXPECT_EQ(&all["m"], value);
  EXPECT_EQ(other.size(), 1u);
}

TEST(JsonMembers, CompareAsMapsDo) {
  const json documents[] = {json::parse(R"({})"), json::parse(R"({"a":1})"),
                            json::parse(R"({"a":1,"b":0})"), json::parse(R"({"a":2})"),
                            json::parse(R"({"b":1})")};
  for (std::size_t i = 0; i < std::size(documents); ++i)
    for (std::size_t k = 0; k < std::size(documents); ++k) {
      EXPECT_EQ(documents[i] == documents[k], i == k);
      EXPECT_EQ(documents[i] < documents[k], i < k);
    }
}

TEST(JsonMembers, AnEmptyOneCanBeCopiedMovedAndCleared) {
  members none;
  members copy(none), moved(std::move(none));
  copy = moved;
  copy.clear();
  EXPECT_EQ(copy, moved);
  copy["a"];
  copy.clear();
  EXPECT_EQ(copy.begin(), copy.end());
}

}  // namespace
}  // namespace troupe::model
