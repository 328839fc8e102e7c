// floors: actors/controllers
#include "actors/controllers/pod_control.hpp"

#include "model/json_read.hpp"

#include <gmock/gmock.h>

namespace troupe {
namespace {

using model::json;

model::object_ptr set_with(const json& status, std::uint64_t version) {
  const json document = {{"metadata", {{"name", "web"}, {"namespace", "d"}, {"uid", "u"}}},
                         {"status", status}};
  return model::seal(model::encode("daemonsets.apps", document), version);
}

// What is stored, and what the controller asks of the API.
struct scripted_host final : controller_host {
  scripted_host() {
    objects.apply({{store::event::kind::added, set_with({{"n", 1}}, 5), nullptr}});
  }

  const store::cache& cache() const override { return objects; }
  model::time_point now() const override { return {}; }
  void call(std::string method, std::string target, blob_ref body,
            std::function<void(const api_response&)> done) override {
    asked = method + " " + target;
    written = model::read_json(body.bytes());
    api_response r;
    r.code = 200;
    done(r);
  }
  void commit(std::vector<write>, std::function<void(const std::vector<std::string>&)>) override {}
  void reclaim(const std::string&, const std::string&,
               std::function<void(const std::optional<model::status>&)>) override {}
  void record(model::event_note) override {}
  void visit(const std::string&, std::chrono::milliseconds) override {}

  store::cache objects;
  std::string asked;
  json written;
};

outcome put(scripted_host& host, const model::object& judged, const json& status) {
  outcome ended{"never", {}};
  put_status(judged, status, host, [&](const outcome& o) { ended = o; });
  return ended;
}

// Conditions of others were lost to a controller that had looked before they were written.
TEST(PodControl, AStatusThatSomebodyElseHasWrittenIsLookedAtFirst) {
  scripted_host host;
  const auto seen = set_with({{"n", 0}}, 4);
  const auto ended = put(host, *seen, {{"n", 2}});
  EXPECT_EQ(ended.failure, "");
  EXPECT_EQ(ended.again, after_conflict);
  EXPECT_EQ(host.asked, "");
}

TEST(PodControl, AStatusIsWrittenOverOtherChanges) {
  scripted_host host;
  const auto seen = set_with({{"n", 1}}, 4);  // its specification, say, is older
  const auto ended = put(host, *seen, {{"n", 2}});
  EXPECT_EQ(ended.again, std::nullopt);
  EXPECT_EQ(host.asked, "PUT /apis/apps/v1/namespaces/d/daemonsets/web/status");
  EXPECT_EQ(host.written["status"]["n"], 2);
  EXPECT_EQ(host.written["metadata"]["resourceVersion"], "5");
}

TEST(PodControl, AStatusThatIsThereIsNotWritten) {
  scripted_host host;
  put(host, *set_with({{"n", 1}}, 5), {{"n", 1}});
  EXPECT_EQ(host.asked, "");
}

}  // namespace
}  // namespace troupe
