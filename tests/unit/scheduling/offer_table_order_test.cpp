// floors: model
#include "model/scheduling/offer_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace troupe::model {
namespace {

// What the table remembers of nodes from one batch to the next must not outlive what it goes by: a
// cluster in which everything changes at random, and whose every placement is one of those that a
// look at all nodes finds best.
class restless_cluster {
 public:
  explicit restless_cluster(std::uint64_t seed) : random_(seed) {
    for (int i = 0; i < 2 * nodes_; ++i) change_node();
  }

  void place() {
    const auto kind = random_.below(kinds_);
    std::vector<pod_view_ptr> batch;
    for (auto left = 1 + random_.below(3); left > 0; --left) batch.push_back(pod_of(kind));
    // The others find what the first has left.
    const auto best = table_.best(*batch.front());
    const auto chosen = table_.place(batch, random_);
    if (best.empty())
      EXPECT_EQ(chosen.front(), "") << "kind " << kind;
    else
      EXPECT_THAT(best, testing::Contains(chosen.front())) << "kind " << kind;
    for (std::size_t i = 0; i < batch.size(); ++i)
      if (!chosen[i].empty()) placed_.push_back(batch[i]);
  }

  void change() {
    switch (random_.below(8)) {
      case 0:
      case 1:
        return change_node();
      case 2:
        return table_.remove(any_node());
      case 3:
        return offer();
      case 4:
        return drop_one([this](const std::string& uid) { table_.forget(uid); });
      case 5:
        return drop_one([this](const std::string& uid) { table_.settle(uid); });
      case 6:
        return table_.nominate(pod_of(kinds_ - 1), any_node());
      default:
        if (random_.below(4) == 0) table_.forget_nominations();
    }
  }

 private:
  std::string any_node() { return "n" + std::to_string(random_.below(nodes_)); }

  void change_node() {
    const auto name = any_node();
    json node = {{"metadata", {{"name", name}, {"labels", {{"kubernetes.io/hostname", name}}}}},
                 {"status",
                  {{"allocatable",
                    {{"cpu", std::to_string(1 + random_.below(3))},
                     {"memory", "4Gi"},
                     {"pods", std::to_string(2 + random_.below(6))}}}}}};
    if (random_.below(3) == 0) node["metadata"]["labels"]["disk"] = "ssd";
    if (random_.below(5) == 0) node["spec"]["unschedulable"] = true;
    if (random_.below(4) == 0)
      node["spec"]["taints"] = {
          {{"key", "k"}, {"effect", random_.below(2) == 0 ? "NoSchedule" : "PreferNoSchedule"}}};
    if (random_.below(12) == 0)
      node["status"]["images"] = {{{"names", {"known:1"}}, {"sizeBytes", 500'000'000}}};
    table_.set(name, std::make_shared<const node_view>(node), {});
  }

  void offer() {
    usage used;
    for (auto pods = random_.below(3); pods > 0; --pods) used.add(*pod_of(random_.below(kinds_)));
    table_.set(any_node(), nullptr, used);
  }

  template <class F>
  void drop_one(F f) {
    if (placed_.empty()) return;
    const auto at = placed_.begin() + static_cast<std::ptrdiff_t>(random_.below(placed_.size()));
    f((*at)->uid);
    placed_.erase(at);
  }

  pod_view_ptr pod_of(std::uint64_t kind) {
    const auto uid = "p" + std::to_string(++pods_);
    json container = {{"name", "c"}, {"resources", {{"requests", {{"cpu", "100m"}}}}}};
    json spec = json::object();
    if (kind == 1) container["resources"]["requests"]["cpu"] = "900m";
    if (kind == 2) spec["nodeSelector"]["disk"] = "ssd";
    if (kind == 3) container["ports"] = {{{"containerPort", 80}, {"hostPort", 80}}};
    if (kind == 4) container["image"] = "known:1";
    if (kind == 5) spec["tolerations"] = {{{"operator", "Exists"}}};
    if (kind == 6) spec["priority"] = 1000;
    spec["containers"] = {container};
    return std::make_shared<const pod_view>(
        json{{"metadata", {{"name", uid}, {"namespace", "default"}, {"uid", uid}}},
             {"spec", std::move(spec)}});
  }

  static constexpr int nodes_ = 48;
  static constexpr std::uint64_t kinds_ = 7;  // more than the table keeps orders of
  random_source random_;
  offer_table table_;
  std::vector<pod_view_ptr> placed_;
  int pods_ = 0;
};

class KeptOrder : public testing::TestWithParam<int> {};

TEST_P(KeptOrder, IsThatOfAFreshLook) {
  restless_cluster cluster(static_cast<std::uint64_t>(GetParam()));
  for (int i = 0; i < 2000 && !testing::Test::HasFailure(); ++i) {
    SCOPED_TRACE("step " + std::to_string(i));
    cluster.place();
    for (int n = i % 4; n > 0; --n) cluster.change();
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, KeptOrder, testing::Range(1, 9));

// A node that changes all the time has as many chances as one that is never looked at.
TEST(OfferTableOrder, ChoosesAmongEqualsByChance) {
  offer_table table;
  random_source random(3);
  const auto show = [&](const std::string& name) {
    const json node = {
        {"metadata", {{"name", name}}},
        {"status", {{"allocatable", {{"cpu", "4"}, {"memory", "8Gi"}, {"pods", "9"}}}}}};
    table.set(name, std::make_shared<const node_view>(node), {});
  };
  const std::vector<std::string> names{"a", "b", "c", "d", "e", "f", "g", "h"};
  for (const auto& name : names) show(name);
  std::map<std::string, int> count;
  for (int i = 0; i < 800; ++i) {
    show("a");
    const auto uid = "p" + std::to_string(i);
    const auto pod = std::make_shared<const pod_view>(
        json{{"metadata", {{"name", uid}, {"namespace", "d"}, {"uid", uid}}},
             {"spec", {{"containers", {{{"name", "c"}}}}}}});
    const pod_view_ptr one = pod;
    ++count[table.place({&one, 1}, random).front()];
    table.forget(uid);
  }
  for (const auto& name : names) {
    EXPECT_GT(count[name], 60) << name;
    EXPECT_LT(count[name], 140) << name;
  }
}

}  // namespace
}  // namespace troupe::model
