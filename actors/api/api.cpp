#include "actors/api/api.hpp"

#include "actors/api/admission.hpp"
#include "actors/api/answer.hpp"
#include "actors/api/connect.hpp"
#include "actors/api/conversion.hpp"
#include "actors/api/figures.hpp"
#include "actors/api/logs.hpp"
#include "actors/api/pause.hpp"
#include "actors/api/precedents.hpp"
#include "actors/api/streams.hpp"
#include "actors/calls/blocking_pool.hpp"
#include "messages/errors.hpp"
#include "store/rights.hpp"

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

namespace troupe {
namespace api {
namespace {

using call_ptr = std::shared_ptr<call>;
using answer_fn = std::function<void(api_response, audit_notes)>;

// Where the answer to a call goes, with what there is to say of the call in the audit log.
class reply_promise {
 public:
  reply_promise(answer_fn to, call_ptr of) : to_(std::move(to)), of_(std::move(of)) {}
  void deliver(api_response r) const { to_(std::move(r), {of_->audit_annotations, of_->named}); }

 private:
  answer_fn to_;
  call_ptr of_;
};

// A log or a tunnel opens on another machine; its answer may never come.
constexpr std::chrono::seconds open_timeout{30};

using server =
    api_server_actor::extend<caf::replies_to<convert_atom, conversion_ptr>::with<conversion_ptr>>;

class actor final : public server::base {
 public:
  actor(caf::actor_config& c, api_options o)
      : server::base(c),
        options_(complete(std::move(o))),
        random_(options_.seed),
        hooks_(options_.cache, options_.rights) {}

  const char* name() const override { return "api"; }

 protected:
  behavior_type make_behavior() override {
    return {[this](request_atom, api_request& r) { return on_request(r); },
            [this](audited_atom, api_request& r) { return on_audited(r); },
            [this](open_atom, api_request& r, std::uint64_t id, stream_sink& sink) {
              return on_open(r, id, sink);
            },
            [this](tunnel_atom, const api_request& r, std::uint64_t id, const tunnel_actor& near) {
              return on_tunnel(r, id, near);
            },
            [this](convert_atom, conversion_ptr& task) { return on_convert(std::move(task)); }};
  }

  void on_exit() override {
    options_.store = nullptr;
    options_.nodes = nullptr;
    if (pause_) anon_send_exit(pause_, caf::exit_reason::user_shutdown);
    pause_ = nullptr;
    hook_threads_.stop();
  }

 private:
  static api_options complete(api_options o) {
    if (!o.rights) o.rights = std::make_shared<store::rights>(o.cache);
    return o;
  }

  caf::result<api_response> on_request(api_request& r) {
    auto promise = make_response_promise<api_response>();
    handle(r, [promise](api_response a, const audit_notes&) mutable {
      promise.deliver(std::move(a));
    });
    return promise;
  }

  caf::result<api_response, audit_notes> on_audited(api_request& r) {
    auto promise = make_response_promise<api_response, audit_notes>();
    handle(r, [promise](api_response a, audit_notes n) mutable {
      promise.deliver(std::move(a), std::move(n));
    });
    return promise;
  }

  void handle(api_request& r, const answer_fn& then_do) try {
    if (auto text = document(r, *options_.cache->custom_kinds(), *options_.rights))
      return then_do(std::move(*text), {});
    if (auto taken = take_figures(r, *options_.cache, options_.clock()))
      return then_do(std::move(*taken), {});
    auto accepted = accept(r, *options_.cache, *options_.rights);
    if (auto* bad = std::get_if<status>(&accepted)) return then_do(answer(*bad), {});
    call& c = std::get<call>(accepted);
    if (c.info.verb == "watch" || c.info.subresource == "log")
      return then_do(answer(model::bad_request("the answer to this request is a stream")), {});
    const bool reads = c.info.verb == "get" || c.info.verb == "list";
    if (reads && !is_converted(*c.kind))
      return then_do(read(c, *options_.cache, options_.clock()), {});
    const auto asked = std::make_shared<call>(std::move(c));
    if (reads)
      read_converted(asked, {then_do, asked});
    else if (asked->info.verb == "deletecollection" && is_converted(*asked->kind))
      remove_converted(asked, {then_do, asked});
    else
      attempt(asked, {then_do, asked});
  } catch (const std::exception& e) {
    then_do(answer(fault(e)), {});
  }

