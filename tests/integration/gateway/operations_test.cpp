// floors: actors/store actors/api net/rest net/tls
#include "model/base64.hpp"
#include "model/request_info.hpp"
#include "model/schema.hpp"
#include "net/tls/pki.hpp"
#include "tests/integration/gateway/control_plane.hpp"
#include "tests/integration/gateway/samples.hpp"
#include "tests/lib/openapi_reference.hpp"

#include <gmock/gmock.h>

#include <future>

// Every operation that Kubernetes 1.32 publishes on its v1 and v2 resources, called as a client
// would: the answer has a code and a kind that the document names.

namespace troupe {
namespace {

using model::json;
using test::published_operation;

constexpr const char* ns = "default";

class Operations : public testing::Test {
 protected:
  test::control_plane cluster_;
  http::client client_ = cluster_.client();
  std::string request_ =
      model::to_base64(tls::make_request(tls::make_key(), {"system:node:n1", {"system:nodes"}}));
  int made_ = 0;

  void SetUp() override {
    document_ = test::openapi_reference();
    if (document_.is_null())
      GTEST_SKIP() << "no OpenAPI document of Kubernetes at hand (TROUPE_OPENAPI)";
  }
  json document_;

  http::client_reply send(const std::string& method, const std::string& target,
                          const json& body = nullptr, std::string_view type = "application/json") {
    auto reply = client_.send(method, target, body.is_null() ? "" : body.dump(), type);
    EXPECT_EQ(reply.error, "") << method << " " << target;
    return reply;
  }

  json sample(const std::string& kind) {
    return test::sample_of(kind, "op-" + std::to_string(++made_), request_);
  }

  /// The kind of the objects that a path is about.
  static const model::kind_info& kind_of(const std::string& path) {
    const auto info =
        std::get<model::request_info>(model::parse_request("GET", test::filled(path, ns, "name")));
    return *model::schema::instance().by_plural(info.group, info.version, info.resource);
  }

  /// Makes an object; its name.
  std::string prepare(const model::kind_info& kind) {
    // Made when it is read, from other objects.
    if (kind.kind == "ComponentStatus") return "scheduler";
    const std::string collection = (kind.group.empty() ? "/api/" : "/apis/") + kind.api_version() +
                                   (kind.namespaced ? std::string("/namespaces/") + ns : "") + "/" +
                                   std::string(kind.plural);
    const json body = sample(std::string(kind.group) + "/" + std::string(kind.version) + "/" +
                             std::string(kind.kind));
    const auto made = send("POST", collection, body);
    EXPECT_EQ(made.code, 201) << collection << " " << made.body;
    return body["metadata"]["name"];
  }

  json body_of(const published_operation& o, const std::string& target, const std::string& name) {
    if (o.method == "PUT") {
      // A subresource that cannot be read takes the object.
      auto now = send("GET", target);
      if (now.code != 200) now = send("GET", target.substr(0, target.rfind('/')));
      return json::parse(now.body, nullptr, false);
    }
    json body = sample(o.group + "/" + o.version + "/" + o.kind);
    if (o.path.find("{name}") != o.path.npos) body["metadata"]["name"] = name;
    // A binding names its pod.
    if (o.path.ends_with("/bindings"))
      body["metadata"]["name"] = prepare(*model::schema::instance().by_resource("pods"));
    return body;
  }

  /// The documented kind; a Status where Kubernetes says less than it does: it answers evictions
  /// and bindings with a Status, and what it deletes with the object.
  static void check(const published_operation& o, const http::client_reply& reply,
                    const std::string& where) {
    const std::string code = std::to_string(reply.code);
    ASSERT_TRUE(o.responses.contains(code) && code[0] == '2')
        << where << ": " << code << " " << reply.body;
    if (o.path.ends_with("/log")) return;
    const std::string ref = o.responses[code]["schema"].value("$ref", "");
    const std::string documented = ref.substr(ref.rfind('.') + 1);
    const json body = json::parse(reply.body, nullptr, false);
    const std::string kind = body.is_object() ? body.value("kind", "") : "no object";
    const bool status_for_kind = kind == "Status" && (o.kind == "Eviction" || o.kind == "Binding");
    const bool object_for_status = documented == "Status" && kind == o.kind;
    const bool list_for_status = documented == "Status" && kind == o.kind + "List";
    EXPECT_TRUE(kind == documented || status_for_kind || object_for_status || list_for_status)
        << where << ": " << kind << ", not " << documented;
  }

