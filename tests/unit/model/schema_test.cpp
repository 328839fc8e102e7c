// floors: model
#include "model/schema.hpp"

#include <gmock/gmock.h>

namespace troupe::model {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Pair;

const schema& all() {
  return schema::instance();
}

TEST(Schema, FindsKindsByNameAndByPlural) {
  const kind_info* pod = all().by_kind("", "v1", "Pod");
  ASSERT_TRUE(pod);
  EXPECT_EQ(pod, all().by_plural("", "v1", "pods"));
  EXPECT_EQ(pod, all().by_resource("pods"));
  EXPECT_EQ(pod->api_version(), "v1");
  EXPECT_TRUE(pod->namespaced);
  EXPECT_THAT(pod->short_names, ElementsAre("po"));
  EXPECT_THAT(pod->categories, ElementsAre("all"));
  EXPECT_EQ(pod->type->name, "io.k8s.api.core.v1.Pod");

  const kind_info* lease = all().by_resource("leases.coordination.k8s.io");
  ASSERT_TRUE(lease);
  EXPECT_EQ(lease->api_version(), "coordination.k8s.io/v1");
  EXPECT_FALSE(all().by_kind("", "v1", "pod"));
  EXPECT_FALSE(all().by_plural("", "v2", "pods"));
  EXPECT_FALSE(all().by_resource("pods."));
}

TEST(Schema, UnderstandsWhatUsersType) {
  const std::pair<const char*, const char*> table[] = {
      {"po", "pods"},
      {"pod", "pods"},
      {"Pods", "pods"},
      {"POD", "pods"},
      {"pods.v1", "pods"},
      {"pods.v1.", "pods"},
      {"no", "nodes"},
      {"ev", "events"},
      {"leases.coordination.k8s.io", "leases.coordination.k8s.io"},
      {"Lease.v1.coordination.k8s.io", "leases.coordination.k8s.io"},
      {"lease", "leases.coordination.k8s.io"},
      {"csr", "certificatesigningrequests.certificates.k8s.io"},
      {"endpoints", "endpoints"},
  };
  for (const auto& [typed, resource] : table) {
    const kind_info* found = all().by_argument(typed);
    ASSERT_TRUE(found) << typed;
    EXPECT_EQ(found->resource, resource) << typed;
  }
  for (const char* wrong : {"", ".", "podz", "pods.apps", "pods.v2.", "lease.v1.apps", "pods..v1"})
    EXPECT_FALSE(all().by_argument(wrong)) << wrong;
}

TEST(Schema, BothEventKindsAreOneResourceAndCoreIsPreferred) {
  EXPECT_EQ(all().by_kind("events.k8s.io", "v1", "Event")->resource, "events");
  EXPECT_EQ(all().by_resource("events")->group, "");
  EXPECT_EQ(all().by_argument("events.events.k8s.io")->group, "events.k8s.io");
}

TEST(Schema, KnowsSubresourcesAndTheirKinds) {
  const kind_info* pod = all().by_resource("pods");
  EXPECT_THAT(pod->subresources,
              ElementsAre("attach", "binding", "ephemeralcontainers", "eviction", "exec", "log",
                          "portforward", "proxy", "resize", "status"));
  const subresource_info* eviction = pod->subresource("eviction");
  ASSERT_TRUE(eviction);
  EXPECT_EQ(eviction->group, "policy");
  EXPECT_EQ(eviction->kind, "Eviction");
  EXPECT_THAT(eviction->verbs, ElementsAre("create"));
  EXPECT_FALSE(pod->subresource("scale"));
}

TEST(Schema, DescribesFields) {
  const type_info* spec = all().type("io.k8s.api.core.v1.PodSpec");
  ASSERT_TRUE(spec);
  const field_info* containers = spec->field("containers");
  ASSERT_TRUE(containers);
  EXPECT_TRUE(containers->required);
  EXPECT_TRUE(containers->merge);
  EXPECT_EQ(containers->kind, field_kind::array);
  EXPECT_EQ(containers->item, field_kind::object);
  EXPECT_EQ(containers->list, list_type::map);
  EXPECT_THAT(containers->map_keys, ElementsAre("name"));
  const field_info* ports = containers->type->field("ports");
  EXPECT_THAT(ports->map_keys, ElementsAre("containerPort", "protocol"));
  EXPECT_TRUE(spec->field("volumes")->retain_keys);
  EXPECT_EQ(spec->field("nodeSelector")->kind, field_kind::string_map);
  EXPECT_TRUE(spec->field("nodeSelector")->atomic);
  EXPECT_THAT(spec->field("restartPolicy")->enumeration, Contains("OnFailure"));
  EXPECT_EQ(spec->field("activeDeadlineSeconds")->bits, 64);
  EXPECT_EQ(spec->field("priority")->bits, 32);
  EXPECT_FALSE(spec->field("nosuch"));
}

TEST(Schema, SaysOfEveryStructAndFieldWhatItIs) {
  for (const type_info* type : all().types()) {
    EXPECT_FALSE(type->description.empty()) << type->name;
    for (const field_info& field : type->fields)
      EXPECT_FALSE(field.description.empty()) << type->name << "." << field.name;
  }
}

TEST(SelectableFields, ArePerKindAndSorted) {
  const json pod = {{"metadata", {{"name", "a"}, {"namespace", "b"}}},
                    {"spec", {{"nodeName", "n1"}, {"hostNetwork", true}}},
                    {"status", {{"phase", "Running"}}}};
  const string_pairs fields = selectable_fields("pods", pod);
  EXPECT_TRUE(std::is_sorted(fields.begin(), fields.end()));
  EXPECT_THAT(fields, Contains(Pair("spec.nodeName", "n1")));
  EXPECT_THAT(fields, Contains(Pair("spec.hostNetwork", "true")));
  EXPECT_THAT(fields, Contains(Pair("status.phase", "Running")));
  EXPECT_THAT(fields, Contains(Pair("status.podIP", "")));
  EXPECT_THAT(fields, Contains(Pair("metadata.namespace", "b")));
  EXPECT_THAT(selectable_fields("nodes", json::object()),
              ElementsAre(Pair("metadata.name", ""), Pair("metadata.namespace", ""),
                          Pair("spec.unschedulable", "false")));
  EXPECT_THAT(selectable_fields("events", {{"reportingComponent", "kubelet"}}),
              Contains(Pair("source", "kubelet")));
}

}  // namespace
}  // namespace troupe::model