  static void reply(const reply_promise& to, api_response r) { to.deliver(std::move(r)); }

  // A bug of ours must not end the actor, with all that waits for it.
  static status fault(const std::exception& e) {
    spdlog::error("api: unexpected: {}", e.what());
    return model::internal_error("Internal error occurred: " + std::string(e.what()));
  }

  // The client may try again: chance made the names.
  static status no_name_left(status s) {
    if (s.reason != "AlreadyExists") return s;
    s.message += ", the server was not able to generate a unique name for the object";
    s.retry_after = 1;
    return s;
  }

  void attempt(const call_ptr& c, reply_promise promise) try {
    hooks_.follow();
    environment e{*options_.cache,  random_,
                  options_.clock(), options_.services,
                  claims_,          options_.authenticate,
                  *options_.rights, options_.tokens.get(),
                  hooks_,           earlier_};
    const std::size_t warnings = c->warnings.size();
    decision d = decide(*c, e);
    if (d.wait) return put_off(c, promise);
    if (d.refused) return reply(promise, answer(*d.refused));
    if (!d.convert.empty()) return ask_version(c, std::move(d.convert), warnings, promise);
    if (d.mutate) return ask_mutating(c, std::move(*d.mutate), warnings, promise);
    if (!d.reviews.empty()) return ask_validating(c, std::move(d), promise);
    carry_out(c, std::move(d), promise);
  } catch (const std::exception& e) {
    reply(promise, answer(fault(e)));
  }

  ask_hook asker() {
    return [this](hook_call what, std::function<void(const hook_reply&)> then_do) {
      auto whom = name_of(what);
      hook_threads_.run<hook_reply>(
          this, std::move(whom), [what = std::move(what)] { return call_hook(what); },
          [then_do](const hook_reply& r) { then_do(r); },
          [then_do](std::string why) {
            then_do({0, {}, std::move(why)});
          });
    };
  }

  // What is said again counts anew.
  static void note(call& c, admitted& a) {
    a.audit_annotations.merge(c.audit_annotations);
    c.audit_annotations = std::move(a.audit_annotations);
  }

  // Then the call is decided again, with the object as webhooks left it.
  void ask_mutating(const call_ptr& c, model::hook_request r, std::size_t warnings,
                    reply_promise promise) {
    mutate(hooks_, random_, asker(), std::move(r),
           [this, c, warnings, promise](admitted a) mutable {
             note(*c, a);
             if (a.refused) return reply(promise, answer(*a.refused));
             c->warnings.resize(warnings);
             c->warnings.insert(c->warnings.end(), a.warnings.begin(), a.warnings.end());
             c->mutated = std::move(a.object);
             --c->attempts;
             attempt(c, promise);
           });
  }

  void ask_validating(const call_ptr& c, decision d, reply_promise promise) {
    auto requests = std::move(d.reviews);
    d.reviews.clear();
    review(hooks_, random_, asker(), std::move(requests),
           [this, c, d = std::move(d), promise](admitted a) mutable {
             note(*c, a);
             if (a.refused) return reply(promise, answer(*a.refused));
             c->warnings.insert(c->warnings.end(), a.warnings.begin(), a.warnings.end());
             carry_out(c, std::move(d), promise);
           });
  }

  // The stored object in the call's version; then the call is decided again.
  void ask_version(const call_ptr& c, std::vector<json> objects, std::size_t warnings,
                   reply_promise promise) {
    convert(*c->kind, std::move(objects), random_, asker(), hooks_,
            [this, c, warnings, promise](converted r) mutable {
              if (r.refused) return reply(promise, answer(*r.refused));
              c->warnings.resize(warnings);
              c->read_as = std::move(r.objects.front());
              --c->attempts;
              attempt(c, promise);
            });
  }

