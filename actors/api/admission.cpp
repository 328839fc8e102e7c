#include "actors/api/admission.hpp"

#include "model/hooks/review.hpp"

#include <algorithm>

namespace troupe::api {
namespace {

using hook_ptr = hook_table::hook_ptr;
using model::hook_request;

/// Hooks and policies never see what makes them up: nobody could mend a bad one otherwise.
bool is_exempt(const hook_request& r) {
  return r.kind->group == "admissionregistration.k8s.io";
}

/// What is to be done about one webhook and one request.
struct plan {
  const model::kind_info* as = nullptr;  ///< null: it does not want to see the request
  std::optional<status> refused;
  hook_call call;
  std::string uid;
};

plan plan_for(const hook_table& hooks, const hook_ptr& h, const hook_request& r,
              model::random_source& random) {
  plan out;
  if (is_exempt(r)) return out;
  const auto* as = h->match.wanted(r, hooks.labels_of(r.ns));
  if (!as) return out;
  const auto conditions = model::judge_conditions(h->conditions, r, *as, hooks.rights());
  if (!conditions.matched) return out;
  if (!conditions.error.empty()) {
    if (h->fails_closed) {
      out.as = as;
      out.refused =
          model::hook_failed(*h, "failed to evaluate matchConditions: " + conditions.error);
    }
    return out;
  }
  out.as = as;
  if (r.dry_run && !h->dry_runs) {
    out.refused = model::no_dry_run(*h);
    return out;
  }
  const auto address = hooks.address_of(*h);
  if (!address) {
    if (h->fails_closed)
      out.refused = model::hook_failed(
          *h, "failed to call webhook: Post \"" + asked_url(*h) + "\": " + hooks.unreachable(*h));
    else
      out.as = nullptr;
    return out;
  }
  out.uid = random.uuid();
  out.call = {h, *address, model::review_text(*h, r, *as, out.uid)};
  return out;
}

model::hook_answer answer_of(const model::hook& h, const std::string& uid, const hook_reply& r,
                             bool mutates) {
  if (!r.error.empty()) {
    model::hook_answer failed;
    failed.error = r.error;
    return failed;
  }
  return model::read_review(h, uid, r.code, r.body, mutates);
}

/// What an answer means for the request; nothing: it goes on.
std::optional<status> verdict(const model::hook& h, const model::hook_answer& a) {
  if (!a.error.empty()) {
    if (h.fails_closed) return model::hook_failed(h, a.error);
    return std::nullopt;
  }
  if (!a.allowed) return a.refusal;
  return std::nullopt;
}

/// The mutating webhooks' way with one request. Holds itself until it is done.
class mutation : public std::enable_shared_from_this<mutation> {
 public:
  mutation(const hook_table& hooks, model::random_source& random, ask_hook ask, hook_request r,
           admission_done done)
      : hooks_(hooks),
        random_(random),
        ask_(std::move(ask)),
        r_(std::move(r)),
        done_(std::move(done)) {
    for (const auto& h : hooks.mutating()) todo_.push_back({h});
  }

  void next() {
    while (at_ < todo_.size()) {
      step& s = todo_[at_++];
      plan p = plan_for(hooks_, s.hook, r_, random_);
      if (p.refused) return end(std::move(p.refused));
      if (!p.as) continue;
      ask_(std::move(p.call), [self = shared_from_this(), &s, as = p.as, uid = p.uid](
                                  const hook_reply& reply) { self->heard(s, *as, uid, reply); });
      return;
    }
    if (again_) return end({});
    again_ = true;
    std::vector<step> rest;
    for (const step& s : todo_)
      if (s.ran && s.hook->reinvoked && s.changes != changes_) rest.push_back({s.hook});
    if (rest.empty()) return end({});
    todo_ = std::move(rest);
    at_ = 0;
    next();
  }

 private:
  struct step {
    hook_ptr hook;
    bool ran = false;
    std::size_t changes = 0;  ///< made of the object when it had run
  };

  void heard(step& s, const model::kind_info& as, const std::string& uid, const hook_reply& reply) {
    auto a = answer_of(*s.hook, uid, reply, true);
    warnings_.insert(warnings_.end(), a.warnings.begin(), a.warnings.end());
    audit_annotations_.merge(a.audit_annotations);
    if (auto bad = verdict(*s.hook, a)) return end(std::move(bad));
    if (a.error.empty() && a.patch.is_array() && r_.object.is_object()) {
      auto made = model::apply_hook_patch(*s.hook, r_, as, a.patch);
      if (auto* bad = std::get_if<status>(&made)) {
        if (s.hook->fails_closed) return end(std::move(*bad));
      } else if (std::get<json>(made) != r_.object) {
        r_.object = std::move(std::get<json>(made));
        ++changes_;
      }
    }
    s.ran = true;
    s.changes = changes_;
    next();
  }

  void end(std::optional<status> refused) {
    const auto done = std::move(done_);
    done({std::move(refused), std::move(r_.object), std::move(warnings_),
          std::move(audit_annotations_)});
  }

  const hook_table& hooks_;
  model::random_source& random_;
  ask_hook ask_;
  hook_request r_;
  admission_done done_;
  std::vector<step> todo_;
  std::size_t at_ = 0, changes_ = 0;
  bool again_ = false;
  std::vector<std::string> warnings_;
  std::map<std::string, std::string> audit_annotations_;
};

/// Answers that come in any order; the first refusal in the webhooks' order counts.
struct gathering {
  std::size_t open = 0;
  std::vector<std::optional<status>> refusals;
  std::vector<std::string> warnings;
  std::map<std::string, std::string> audit_annotations;
  admission_done done;

