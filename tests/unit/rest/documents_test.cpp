// floors: net/rest
#include "net/rest/documents.hpp"

#include <gmock/gmock.h>

namespace troupe::rest {
namespace {

using testing::HasSubstr;

/// Discovery and OpenAPI documents as HTTP gives them.
class Documents : public testing::Test {
 protected:
  static std::variant<http::response, model::status> ask(const std::string& target,
                                                         const std::string& accept = {},
                                                         const std::string& if_none_match = {}) {
    http::request request;
    request.accept = accept;
    request.if_none_match = if_none_match;
    auto info = std::get<model::request_info>(model::parse_request("GET", target));
    return answer_document(info, request, {}, model::time_point{});
  }
  static http::response get(const std::string& target, const std::string& accept = {},
                            const std::string& if_none_match = {}) {
    return std::get<http::response>(ask(target, accept, if_none_match));
  }
  static std::string header(const http::response& r, std::string_view name) {
    for (const auto& [key, value] : r.headers)
      if (key == name) return value;
    return {};
  }
};

TEST_F(Documents, ATagSavesTheBody) {
  constexpr const char* aggregated =
      "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
  for (const auto& [path, accept] : {std::pair{"/apis", aggregated},
                                     {"/api", aggregated},
                                     {"/openapi/v3", ""},
                                     {"/openapi/v2", ""},
                                     {"/openapi/v3/apis/apps/v1", ""}}) {
    const auto first = get(path, accept);
    EXPECT_EQ(first.code, 200) << path;
    const auto etag = header(first, "Etag");
    ASSERT_GT(etag.size(), 2u) << path;
    EXPECT_EQ(header(first, "Cache-Control"), "no-cache, private") << path;
    const auto second = get(path, accept, etag);
    EXPECT_EQ(second.code, 304) << path;
    EXPECT_FALSE(second.body) << path;
    EXPECT_EQ(header(second, "Etag"), etag) << path;
    EXPECT_EQ(get(path, accept, "\"other\"").code, 200) << path;
  }
}

TEST_F(Documents, AnAddressWithItsHashIsKeptForAYear) {
  const std::string path = "/openapi/v3/apis/apps/v1";
  const auto etag = header(get(path), "Etag");
  const auto right = get(path + "?hash=" + etag.substr(1, etag.size() - 2));
  EXPECT_EQ(right.code, 200);
  EXPECT_EQ(header(right, "Cache-Control"), "public, immutable");
  EXPECT_EQ(header(right, "Expires"), "Fri, 01 Jan 1971 00:00:00 GMT");
  const auto wrong = get(path + "?hash=0");
  EXPECT_EQ(wrong.code, 301);
  EXPECT_EQ(header(wrong, "Location"), path + "?hash=" + etag.substr(1, etag.size() - 2));
}

TEST_F(Documents, OpenApi2ComesAsProtobufToThoseWhoAsk) {
  constexpr const char* type = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";
  const auto answer = get("/openapi/v2", type);
  EXPECT_EQ(answer.content_type, "application/com.github.proto-openapi.spec.v2.v1.0+protobuf");
  // Field 1 of the message: swagger.
  EXPECT_EQ(answer.body->substr(answer.body->size() - 5), std::string("\x0a\x03") + "2.0");
  EXPECT_EQ(get("/openapi/v2", std::string("text/html, ") + type + ", */*").content_type,
            answer.content_type);
  EXPECT_EQ(get("/openapi/v2", "*/*").content_type, "application/json");
  EXPECT_EQ(std::get<model::status>(ask("/openapi/v2", "text/html")).code, 406);
  EXPECT_EQ(std::get<model::status>(ask("/openapi/v3", type)).code, 406);
}

TEST_F(Documents, OpenApi3ComesAsProtobufUnderTheTagOfItsContents) {
  const std::string path = "/openapi/v3/apis/apps/v1";
  const auto text = get(path);
  for (const char* type : {"application/com.github.proto-openapi.spec.v3.v1.0+protobuf",
                           "application/com.github.proto-openapi.spec.v3@v1.0+protobuf"}) {
    const auto answer = get(path, type);
    EXPECT_EQ(answer.content_type, "application/com.github.proto-openapi.spec.v3.v1.0+protobuf");
    // Field 1 of the message: openapi.
    EXPECT_THAT(*answer.body, HasSubstr(std::string("\x0a\x05") + "3.0.0"));
    EXPECT_EQ(header(answer, "Etag"), header(text, "Etag"));
    EXPECT_EQ(get(path, type, header(text, "Etag")).code, 304);
    const auto tag = header(text, "Etag");
    EXPECT_EQ(get(path + "?hash=" + tag.substr(1, tag.size() - 2), type).code, 200);
    EXPECT_EQ(std::get<model::status>(ask("/openapi/v3", type)).code, 406) << "the index is JSON";
  }
}

TEST_F(Documents, OthersAreNotFound) {
  for (const char* path : {"/", "/apis/nosuch", "/openapi/v4", "/openapi/v3/apis/nosuch/v1"}) {
    const auto answer = ask(path);
    if (std::string_view(path) == "/") {
      EXPECT_EQ(std::get<http::response>(answer).code, 200);
      continue;
    }
    EXPECT_EQ(std::get<model::status>(answer).code, 404) << path;
  }
}

}  // namespace
}  // namespace troupe::rest
