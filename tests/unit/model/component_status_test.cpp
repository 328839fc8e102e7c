// floors: model
#include "model/component_status.hpp"

#include <gtest/gtest.h>

namespace troupe::model {
namespace {

TEST(ComponentStatus, IsHealthyWhileTheLeaseIsInForce) {
  const json lease = json::parse(R"({"spec": {"holderIdentity": "h", "leaseDurationSeconds": 15,
    "renewTime": "2024-01-01T00:00:00.000000Z"}})");
  const auto renewed = *from_rfc3339("2024-01-01T00:00:00Z");
  const json healthy = component_status("scheduler", lease, renewed + std::chrono::seconds(10));
  EXPECT_EQ(healthy["kind"], "ComponentStatus");
  EXPECT_EQ(healthy["metadata"]["name"], "scheduler");
  EXPECT_EQ(healthy["conditions"],
            json::parse(R"([{"type": "Healthy", "status": "True", "message": "ok"}])"));

  const std::pair<json, const char*> faults[] = {
      {lease, "the lease of h was last renewed at 2024-01-01T00:00:00Z"},
      {nullptr, "no lease"},
      {{{"spec", {{"leaseDurationSeconds", 15}}}}, "nobody holds the lease"},
      {{{"spec", {{"holderIdentity", "h"}}}}, "the lease was never renewed"}};
  for (const auto& [held, fault] : faults) {
    const json condition =
        component_status("scheduler", held, renewed + std::chrono::seconds(16))["conditions"][0];
    EXPECT_EQ(condition["status"], "False");
    EXPECT_EQ(condition["error"], fault);
  }
}

}  // namespace
}  // namespace troupe::model