  // The objects that a call is about, in its version, which a webhook may have to make first.
  void find_converted(const call_ptr& c, const reply_promise& promise,
                      std::function<void(store::page&)> then_do) {
    hooks_.follow();
    auto found = stored_page(*c, *options_.cache, options_.clock());
    if (auto* bad = std::get_if<status>(&found)) return reply(promise, answer(*bad));
    auto page = std::make_shared<store::page>(std::move(std::get<store::page>(found)));
    auto old = documents_of_others(*c->kind, *page);
    if (old.empty()) {
      select_converted(*c, *page);
      return then_do(*page);
    }
    convert(*c->kind, std::move(old), random_, asker(), hooks_,
            [c, page, promise, then_do = std::move(then_do)](converted r) {
              if (r.refused) return reply(promise, answer(*r.refused));
              put_converted(*c->kind, std::move(r.objects), *page);
              select_converted(*c, *page);
              then_do(*page);
            });
  }

  void read_converted(const call_ptr& c, const reply_promise& promise) {
    find_converted(c, promise, [this, c, promise](store::page& page) {
      reply(promise, shown_page(*c, page, options_.clock()));
    });
  }

  void remove_converted(const call_ptr& c, const reply_promise& promise) {
    find_converted(c, promise, [this, c, promise](store::page& page) {
      c->listed = std::move(page);
      attempt(c, promise);
    });
  }

  caf::result<conversion_ptr> on_convert(conversion_ptr task) {
    auto promise = make_response_promise<conversion_ptr>();
    std::vector<json> documents;
    for (const auto& o : task->objects) documents.push_back(o->parse());
    hooks_.follow();
    convert(task->to, std::move(documents), random_, asker(), hooks_,
            [task, promise](converted r) mutable {
              task->refused = std::move(r.refused);
              for (std::size_t i = 0; i < r.objects.size(); ++i)
                task->objects[i] = with_text(*task->objects[i], r.objects[i]);
              promise.deliver(task);
            });
    return promise;
  }

  // What is written in the version that is stored.
  void ask_stored_version(const call_ptr& c, decision d, reply_promise promise) {
    std::vector<json> objects{std::move(*d.store)};
    d.store.reset();
    const auto& stored = model::stored_kind(*c->kind);
    convert(stored, std::move(objects), random_, asker(), hooks_,
            [this, c, d = std::move(d), promise](converted r) mutable {
              if (r.refused) return reply(promise, answer(*r.refused));
              d.change->object = model::encode(c->kind->resource, r.objects.front());
              carry_out(c, std::move(d), promise);
            });
  }

  void carry_out(const call_ptr& c, decision d, reply_promise promise) try {
    const auto now = options_.clock();
    if (d.store) return ask_stored_version(c, std::move(d), promise);
    if (c->info.verb == "deletecollection") return submit_batch(c, std::move(d), promise);
    if (!d.change || c->dry_run)
      return reply(promise, answer(*c, c->dry_run ? dry_result(d) : d.object, d, now));
    if (d.first) return submit_first(c, std::move(d), promise);
    submit(c, std::move(d), promise);
  } catch (const std::exception& e) {
    reply(promise, answer(fault(e)));
  }

  // Decides it again after a pause, as if it had not been decided yet.
  void put_off(const call_ptr& c, reply_promise promise) {
    --c->attempts;
    ++c->waits;
    if (!pause_) pause_ = spawn_pause(system());
    request(pause_, caf::infinite, caf::unit)
        .then([this, c, promise] { attempt(c, promise); },
              [promise](const caf::error& e) mutable { reply(promise, answer(to_status(e))); });
  }

  void submit(const call_ptr& c, decision d, reply_promise promise) {
    write w = std::move(*d.change);
    d.change.reset();
    const auto made = std::make_shared<const decision>(std::move(d));
    request(options_.store, caf::infinite, write_atom::value, std::move(w))
        .then(
            [this, c, made, promise](object_ref& stored) {
              reply(promise, answer(*c, stored.get(), *made, options_.clock()));
            },
            [this, c, made, promise](const caf::error& e) {
              const status s = to_status(e);
              const int most = made->generated ? max_names : max_attempts;
              if (made->retry && s.code == 409 && c->attempts < most) return attempt(c, promise);
              reply(promise, answer(made->generated ? no_name_left(s) : s));
            });
  }

