// floors: net/rest
#include "net/rest/relayed_source.hpp"

#include "messages/errors.hpp"
#include "messages/system_config.hpp"

#include <caf/all.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <gmock/gmock.h>

namespace troupe::rest {
namespace {

struct testing_config : system_config {
  testing_config() { set("scheduler.policy", caf::atom("testing")); }
};

/// The relay's end of an answer.
struct fake_stream final : http::relay_stream {
  void resume() override { ++resumed; }
  void cancel() override { ++cancelled; }
  int resumed = 0, cancelled = 0;
};

/// An answer that the test plays, and who reads it.
class RelayedSource : public testing::Test {
 protected:
  RelayedSource() {
    sink_ = system_.spawn([this](stream_sink::pointer) -> stream_sink::behavior_type {
      return {
          [this](chunk_atom, std::uint64_t, const blob_ref& b) { chunks_.emplace_back(b.bytes()); },
          [this](end_atom, std::uint64_t, const caf::error& e) {
            end_ = e ? to_status(e).message : "well";
          }};
    });
  }

  ~RelayedSource() override {
    caf::anon_send_exit(sink_, caf::exit_reason::kill);
    source_ = nullptr;
    sink_ = nullptr;
    server_ = {};
    run();
  }

  void open(bool reachable = true) {
    open_relayed(
        system_, 7, sink_,
        [&](http::relay_listener l) {
          server_ = std::move(l);
          return reachable ? stream_ : nullptr;
        },
        [this](api_response a, stream_source s) {
          answer_ = std::move(a);
          source_ = std::move(s);
        });
    run();
  }

  void credit(std::uint32_t n) {
    caf::anon_send(source_, credit_atom::value, std::uint64_t{7}, n);
    run();
  }

  bool data(const std::string& piece) {
    const bool more = server_.data(piece);
    run();
    return more;
  }

  void run() { dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler()).run(); }

  testing_config config_;
  caf::actor_system system_{config_};
  std::shared_ptr<fake_stream> stream_ = std::make_shared<fake_stream>();
  http::relay_listener server_;
  stream_sink sink_;
  stream_source source_;
  std::optional<api_response> answer_;
  std::vector<std::string> chunks_;
  std::string end_;
};

TEST_F(RelayedSource, SendsWhatComesAsFarAsItMay) {
  open();
  EXPECT_FALSE(answer_) << "nothing has come yet";
  server_.head(200, "application/json");
  ASSERT_TRUE(answer_ && source_);
  EXPECT_EQ(answer_->content_type, "application/json");
  EXPECT_TRUE(data("one"));
  EXPECT_THAT(chunks_, testing::IsEmpty()) << "without credit";
  credit(2);
  EXPECT_TRUE(data("two"));
  EXPECT_TRUE(data("three"));
  EXPECT_THAT(chunks_, testing::ElementsAre("one", "two"));
  server_.end("");
  run();
  EXPECT_EQ(end_, "") << "not before all was sent";
  credit(5);
  EXPECT_THAT(chunks_, testing::ElementsAre("one", "two", "three"));
  EXPECT_EQ(end_, "well");
}

TEST_F(RelayedSource, HoldsBackAServerThatIsFasterThanItsReader) {
  open();
  server_.head(200, "application/json");
  const std::string piece(64u << 10, 'x');
  int taken = 1;
  while (data(piece)) ++taken;
  EXPECT_EQ(taken, 4);
  EXPECT_EQ(stream_->resumed, 0);
  credit(1);
  EXPECT_EQ(stream_->resumed, 1);
  EXPECT_EQ(chunks_.size(), 1u);
}

TEST_F(RelayedSource, TellsOfAnEndBeforeTheEnd) {
  open();
  server_.head(200, "application/json");
  server_.end("receive: reset");
  credit(1);
  EXPECT_EQ(end_, "error trying to reach service: receive: reset");
}

TEST_F(RelayedSource, LetsGoOfTheServerWhenTheReaderLeaves) {
  open();
  server_.head(200, "application/json");
  caf::anon_send(source_, cancel_atom::value, std::uint64_t{7});
  run();
  EXPECT_EQ(stream_->cancelled, 1);
}

TEST_F(RelayedSource, PassesOnARefusalAsAWhole) {
  open();
  server_.head(410, "application/json");
  EXPECT_FALSE(answer_);
  data("{\"code\":");
  data("410}");
  server_.end("");
  ASSERT_TRUE(answer_);
  EXPECT_EQ(answer_->code, 410);
  EXPECT_EQ(answer_->body.bytes(), "{\"code\":410}");
  EXPECT_FALSE(source_);
}

TEST_F(RelayedSource, IsUnavailableWhereNobodyAnswers) {
  open(false);
  ASSERT_TRUE(answer_);
  EXPECT_EQ(answer_->code, 503);
  answer_.reset();
  open();
  server_.end("connect: refused");
  ASSERT_TRUE(answer_);
  EXPECT_EQ(answer_->code, 503);
  EXPECT_THAT(std::string(answer_->body.bytes()),
              testing::HasSubstr("error trying to reach service: connect: refused"));
}

}  // namespace
}  // namespace troupe::rest
