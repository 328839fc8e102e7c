#pragma once

#include "messages/api.hpp"
#include "messages/errors.hpp"

#include <caf/all.hpp>

#include <memory>
#include <vector>

namespace troupe {

// Stands where an edge link and a session do: whose requests pass under one user, and which may be
// out of reach.
struct doorway {
  api_actor api;
  user_info user{"admin", {"system:masters", "system:authenticated"}};
  bool open = true;
  bool may_watch = true;
  int watches = 0;
  std::vector<stream_source> streams;
};

inline caf::error shut() {
  return to_error(model::unavailable("the connection to the control plane is down"));
}

inline api_actor::behavior_type pass_through(api_actor::pointer self,
                                             std::shared_ptr<doorway> way) {
  return {[=](request_atom, api_request r) -> caf::result<api_response> {
            if (!way->open) return shut();
            r.user = way->user;
            auto promise = self->make_response_promise<api_response>();
            self->request(way->api, caf::infinite, request_atom::value, std::move(r))
                .then([promise](api_response& a) mutable { promise.deliver(std::move(a)); },
                      [promise](caf::error& e) mutable { promise.deliver(std::move(e)); });
            return promise;
          },
          [=](open_atom, api_request r, std::uint64_t id,
              const stream_sink& sink) -> caf::result<api_response, stream_source> {
            if (!way->open || !way->may_watch) return shut();
            r.user = way->user;
            ++way->watches;
            auto promise = self->make_response_promise<api_response, stream_source>();
            self->request(way->api, caf::infinite, open_atom::value, std::move(r), id, sink)
                .then(
                    [=](api_response& a, const stream_source& s) mutable {
                      if (s) way->streams.push_back(s);
                      promise.deliver(std::move(a), s);
                    },
                    [promise](caf::error& e) mutable { promise.deliver(std::move(e)); });
            return promise;
          }};
}

}  // namespace troupe
