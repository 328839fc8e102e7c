// floors: actors/store actors/api net/rest
#include "tests/integration/gateway/control_plane.hpp"

#include <gmock/gmock.h>

#include <future>

namespace troupe {
namespace {

constexpr int chunks = 100;

/// What a kubelet was asked and granted.
struct node_record {
  std::mutex guard;
  log_request asked;
  std::uint32_t granted = 0;
  std::uint32_t sent = 0;
  std::promise<void> cancelled;
};

std::string chunk_text(int i) {
  return "line " + std::to_string(i) + "\n";
}

// Sends numbered lines as far as it was granted credit; a followed log never ends by itself.
stream_source::behavior_type log_source(stream_source::pointer self,
                                        std::shared_ptr<node_record> record, std::uint64_t id,
                                        stream_sink sink, bool follow) {
  return {[=](credit_atom, std::uint64_t, std::uint32_t n) {
            std::lock_guard lock(record->guard);
            record->granted += n;
            while (record->sent < record->granted && record->sent < chunks) {
              const int i = static_cast<int>(record->sent++);
              self->send(sink, chunk_atom::value, id, blob_ref(chunk_text(i)));
            }
            if (record->sent < chunks || follow) return;
            self->send(sink, end_atom::value, id, caf::error{});
            self->quit();
          },
          [=](cancel_atom, std::uint64_t) {
            record->cancelled.set_value();
            self->quit();
          }};
}

// Node "n1" has a log; node "away" has no kubelet now.
node_registry_actor::behavior_type registry(node_registry_actor::pointer self,
                                            std::shared_ptr<node_record> record) {
  return {[](attach_atom, const std::string&, std::uint64_t, const kubelet_actor&) { return true; },
          [=](logs_atom, const std::string& node, const log_request& asked, std::uint64_t id,
              const stream_sink& sink) -> caf::result<stream_source> {
            if (node != "n1") return to_error(model::unavailable("the kubelet is away"));
            std::lock_guard lock(record->guard);
            record->asked = asked;
            return self->spawn(log_source, record, id, sink, asked.follow);
          },
          [](tunnel_atom, const std::string&, const tunnel_request&, std::uint64_t,
             const tunnel_actor&) -> caf::result<tunnel_actor> {
            return to_error(model::unavailable("this node has logs alone"));
          },
          [](reclaim_atom, const std::string&, const std::string&) { return true; }};
}

class Logs : public testing::Test {
 protected:
  Logs()
      : cluster_(test::control_plane::plain_options(),
                 [this](caf::actor_system& system) { return system.spawn(registry, record_); }) {
    for (const char* node : {"n1", "away"})
      client_.post("/api/v1/namespaces/default/pods",
                   std::string(R"({"metadata":{"name":"on-)") + node +
                       R"("},"spec":{"nodeName":")" + node +
                       R"(","containers":[{"name":"c","image":"i"}]}})");
  }

  http::client_reply log(const std::string& pod, const std::string& options = "") {
    return client_.get("/api/v1/namespaces/default/pods/" + pod + "/log" + options);
  }

  std::shared_ptr<node_record> record_ = std::make_shared<node_record>();
  test::control_plane cluster_;
  http::client client_ = cluster_.client();
};

TEST_F(Logs, AWholeLogComesInOrder) {
  std::string expected;
  for (int i = 0; i < chunks; ++i) expected += chunk_text(i);
  const auto got = log("on-n1");
  EXPECT_EQ(got.code, 200);
  EXPECT_EQ(got.content_type, "text/plain");
  EXPECT_EQ(got.body, expected);
}

TEST_F(Logs, TheKubeletHearsTheOptions) {
  log("on-n1",
      "?container=c&tailLines=5&limitBytes=100&sinceSeconds=60&timestamps=true&previous=true");
  const log_request& asked = record_->asked;
  EXPECT_EQ(asked.ns, "default");
  EXPECT_EQ(asked.pod, "on-n1");
  EXPECT_EQ(asked.container, "c");
  EXPECT_EQ(*asked.tail_lines, 5);
  EXPECT_EQ(*asked.limit_bytes, 100);
  EXPECT_EQ(*asked.since_seconds, 60);
  EXPECT_TRUE(asked.timestamps);
  EXPECT_TRUE(asked.previous);
  EXPECT_FALSE(asked.follow);
}

TEST_F(Logs, BadOptionsNeverReachANode) {
  for (const char* options : {"?tailLines=-1", "?tailLines=x", "?limitBytes=0", "?sinceSeconds=0",
                              "?sinceTime=noon", "?sinceSeconds=1&sinceTime=2026-01-01T00:00:00Z"})
    EXPECT_EQ(log("on-n1", options).code, 422) << options;
  EXPECT_EQ(record_->asked.pod, "");
}

TEST_F(Logs, AnAbsentKubeletIsAnError) {
  EXPECT_EQ(log("on-away").code, 503);
  EXPECT_EQ(log("nowhere").code, 404);
}

// A sink over CAF, as the troupe command has it: grants one chunk at a time.
TEST_F(Logs, AFollowedLogKeepsToItsCreditAndEndsWhenTheReaderLeaves) {
  caf::scoped_actor self{cluster_.system()};
  std::mutex guard;
  std::string got;
  auto sink = cluster_.system().spawn([&](stream_sink::pointer) -> stream_sink::behavior_type {
    return {[&](chunk_atom, std::uint64_t, const blob_ref& chunk) {
              std::lock_guard lock(guard);
              got += chunk.bytes();
            },
            [](end_atom, std::uint64_t, const caf::error&) {}};
  });
  api_request request;
  request.method = "GET";
  request.target = "/api/v1/namespaces/default/pods/on-n1/log?follow=true";
  request.user = {"admin", {"system:masters"}};
  stream_source source;
  self->request(cluster_.api(), caf::infinite, open_atom::value, request, std::uint64_t{7}, sink)
      .receive(
          [&](const api_response& head, const stream_source& s) {
            EXPECT_EQ(head.code, 200);
            source = s;
          },
          [](const caf::error& e) { FAIL() << caf::to_string(e); });
  ASSERT_TRUE(source);
  self->send(source, credit_atom::value, std::uint64_t{7}, std::uint32_t{3});
  const auto three = chunk_text(0) + chunk_text(1) + chunk_text(2);
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  auto received = [&] {
    std::lock_guard lock(guard);
    return got;
  };
  while (received() != three && std::chrono::steady_clock::now() < deadline)
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  EXPECT_EQ(received(), three);
  EXPECT_EQ(record_->sent, 3u);
  auto cancelled = record_->cancelled.get_future();
  self->send(source, cancel_atom::value, std::uint64_t{7});
  EXPECT_EQ(cancelled.wait_for(std::chrono::seconds(10)), std::future_status::ready);
  caf::anon_send_exit(sink, caf::exit_reason::user_shutdown);
}

}  // namespace
}  // namespace troupe
