// floors: store
#include "store/quota_guard.hpp"

#include <gmock/gmock.h>

namespace troupe::store {
namespace {

using model::json;
using model::object_ptr;

/// A writer's objects, and the guard that follows them.
class QuotaGuard : public ::testing::Test {
 protected:
  static object_ptr made(const char* resource, const char* name, json o) {
    o["metadata"] = {{"namespace", "d"}, {"name", name}};
    return model::seal(model::encode(resource, o), 1);
  }
  static object_ptr pod(const char* name, const char* cpu = nullptr) {
    json c = {{"name", "c"}};
    if (cpu) c["resources"] = {{"requests", {{"cpu", cpu}}}};
    return made("pods", name, {{"spec", {{"containers", json::array({c})}}}});
  }
  /// Takes it unless it is refused: then the reason.
  std::string write(const object_ptr& o) {
    const auto old = objects.find(o->key());
    const auto before = old == objects.end() ? nullptr : old->second;
    if (const auto bad = guard.refuse(before.get(), *o)) return bad->message;
    objects[o->key()] = o;
    guard.replace(before.get(), o.get());
    return {};
  }
  void remove(const object_ptr& o) {
    objects.erase(o->key());
    guard.replace(o.get(), nullptr);
  }
  void bound(json hard) { write(made("resourcequotas", "q", {{"spec", {{"hard", hard}}}})); }

  std::map<model::object_key, object_ptr> objects;
  quota_guard guard{[this](const std::string& ns) {
                      std::vector<object_ptr> out;
                      for (const auto& [key, o] : objects)
                        if (key.ns == ns) out.push_back(o);
                      return out;
                    },
                    model::system_wall_clock()};
};

TEST_F(QuotaGuard, CountsToTheLastOne) {
  bound({{"pods", "2"}, {"configmaps", "1"}});
  EXPECT_EQ(write(pod("a")), "");
  EXPECT_EQ(write(pod("b")), "");
  EXPECT_EQ(write(pod("c")),
            "pods \"c\" is forbidden: exceeded quota: q, requested: pods=1, used: pods=2, limited: "
            "pods=2");
  EXPECT_EQ(write(pod("b")), "");  // an update takes nothing
  remove(pod("a"));
  EXPECT_EQ(write(pod("c")), "");
  EXPECT_EQ(write(made("configmaps", "m", {})), "");
  EXPECT_THAT(write(made("configmaps", "n", {})), testing::HasSubstr("requested: configmaps=1"));
  EXPECT_EQ(write(made("secrets", "s", {})), "");
}

TEST_F(QuotaGuard, AddsUpWhatPodsRequest) {
  bound({{"requests.cpu", "1"}});
  EXPECT_EQ(write(pod("a", "600m")), "");
  EXPECT_EQ(write(pod("b", "500m")),
            "pods \"b\" is forbidden: exceeded quota: q, requested: requests.cpu=500m, used: "
            "requests.cpu=600m, limited: requests.cpu=1");
  EXPECT_EQ(write(pod("b", "400m")), "");
  EXPECT_EQ(write(pod("c")),
            "pods \"c\" is forbidden: failed quota: q: must specify requests.cpu for: c");
}

TEST_F(QuotaGuard, CountsWhatWasThereBeforeTheQuota) {
  EXPECT_EQ(write(pod("a")), "");
  bound({{"pods", "1"}});
  EXPECT_NE(write(pod("b")), "");
  bound({{"pods", "2"}});
  EXPECT_EQ(write(pod("b")), "");
}

TEST_F(QuotaGuard, WhatHasEndedCountsNoMore) {
  bound({{"pods", "1"}});
  EXPECT_EQ(write(pod("a")), "");
  EXPECT_EQ(write(made("pods", "a", {{"spec", json::object()}, {"status", {{"phase", "Failed"}}}})),
            "");
  EXPECT_EQ(write(pod("b")), "");
}

}  // namespace
}  // namespace troupe::store
