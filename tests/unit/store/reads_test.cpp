// floors: store
#include "store/reads.hpp"

#include "store/line_cache.hpp"

#include <gmock/gmock.h>

namespace troupe::store {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const model::kind_info& config_maps() {
  return *model::schema::instance().by_resource("configmaps");
}

object_ptr config_map(const std::string& name, std::uint64_t version,
                      const model::json& labels = model::json::object(),
                      const std::string& ns = "default") {
  return model::seal(
      model::encode("configmaps",
                    {{"apiVersion", "v1"},
                     {"kind", "ConfigMap"},
                     {"metadata", {{"name", name}, {"namespace", ns}, {"labels", labels}}}}),
      version);
}

class Reads : public testing::Test {
 protected:
  std::shared_ptr<cache> objects = std::make_shared<cache>(8);
  std::uint64_t version = 0;
  std::map<std::string, object_ptr> current;
  model::time_point now = model::time_point(std::chrono::hours(1));

  void put(const std::string& name, const model::json& labels = model::json::object(),
           const std::string& ns = "default") {
    auto o = config_map(name, ++version, labels, ns);
    auto& held = current[ns + "/" + name];
    objects->apply({{held ? event::kind::modified : event::kind::added, o, held}});
    held = o;
  }
  void remove(const std::string& name) {
    auto last = current["default/" + name];
    current.erase("default/" + name);
    auto o = config_map(name, ++version);
    objects->apply({{event::kind::deleted, o, last}});
  }

  static model::request_info request(const std::string& query) {
    return std::get<model::request_info>(
        model::parse_request("GET", "/api/v1/namespaces/default/configmaps?" + query));
  }

  model::json list(const std::string& query, const std::string& ns = "default") {
    auto info = request(query);
    info.ns = ns;
    if (auto needed = needed_version(info); auto* s = std::get_if<model::status>(&needed))
      return model::to_json(*s);
    auto made = store::list(*objects, {info, config_maps(), {}, now});
    if (auto* s = std::get_if<model::status>(&made)) return model::to_json(*s);
    return model::json::parse(*std::get<read_body>(made).text);
  }
  static std::vector<std::string> names(const model::json& list) {
    std::vector<std::string> out;
    for (const auto& item : list["items"]) out.push_back(item["metadata"]["name"]);
    return out;
  }

