#include "net/rest/aggregated_api.hpp"

#include "model/status.hpp"
#include "net/rest/aggregation.hpp"
#include "net/rest/documents.hpp"
#include "net/rest/relayed_source.hpp"

#include <caf/all.hpp>

#include <map>

namespace troupe::rest {
namespace {

using answered_atom = caf::atom_constant<caf::atom("answered")>;
using front = audited_api_actor::extend<
    caf::reacts_to<answered_atom, std::uint64_t, api_response, stream_source>>;

using answer_fn = std::function<void(api_response&, stream_source&)>;

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
            [this](audited_atom, api_request& r) { return on_audited(r); },
            [this](open_atom, api_request& r, std::uint64_t id, stream_sink& sink) {
              return on_open(r, id, sink);
            },
            [this](answered_atom, std::uint64_t id, api_response& a, stream_source& source) {
              if (auto found = waiting_.extract(id); !found.empty()) found.mapped()(a, source);
            }};
  }

  void on_exit() override {
    options_.api = nullptr;
    waiting_.clear();
  }

 private:
  caf::result<api_response> on_request(api_request& r) {
    const auto others = others_for(r);
    if (!others) return delegate(options_.api, request_atom::value, std::move(r));
    auto promise = make_response_promise<api_response>();
    serve(others, r,
          [promise](api_response& a, stream_source&) mutable { promise.deliver(std::move(a)); });
    return promise;
  }

  // Of what others serve they write down themselves what there is to say.
  caf::result<api_response, audit_notes> on_audited(api_request& r) {
    const auto others = others_for(r);
    if (!others) return delegate(options_.api, audited_atom::value, std::move(r));
    auto promise = make_response_promise<api_response, audit_notes>();
    serve(others, r, [promise](api_response& a, stream_source&) mutable {
      promise.deliver(std::move(a), audit_notes{});
    });
    return promise;
  }

  // Null when a request is ours alone: most are, and need not be taken apart.
  std::shared_ptr<aggregation> others_for(const api_request& r) const {
    auto others = options_.others.lock();
    if (!others || !others->any()) return nullptr;
    const auto parsed = model::parse_request(r.method, r.target);
    const auto* info = std::get_if<model::request_info>(&parsed);
    const bool concerns = info && (others->find(*info) || is_document(*info));
    return concerns ? others : nullptr;
  }

  static bool is_document(const model::request_info& info) {
    return info.verb == "get" && !info.is_resource &&
           (info.path.starts_with("/apis") || info.path.starts_with("/openapi"));
  }

  void serve(const std::shared_ptr<aggregation>& others, const api_request& r, answer_fn then_do) {
    const auto info = std::get<model::request_info>(model::parse_request(r.method, r.target));
    std::optional<api_response> now;
    if (auto bad = model::authorize(*options_.rights, {r.user.name, r.user.groups}, info))
      now = refusal(*bad);
    else if (!others->find(info))
      now = show(others, info, r);
    else if (waiting_.size() >= most_waiting)
      now = refusal(model::too_many_requests("too many requests wait for other servers", 1));
    stream_source none;
    if (now) return then_do(*now, none);
    const auto id = ++last_;
    waiting_.emplace(id, std::move(then_do));
    others->fetch(r, [me = caf::actor_cast<front>(this), id](api_response a) {
      caf::anon_send(me, answered_atom::value, id, std::move(a), stream_source{});
    });
  }

  // What another server sends, while it comes.
  caf::result<api_response, stream_source> on_open(api_request& r, std::uint64_t id,
                                                   stream_sink& sink) {
    const auto others = options_.others.lock();
    if (!others || !others->serves(r))
      return delegate(options_.api, open_atom::value, std::move(r), id, std::move(sink));
    const auto info = std::get<model::request_info>(model::parse_request(r.method, r.target));
    if (auto bad = model::authorize(*options_.rights, {r.user.name, r.user.groups}, info))
      return {refusal(*bad), stream_source{}};
    if (waiting_.size() >= most_waiting)
      return {refusal(model::too_many_requests("too many requests wait for other servers", 1)),
              stream_source{}};
    auto promise = make_response_promise<api_response, stream_source>();
    const auto number = ++last_;
    waiting_.emplace(number, [promise](api_response& a, stream_source& source) mutable {
      promise.deliver(std::move(a), std::move(source));
    });
    open_relayed(
        system(), id, sink, [&](http::relay_listener l) { return others->listen(r, std::move(l)); },
        [me = caf::actor_cast<front>(this), number](api_response a, stream_source source) {
          caf::anon_send(me, answered_atom::value, number, std::move(a), std::move(source));
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
  std::map<std::uint64_t, answer_fn> waiting_;
};

}  // namespace

audited_api_actor spawn_aggregated_api(caf::actor_system& system, aggregated_api_options options) {
  return system.spawn<front_actor>(std::move(options));
}

}  // namespace troupe::rest
