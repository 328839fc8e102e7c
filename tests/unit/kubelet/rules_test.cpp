// floors: model

#include "model/kubelet/backoff.hpp"
#include "model/kubelet/fields.hpp"
#include "model/kubelet/hollow_command.hpp"
#include "model/kubelet/image_name.hpp"
#include "model/kubelet/node_status.hpp"
#include "model/kubelet/pod_spec.hpp"
#include "model/kubelet/probe.hpp"
#include "model/volumes/attachment.hpp"

#include <gtest/gtest.h>

namespace troupe::model::kubelet {
namespace {

using namespace std::chrono_literals;

const time_point start = *from_rfc3339("2026-11-22T10:00:00Z");

TEST(HollowCommand, SomeEndByThemselves) {
  const struct {
    std::vector<std::string> line;
    std::string end;  // "seconds code", or "" when it runs on
  } table[] = {{{}, ""},
               {{"nginx"}, ""},
               {{"true"}, "0 0"},
               {{"/bin/false"}, "0 1"},
               {{"echo", "hello"}, "0 0"},
               {{"sleep", "2"}, "2 0"},
               {{"sleep", "3m"}, "180 0"},
               {{"sleep", "infinity"}, ""},
               {{"sh", "-c", "echo a; sleep 1 && exit 3"}, "1 3"},
               {{"sh", "-c", "false && sleep 5"}, "0 1"},
               {{"sh", "-c", "sleep 1; false; true"}, "1 0"},
               {{"sh", "-c", "while :; do sleep 1; done"}, ""}};
  for (const auto& t : table) {
    const auto end = end_of_command(t.line);
    const auto text = !end ? std::string{}
                           : std::to_string(end->after / 1s) + " " + std::to_string(end->exit_code);
    EXPECT_EQ(text, t.end) << (t.line.empty() ? "" : t.line.back());
  }
}

TEST(Backoff, DoublesUpToItsCapAndStartsOverAfterALongCalm) {
  const backoff_times times{10s, 40s};
  backoff b;
  EXPECT_FALSE(b.holds(start, start, times)) << "nothing failed yet";
  for (const auto expected : {10s, 20s, 40s, 40s}) {
    b.next(start, times);
    EXPECT_EQ(b.current(), expected);
  }
  EXPECT_TRUE(b.holds(start, start + 39s, times));
  EXPECT_FALSE(b.holds(start, start + 40s, times));
  EXPECT_FALSE(b.holds(start + 81s, start + 81s, times)) << "twice the cap without a failure";
  b.next(start + 81s, times);
  EXPECT_EQ(b.current(), 10s);
}

TEST(Variables, AreExpandedAsKubernetesDoes) {
  const std::map<std::string, std::string> known{{"A", "1"}, {"B", "two words"}, {"E", ""}};
  const std::pair<const char*, const char*> table[] = {
      {"", ""},       {"plain", "plain"}, {"$(A)", "1"},     {"x$(A)y$(B)z", "x1ytwo wordsz"},
      {"$(E)", ""},   {"$(C)", "$(C)"},   {"$$(A)", "$(A)"}, {"$$$(A)", "$1"},
      {"$A", "$A"},   {"$", "$"},         {"a$", "a$"},      {"$(A", "$(A"},
      {"$()", "$()"}, {"$(A)$(A)", "11"},
  };
  for (const auto& [text, expected] : table) EXPECT_EQ(expand(text, known), expected) << text;
}

TEST(DownwardApi, KnowsThePodsFields) {
  const json pod{{"metadata",
                  {{"name", "web"},
                   {"namespace", "shop"},
                   {"uid", "u"},
                   {"labels", {{"app", "x"}, {"tier", "a\"b"}}},
                   {"annotations", {{"note/it", "y"}}}}},
                 {"spec", {{"nodeName", "n1"}}}};
  const pod_facts facts{{"10.0.0.1", "fd00::1"}, {"10.1.0.5"}, {}};
  const std::pair<const char*, const char*> table[] = {
      {"metadata.name", "web"},
      {"metadata.namespace", "shop"},
      {"metadata.uid", "u"},
      {"metadata.labels['app']", "x"},
      {"metadata.labels['none']", ""},
      {"metadata.labels", "app=\"x\"\ntier=\"a\\\"b\""},
      {"metadata.annotations['note/it']", "y"},
      {"spec.nodeName", "n1"},
      {"spec.serviceAccountName", "default"},
      {"status.hostIP", "10.0.0.1"},
      {"status.hostIPs", "10.0.0.1,fd00::1"},
      {"status.podIP", "10.1.0.5"},
  };
  for (const auto& [path, expected] : table) {
    const auto value = field_value(pod, path, facts);
    EXPECT_TRUE(value) << path;
    EXPECT_EQ(value.text, expected) << path;
  }
  EXPECT_EQ(field_value(pod, "spec.hostname", facts).error, "unsupported fieldPath: spec.hostname");
}

TEST(DownwardApi, RoundsResourcesUpInTheirDivisor) {
  const json c{
      {"resources",
       {{"limits", {{"cpu", "1500m"}, {"memory", "100Mi"}}}, {"requests", {{"cpu", "250m"}}}}}};
  const pod_facts facts{{}, {}, {{"ephemeral-storage", "10Gi"}}};
  struct row {
    const char *resource, *divisor, *expected;
  };
  for (const auto& r :
       {row{"limits.cpu", "1", "2"}, row{"limits.cpu", "1m", "1500"},
        row{"requests.cpu", "1m", "250"}, row{"limits.memory", "1Mi", "100"},
        row{"limits.memory", "1", "104857600"}, row{"requests.memory", "1Ki", "102400"},
        row{"limits.ephemeral-storage", "1Gi", "10"}}) {
    const auto value = resource_value(c, {{"resource", r.resource}, {"divisor", r.divisor}}, facts);
    EXPECT_EQ(value.text, r.expected) << r.resource << " in " << r.divisor << value.error;
  }
  EXPECT_FALSE(resource_value(c, {{"resource", "usage.cpu"}}, facts));
}

TEST(PodSpec, ChoosesThePullPolicyByTheTag) {
  const std::pair<const char*, const char*> table[] = {
      {"nginx", "Always"},
      {"nginx:latest", "Always"},
      {"nginx:1", "IfNotPresent"},
      {"registry:5000/nginx", "Always"},
      {"registry:5000/nginx:1", "IfNotPresent"},
      {"nginx@sha256:0123", "IfNotPresent"},
  };
  for (const auto& [image, expected] : table)
    EXPECT_EQ(image_pull_policy({{"image", image}}), expected) << image;
  EXPECT_EQ(image_pull_policy({{"image", "nginx"}, {"imagePullPolicy", "Never"}}), "Never");
}

TEST(PodSpec, RestartsByPolicyAndKind) {
  struct row {
    const char* policy;
    container_kind kind;
    int code;
    bool again;
  };
  using enum container_kind;
  for (const auto& r :
       {row{"Always", main, 0, true}, row{"Always", main, 1, true},
        row{"OnFailure", main, 0, false}, row{"OnFailure", main, 1, true},
        row{"Never", main, 1, false}, row{"Always", init, 0, false}, row{"Always", init, 1, true},
        row{"Never", init, 1, false}, row{"Never", sidecar, 0, true}})
    EXPECT_EQ(restarts({{"spec", {{"restartPolicy", r.policy}}}}, r.kind, r.code), r.again)
        << r.policy << ' ' << static_cast<int>(r.kind) << ' ' << r.code;
}

object_ptr pod_object(const json& metadata, const json& spec, const json& status) {
  json m{{"name", "web"}, {"namespace", "default"}, {"uid", "u"}};
  m.update(metadata);
  return seal(encode("pods", {{"apiVersion", "v1"},
                              {"kind", "Pod"},
                              {"metadata", m},
                              {"spec", spec},
                              {"status", status}}),
              1);
}

TEST(PodSpec, TellsItsOwnStatusFromAChangeThatConcernsTheKubelet) {
  const json spec{{"containers", {{{"name", "c"}, {"image", "spec\":{\"a}"}}}}};
  const auto before = pod_object(json::object(), spec, {{"phase", "Pending"}});
  const json running{{"phase", "Running"}};
  EXPECT_FALSE(concerns_kubelet(*before, *pod_object(json::object(), spec, running)));
  // Volumes and environments may show them.
  EXPECT_TRUE(concerns_kubelet(*before,
                               *pod_object({{"annotations", {{"spec", "other"}}}}, spec, running)));
  auto other = spec;
  other["containers"][0]["image"] = "spec\":{\"b}";
  EXPECT_TRUE(concerns_kubelet(*before, *pod_object(json::object(), other, running)));
  EXPECT_TRUE(concerns_kubelet(*before, *pod_object({{"labels", {{"a", "b"}}}}, spec, running)));
  EXPECT_TRUE(concerns_kubelet(
      *before, *pod_object({{"deletionTimestamp", "2026-11-22T10:00:00Z"}}, spec, running)));
  for (const char* field : {"readinessGates", "activeDeadlineSeconds"}) {
    auto timed = spec;
    timed[field] = 1;
    const auto same = pod_object(json::object(), timed, json::object());
    EXPECT_TRUE(concerns_kubelet(*same, *pod_object(json::object(), timed, running))) << field;
  }
}

TEST(Probe, SpeaksAtItsThresholds) {
  const json spec{{"periodSeconds", 5},
                  {"initialDelaySeconds", 3},
                  {"successThreshold", 2},
                  {"failureThreshold", 3}};
  probe p(probe_kind::readiness, spec, start);
  EXPECT_EQ(p.due(), start + 3s);
  EXPECT_EQ(p.timeout(), 1s);
  struct row {
    bool ok;
    std::optional<bool> verdict;
  };
  const row table[] = {{true, {}},  {false, {}}, {true, {}},    {true, true},
                       {true, {}},  {false, {}}, {false, {}},   {true, {}},
                       {false, {}}, {false, {}}, {false, false}};
  auto now = start;
  for (const auto& r : table) {
    now += 5s;
    EXPECT_EQ(p.result(r.ok, now), r.verdict) << (now - start) / 5s;
    EXPECT_EQ(p.due(), now + 5s);
  }
}

TEST(Probe, AsksNoMoreOnceTheContainerIsToEnd) {
  for (const auto& [kind, over] : {std::pair{probe_kind::readiness, false},
                                   {probe_kind::startup, true},
                                   {probe_kind::liveness, true}}) {
    probe p(kind, {{"failureThreshold", 2}, {"terminationGracePeriodSeconds", 7}}, start);
    EXPECT_EQ(p.grace(), 7s);
    p.result(false, start);
    EXPECT_FALSE(p.over());
    p.result(false, start);
    EXPECT_EQ(p.over(), over) << to_text(kind);
  }
  EXPECT_EQ(probe(probe_kind::liveness, json::object(), start).grace(), std::nullopt);
}

TEST(ImageNames, AreReadAsRuntimesReadThem) {
  const std::string malformed = "invalid reference format";
  const std::string capital = malformed + ": repository name must be lowercase";
  const std::string hex(64, 'a');
  const std::pair<std::string, std::string> table[] = {
      {"web", ""},
      {"web:1.0_x-Y", ""},
      {"team/web", ""},
      {"Registry.example:5000/a/b__c/d--e.f:v1", ""},
      {"localhost/web@sha256:" + hex, ""},
      {"web:1@sha256:" + hex, ""},
      {"[::1]:5000/web", ""},
      {"", malformed},
      {"Web", capital},
      {"team/Web", capital},
      {"UPPER/Bad:::x", capital},
      {"web:", malformed},
      {"web::1", malformed},
      {"web:.a", malformed},
      {"a//b", malformed},
      {"a/-b", malformed},
      {"a..b", malformed},
      {"a___b", malformed},
      {"web@sha256:abc", malformed},
      {"-a.b/web", malformed},
      {"a.b:x/web", malformed},
      {std::string(256, 'a'), "repository name must not be more than 255 characters"}};
  for (const auto& [name, fault] : table) EXPECT_EQ(image_name_fault(name), fault) << name;
}

TEST(Probe, FindsItsPort) {
  const json c{{"ports", {{{"name", "web"}, {"containerPort", 8080}}}}};
  EXPECT_EQ(port_of(80, c), 80);
  EXPECT_EQ(port_of("web", c), 8080);
  EXPECT_EQ(port_of("81", c), 81);
  EXPECT_EQ(port_of("none", c), 0);
  EXPECT_EQ(port_of("", c), 0);
  EXPECT_EQ(port_of(nullptr, c), 0);
}

TEST(Node, LeavesAttachingVolumesToTheController) {
  EXPECT_TRUE(leaves_attaching(node_object("n1", {}, nullptr, {})));
}

}  // namespace
}  // namespace troupe::model::kubelet
