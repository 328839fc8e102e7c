// floors: model store actors/api
#include "actors/api/precedents.hpp"

#include "actors/api/hook_table.hpp"
#include "store/rights.hpp"

#include <gtest/gtest.h>

namespace troupe::api {
namespace {

using namespace std::chrono_literals;
using store::event;

const std::string plain = R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"web-0",
  "labels":{"app":"web"},"ownerReferences":[{"apiVersion":"apps/v1","kind":"ReplicaSet",
  "name":"web","uid":"u1","controller":true}]},"spec":{"nodeSelector":{"disk":"ssd"},
  "containers":[{"name":"main","image":"busybox:1.35",
  "resources":{"requests":{"cpu":"10m","memory":"16Mi"}}}]}})";

std::string with(std::string body, std::string_view what, std::string_view instead) {
  const auto at = body.find(what);
  EXPECT_NE(at, body.npos) << what;
  return body.replace(at, what.size(), instead);
}

std::string named(std::string_view name) {
  return with(plain, "web-0", name);
}

struct outcome {
  call asked;
  decision made;
  bool followed() const { return !asked.is_read; }
  const model::draft& pod() const { return *made.change->object; }
};

class Precedents : public ::testing::Test {
 protected:
  Precedents() {
    put("namespaces", R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"default"}})");
    put("namespaces", R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"other"}})");
    for (const char* ns : {"default", "other"})
      put("serviceaccounts",
          with(R"({"apiVersion":"v1","kind":"ServiceAccount","metadata":{"name":"default",
                   "namespace":"NS"}})",
               "NS", ns));
    request.method = "POST";
    request.target = "/api/v1/namespaces/default/pods";
    request.user_agent = "controller/1";
    request.user = {"admin", {"system:masters", "system:authenticated"}, {}, {}};
  }

  void put(const char* resource, const std::string& text) {
    const auto o = model::seal(model::encode(resource, json::parse(text)), ++version);
    const auto before = cache->get(o->key());
    cache->apply({{before ? event::kind::modified : event::kind::added, o, before}});
  }

  void remove(const object_key& key) {
    const auto o = cache->get(key);
    cache->apply({{event::kind::deleted, model::with_version(*o, ++version), o}});
  }

  outcome ask(const std::string& body, precedents& of) {
    hooks.follow();
    environment e{*cache,       random,  now,          ranges, claims,
                  authenticate, *rights, tokens.get(), hooks,  of};
    api_request r = request;
    r.body = blob_ref(body);
    outcome out{std::get<call>(accept(r, *cache, *rights)), {}};
    out.made = decide(out.asked, e);
    return out;
  }
  outcome ask(const std::string& body) { return ask(body, earlier); }
  bool follows(const std::string& body) { return ask(body).followed(); }

  std::uint64_t version = 0;
  std::shared_ptr<store::cache> cache = std::make_shared<store::cache>();
  std::shared_ptr<store::rights> rights = std::make_shared<store::rights>(cache);
  hook_table hooks{cache, rights};
  model::random_source random{1};
  model::time_point now{1700000000s};
  model::service_ranges ranges;
  store::claim_table claims;
  token_authenticator authenticate;
  std::shared_ptr<const model::token_issuer> tokens;
  precedents earlier;
  api_request request;
};

TEST_F(Precedents, APodLikeOneBeforeIsWhatItWouldBeWithoutIt) {
  EXPECT_FALSE(follows(plain));
  EXPECT_FALSE(follows(named("web-00"))) << "the first that recurs is the example";
  for (const char* name : {"web-1", "web-10000", "w"}) {
    const auto here = ask(named(name));
    ASSERT_TRUE(here.followed()) << name;
    precedents none;
    const auto anew = ask(named(name), none);
    ASSERT_FALSE(anew.followed());
    ASSERT_TRUE(anew.made.change) << anew.made.refused->message;
    const auto one = model::seal(here.pod(), 7), other = model::seal(anew.pod(), 7);
    EXPECT_NE(one->header().uid, other->header().uid);
    EXPECT_EQ(with(one->bytes(), one->header().uid, other->header().uid), other->bytes());
    EXPECT_EQ(one->places(), model::places_of(one->bytes()));
    EXPECT_EQ(one->text_of(model::part::spec), other->text_of(model::part::spec));
    EXPECT_EQ(one->key(), other->key());
    EXPECT_EQ(one->header().labels, other->header().labels);
    EXPECT_EQ(one->header().fields, other->header().fields);
    EXPECT_EQ(one->header().owners, other->header().owners);
    EXPECT_EQ(one->header().controller_kind, other->header().controller_kind);
    EXPECT_EQ(here.made.code, anew.made.code);
    EXPECT_EQ(here.made.retry, anew.made.retry);
    EXPECT_EQ(here.made.change->name, name);
    EXPECT_EQ(here.made.change->ns, "default");
    EXPECT_EQ(here.asked.named.name, anew.asked.named.name);
  }
}

