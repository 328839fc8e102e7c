// floors: model
#include "tests/unit/rules/rules.hpp"

namespace troupe::model {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(Node, Rules) {
  const json valid = json::parse(R"({"metadata": {"name": "n"},
    "spec": {"podCIDRs": ["10.0.0.0/24"], "providerID": "p",
             "taints": [{"key": "a", "value": "b", "effect": "NoSchedule"}]},
    "status": {"capacity": {"cpu": "1"}}})");
  constexpr change table[] = {
      {"/spec/taints/0/key", R"("")",
       "metadata.taints[0].key: Invalid value: \"\": name part must be non-empty"},
      {"/spec/taints/0/value", R"("-")",
       "metadata.taints[0].value: Invalid value: \"-\": a valid label must be"},
      {"/spec/taints/0/effect", R"("")", "metadata.taints[0].effect: Required value"},
      {"/spec/taints/0/effect", R"("Leave")",
       "metadata.taints[0].effect: Unsupported value: \"Leave\": supported values: "
       "\"NoSchedule\", \"PreferNoSchedule\", \"NoExecute\""},
      {"/spec/taints/1", R"({"key": "a", "effect": "NoSchedule"})",
       "metadata.taints[1]: Duplicate value: core.Taint{Key:\"a\", Value:\"\", "
       "Effect:\"NoSchedule\", TimeAdded:<nil>}: taints must be unique by key and effect pair"},
      {"/spec/podCIDRs/0", R"("x")",
       "spec.podCIDRs[0]: Invalid value: \"x\": must be a valid CIDR value"},
      {"/spec/podCIDRs/1", R"("10.1.0.0/24")",
       "spec.podCIDRs: Invalid value: []string{\"10.0.0.0/24\", \"10.1.0.0/24\"}: may specify no "
       "more than one CIDR for each IP family"},
      {"/status/capacity/cpu", R"("-1")",
       "status.capacity.cpu: Invalid value: \"-1\": must be greater than or equal to 0"},
  };
  expect_rules("nodes", valid, table);
  constexpr change kept[] = {
      {"/spec/podCIDRs/0", R"("10.1.0.0/24")",
       "spec.podCIDRs: Forbidden: node updates may not change podCIDR except from \"\" to valid"},
      {"/spec/providerID", R"("q")",
       "spec.providerID: Forbidden: node updates may not change providerID except from \"\" to "
       "valid"},
      {"/spec/externalID", R"("x")", "spec.externalID: Forbidden: may not be updated"},
  };
  expect_update_rules("nodes", valid, kept);
  json twice = valid;
  twice["status"]["addresses"] = {{{"type", "InternalIP"}, {"address", "10.0.0.1"}},
                                  {{"type", "InternalIP"}, {"address", "10.0.0.1"}}};
  EXPECT_THAT(update_status("nodes", valid, twice),
              ElementsAre("status.addresses[1]: Duplicate value: core.NodeAddress{Type:"
                          "\"InternalIP\", Address:\"10.0.0.1\"}"));
}

TEST(Namespace, Rules) {
  const json valid = {{"metadata", {{"name", "a"}}}};
  constexpr change table[] = {
      {"/metadata/name", R"("a.b")",
       "metadata.name: Invalid value: \"a.b\": a lowercase RFC 1123 label must consist of"},
      {"/spec/finalizers", R"(["mine"])",
       "spec.finalizers: Invalid value: \"mine\": name is neither a standard finalizer name nor is "
       "it fully qualified"},
  };
  expect_rules("namespaces", valid, table);
  json ending = valid;
  ending["status"]["phase"] = "Terminating";
  EXPECT_THAT(update_status("namespaces", valid, ending),
              ElementsAre("status.Phase: Invalid value: \"Terminating\": may only be 'Active' if "
                          "`deletionTimestamp` is empty"));
}

