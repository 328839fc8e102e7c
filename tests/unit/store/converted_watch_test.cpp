// floors: store
#include "store/reads.hpp"

#include <gmock/gmock.h>

namespace troupe::store {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// A ConfigMap that was written as `api`, which no webhook is needed for when it is "v1".
object_ptr written(const char* api, const std::string& name, std::uint64_t version) {
  return model::seal(
      model::encode("configmaps", {{"apiVersion", api},
                                   {"kind", "ConfigMap"},
                                   {"metadata", {{"name", name}, {"namespace", "default"}}}}),
      version);
}

class ConvertedWatch : public testing::Test {
 protected:
  void SetUp() override {
    objects->apply({{event::kind::added, written("v0", "a", 1), nullptr}});
    objects->apply({{event::kind::added, written("v1", "b", 2), nullptr}});
    const auto info = std::get<model::request_info>(model::parse_request(
        "GET", "/api/v1/namespaces/default/configmaps?watch=true&resourceVersion=0"));
    const auto& kind = *model::schema::instance().by_resource("configmaps");
    auto opened = watch::open(objects, {info, kind, {}, now}, std::chrono::seconds(600));
    w = std::move(std::get<std::unique_ptr<watch>>(opened));
    w->convert_by([this](std::vector<object_ptr> o) { asked = std::move(o); });
  }

  /// What the webhook answers.
  void make() {
    std::vector<object_ptr> made;
    for (const auto& o : asked)
      made.push_back(written("v1", o->key().name + "-made", o->version()));
    w->converted(std::move(made));
  }

  std::vector<std::string> pull() {
    std::string text;
    more = w->pull(text, 1 << 20, now);
    std::vector<std::string> out;
    for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
      const auto line = model::json::parse(text.substr(at, text.find('\n', at) - at));
      const bool error = line["type"] == "ERROR";
      out.push_back(line["type"].get<std::string>() + " " +
                    (error ? line["object"]["message"] : line["object"]["metadata"]["name"])
                        .get<std::string>());
    }
    return out;
  }

  std::shared_ptr<cache> objects = std::make_shared<cache>(8);
  model::time_point now = model::time_point(std::chrono::hours(1));
  std::unique_ptr<watch> w;
  std::vector<object_ptr> asked;
  bool more = true;
};

TEST_F(ConvertedWatch, WaitsForWhatItAskedFor) {
  EXPECT_THAT(pull(), IsEmpty());
  EXPECT_TRUE(more);
  ASSERT_EQ(asked.size(), 1u);  // not for what was written so
  EXPECT_EQ(asked[0]->key().name, "a");
  const auto a = written("v0", "a", 3);
  objects->apply({{event::kind::modified, a, asked[0]}});
  EXPECT_THAT(pull(), IsEmpty());
  EXPECT_EQ(asked.size(), 1u);  // once
  make();
  EXPECT_THAT(pull(), ElementsAre("ADDED a-made", "ADDED b"));
  ASSERT_EQ(asked.size(), 2u);  // both states
  make();
  EXPECT_THAT(pull(), ElementsAre("MODIFIED a-made"));
  objects->apply({{event::kind::deleted, written("v1", "b", 4), nullptr}});
  EXPECT_THAT(pull(), ElementsAre("DELETED b"));
  EXPECT_TRUE(more);
}

TEST_F(ConvertedWatch, EndsWithARefusal) {
  EXPECT_THAT(pull(), IsEmpty());
  w->refuse(model::internal_error("it is broken"));
  EXPECT_THAT(pull(), ElementsAre("ERROR it is broken"));
  EXPECT_FALSE(more);
}

TEST_F(ConvertedWatch, EndsInTimeThoughItWaits) {
  EXPECT_THAT(pull(), IsEmpty());
  now += std::chrono::seconds(601);
  EXPECT_THAT(pull(), IsEmpty());
  EXPECT_FALSE(more);
}

}  // namespace
}  // namespace troupe::store