  void end() {
    admitted out;
    for (auto& r : refusals)
      if (r && !out.refused) out.refused = std::move(r);
    out.warnings = std::move(warnings);
    out.audit_annotations = std::move(audit_annotations);
    done(std::move(out));
  }
};

}  // namespace

hook_request admission_of(const call& c, const char* operation, json object, json old) {
  hook_request r;
  r.kind = c.kind;
  r.operation = operation;
  r.subresource = c.info.subresource;
  r.ns = c.kind->namespaced ? c.info.ns : "";
  const json& named = object.is_object() ? object : old;
  r.name = model::string_at(named, {"metadata", "name"}, c.info.name);
  // A namespace is its own.
  if (c.kind->resource == "namespaces") r.ns = r.name;
  r.user = c.user.name;
  r.groups = c.user.groups;
  r.user_uid = c.user.uid;
  r.user_extra = c.user.extra;
  r.dry_run = c.dry_run;
  const char* options = r.operation == "CREATE"   ? "CreateOptions"
                        : r.operation == "DELETE" ? "DeleteOptions"
                        : c.info.verb == "patch"  ? "PatchOptions"
                                                  : "UpdateOptions";
  r.options = {{"kind", options}, {"apiVersion", "meta.k8s.io/v1"}};
  if (!c.manager.empty() && r.operation != "DELETE") r.options["fieldManager"] = c.manager;
  r.object = std::move(object);
  r.old = std::move(old);
  r.fixed = r.operation == "DELETE";
  return r;
}

std::optional<decision> mutate_object(call& c, const hook_table& hooks, json& document,
                                      const json& old, std::uint64_t version) {
  if (c.mutated && c.mutated_from == version) {
    document = std::move(*c.mutated);
    c.mutated.reset();
    return std::nullopt;
  }
  if (!hooks.any_mutating()) return std::nullopt;
  auto asked = admission_of(c, version == 0 ? "CREATE" : "UPDATE", document, old);
  if (!wants_mutation(hooks, asked)) return std::nullopt;
  c.mutated_from = version;
  decision d;
  d.mutate = std::move(asked);
  return d;
}

std::optional<decision> mutate_body(call& c, const hook_table& hooks) {
  if (c.mutated) {
    c.body = std::move(*c.mutated);
    c.mutated.reset();
    c.body_mutated = true;
  }
  if (c.body_mutated || !hooks.any_mutating()) return std::nullopt;
  auto asked = admission_of(c, "CREATE", c.body, nullptr);
  if (!wants_mutation(hooks, asked)) return std::nullopt;
  decision d;
  d.mutate = std::move(asked);
  return d;
}

bool wants_mutation(const hook_table& hooks, const hook_request& r) {
  if (is_exempt(r)) return false;
  const auto labels = hooks.labels_of(r.ns);
  return std::ranges::any_of(
      hooks.mutating(), [&](const hook_ptr& h) { return h->match.wanted(r, labels) != nullptr; });
}

void mutate(const hook_table& hooks, model::random_source& random, const ask_hook& ask,
            hook_request r, admission_done done) {
  std::make_shared<mutation>(hooks, random, ask, std::move(r), std::move(done))->next();
}

void review(const hook_table& hooks, model::random_source& random, const ask_hook& ask,
            std::vector<hook_request> requests, admission_done done) {
  auto all = std::make_shared<gathering>();
  all->done = std::move(done);
  struct planned {
    hook_ptr hook;
    plan what;
    bool mutates;
  };
  std::vector<planned> plans;
  for (const hook_request& r : requests) {
    if (is_exempt(r)) continue;
    auto judged = hooks.judge(r);
    all->warnings.insert(all->warnings.end(), judged.warnings.begin(), judged.warnings.end());
    // Of several objects of one request the last one's count, as in Kubernetes.
    judged.audit_annotations.merge(all->audit_annotations);
    all->audit_annotations = std::move(judged.audit_annotations);
    if (judged.refused) {
      all->refusals.push_back(std::move(judged.refused));
      return all->end();
    }
    const auto add = [&](const std::vector<hook_ptr>& hooks_of_a_kind, bool mutate_too) {
      for (const auto& h : hooks_of_a_kind) {
        plan p = plan_for(hooks, h, r, random);
        if (p.refused)
          all->refusals.push_back(std::move(p.refused));
        else if (p.as)
          plans.push_back({h, std::move(p), mutate_too});
      }
    };
    if (r.fixed) add(hooks.mutating(), true);
    add(hooks.validating(), false);
  }
  if (plans.empty() || !all->refusals.empty()) return all->end();
  all->open = plans.size();
  all->refusals.resize(plans.size());
  for (std::size_t i = 0; i < plans.size(); ++i)
    ask(std::move(plans[i].what.call), [all, i, h = plans[i].hook, uid = plans[i].what.uid,
                                        mutates = plans[i].mutates](const hook_reply& reply) {
      auto a = answer_of(*h, uid, reply, mutates);
      all->warnings.insert(all->warnings.end(), a.warnings.begin(), a.warnings.end());
      all->audit_annotations.merge(a.audit_annotations);
      all->refusals[i] = verdict(*h, a);
      if (!all->refusals[i] && a.error.empty() && a.patch.is_array() && !a.patch.empty())
        all->refusals[i] = model::changes_nothing(*h);
      if (--all->open == 0) all->end();
    });
}

}  // namespace troupe::api