  std::unique_ptr<watch> open(const std::string& query, const std::string& name = "") {
    const auto info = std::get<model::request_info>(model::parse_request(
        "GET", "/api/v1/watch/namespaces/default/configmaps" + name + "?" + query));
    auto w = watch::open(objects, {info, config_maps(), {}, now}, std::chrono::seconds(600));
    if (auto* s = std::get_if<model::status>(&w)) {
      ADD_FAILURE() << s->message;
      return nullptr;
    }
    return std::move(std::get<std::unique_ptr<watch>>(w));
  }
  // "ADDED a", ...
  std::vector<std::string> pull(watch& w, bool* more = nullptr) {
    std::string text;
    const bool goes_on = w.pull(text, 1 << 20, now);
    if (more) *more = goes_on;
    std::vector<std::string> out;
    for (std::size_t at = 0; at < text.size();) {
      const auto end = text.find('\n', at);
      const auto line = model::json::parse(text.substr(at, end - at));
      const auto& object = line["object"];
      const std::string type = line["type"];
      if (type == "ERROR")
        out.push_back(type + " " + object["reason"].get<std::string>());
      else if (type == "BOOKMARK")
        out.push_back(type + " " + object["metadata"]["resourceVersion"].get<std::string>() +
                      (object["metadata"].contains("annotations") ? " end" : ""));
      else
        out.push_back(type + " " + object["metadata"]["name"].get<std::string>());
      at = end + 1;
    }
    return out;
  }
};

TEST_F(Reads, AListIsValidJsonAtTheCachesVersion) {
  put("b");
  put("a");
  const auto all = list("");
  EXPECT_EQ(all["kind"], "ConfigMapList");
  EXPECT_EQ(all["apiVersion"], "v1");
  EXPECT_EQ(all["metadata"]["resourceVersion"], "2");
  EXPECT_THAT(names(all), ElementsAre("a", "b"));
}

TEST_F(Reads, SelectorsChoose) {
  put("a", {{"app", "x"}});
  put("b", {{"app", "y"}});
  EXPECT_THAT(names(list("labelSelector=app%3Dx")), ElementsAre("a"));
  EXPECT_THAT(names(list("fieldSelector=metadata.name%3Db")), ElementsAre("b"));
}

TEST_F(Reads, AnObjectSelectedByItsNameIsFoundWithoutTheOthers) {
  put("a", {{"app", "x"}});
  put("a", {{"app", "x"}}, "elsewhere");
  struct {
    const char* query;
    std::vector<std::string> found;
  } const cases[] = {
      {"fieldSelector=metadata.name%3Da", {"a"}},
      {"fieldSelector=metadata.name%3Da&labelSelector=app%3Dy", {}},
      {"fieldSelector=metadata.name%3Da,metadata.name%21%3Da", {}},
      {"fieldSelector=metadata.name%3Dnobody", {}},
  };
  for (const auto& c : cases) EXPECT_EQ(names(list(c.query)), c.found) << c.query;
  EXPECT_THAT(names(list("fieldSelector=metadata.name%3Da", "")), ElementsAre("a", "a"));
  EXPECT_THAT(pull(*open("fieldSelector=metadata.name%3Da")), ElementsAre("ADDED a"));
}

TEST_F(Reads, AStreamedListIsTheListPieceByPiece) {
  const auto info = request("");
  const read_request r{info, config_maps(), {}, now};
  for (int i = 0; i < 3; ++i) put("small-" + std::to_string(i));
  auto small = std::get<page>(read_list(*objects, r));
  EXPECT_EQ(streamed_list(r, small), nullptr);
  put("large", {{"x", std::string(400'000, 'x')}});
  auto large = std::get<page>(read_list(*objects, r));
  const auto whole = list_body(r, large);
  const auto text = streamed_list(r, large);
  ASSERT_NE(text, nullptr);
  EXPECT_EQ(text->size(), whole.size());
  std::string all, piece;
  for (bool more = true; more; all += std::exchange(piece, {})) more = text->pull(piece, 100);
  EXPECT_EQ(all, whole);
}

TEST_F(Reads, SelectorsThatAreNoneAreRefusedInKubernetesWords) {
  struct {
    const char* query;
    const char* says;
  } const cases[] = {
      {"labelSelector=a%3D%3D%3Db", "unable to parse requirement: found '=', expected: identifier"},
      {"labelSelector=a+in+x", "unable to parse requirement: found 'x' expected: '('"},
      {"labelSelector=-a", "unable to parse requirement: <nil>: Invalid value: \"-a\""},
      {"fieldSelector=a", "invalid selector: 'a'; can't understand 'a'"},
      {"fieldSelector=spec.x%3Db",
       "\"spec.x\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\""},
      {"limit=x", "strconv.ParseInt: parsing \"x\": invalid syntax"},
      {"timeoutSeconds=1s", "strconv.ParseInt: parsing \"1s\": invalid syntax"},
      {"resourceVersion=x",
       "invalid resource version: resourceVersion: Invalid value: \"x\": strconv.ParseUint: "
       "parsing "
       "\"x\": invalid syntax"},
      {"continue=rubbish", "invalid continue token: continue key is not valid"},
  };
  for (const auto& c : cases) {
    const auto refused = list(c.query);
    EXPECT_EQ(refused["code"], 400) << c.query;
    EXPECT_THAT(refused["message"].get<std::string>(), testing::StartsWith(c.says)) << c.query;
  }
}

TEST_F(Reads, EachKindNamesTheFieldsThatItHasNot) {
  struct {
    const char* resource;
    const char* field;
    const char* says;  ///< empty: it has
  } const cases[] = {
      {"pods", "status.podIP", ""},
      {"pods", "spec.x", "field label not supported: spec.x"},
      {"nodes", "metadata.namespace", "field label not supported: metadata.namespace"},
      {"jobs.batch", "x", "field label \"x\" not supported for batchv1.Job"},
      {"namespaces", "status.phase", ""},
      {"deployments.apps", "metadata.namespace", ""},
      {"deployments.apps", "status.replicas",
       "\"status.replicas\" is not a known field selector: only \"metadata.name\", "
       "\"metadata.namespace\""},
  };
  for (const auto& c : cases) {
    const auto info = request("fieldSelector=" + std::string(c.field) + "%3Da");
    const auto made = selection_of(info, *model::schema::instance().by_resource(c.resource));
    const auto* bad = std::get_if<model::status>(&made);
    EXPECT_EQ(bad ? bad->message : "", c.says) << c.resource << " " << c.field;
  }
}

TEST_F(Reads, OptionsThatDoNotGoTogetherAreRefused) {
  struct {
    bool watches;
    const char* query;
    const char* says;
  } const cases[] = {
      {false, "resourceVersionMatch=Exact",
       "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion "
       "is provided"},
      {false, "resourceVersionMatch=Exact&resourceVersion=0",
       "resourceVersionMatch: Forbidden: resourceVersionMatch \"exact\" is forbidden for "
       "resourceVersion \"0\""},
      {false, "resourceVersionMatch=Nope&resourceVersion=1",
       "resourceVersionMatch: Unsupported value: \"Nope\": supported values: \"Exact\", "
       "\"NotOlderThan\", \"\""},
      {false, "resourceVersionMatch=Exact&resourceVersion=1&continue=x",
       "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden when continue is "
       "provided"},
      {false, "sendInitialEvents=true",
       "sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list"},
      {true, "sendInitialEvents=true",
       "resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch "
       "to "
       "NotOlderThan"},
      {true, "resourceVersionMatch=NotOlderThan",
       "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden for watch unless "
       "sendInitialEvents is provided"},
      {true, "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&continue=x",
       "resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden when continue is "
       "provided"},
  };
  for (const auto& c : cases) {
    const auto info = request(c.query);
    const auto bad = c.watches ? check_watch_options(info) : check_list_options(info);
    ASSERT_TRUE(bad) << c.query;
    EXPECT_EQ(bad->code, 422) << c.query;
    EXPECT_EQ(bad->message, "ListOptions.meta.k8s.io \"\" is invalid: " + std::string(c.says));
  }
}

TEST_F(Reads, PagesShowOneVersionWhateverHappensMeanwhile) {
  for (const char* name : {"a", "b", "c", "d"}) put(name);
  const auto first = list("limit=2");
  EXPECT_THAT(names(first), ElementsAre("a", "b"));
  EXPECT_EQ(first["metadata"]["remainingItemCount"], 2);
  put("cc");
  remove("d");
  const std::string token = first["metadata"]["continue"];
  const auto second = list("limit=2&continue=" + token);
  EXPECT_THAT(names(second), ElementsAre("c", "d"));
  EXPECT_EQ(second["metadata"]["resourceVersion"], "4");
  EXPECT_FALSE(second["metadata"].contains("continue"));
}

TEST_F(Reads, PagesFollowTheOrderOfTheListAlsoInAPastState) {
  for (const char* ns : {"a", "a-b", "b"})
    for (const char* name : {"x", "y"}) put(name, {}, ns);
  const auto all = names(list("", ""));
  const auto first = list("limit=2", "");
  put("x", {}, "a");  // from now on the pages are of a state that is undone
  auto got = names(first);
  std::string token = first["metadata"]["continue"];
  while (!token.empty()) {
    const auto next = list("limit=2&continue=" + token, "");
    for (auto& name : names(next)) got.push_back(std::move(name));
    token = model::string_at(next, {"metadata", "continue"});
  }
  EXPECT_EQ(got, all);
}

TEST_F(Reads, PagesOfALostVersionMayGoOnWithTheNewest) {
  for (const char* name : {"a", "b", "c"}) put(name);
  const std::string token = list("limit=1")["metadata"]["continue"];
  for (int i = 0; i < 20; ++i) put("c");
  const auto lost = list("limit=1&continue=" + token);
  EXPECT_EQ(lost["code"], 410);
  EXPECT_EQ(lost["reason"], "Expired");
  EXPECT_THAT(lost["message"].get<std::string>(),
              HasSubstr("or use the continue token in this response"));
  const auto next = list("limit=1&continue=" + lost["metadata"]["continue"].get<std::string>());
  EXPECT_THAT(names(next), ElementsAre("b"));
  EXPECT_EQ(next["metadata"]["resourceVersion"], std::to_string(version));
  EXPECT_THAT(names(list("continue=" + next["metadata"]["continue"].get<std::string>())),
              ElementsAre("c"));
}

TEST_F(Reads, OnlyAWholeListSaysHowMuchRemains) {
  for (const char* name : {"a", "b", "c"}) put(name, {{"app", "x"}});
  EXPECT_EQ(list("limit=1")["metadata"]["remainingItemCount"], 2);
  const auto some = list("limit=1&labelSelector=app%3Dx");
  EXPECT_TRUE(some["metadata"].contains("continue"));
  EXPECT_FALSE(some["metadata"].contains("remainingItemCount"));
}

TEST_F(Reads, ExactVersionsAreServedFromTheWindow) {
  put("a");
  put("b");
  remove("a");
  EXPECT_THAT(names(list("resourceVersion=2&resourceVersionMatch=Exact")), ElementsAre("a", "b"));
  EXPECT_THAT(names(list("resourceVersion=1&resourceVersionMatch=Exact")), ElementsAre("a"));
  EXPECT_THAT(names(list("resourceVersion=1&limit=5")), ElementsAre("a"));  // as of old
  EXPECT_THAT(names(list("resourceVersion=1")), ElementsAre("b"));
  for (int i = 0; i < 20; ++i) put("b");
  const auto lost = list("resourceVersion=1&resourceVersionMatch=Exact");
  EXPECT_EQ(lost["message"], "The resourceVersion for the provided list is too old.");
  EXPECT_EQ(lost["reason"], "Expired");
}

TEST_F(Reads, AWatchGoesOnWhereTheListEnded) {
  put("a");
  auto w = open("resourceVersion=1");
  EXPECT_THAT(pull(*w), IsEmpty());
  put("b");
  put("a");
  remove("b");
  EXPECT_THAT(pull(*w), ElementsAre("ADDED b", "MODIFIED a", "DELETED b"));
}

TEST_F(Reads, AWatchWithoutAVersionBeginsWithWhatIsThere) {
  put("a");
  auto w = open("");
  put("b");
  EXPECT_THAT(pull(*w), ElementsAre("ADDED a", "ADDED b"));
}

TEST_F(Reads, LeavingASelectionIsADeletionForItsWatcher) {
  auto w = open("labelSelector=app%3Dx&resourceVersion=0");
  put("a");
  put("a", {{"app", "x"}});
  put("a", {{"app", "x"}, {"more", "y"}});
  put("a");
  put("a");
  EXPECT_THAT(pull(*w), ElementsAre("ADDED a", "MODIFIED a", "DELETED a"));
}

TEST_F(Reads, AWatcherThatFellBehindIsToldSo) {
  put("a");
  auto w = open("resourceVersion=1");
  for (int i = 0; i < 20; ++i) put("a");
  bool more = true;
  EXPECT_THAT(pull(*w, &more), ElementsAre("ERROR Expired"));
  EXPECT_FALSE(more);
}

TEST_F(Reads, BookmarksTellHowFarAWatchGot) {
  put("a");
  auto w = open("resourceVersion=1&allowWatchBookmarks=true");
  put("b");
  EXPECT_THAT(pull(*w), ElementsAre("ADDED b"));
  now += std::chrono::seconds(61);
  EXPECT_THAT(pull(*w), ElementsAre("BOOKMARK 2"));
  auto streaming =
      open("sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true");
  EXPECT_THAT(pull(*streaming), ElementsAre("ADDED a", "ADDED b", "BOOKMARK 2 end"));
  // A watch from anywhere streams its beginning, too; one from a version does not.
  EXPECT_THAT(pull(*open("resourceVersion=0&allowWatchBookmarks=true")),
              ElementsAre("ADDED a", "ADDED b", "BOOKMARK 2 end"));
  EXPECT_THAT(pull(*open("sendInitialEvents=false&resourceVersionMatch=NotOlderThan")), IsEmpty());
}

TEST_F(Reads, AWatchOfOneNameSeesThatObjectOnly) {
  put("a");
  put("b");
  auto by_field = open("fieldSelector=metadata.name%3Db");
  auto by_path = open("", "/b");
  put("a");
  put("b");
  EXPECT_THAT(pull(*by_field), ElementsAre("ADDED b", "MODIFIED b"));
  EXPECT_THAT(pull(*by_path), ElementsAre("ADDED b", "MODIFIED b"));
  const auto info = std::get<model::request_info>(model::parse_request(
      "GET", "/api/v1/watch/namespaces/default/configmaps/b?fieldSelector=metadata.name%3Da"));
  const auto refused = selection_of(info, config_maps());
  ASSERT_TRUE(std::holds_alternative<model::status>(refused));
  EXPECT_EQ(std::get<model::status>(refused).message,
            "fieldSelector metadata.name doesn't match requested name");
}

TEST_F(Reads, AWatchOfOneNameIsWokenByThatObjectOnly) {
  put("a");
  auto w = open("resourceVersion=1&fieldSelector=metadata.name=a");
  int woken = 0;
  w->wake_by([&] { ++woken; });
  put("a");  // between the list and the first pull
  EXPECT_EQ(woken, 1);
  EXPECT_THAT(pull(*w), ElementsAre("MODIFIED a"));
  put("b");
  EXPECT_EQ(woken, 1);
  put("a");
  put("a");
  EXPECT_EQ(woken, 2) << "it has not read since";
  EXPECT_THAT(pull(*w), ElementsAre("MODIFIED a", "MODIFIED a"));
  EXPECT_THAT(pull(*w), IsEmpty());
  remove("a");
  EXPECT_EQ(woken, 3);
  EXPECT_THAT(pull(*w), ElementsAre("DELETED a"));
}

TEST_F(Reads, AWatchOfOneNameOutlivesTheWindowOfTheOthers) {
  put("a");
  auto w = open("resourceVersion=1&fieldSelector=metadata.name=a");
  w->wake_by([] {});
  EXPECT_THAT(pull(*w), IsEmpty());
  for (int i = 0; i < 30; ++i) put("b");
  put("a");
  EXPECT_THAT(pull(*w), ElementsAre("MODIFIED a"));
  for (int i = 0; i < 30; ++i) put("a");
  EXPECT_THAT(pull(*w), ElementsAre("ERROR Expired"));
}

TEST_F(Reads, AWatchOfANamespaceIsWokenByItsObjectsOnly) {
  auto w = open("resourceVersion=0&sendInitialEvents=false&resourceVersionMatch=NotOlderThan");
  int woken = 0;
  w->wake_by([&] { ++woken; });
  put("x", model::json::object(), "other");
  EXPECT_EQ(woken, 0);
  put("a");
  EXPECT_EQ(woken, 1);
  EXPECT_THAT(pull(*w), ElementsAre("ADDED a"));
}

TEST_F(Reads, WhoeverWatchesATopicIsWokenWhenEverythingIsReplaced) {
  put("a");
  auto w = open("resourceVersion=1&fieldSelector=metadata.name=a");
  int woken = 0;
  w->wake_by([&] { ++woken; });
  EXPECT_THAT(pull(*w), IsEmpty());
  objects->reset({}, 100);
  EXPECT_EQ(woken, 1);
  EXPECT_THAT(pull(*w), ElementsAre("ERROR Expired"));
}

TEST_F(Reads, AWatchMayWaitForAVersionToCome) {
  const auto info = request("watch=1&resourceVersion=5");
  EXPECT_EQ(std::get<std::uint64_t>(needed_version(info)), 0u);
  EXPECT_EQ(std::get<std::uint64_t>(needed_version(request("resourceVersion=5"))), 5u);
  auto w = open("resourceVersion=2");
  put("a");
  put("b");
  EXPECT_THAT(pull(*w), IsEmpty());
  put("c");
  EXPECT_THAT(pull(*w), ElementsAre("ADDED c"));
}

TEST_F(Reads, AWatchThatWaitsForAVersionHasNoBookmarksOfItsOwnMaking) {
  put("a");
  auto w = open("resourceVersion=3&allowWatchBookmarks=true");
  now += std::chrono::seconds(60);
  EXPECT_THAT(pull(*w), IsEmpty());
  put("b");
  put("c");
  put("d");
  now += std::chrono::seconds(60);
  EXPECT_THAT(pull(*w), ElementsAre("ADDED d", "BOOKMARK 4"));
}

// As kube-apiserver has it: the request is right, so what it cannot have is an event.
TEST_F(Reads, AWatchWhoseBeginningDidNotComeSaysSo) {
  put("a");
  auto w = open(
      "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=5&"
      "allowWatchBookmarks=true");
  std::string text;
  EXPECT_FALSE(w->pull(text, 1 << 20, now));
  const auto event = model::json::parse(text);
  EXPECT_EQ(event["type"], "ERROR");
  const auto& status = event["object"];
  EXPECT_EQ(status["code"], 504);
  EXPECT_EQ(status["reason"], "Timeout");
  EXPECT_EQ(status["message"], "Timeout: Too large resource version: 5, current: 1");
  EXPECT_EQ(status["details"]["retryAfterSeconds"], 1);
  EXPECT_EQ(status["details"]["causes"][0]["reason"], "ResourceVersionTooLarge");
}

TEST_F(Reads, AVersionMayBeAsLargeAsItsTypeHolds) {
  auto w = open("resourceVersion=18446744073709551615&allowWatchBookmarks=true");
  put("a");
  EXPECT_THAT(pull(*w), IsEmpty());
  const auto needed = needed_version(request("resourceVersion=18446744073709551616"));
  ASSERT_TRUE(std::holds_alternative<model::status>(needed));
  EXPECT_EQ(std::get<model::status>(needed).message,
            "invalid resource version: resourceVersion: Invalid value: \"18446744073709551616\": "
            "strconv.ParseUint: parsing \"18446744073709551616\": value out of range");
}

TEST_F(Reads, AWatchEndsWhenItsTimeIsOver) {
  auto w = open("timeoutSeconds=5&resourceVersion=0");
  bool more = false;
  pull(*w, &more);
  EXPECT_TRUE(more);
  EXPECT_EQ(w->due(), now + std::chrono::seconds(5));
  EXPECT_EQ(open("timeoutSeconds=0&resourceVersion=0")->due(), now + std::chrono::seconds(600));
  now += std::chrono::seconds(5);
  pull(*w, &more);
  EXPECT_FALSE(more);
}

TEST_F(Reads, WhatOneWatcherHadToMakeIsGivenToTheOthers) {
  put("a");
  rendering table;
  table.as = rendering::form::table;
  const auto info = request("watch=1&resourceVersion=1");
  const auto watcher = [&] {
    auto w = watch::open(objects, {info, config_maps(), table, now}, std::chrono::seconds(600));
    return std::move(std::get<std::unique_ptr<watch>>(w));
  };
  auto first = watcher();
  auto second = watcher();
  put("b");
  std::string one, other;
  first->pull(one, 1 << 20, now);
  int made = 0;
  const auto shared = [&](const object_ptr& o, model::time_point at) {
    return objects->lines().get(o, 7, at, [&] { return std::to_string(++made); });
  };
  second->pull(other, 1 << 20, now);
  EXPECT_EQ(one, other);
  EXPECT_THAT(one, HasSubstr(R"("cells":["b",0,)"));
  const auto o = current["default/b"];
  EXPECT_EQ(*shared(o, now), "1");
  EXPECT_EQ(*shared(o, now + std::chrono::milliseconds(900)), "1");
  EXPECT_EQ(*shared(o, now + std::chrono::milliseconds(1100)), "2");  // ages have moved on
  EXPECT_EQ(*shared(current["default/a"], now), "3");
}

// "form/encoding", with ";v1beta1" and ";pretty", or the refusal.
std::string shown(const char* accept, const char* target = "/api/v1/pods", const char* agent = "") {
  const auto info = std::get<model::request_info>(model::parse_request("GET", target));
  const auto r = negotiate_for(*model::schema::instance().by_resource("pods"), info, accept, agent);
  if (const auto* bad = std::get_if<model::status>(&r)) return bad->message;
  const auto& show = std::get<rendering>(r);
  constexpr const char* forms[] = {"full", "metadata", "metadata_list", "table"};
  constexpr const char* encodings[] = {"json", "yaml", "protobuf"};
  return std::string(forms[static_cast<int>(show.as)]) + "/" +
         encodings[static_cast<int>(show.in)] + (show.v1beta1 ? ";v1beta1" : "") +
         (show.pretty ? ";pretty" : "");
}

TEST(Negotiate, TakesTheBestFormItKnows) {
  const std::pair<const char*, const char*> table[] = {
      {"", "full/json"},
      {"*/*", "full/json"},
      {"application/yaml", "full/yaml"},
      {"application/vnd.kubernetes.protobuf,application/json", "full/protobuf"},
      {"application/json;as=Table;v=v1;g=meta.k8s.io,application/json", "table/json"},
      {"application/json;as=Table;v=v1beta1;g=meta.k8s.io", "table/json;v1beta1"},
      {"application/json;as=Table;v=v1alpha1;g=meta.k8s.io,application/json", "full/json"},
      {"application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io,application/yaml",
       "full/yaml"},
      {"application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1", "metadata_list/json"},
      {"application/vnd.kubernetes.protobuf;as=PartialObjectMetadata;g=meta.k8s.io;v=v1",
       "metadata/protobuf"},
      {"application/json;pretty=1", "full/json;pretty"},
      {"application/cbor",
       "only the following media types are accepted: application/json, application/yaml, "
       "application/vnd.kubernetes.protobuf"}};
  for (const auto& [accept, expected] : table) EXPECT_EQ(shown(accept), expected) << accept;
}

TEST(Negotiate, AWatchStreamsWhatCanBeStreamed) {
  const char* watching = "/api/v1/pods?watch=true";
  EXPECT_EQ(shown("application/json;stream=watch", watching), "full/json");
  EXPECT_EQ(shown("application/yaml,application/vnd.kubernetes.protobuf;q=0.1", watching),
            "full/protobuf");
  EXPECT_EQ(shown("application/yaml", watching),
            "only the following media types are accepted: application/json;stream=watch, "
            "application/vnd.kubernetes.protobuf;stream=watch");
}

TEST(Negotiate, JsonIsIndentedForPeople) {
  EXPECT_EQ(shown("*/*", "/api/v1/pods", "curl/8.0"), "full/json;pretty");
  EXPECT_EQ(shown("*/*", "/api/v1/pods?pretty=false", "curl/8.0"), "full/json");
  EXPECT_EQ(shown("*/*", "/api/v1/pods?pretty=true", "kubectl/v1.32"), "full/json;pretty");
  EXPECT_EQ(shown("*/*", "/api/v1/pods", "kubectl/v1.32"), "full/json");
}

TEST(Negotiate, FailuresAreToldInJsonWhenNothingElseIsTaken) {
  using encoding = rendering::encoding;
  EXPECT_EQ(rendering_of_status("application/vnd.kubernetes.protobuf").in, encoding::protobuf);
  EXPECT_EQ(rendering_of_status("application/cbor").in, encoding::json);
  EXPECT_EQ(rendering_of_status("application/json;as=Table;v=v1;g=meta.k8s.io").as,
            rendering::form::full);
}

}  // namespace
}  // namespace troupe::store