  void submit_first(const call_ptr& c, decision d, reply_promise promise) {
    write w = std::move(*d.first);
    d.first.reset();
    request(options_.store, caf::infinite, write_atom::value, std::move(w))
        .then(
            [this, c, d, promise](object_ref&) mutable {
              c->disruption_taken = true;
              submit(c, std::move(d), promise);
            },
            [this, c, promise](const caf::error& e) mutable {
              const status s = to_status(e);
              if (s.code == 409 && c->attempts < max_attempts) return attempt(c, promise);
              reply(promise, answer(s));
            });
  }

  // A part at a time: the store's queue is bounded, and others write meanwhile.
  void submit_batch(const call_ptr& c, decision d, reply_promise promise) {
    if (d.batch.empty() || c->dry_run)
      return reply(promise, answer(*c, *c->listed, options_.clock()));
    submit_part(c, std::make_shared<std::vector<write>>(std::move(d.batch)), 0, promise);
  }

  void submit_part(const call_ptr& c, std::shared_ptr<std::vector<write>> batch, std::size_t from,
                   reply_promise promise) {
    const auto first = batch->begin() + static_cast<std::ptrdiff_t>(from);
    const auto to = std::min(from + writes_at_once, batch->size());
    std::vector<write> part(
        std::make_move_iterator(first),
        std::make_move_iterator(first + static_cast<std::ptrdiff_t>(to - from)));
    request(options_.store, caf::infinite, write_atom::value, std::move(part))
        .then(
            [this, c, batch, to, promise](const std::vector<object_ref>&,
                                          const std::vector<std::string>& errors) mutable {
              for (const auto& text : errors) {
                if (text.empty()) continue;
                // Gone already is as good; anything else the client has to hear.
                const status s = model::status_from_text(text);
                if (s.code == 404) continue;
                if (s.code == 409 && c->attempts < max_attempts) return attempt(c, promise);
                return reply(promise, answer(s));
              }
              if (to < batch->size()) return submit_part(c, batch, to, promise);
              reply(promise, answer(*c, *c->listed, options_.clock()));
            },
            [promise](const caf::error& e) mutable { reply(promise, answer(to_status(e))); });
  }

  caf::result<api_response, stream_source> on_open(api_request& r, std::uint64_t id,
                                                   stream_sink& sink) try {
    auto accepted = accept(r, *options_.cache, *options_.rights);
    if (auto* bad = std::get_if<status>(&accepted)) return {answer(*bad), stream_source{}};
    call& c = std::get<call>(accepted);
    if (c.info.subresource == "log") return open_log(c, id, sink);
    if (c.info.verb == "watch") return open_watch(c, id, sink);
    return {answer(model::bad_request("the answer to this request is no stream")), stream_source{}};
  } catch (const std::exception& e) {
    return {answer(fault(e)), stream_source{}};
  }

  caf::result<api_response, stream_source> open_watch(call& c, std::uint64_t id,
                                                      stream_sink& sink) {
    auto opened = store::watch::open(options_.cache, {c.info, *c.kind, c.show, options_.clock()},
                                     options_.watch_timeout);
    if (auto* bad = std::get_if<status>(&opened)) return {answer(*bad), stream_source{}};
    api_response head;
    head.content_type = c.show.content_type(true);
    watched what{std::move(std::get<std::unique_ptr<store::watch>>(opened)), options_.clock};
    if (is_converted(*c.kind)) {
      what.made = c.kind;
      what.converter = address();
    }
    return {head, spawn_watch_source(system(), std::move(what), id, sink)};
  }