TEST(Event, RulesOfCore) {
  const json valid = json::parse(R"({"apiVersion": "v1", "kind": "Event",
    "metadata": {"name": "Pod:started", "namespace": "a"},
    "involvedObject": {"namespace": "a"}, "reason": "Started"})");
  constexpr change table[] = {
      {"/involvedObject/namespace", R"("b")",
       "involvedObject.namespace: Invalid value: \"b\": does not match event.namespace"},
      {"/eventTime", R"("2026-01-01T00:00:00.000000Z")", "reportingComponent: Required value"},
      {"/eventTime", R"("2026-01-01T00:00:00.000000Z")", "reportingInstance: Required value"},
      {"/eventTime", R"("2026-01-01T00:00:00.000000Z")", "action: Required value"},
  };
  expect_rules("events", valid, table);
}

const kind_info& new_events() {
  return *schema::instance().by_plural("events.k8s.io", "v1", "events");
}

json new_event() {
  return json::parse(R"({"apiVersion": "events.k8s.io/v1", "kind": "Event",
    "metadata": {"name": "e", "namespace": "a"}, "eventTime": "2026-01-01T00:00:00.000000Z",
    "regarding": {"namespace": "a"}, "reason": "r", "action": "a", "type": "Normal",
    "reportingController": "example.com/c", "reportingInstance": "i", "note": "n"})");
}

TEST(Event, RulesOfItsOwnGroup) {
  EXPECT_THAT(lines(validate_create(new_events(), new_event())), IsEmpty());
  constexpr change table[] = {
      {"/type", R"("Loud")", "type: Invalid value: \"\": has invalid value: Loud"},
      {"/eventTime", "null", "eventTime: Required value"},
      {"/deprecatedCount", "3", "count: Invalid value: \"\": needs to be unset"},
      {"/deprecatedSource", R"({"component": "c"})",
       "source: Invalid value: \"\": needs to be unset"},
      {"/deprecatedFirstTimestamp", R"("2026-01-01T00:00:00Z")",
       "firstTimestamp: Invalid value: \"\": needs to be unset"},
      {"/series", R"({"count": 1})", "series.count: Invalid value: \"\": should be at least 2"},
      {"/series", R"({"count": 2})", "series.lastObservedTime: Required value"},
      {"/reportingController", R"("")", "reportingController: Required value"},
      {"/reason", R"("")", "reason: Required value"},
  };
  for (const change& c : table)
    EXPECT_THAT(lines(validate_create(new_events(), changed(new_event(), c))),
                ::testing::Contains(::testing::StartsWith(c.fault)))
        << c.at;
  json long_note = new_event();
  long_note["note"] = std::string(1025, 'x');
  EXPECT_THAT(lines(validate_create(new_events(), long_note)),
              ElementsAre("message: Invalid value: \"\": can have at most 1024 characters"));
  json other = new_event();
  other["note"] = "m";
  EXPECT_THAT(lines(validate_update(new_events(), new_event(), other)),
              ElementsAre("message: Invalid value: \"m\": field is immutable"));
  json series = new_event();
  series["series"] = {{"count", 2}, {"lastObservedTime", "2026-01-01T00:00:01.000000Z"}};
  EXPECT_THAT(lines(validate_update(new_events(), new_event(), series)), IsEmpty());
}

TEST(Lease, Rules) {
  const json valid = json::parse(R"({"metadata": {"name": "l", "namespace": "a"},
    "spec": {"leaseDurationSeconds": 15, "leaseTransitions": 0}})");
  constexpr change table[] = {
      {"/spec/leaseDurationSeconds", "0",
       "spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0"},
      {"/spec/leaseTransitions", "-1",
       "spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0"},
  };
  expect_rules("leases.coordination.k8s.io", valid, table);
}

TEST(ServiceAccount, HasNoRulesButThoseOfMetadata) {
  const json valid = {{"metadata", {{"name", "a.b"}, {"namespace", "a"}}}};
  constexpr change table[] = {
      {"/metadata/name", R"("A")", "metadata.name: Invalid value: \"A\": a lowercase RFC 1123"}};
  expect_rules("serviceaccounts", valid, table);
}

}  // namespace
}  // namespace troupe::model
