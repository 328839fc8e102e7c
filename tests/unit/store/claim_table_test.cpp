// floors: store
#include "store/claim_table.hpp"

#include <gmock/gmock.h>

namespace troupe::store {
namespace {

class ClaimTable : public testing::Test {
 protected:
  cache objects_{4};
  claim_table table_;
  std::uint64_t version_ = 0;

  object_ptr service(const std::string& name, const std::string& ip, int port) {
    return model::seal(
        model::encode(
            "services",
            {{"apiVersion", "v1"},
             {"kind", "Service"},
             {"metadata", {{"name", name}, {"namespace", "a"}}},
             {"spec", {{"clusterIPs", {ip}}, {"ports", {{{"port", 80}, {"nodePort", port}}}}}}}),
        ++version_);
  }
  void add(const std::string& name, const std::string& ip, int port) {
    objects_.apply({{event::kind::added, service(name, ip, port), nullptr}});
  }
  bool taken(const std::string& claim, const std::string& self = "nobody") const {
    return table_.taken(claim, {"services", "a", self});
  }
};

TEST_F(ClaimTable, FollowsWhatServicesHave) {
  add("x", "10.96.0.1", 30001);
  table_.follow(objects_);
  EXPECT_TRUE(taken("ip/10.96.0.1"));
  EXPECT_TRUE(taken("port/30001"));
  EXPECT_FALSE(taken("ip/10.96.0.1", "x")) << "its own";
  add("y", "10.96.0.2", 30002);
  EXPECT_FALSE(taken("ip/10.96.0.2"));
  table_.follow(objects_);
  EXPECT_TRUE(taken("ip/10.96.0.2"));
}

TEST_F(ClaimTable, AnUpdateAndADeletionGiveBack) {
  add("x", "10.96.0.1", 30001);
  table_.follow(objects_);
  // The state before is not always known.
  objects_.apply({{event::kind::modified, service("x", "10.96.0.1", 30009), nullptr}});
  table_.follow(objects_);
  EXPECT_FALSE(taken("port/30001"));
  EXPECT_TRUE(taken("port/30009"));
  objects_.apply({{event::kind::deleted, service("x", "10.96.0.1", 30009), nullptr}});
  table_.follow(objects_);
  EXPECT_FALSE(taken("ip/10.96.0.1"));
  EXPECT_FALSE(taken("port/30009"));
}

TEST_F(ClaimTable, StartsOverWhenTheWindowHasMovedOn) {
  add("x", "10.96.0.1", 30001);
  table_.follow(objects_);
  for (int i = 2; i < 10; ++i)
    add("s" + std::to_string(i), "10.96.0." + std::to_string(i), 30000 + i);
  table_.follow(objects_);
  for (int i = 1; i < 10; ++i) EXPECT_TRUE(taken("ip/10.96.0." + std::to_string(i))) << i;
}

TEST_F(ClaimTable, NamesTheClaimThatAnotherObjectHas) {
  table_.replace(nullptr, service("x", "10.96.0.1", 30001).get());
  const auto same_port = service("y", "10.96.0.2", 30001);
  const auto* claim = table_.taken_from(*same_port);
  ASSERT_NE(claim, nullptr);
  EXPECT_EQ(*claim, "port/30001");
  EXPECT_EQ(table_.taken_from(*service("x", "10.96.0.1", 30001)), nullptr);
}

}  // namespace
}  // namespace troupe::store