TEST_F(Precedents, NamesThatTheServerMakesAreNew) {
  const std::string body = with(plain, R"("name":"web-0")", R"("generateName":"web-")");
  ask(body);
  const auto first = ask(body), second = ask(body);
  EXPECT_FALSE(first.followed());
  ASSERT_TRUE(second.followed());
  EXPECT_TRUE(second.made.change->name.starts_with("web-"));
  EXPECT_EQ(second.made.change->name.size(), first.made.change->name.size());
  EXPECT_NE(second.made.change->name, first.made.change->name);
  EXPECT_TRUE(second.made.retry) << "another name may be free";
  EXPECT_TRUE(second.made.generated);
  EXPECT_EQ(second.asked.named.name, "");
  const auto text = model::seal(second.pod(), 7)->parse();
  EXPECT_EQ(text["metadata"]["name"], second.made.change->name);
  EXPECT_EQ(text["metadata"]["generateName"], "web-");
}

TEST_F(Precedents, ATakenNameIsTriedAgainWithoutThePrecedent) {
  const std::string body = with(plain, R"("name":"web-0")", R"("generateName":"web-")");
  ask(body);
  ask(body);
  auto again = ask(body);
  ASSERT_TRUE(again.followed());
  now += 1s;  // nothing to follow any more
  environment e{*cache,       random,  now,          ranges, claims,
                authenticate, *rights, tokens.get(), hooks,  earlier};
  const auto d = decide(again.asked, e);
  EXPECT_TRUE(again.asked.is_read);
  ASSERT_TRUE(d.change);
  EXPECT_EQ(model::seal(*d.change->object, 7)->parse()["spec"]["restartPolicy"], "Always");
}

TEST_F(Precedents, WhatIsSaidOfOneIsSaidOfTheNext) {
  const std::string odd = with(plain, R"("nodeSelector")", R"("unknown":1,"nodeSelector")");
  ask(odd);
  const auto first = ask(odd), second = ask(with(odd, "web-0", "web-1"));
  ASSERT_TRUE(second.followed());
  EXPECT_EQ(second.asked.warnings, std::vector<std::string>{R"(unknown field "spec.unknown")"});
  EXPECT_EQ(second.asked.warnings, first.asked.warnings);
}

TEST_F(Precedents, TheTokenVolumeIsThere) {
  tokens = std::make_shared<const model::token_issuer>();
  ask(plain);
  const auto first = ask(plain), second = ask(named("web-1"));
  ASSERT_TRUE(second.followed());
  EXPECT_EQ(model::seal(second.pod(), 7)->parse()["spec"],
            model::seal(first.pod(), 7)->parse()["spec"]);
  EXPECT_NE(second.pod().tail.find("kube-api-access-"), std::string::npos);
  remove({"serviceaccounts", "default", "default"});
  EXPECT_TRUE(ask(named("web-2")).made.wait) << "the account is gone";
}

TEST_F(Precedents, ManyKindsOfPodsAreKnownAtATime) {
  const auto of = [](int i) { return with(plain, "10m", std::to_string(i + 1) + "m"); };
  for (int i = 0; i < 16; ++i) {
    EXPECT_FALSE(follows(of(i)));
    EXPECT_FALSE(follows(of(i)));
  }
  for (int i = 0; i < 16; ++i) EXPECT_TRUE(follows(of(i))) << i;
  EXPECT_FALSE(follows(of(16)));
  EXPECT_FALSE(follows(of(16)));
  EXPECT_TRUE(follows(of(16)));
  EXPECT_FALSE(follows(of(0))) << "the oldest made room";
}

TEST_F(Precedents, ARefusalIsNone) {
  const std::string bad = with(plain, "10m", "-1");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ask(bad).made.refused->code, 422);
  EXPECT_EQ(ask("{").made.refused->code, 400);
}

// What stands in the way of following.
class Differences : public Precedents {
 protected:
  bool follows_after(const std::function<void()>& change, std::string body) {
    ask(plain);
    ask(plain);
    EXPECT_TRUE(follows(named("web-1")));
    change();
    return follows(body);
  }
  bool follows_after(const std::function<void()>& change) {
    return follows_after(change, named("web-2"));
  }
};

