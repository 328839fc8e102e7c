// floors: actors/store actors/api net/rest
#include "model/wire/protobuf.hpp"
#include "tests/integration/gateway/control_plane.hpp"

#include <gmock/gmock.h>

namespace troupe {
namespace {

using model::json;
using testing::HasSubstr;
using testing::StartsWith;

constexpr const char* config_maps = "/api/v1/namespaces/default/configmaps";
constexpr const char* one = "/api/v1/namespaces/default/configmaps/a";
constexpr const char* js = "application/json";
constexpr const char* yaml = "application/yaml";
constexpr const char* protobuf = "application/vnd.kubernetes.protobuf";
constexpr const char* table = "application/json;as=Table;v=v1;g=meta.k8s.io";
constexpr const char* partial = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io";
constexpr const char* partials = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io";

/// Forms and encodings, as a client sees them.
class Content : public testing::Test {
 protected:
  test::control_plane cluster_;

  http::client_reply send(const char* method, const std::string& target, const std::string& accept,
                          std::string body = {}, const char* type = js, const char* encoding = "") {
    http::client_options o;
    o.url = cluster_.url();
    o.accept = accept;
    o.accept_encoding = encoding;
    auto r = http::client(o).send(method, target, std::move(body), type);
    EXPECT_EQ(r.error, "");
    return r;
  }
  http::client_reply get(const std::string& target, const std::string& accept) {
    return send("GET", target, accept);
  }
  void make(const std::string& name, const std::string& data = "1") {
    const json o = {{"metadata", {{"name", name}, {"labels", {{"x", "y"}}}}},
                    {"data", {{"k", data}}}};
    EXPECT_EQ(send("POST", config_maps, js, o.dump()).code, 201);
  }
  /// The messages of a watch in protobuf: "ADDED" and the object.
  static std::vector<std::pair<std::string, json>> frames(std::string_view body) {
    std::vector<std::pair<std::string, json>> out;
    while (body.size() >= 4) {
      std::size_t length = 0;
      for (int i = 0; i < 4; ++i) length = length << 8 | static_cast<unsigned char>(body[i]);
      // type = 1 and object = 2, whose raw = 1: its lengths take two bytes each here
      const auto frame = body.substr(4, length);
      const auto type_size = static_cast<std::size_t>(frame[1]);
      const auto object = frame.substr(frame.find(std::string_view("k8s\0", 4)));
      out.emplace_back(frame.substr(2, type_size), model::parse_protobuf(object).value);
      body.remove_prefix(4 + length);
    }
    return out;
  }
};

struct negotiation {
  std::string accept;
  int code;
  const char* content_type;
};

TEST_F(Content, TheBestOfTheAcceptHeaderIsGiven) {
  make("a");
  const negotiation cases[] = {
      {js, 200, js},
      {"*/*", 200, js},
      {"application/*", 200, js},
      {yaml, 200, yaml},
      {protobuf, 200, protobuf},
      {std::string(protobuf) + ",application/json", 200, protobuf},
      {"application/cbor,application/json;q=0.1", 200, js},
      {"application/json;q=0.5,application/yaml", 200, yaml},
      {table, 200, js},
      {"application/yaml;as=Table;v=v1;g=meta.k8s.io", 200, yaml},
      {std::string(protobuf) + ";as=Table;v=v1;g=meta.k8s.io," + js, 200, js},
      {std::string(protobuf) + ";as=Table;v=v1;g=meta.k8s.io", 406, js},
      {"application/json;as=Table;v=v2;g=meta.k8s.io", 406, js},
      {"application/json;as=Chart;v=v1;g=meta.k8s.io", 406, js},
      {"application/cbor", 406, js},
      {"text/html", 406, js},
  };
  for (const auto& target : {config_maps, one})
    for (const auto& c : cases) {
      const auto r = get(target, c.accept);
      EXPECT_EQ(r.code, c.code) << target << " " << c.accept;
      EXPECT_EQ(r.content_type, c.content_type) << target << " " << c.accept;
      if (c.code == 406) {
        EXPECT_THAT(r.body, HasSubstr("only the following media types are accepted: "
                                      "application/json, application/yaml, "
                                      "application/vnd.kubernetes.protobuf"));
      }
    }
}

TEST_F(Content, AWatchTakesJsonAndProtobufOnly) {
  const std::string watch = std::string(config_maps) + "?watch=1&timeoutSeconds=1";
  const negotiation cases[] = {{js, 200, js},
                               {"application/json;stream=watch", 200, js},
                               {protobuf, 200, "application/vnd.kubernetes.protobuf;stream=watch"},
                               {"application/vnd.kubernetes.protobuf;stream=watch", 200,
                                "application/vnd.kubernetes.protobuf;stream=watch"},
                               {yaml, 406, yaml},
                               {table, 200, js}};
  for (const auto& c : cases) {
    const auto r = get(watch, c.accept);
    EXPECT_EQ(r.code, c.code) << c.accept;
    EXPECT_EQ(r.content_type, c.content_type) << c.accept;
  }
}

TEST_F(Content, EveryEncodingSaysTheSame) {
  make("a", "ä\n\"");
  for (const auto& target : {config_maps, one}) {
    const json plain = json::parse(get(target, js).body);
    EXPECT_EQ(model::parse_yaml(get(target, yaml).body).value, plain) << target;
    EXPECT_EQ(json::parse(get(std::string(target) + "?pretty=1", js).body), plain) << target;
    EXPECT_THAT(get(std::string(target) + "?pretty=true", js).body, StartsWith("{\n  \""));
  }
  const json plain = json::parse(get(one, js).body);
  EXPECT_EQ(model::parse_protobuf(get(one, protobuf).body).value, plain);
  const std::string list = get(config_maps, protobuf).body;
  EXPECT_EQ(list, model::protobuf_document(get(config_maps, js).body));
  EXPECT_THAT(list, HasSubstr("ConfigMapList"));
}

TEST_F(Content, WritesTakeAndGiveEveryEncoding) {
  const json o = {{"apiVersion", "v1"},
                  {"kind", "ConfigMap"},
                  {"metadata", {{"name", "a"}}},
                  {"data", {{"k", "1"}}}};
  const auto made =
      send("POST", config_maps, protobuf, model::protobuf_document(o.dump()), protobuf);
  EXPECT_EQ(made.code, 201);
  EXPECT_EQ(made.content_type, protobuf);
  EXPECT_EQ(model::parse_protobuf(made.body).value, json::parse(get(one, js).body));
  const auto put = send("PUT", one, yaml, "metadata: {name: a}\ndata: {k: two}\n", yaml);
  EXPECT_EQ(put.code, 200);
  EXPECT_THAT(put.body, HasSubstr("\ndata:\n  k: two\n"));
  const auto gone =
      send("DELETE", one, protobuf,
           model::protobuf_document(
               R"({"apiVersion":"v1","kind":"DeleteOptions","gracePeriodSeconds":0})"),
           protobuf);
  EXPECT_EQ(gone.code, 200);
  EXPECT_EQ(model::parse_protobuf(gone.body).value["status"], "Success");
  EXPECT_EQ(get(one, js).code, 404);
}

TEST_F(Content, BodiesOfUnknownTypesAreRefused) {
  for (const char* type : {"application/cbor", "text/plain", "application/x-www-form-urlencoded"}) {
    const auto r = send("POST", config_maps, js, "x", type);
    EXPECT_EQ(r.code, 415) << type;
    EXPECT_THAT(r.body,
                HasSubstr("the body of the request was in an unknown format - accepted media "
                          "types include: application/json, application/yaml, "
                          "application/vnd.kubernetes.protobuf"));
  }
  EXPECT_EQ(send("POST", config_maps, js, "k8s", protobuf).code, 400);
}

TEST_F(Content, FailuresAreToldInTheClientsEncoding) {
  for (const auto& [method, code] : {std::pair{"GET", 404}, {"PUT", 400}}) {
    const auto binary = send(method, one, protobuf, method[0] == 'P' ? "{" : "");
    EXPECT_EQ(binary.code, code);
    EXPECT_EQ(binary.content_type, protobuf);
    EXPECT_EQ(model::parse_protobuf(binary.body).value["code"], code);
    const auto text = send(method, one, yaml, method[0] == 'P' ? "{" : "");
    EXPECT_EQ(text.content_type, yaml);
    EXPECT_THAT(text.body, HasSubstr("kind: Status"));
  }
}

TEST_F(Content, ResourcesKnowNoOtherMethods) {
  make("a");
  for (const char* method : {"OPTIONS", "TRACE"}) {
    const auto r = send(method, one, js);
    EXPECT_EQ(r.code, 405) << method;
    EXPECT_EQ(json::parse(r.body)["reason"], "MethodNotAllowed");
  }
}

TEST_F(Content, LargeAnswersAreCompressedForThoseWhoTakeIt) {
  make("a");
  EXPECT_THAT(send("GET", config_maps, js, "", js, "gzip").body, StartsWith("{"));
  make("b", std::string(200'000, 'x'));
  EXPECT_THAT(send("GET", config_maps, js, "", js, "gzip").body, StartsWith("\x1f\x8b"));
  EXPECT_THAT(send("GET", config_maps, js, "", js, "deflate").body, StartsWith("{"));
}

TEST_F(Content, MetadataComesAlone) {
  make("a");
  const json whole = json::parse(get(one, js).body);
  for (const auto& [accept, version] :
       {std::pair{partial, "meta.k8s.io/v1"},
        {"application/json;as=PartialObjectMetadata;v=v1beta1;g=meta.k8s.io",
         "meta.k8s.io/v1beta1"}})
    EXPECT_EQ(json::parse(get(one, accept).body), json({{"kind", "PartialObjectMetadata"},
                                                        {"apiVersion", version},
                                                        {"metadata", whole["metadata"]}}));
  const json list = json::parse(get(config_maps, partials).body);
  EXPECT_EQ(list["kind"], "PartialObjectMetadataList");
  EXPECT_EQ(list["items"][0]["kind"], "PartialObjectMetadata");
  EXPECT_EQ(list["items"][0]["metadata"], whole["metadata"]);
  const auto binary = get(config_maps, std::string(protobuf) + std::string(partials).substr(16));
  EXPECT_EQ(binary.body, model::protobuf_document(list.dump()));
}

TEST_F(Content, AListIsNoObjectAndAnObjectNoList) {
  make("a");
  EXPECT_THAT(get(config_maps, partial).body,
              HasSubstr("you requested PartialObjectMetadata, but the requested object is a list "
                        "(*core.ConfigMapList)"));
  EXPECT_THAT(
      get(one, partials).body,
      HasSubstr("you requested PartialObjectMetadataList, but the requested object is not a "
                "list (*core.ConfigMap)"));
  EXPECT_EQ(get(one, partials).code, 406);
}

TEST_F(Content, WatchesGiveTablesMetadataAndFrames) {
  make("a");
  make("b");
  const std::string watch = std::string(config_maps) +
                            "?watch=1&timeoutSeconds=1&allowWatchBookmarks=true&resourceVersion=0";
  const auto lines = [](const std::string& body) {
    std::vector<json> out;
    for (std::size_t at = 0; at < body.size(); at = body.find('\n', at) + 1)
      out.push_back(json::parse(body.substr(at, body.find('\n', at) - at)));
    return out;
  };
  const auto rows = lines(get(watch, table).body);
  ASSERT_EQ(rows.size(), 4u);  // two objects, the end of the first events, the last bookmark
  EXPECT_EQ(rows[0]["object"]["columnDefinitions"].size(), 3u);
  EXPECT_TRUE(rows[1]["object"]["columnDefinitions"].is_null());
  EXPECT_EQ(rows[1]["object"]["rows"][0]["cells"][0], "b");
  EXPECT_EQ(rows[1]["object"]["rows"][0]["object"]["kind"], "PartialObjectMetadata");
  EXPECT_EQ(rows[2]["type"], "BOOKMARK");
  EXPECT_EQ(rows[3]["type"], "BOOKMARK");
  const auto bare = lines(get(watch + "&includeObject=None", table).body);
  EXPECT_FALSE(bare[0]["object"]["rows"][0].contains("object"));
  const auto metadata = lines(get(watch, partial).body);
  EXPECT_EQ(metadata[0]["object"]["metadata"]["name"], "a");
  EXPECT_FALSE(metadata[0]["object"].contains("data"));
  EXPECT_EQ(metadata[2]["object"]["kind"], "PartialObjectMetadata");
  const auto objects = frames(get(watch, protobuf).body);
  ASSERT_EQ(objects.size(), 4u);
  EXPECT_EQ(objects[0].first, "ADDED");
  EXPECT_EQ(objects[0].second, json::parse(get(one, js).body));
  EXPECT_EQ(objects[2].first, "BOOKMARK");
  EXPECT_EQ(objects[2].second["kind"], "ConfigMap");
}

TEST_F(Content, ALargeListIsSentInPiecesAndItsConnectionGoesOn) {
  for (int i = 0; i < 4; ++i) make("c" + std::to_string(i), std::string(200'000, 'x'));
  http::client_options o;
  o.url = cluster_.url();
  http::client same(o);
  for (int round = 0; round < 2; ++round) {
    const auto listed = same.get(config_maps);
    ASSERT_EQ(listed.error, "");
    const auto items = json::parse(listed.body)["items"];
    ASSERT_EQ(items.size(), 4u);
    EXPECT_EQ(items[3], json::parse(get(std::string(config_maps) + "/c3", js).body));
  }
}

TEST_F(Content, AnExpiredWatchSaysSoInItsEncoding) {
  const std::string watch =
      std::string(config_maps) + "?watch=1&timeoutSeconds=1&resourceVersion=1";
  for (int i = 0; i < 3; ++i) make("c" + std::to_string(i));
  cluster_.cache().reset({}, cluster_.cache().version());
  const auto objects = frames(get(watch, protobuf).body);
  ASSERT_EQ(objects.size(), 1u);
  EXPECT_EQ(objects[0].first, "ERROR");
  EXPECT_EQ(objects[0].second["reason"], "Expired");
}

}  // namespace
}  // namespace troupe
