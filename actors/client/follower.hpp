#pragma once

#include "actors/client/client.hpp"
#include "actors/client/watch_feed.hpp"
#include "actors/client/write_mark.hpp"
#include "model/random.hpp"

#include <caf/typed_event_based_actor.hpp>

#include <list>
#include <map>
#include <memory>
#include <vector>

namespace troupe::client {

class follower : public follower_actor::base {
 public:
  follower(caf::actor_config& cfg, follower_options options);
  const char* name() const override { return "follower"; }
  behavior_type make_behavior() override;
  void on_exit() override;

 private:
  using time = std::chrono::steady_clock::time_point;

  struct followed {
    explicit followed(watch_feed f) : feed(std::move(f)) {}
    watch_feed feed;
    std::string path;          ///< of the collection; empty: to be found out
    bool busy = false;         ///< a request is under way, or a watch
    std::uint64_t stream = 0;  ///< of the watch; 0: none
    stream_source source;
    time due{};  ///< of the next try
    unsigned failures = 0;
    std::string told;  ///< the failure that was logged last
  };
  struct waiting_follow {
    std::vector<std::string> resources;
    caf::typed_response_promise<bool> promise;
  };
  struct waiting_write {
    write_mark mark;
    time until;
    api_response answer;
    caf::typed_response_promise<api_response> promise;
  };

  caf::result<bool> follow(std::vector<std::string> resources);
  caf::result<api_response> pass(const api_request& r);
  void answered(const api_request& r, api_response& answer,
                caf::typed_response_promise<api_response>& promise);

  void start_due();
  void find_path(followed& f);
  void take_discovery(followed& f, const api_response& answer);
  void open_watch(followed& f);
  void opened(followed& f, std::uint64_t id, const api_response& answer,
              const stream_source& source);
  void take_chunk(std::uint64_t id, const blob_ref& bytes);
  /// The watch, or the try to have one, is over.
  void over(followed& f, const std::optional<model::status>& why);
  void release();
  void tick_in(time::duration pause);

  followed* of_stream(std::uint64_t id);
  followed* of_resource(const std::string& resource);
  time clock_now() { return home_system().clock().now(); }

  follower_options options_;
  model::random_source random_;
  std::list<followed> all_;  // addresses stay
  std::vector<waiting_follow> follows_;
  std::list<waiting_write> writes_;
};

}  // namespace troupe::client
