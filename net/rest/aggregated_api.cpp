#include "net/rest/aggregated_api.hpp"

#include "model/status.hpp"
#include "net/rest/aggregation.hpp"
#include "net/rest/documents.hpp"

#include <caf/all.hpp>

#include <map>

namespace troupe::rest {
namespace {

using answered_atom = caf::atom_constant<caf::atom("answered")>;
using front = api_actor::extend<caf::reacts_to<answered_atom, std::uint64_t, api_response>>;

constexpr std::size_t most_waiting = 256;

api_response refusal(const model::status& s) {
  api_response out;
  out.code = static_cast<std::uint16_t>(s.code);
  out.body = blob_ref(model::to_text(s));
  return out;
}

class front_actor final : public front::base {
 public:
  front_actor(caf::actor_config& c, aggregated_api_options o)
      : front::base(c), options_(std::move(o)) {}

  const char* name() const override { return "aggregated api"; }

 protected:
  behavior_type make_behavior() override {
    return {[this](request_atom, api_request& r) { return on_request(r); },
            [this](open_atom, api_request& r, std::uint64_t id,
                   stream_sink& sink) -> caf::result<api_response, stream_source> {
              if (const auto others = options_.others.lock(); others && others->serves(r))
                return {refusal({501, "NotImplemented",
                                 "what another server serves can be watched over HTTPS alone"}),
                        stream_source{}};
              return delegate(options_.api, open_atom::value, std::move(r), id, std::move(sink));
            },
            [this](answered_atom, std::uint64_t id, api_response& a) {
              if (auto found = waiting_.extract(id); !found.empty())
                found.mapped().deliver(std::move(a));
            }};
  }

  void on_exit() override {
    options_.api = nullptr;
    waiting_.clear();
  }

 private:
  caf::result<api_response> on_request(api_request& r) {
    const auto others = options_.others.lock();
    // Most are ours, and need not be taken apart.
    if (!others || !others->any()) return delegate(options_.api, request_atom::value, std::move(r));
    const auto parsed = model::parse_request(r.method, r.target);
    const auto* info = std::get_if<model::request_info>(&parsed);
    const bool theirs = info && others->find(*info);
    const bool document = info && info->verb == "get" && !info->is_resource && !theirs &&
                          (info->path.starts_with("/apis") || info->path.starts_with("/openapi"));
    if (!theirs && !document) return delegate(options_.api, request_atom::value, std::move(r));
    if (auto bad = model::authorize(*options_.rights, {r.user.name, r.user.groups}, *info))
      return refusal(*bad);
    if (theirs) return fetch(*others, r);
    return show(others, *info, r);
  }

  caf::result<api_response> fetch(aggregation& others, const api_request& r) {
    if (waiting_.size() >= most_waiting)
      return refusal(model::too_many_requests("too many requests wait for other servers", 1));
    const auto id = ++last_;
    auto promise = make_response_promise<api_response>();
    waiting_.emplace(id, promise);
    others.fetch(r, [me = caf::actor_cast<front>(this), id](api_response a) {
      caf::anon_send(me, answered_atom::value, id, std::move(a));
    });
    return promise;
  }

  api_response show(const std::shared_ptr<aggregation>& others, const model::request_info& info,
                    const api_request& r) {
    http::request asked;
    asked.accept = r.accept.empty() ? "application/json" : r.accept;
    const auto made = answer_document(
        info, asked, *options_.cache->custom_kinds(), options_.clock(),
        [others](std::string_view at, const model::document& d) { return others->merged(at, d); });
    if (const auto* bad = std::get_if<model::status>(&made)) return refusal(*bad);
    const auto& found = std::get<http::response>(made);
    api_response out;
    out.code = static_cast<std::uint16_t>(found.code);
    out.content_type = found.content_type;
    out.body = blob_ref(found.body);
    return out;
  }

  aggregated_api_options options_;
  std::uint64_t last_ = 0;
  std::map<std::uint64_t, caf::typed_response_promise<api_response>> waiting_;
};

}  // namespace

api_actor spawn_aggregated_api(caf::actor_system& system, aggregated_api_options options) {
  return system.spawn<front_actor>(std::move(options));
}

}  // namespace troupe::rest
