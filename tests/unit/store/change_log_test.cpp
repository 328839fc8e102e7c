// floors: store
#include "store/change_log.hpp"

#include <gtest/gtest.h>

namespace troupe::store {
namespace {

using kind = event::kind;

object_ptr pod(const std::string& name, std::uint64_t version, const std::string& note = "") {
  return model::seal(model::encode("pods", {{"apiVersion", "v1"},
                                            {"kind", "Pod"},
                                            {"metadata", {{"namespace", "d"}, {"name", name}}},
                                            {"status", {{"message", note}}}}),
                     version);
}

std::vector<event> some_history() {
  const auto a1 = pod("a", 1, "first");
  const auto b2 = pod("b", 2);
  const auto a3 = pod("a", 3, "second");
  const auto a5 = pod("a", 5, "again");
  return {{kind::added, a1, nullptr},
          {kind::added, b2, nullptr},
          {kind::modified, a3, a1},
          {kind::deleted, model::with_version(*a3, 4), a3},
          {kind::added, a5, nullptr}};
}

std::vector<change> through_bytes(const std::vector<event>& events) {
  std::string bytes;
  for (const auto& e : events) encode_change(e, bytes);
  return decode_changes(bytes).value();
}

TEST(ChangeLog, RebuildsEveryEventFromThePresentBackwards) {
  const auto events = some_history();
  const auto got = replay(through_bytes(events), [&](const model::object_key& k) {
    return k.name == "a" ? events[4].object : events[1].object;
  });
  ASSERT_EQ(got.size(), events.size());
  for (std::size_t i = 0; i < events.size(); ++i) {
    EXPECT_EQ(got[i].type, events[i].type);
    EXPECT_EQ(got[i].object->bytes(), events[i].object->bytes());
    EXPECT_EQ(got[i].version(), events[i].version());
    ASSERT_EQ(got[i].previous == nullptr, events[i].previous == nullptr);
    if (got[i].previous) {
      EXPECT_EQ(got[i].previous->bytes(), events[i].previous->bytes());
    }
  }
}

TEST(ChangeLog, AChangeThatThePresentDoesNotExplainCutsTheLogThere) {
  auto events = some_history();
  events.pop_back();
  const auto got = replay(through_bytes(events), [](const model::object_key& k) {
    return k.name == "b" ? pod("b", 77) : nullptr;  // b's value is not what the log says
  });
  ASSERT_EQ(got.size(), 2u);
  EXPECT_EQ(got[0].version(), 3u);
}

TEST(ChangeLog, TornBytesAreNotTaken) {
  std::string bytes;
  for (const auto& e : some_history()) encode_change(e, bytes);
  int whole = 0;
  for (std::size_t n = 0; n < bytes.size(); ++n)
    if (decode_changes(std::string_view(bytes).substr(0, n))) ++whole;
  EXPECT_EQ(whole, 5);  // only where one entry ends and the next begins
  bytes[0] = 9;
  EXPECT_FALSE(decode_changes(bytes));
}

}  // namespace
}  // namespace troupe::store