  caf::result<api_response, stream_source> open_log(const call& c, std::uint64_t id,
                                                    stream_sink& sink) {
    auto found = find_log(c, *options_.cache);
    if (auto* bad = std::get_if<status>(&found)) return {answer(*bad), stream_source{}};
    auto& target = std::get<log_target>(found);
    api_response ok;
    ok.content_type = "text/plain";
    if (target.node.empty()) return {ok, spawn_empty_source(system(), id, sink)};
    if (!options_.nodes)
      return {answer(model::unavailable("this process knows no nodes")), stream_source{}};
    auto promise = make_response_promise<api_response, stream_source>();
    request(options_.nodes, open_timeout, logs_atom::value, target.node, target.request, id, sink)
        .then([promise, ok](stream_source& source) mutable { promise.deliver(ok, source); },
              [promise](const caf::error& e) mutable {
                promise.deliver(answer(to_status(e)), stream_source{});
              });
    return promise;
  }

  using tunnel_promise = caf::typed_response_promise<api_response, tunnel_actor, audit_notes>;

  caf::result<api_response, tunnel_actor, audit_notes> on_tunnel(const api_request& r,
                                                                 std::uint64_t id,
                                                                 const tunnel_actor& near) try {
    auto promise = make_response_promise<api_response, tunnel_actor, audit_notes>();
    auto found = find_tunnel(r, *options_.cache, *options_.rights);
    if (auto* bad = std::get_if<status>(&found)) return no_tunnel(promise, *bad, {});
    auto& target = std::get<tunnel_target>(found);
    if (!options_.nodes)
      return no_tunnel(promise, model::unavailable("this process knows no nodes"), {});
    hooks_.follow();
    if (!hooks_.any()) {
      open_tunnel(std::move(target), id, near, {}, promise);
      return promise;
    }
    mutate(hooks_, random_, asker(), target.admission,
           [this, target, id, near, promise](admitted a) mutable {
             audit_notes notes{std::move(a.audit_annotations), {}};
             if (!a.refused)
               a.refused = change_options(target, std::move(a.object), *options_.cache);
             if (a.refused)
               no_tunnel(promise, *a.refused, std::move(notes));
             else
               review_tunnel(std::move(target), id, near, std::move(notes), promise);
           });
    return promise;
  } catch (const std::exception& e) {
    return {answer(fault(e)), tunnel_actor{}, audit_notes{}};
  }

  static tunnel_promise no_tunnel(tunnel_promise promise, const status& why, audit_notes notes) {
    promise.deliver(answer(why), tunnel_actor{}, std::move(notes));
    return promise;
  }

  void review_tunnel(tunnel_target target, std::uint64_t id, const tunnel_actor& near,
                     audit_notes notes, tunnel_promise promise) {
    review(hooks_, random_, asker(), {target.admission},
           [this, target, id, near, notes, promise](admitted a) mutable {
             a.audit_annotations.merge(notes.annotations);
             notes.annotations = std::move(a.audit_annotations);
             if (a.refused)
               no_tunnel(promise, *a.refused, std::move(notes));
             else
               open_tunnel(std::move(target), id, near, std::move(notes), promise);
           });
  }

  void open_tunnel(tunnel_target target, std::uint64_t id, const tunnel_actor& near,
                   const audit_notes& notes, tunnel_promise promise) {
    request(options_.nodes, open_timeout, tunnel_atom::value, target.node,
            std::move(target.request), id, near)
        .then(
            [promise, notes](const tunnel_actor& far) mutable {
              api_response switching;
              switching.code = 101;
              promise.deliver(std::move(switching), far, std::move(notes));
            },
            [promise, notes](const caf::error& e) mutable {
              no_tunnel(promise, to_status(e), std::move(notes));
            });
  }

  api_options options_;
  model::random_source random_;
  store::claim_table claims_;
  caf::actor pause_;
  hook_table hooks_;
  precedents earlier_;
  calls::blocking_pool hook_threads_{{.threads = 32, .of_one = 16, .waiting = 1024}};
};

}  // namespace
}  // namespace api

api_server_actor spawn_api(caf::actor_system& system, api_options options) {
  return system.spawn<api::actor>(std::move(options));
}

}  // namespace troupe
