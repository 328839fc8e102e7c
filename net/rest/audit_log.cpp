#include "net/rest/audit_log.hpp"

#include "model/random.hpp"
#include "model/utf8.hpp"
#include "model/wire/protobuf.hpp"

#include <spdlog/spdlog.h>

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>

namespace troupe::rest {
namespace {

// Only the owner of the process may read who did what.
constexpr mode_t log_mode = 0600;

// A body as an event shows it; null when it is neither JSON nor protobuf.
model::json object_of(const std::string& body) {
  const bool binary = body.starts_with("k8s");
  if (!binary && !body.starts_with('{')) return nullptr;
  auto parsed = binary ? model::parse_protobuf(body) : model::parse_json(body);
  return parsed ? std::move(parsed.value) : model::json(nullptr);
}

// What was tried, in apiserver's words.
std::string attempts(const http::request& r) {
  std::string tried;
  const auto add = [&](const char* method) {
    if (!tried.empty()) tried += ", ";
    tried += method;
  };
  const auto scheme = model::ascii_lower(r.authorization.substr(0, r.authorization.find(' ')));
  if (scheme == "basic" || scheme == "bearer") add(scheme.c_str());
  if (r.peer || r.peer_rejected) add("x509");
  if (tried.empty()) return "Authentication failed, no credentials provided";
  return "Authentication failed, attempted: " + tried;
}

}  // namespace

void name_events(http::request& r) {
  if (!r.audit_id.empty()) return;
  thread_local model::random_source random(model::entropy_seed());
  r.audit_id = random.uuid();
}

model::audit_user audited(const user_info& user) {
  return {user.name, user.groups, user.uid, user.extra};
}

audit_log::audit_log(model::audit_policy policy, const std::filesystem::path& file,
                     model::wall_clock clock, std::shared_ptr<const model::authorizer> rights)
    : policy_(std::move(policy)),
      clock_(std::move(clock)),
      rights_(std::move(rights)),
      file_(::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, log_mode)) {
  if (file_ < 0)
    throw std::system_error(errno, std::generic_category(), "cannot open " + file.string());
}

audit_log::~audit_log() {
  ::close(file_);
}

std::shared_ptr<model::audit_record> audit_log::record_of(const http::request& r,
                                                          const model::audit_rule& rule,
                                                          const model::request_info& info) const {
  auto record = std::make_shared<model::audit_record>();
  record->level = rule.level;
  record->id = r.audit_id;
  record->uri = r.target;
  record->source_ip = r.address;
  record->user_agent = r.user_agent;
  record->info = info;
  record->received = clock_();
  return record;
}

void audit_log::begin_refused(const http::exchange_ptr& x, const model::request_info& info) {
  const auto* rule = model::audit_rule_for(policy_, {}, info);
  if (!rule) return;
  auto record = record_of(x->in(), *rule, info);
  record->authenticated = false;
  record->message = attempts(x->in());
  x->observe([self = shared_from_this(), record, rule](const http::response& answer, bool) {
    record->code = answer.code;
    self->write(*record, *rule, "ResponseStarted");
    return std::function<void()>();
  });
}

audit_log::begun audit_log::start(const http::request& r, const user_info& user,
                                  const model::request_info& info) {
  const auto* rule = model::audit_rule_for(policy_, {user.name, user.groups}, info);
  if (!rule) return {};
  auto record = record_of(r, *rule, info);
  record->user = audited(user);
  if (rule->level >= model::audit_level::request) record->request_object = object_of(r.body);
  write(*record, *rule, "RequestReceived");
  return {record,
          [self = shared_from_this(), record, rule](const http::response& answer, bool streams) {
            self->complete(*record, answer);
            if (!streams) {
              self->write(*record, *rule, "ResponseComplete");
              return std::function<void()>();
            }
            self->write(*record, *rule, "ResponseStarted");
            return std::function<void()>(
                [self, record, rule] { self->write(*record, *rule, "ResponseComplete"); });
          }};
}

std::shared_ptr<model::audit_record> audit_log::begin(const http::exchange_ptr& x,
                                                      const user_info& user,
                                                      const model::request_info& info) {
  auto events = start(x->in(), user, info);
  if (events.observer) x->observe(std::move(events.observer));
  return std::move(events.record);
}

http::exchange::observer audit_log::begin(const http::request& r, const user_info& user,
                                          const model::request_info& info) {
  return start(r, user, info).observer;
}

void audit_log::complete(model::audit_record& r, const http::response& answer) const {
  r.code = answer.code;
  r.annotations = answer.notes.annotations;
  r.object = answer.notes.object;
  const bool all = r.level == model::audit_level::request_response;
  if (!answer.body || (answer.code < 400 && !all)) return;
  model::json object = object_of(*answer.body);
  if (answer.code >= 400) {
    r.reason = model::string_at(object, {"reason"});
    r.message = model::string_at(object, {"message"});
    r.details = model::at(object, {"details"});
  }
  if (all) r.response_object = std::move(object);
  if (answer.code != 403) return;
  const model::audit_user& who = r.impersonated ? *r.impersonated : r.user;
  r.allowed = r.allowed && rights_->decide({who.name, who.groups}, r.info).allowed;
}

void audit_log::write(const model::audit_record& r, const model::audit_rule& rule,
                      std::string_view stage) {
  if (!model::audits_stage(rule, stage)) return;
  const std::string line = model::audit_line(r, stage, clock_()) + "\n";
  const std::lock_guard lock(mutex_);
  for (std::string_view rest = line; !rest.empty();) {
    const auto n = ::write(file_, rest.data(), rest.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return spdlog::error("audit: an event is lost: {}", std::strerror(errno));
    rest.remove_prefix(static_cast<std::size_t>(n));
  }
}

}  // namespace troupe::rest