TEST_F(Differences, OfTheAsker) {
  EXPECT_FALSE(follows_after([&] { request.user.name = "somebody"; }));
  EXPECT_FALSE(follows_after([&] { request.user.groups.push_back("more"); }));
  EXPECT_FALSE(follows_after([&] { request.user_agent = "kubectl/1"; }));
  EXPECT_FALSE(follows_after([&] { request.target += "?fieldValidation=Strict"; }));
}

TEST_F(Differences, OfTheNamespace) {
  EXPECT_FALSE(follows_after([&] { request.target = "/api/v1/namespaces/other/pods"; }));
}

TEST_F(Differences, OfTheTime) {
  EXPECT_FALSE(follows_after([&] { now += 1s; }));
}

TEST_F(Differences, OfWhatAdmissionReads) {
  EXPECT_FALSE(follows_after([&] {
    put("namespaces", R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":"default",
        "labels":{"pod-security.kubernetes.io/enforce":"restricted"}}})");
  }));
  EXPECT_EQ(ask(named("web-3")).made.refused->code, 403) << "by the new label";
}

TEST_F(Differences, OfADefault) {
  EXPECT_FALSE(follows_after([&] {
    put("priorityclasses.scheduling.k8s.io",
        R"({"apiVersion":"scheduling.k8s.io/v1","kind":"PriorityClass","metadata":{"name":"p"},
              "value":7,"globalDefault":true})");
  }));
  const auto pod = model::seal(ask(named("web-3")).pod(), 7)->parse();
  EXPECT_EQ(pod["spec"]["priority"], 7) << "and the one after it has it too";
}

TEST_F(Differences, OfALimit) {
  EXPECT_FALSE(follows_after([&] {
    put("limitranges", R"({"apiVersion":"v1","kind":"LimitRange","metadata":{"name":"l",
        "namespace":"default"},"spec":{"limits":[{"type":"Container","max":{"cpu":"5m"}}]}})");
  }));
}

TEST_F(Differences, OfTheWebhooks) {
  EXPECT_FALSE(follows_after([&] {
    put("mutatingwebhookconfigurations.admissionregistration.k8s.io",
        R"({"apiVersion":"admissionregistration.k8s.io/v1","kind":"MutatingWebhookConfiguration",
              "metadata":{"name":"m"},"webhooks":[{"name":"a.b.c","clientConfig":{"url":
              "https://127.0.0.1:1/"},"rules":[{"apiGroups":[""],"apiVersions":["v1"],
              "operations":["CREATE"],"resources":["services"]}],"sideEffects":"None",
              "admissionReviewVersions":["v1"]}]})");
  }));
}

TEST_F(Differences, OfTheBody) {
  const auto nothing = [] {};
  EXPECT_FALSE(follows_after(nothing, named("web.2"))) << "Kubernetes warns of a dot";
  EXPECT_FALSE(follows_after(nothing, named("Web")));
  EXPECT_FALSE(follows_after(nothing, named("")));
  EXPECT_FALSE(follows_after(nothing, named(R"(a","x":"b)")));
  EXPECT_FALSE(follows_after(nothing, with(named("web-2"), "10m", "11m")));
  EXPECT_FALSE(follows_after(nothing, named("web-2") + " "));
}

// A name that stands for something else too says more than what the pod is called.
TEST_F(Precedents, ANameThatIsUsedTwiceMakesNone) {
  const std::string twice = with(plain, R"("app":"web")", R"("app":"web-0")");
  ask(twice);
  ask(twice);
  EXPECT_FALSE(follows(twice));
  const std::string container = with(plain, R"("name":"main")", R"("name":"web-0")");
  ask(container);
  ask(container);
  EXPECT_FALSE(follows(container));
  const std::string escaped = with(plain, R"("name":"web-0")", R"("name":"web\u002d0")");
  ask(escaped);
  ask(escaped);
  EXPECT_FALSE(follows(escaped));
}

TEST_F(Precedents, LargeBodiesAreNotKept) {
  const auto of = [](std::size_t size) {
    return with(plain, R"("nodeSelector")",
                R"("schedulerName":"s",)" + std::string(size, ' ') + R"("nodeSelector")");
  };
  ask(of(60'000)), ask(of(60'000)), ask(of(70'000)), ask(of(70'000));
  EXPECT_TRUE(follows(of(60'000)));
  EXPECT_FALSE(follows(of(70'000)));
}

TEST_F(Precedents, OnlyPodsThatAreCreatedHaveThem) {
  request.target = "/api/v1/namespaces/default/configmaps";
  const std::string map = R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}})";
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(follows(map));
}

}  // namespace
}  // namespace troupe::api