  /// A patch of each type that sets a label.
  void call_patches(const published_operation& o, const std::string& target,
                    const std::string& name) {
    const json labels = {{"a", "b"}};
    const json merge = {{"metadata", {{"labels", labels}}}};
    const json apply = {{"apiVersion", o.group.empty() ? o.version : o.group + "/" + o.version},
                        {"kind", o.kind},
                        {"metadata", {{"name", name}, {"labels", labels}}}};
    const json pointer =
        json::array({{{"op", "add"}, {"path", "/metadata/labels"}, {"value", labels}}});
    const std::pair<const char*, const json&> patches[] = {
        {"application/json-patch+json", pointer},
        {"application/merge-patch+json", merge},
        {"application/strategic-merge-patch+json", merge},
        {"application/apply-patch+yaml", apply}};
    for (const auto& [type, patch] : patches)
      check(o,
            send("PATCH", target + (&patch == &apply ? "?fieldManager=test&force=1" : ""), patch,
                 type),
            std::string(type) + " " + target);
  }

  void call(const published_operation& o) {
    const bool needs_object = o.path.find("{name}") != o.path.npos ||
                              o.action == "deletecollection" || o.action == "list";
    const std::string name = needs_object ? prepare(kind_of(o.path)) : "";
    const std::string target = test::filled(o.path, ns, name);
    if (o.method == "PATCH") return call_patches(o, target, name);
    const bool writes = o.method == "POST" || o.method == "PUT";
    const json body = writes ? body_of(o, target, name) : json(nullptr);
    check(o, send(o.method, target, body), o.method + " " + target);
  }
};

TEST_F(Operations, AnswerAsPublished) {
  std::size_t called = 0;
  for (const auto& o : test::published_operations(document_)) {
    if (test::is_exception(o) || o.action == "watch" || o.action == "watchlist") continue;
    call(o);
    if (HasFatalFailure()) return;
    ++called;
  }
  EXPECT_GT(called, 450u);
}

TEST_F(Operations, ThatAreNotServedSaySo) {
  for (const auto& o : test::published_operations(document_)) {
    if (!test::is_exception(o) || o.method == "HEAD") continue;
    const auto reply = send(o.method, test::filled(o.path, ns, "x"), json::object());
    EXPECT_GE(reply.code, 400) << o.path;
    EXPECT_EQ(json::parse(reply.body, nullptr, false).value("kind", ""), "Status") << o.path;
  }
}

/// A watch of its own connection, which ends after a second.
struct watched {
  std::string target;
  std::string name;  ///< of the object that it must show
  std::string kind;
};

void expect_event(const test::control_plane& cluster, const watched& w) {
  http::client client = cluster.client();
  const auto reply = client.get(w.target + "?timeoutSeconds=1");
  EXPECT_EQ(reply.code, 200) << w.target << " " << reply.body;
  bool seen = false;
  for (std::size_t at = 0; at < reply.body.size();) {
    const auto end = std::min(reply.body.find('\n', at), reply.body.size());
    const json event = json::parse(reply.body.substr(at, end - at), nullptr, false);
    ASSERT_TRUE(event.is_object()) << w.target;
    EXPECT_EQ(event.value("type", ""), "ADDED") << w.target;
    EXPECT_EQ(event["object"].value("kind", ""), w.kind) << w.target;
    seen |= event["object"]["metadata"].value("name", "") == w.name;
    at = end + 1;
  }
  EXPECT_TRUE(seen) << w.target << " shows no " << w.name;
}

TEST_F(Operations, WatchesAtTheirOldPathsShowWhatThereIs) {
  std::map<std::string, std::string> names;  // by kind: one object is enough
  std::vector<watched> all;
  for (const auto& o : test::published_operations(document_)) {
    if (o.action != "watch" && o.action != "watchlist") continue;
    std::string& name = names[o.group + o.version + o.kind];
    if (name.empty()) name = prepare(kind_of(o.path));
    all.push_back({test::filled(o.path, ns, name), name, o.kind});
  }
  EXPECT_GT(all.size(), 100u);
  std::atomic<std::size_t> next{0};
  std::vector<std::future<void>> watchers;
  for (int i = 0; i < 32; ++i)
    watchers.push_back(std::async(std::launch::async, [&] {
      for (std::size_t mine; (mine = next++) < all.size();) expect_event(cluster_, all[mine]);
    }));
}

}  // namespace
}  // namespace troupe
