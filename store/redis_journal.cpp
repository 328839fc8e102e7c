#include "store/redis_journal.hpp"

#include "store/change_log.hpp"

#include <hiredis/hiredis.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <unordered_set>

namespace troupe::store {
namespace {

std::string_view text_of(const redisReply* r) {
  return r && r->str ? std::string_view(r->str, r->len) : std::string_view();
}

std::uint64_t number_of(const redisReply* r) {
  if (r->type == REDIS_REPLY_INTEGER) return static_cast<std::uint64_t>(r->integer);
  std::uint64_t out = 0;
  const auto text = text_of(r);
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

journal_result broken(std::string what) {
  return {journal_error::refused, "Redis: " + std::move(what)};
}

const journal_result fenced_by_epoch{journal_error::fenced,
                                     "a newer writer has taken over the journal"};

}  // namespace

redis_journal::redis_journal(redis_journal_options options)
    : options_(std::move(options)), redis_(options_.address) {}

redis_journal::~redis_journal() = default;

void redis_journal::close() {
  redis_.close();
}

std::string redis_journal::key(std::string_view name) const {
  return options_.prefix + std::string(name);
}

journal_result redis_journal::open(journal_state& out) {
  if (auto r = redis_.connect(); !r.ok()) return r;
  if (auto r = claim_epoch(out); !r.ok()) return r;
  if (auto r = load_resources(); !r.ok()) return r;
  if (auto r = load_objects(out); !r.ok()) return r;
  std::vector<change> log;
  if (auto r = read_log(0, log); !r.ok()) return r;
  std::map<model::object_key, object_ptr> present;
  if (!log.empty())
    for (const auto& o : out.objects) present.emplace(o->key(), o);
  out.recent = replay(std::move(log), [&](const model::object_key& k) {
    const auto at = present.find(k);
    return at == present.end() ? nullptr : at->second;
  });
  return {};
}

// From the INCR on, no earlier writer's batch can commit: its WATCH is broken.
journal_result redis_journal::claim_epoch(journal_state& out) {
  redis_.command({"INCR", key("epoch")});
  redis_.command({"GET", key("version")});
  redis_reply reply;
  if (auto r = redis_.expect(reply); !r.ok()) return r;
  epoch_ = out.epoch = number_of(reply.get());
  if (auto r = redis_.expect(reply); !r.ok()) return r;
  out.version = number_of(reply.get());
  return watch_epoch();
}

journal_result redis_journal::watch_epoch() {
  redis_.command({"WATCH", key("epoch")});
  redis_.command({"GET", key("epoch")});
  redis_reply reply;
  if (auto r = redis_.expect(reply); !r.ok()) return r;
  if (auto r = redis_.expect(reply); !r.ok()) return r;
  fenced_ = number_of(reply.get()) != epoch_;
  return fenced_ ? fenced_by_epoch : journal_result{};
}

journal_result redis_journal::load_resources() {
  redis_.command({"SMEMBERS", key("resources")});
  redis_reply reply;
  if (auto r = redis_.expect(reply); !r.ok()) return r;
  resources_.clear();
  for (std::size_t i = 0; i < reply->elements; ++i) resources_.emplace(text_of(reply->element[i]));
  return {};
}

journal_result redis_journal::load_objects(journal_state& out) {
  redis_reply reply;
  for (const auto& resource : resources_) {
    std::unordered_set<std::string> seen;  // HSCAN may show a field twice
    std::string cursor = "0";
    do {
      redis_.command({"HSCAN", key("o:" + resource), cursor, "COUNT", "1000"});
      if (auto r = redis_.expect(reply); !r.ok()) return r;
      if (reply->type != REDIS_REPLY_ARRAY || reply->elements != 2)
        return broken("unexpected answer to HSCAN");
      cursor = text_of(reply->element[0]);
      const redisReply& page = *reply->element[1];
      for (std::size_t i = 0; i + 1 < page.elements; i += 2) {
        const auto name = text_of(page.element[i]);
        if (!seen.emplace(name).second) continue;
        auto object = model::decode(resource, std::string(text_of(page.element[i + 1])));
        if (!object)
          return broken("the value of " + resource + "/" + std::string(name) + " is no object");
        out.objects.push_back(std::move(object));
      }
    } while (cursor != "0");
  }
  return {};
}

journal_result redis_journal::read_log(std::uint64_t since, std::vector<change>& out) {
  redis_.command({"XRANGE", key("log"), "(" + std::to_string(since) + "-0", "+"});
  redis_reply reply;
  if (auto r = redis_.expect(reply); !r.ok()) return r;
  for (std::size_t i = 0; i < reply->elements; ++i) {
    const redisReply& entry = *reply->element[i];
    if (entry.elements != 2 || entry.element[1]->elements != 2)
      return broken("unexpected entry in the change log");
    auto batch = decode_changes(text_of(entry.element[1]->element[1]));
    if (!batch) return broken("torn entry in the change log");
    for (auto& c : *batch)
      if (c.version > since) out.push_back(std::move(c));
  }
  return {};
}

journal_result redis_journal::append(const std::vector<event>& batch) {
  if (batch.empty()) return {};
  if (fenced_) return fenced_by_epoch;
  const std::size_t queued = send_batch(batch);
  auto result = read_batch_replies(queued);
  if (result.ok()) {
    for (auto& r : new_resources_) resources_.insert(std::move(r));
    if (options_.replicas > 0) result = await_replicas();
  }
  return result;
}

// MULTI, the objects a resource, the log, the version, EXEC, and the watch for the next batch;
// returns how many commands stand between MULTI and EXEC.
std::size_t redis_journal::send_batch(const std::vector<event>& batch) {
  // Only the last change of an object in the batch is its value afterwards.
  std::map<std::string_view, std::vector<const event*>> of_resource;
  for (const auto& e : batch) of_resource[e.object->key().resource].push_back(&e);
  new_resources_.clear();
  std::size_t queued = 2;
  std::string log;
  for (const auto& e : batch) encode_change(e, log);

  redis_.command({"MULTI"});
  for (auto& [resource, events] : of_resource) {
    const std::string hash = key("o:" + std::string(resource));
    // Runs of sets and of removals keep the order among the changes of one object.
    for (auto at = events.begin(); at != events.end();) {
      const bool removal = (*at)->type == event::kind::deleted;
      const auto end = std::find_if(at, events.end(), [&](const event* e) {
        return (e->type == event::kind::deleted) != removal;
      });
      const auto count = static_cast<std::size_t>(end - at);
      redis_.command(removal ? 2 + count : 2 + 2 * count);
      redis_.argument(removal ? "HDEL" : "HSET");
      redis_.argument(hash);
      for (; at != end; ++at) {
        redis_.argument(key_text((*at)->object->key()));
        if (!removal) redis_.argument((*at)->object->bytes());
      }
      ++queued;
    }
    if (!resources_.contains(resource)) {
      new_resources_.emplace_back(resource);
      redis_.command({"SADD", key("resources"), resource});
      ++queued;
    }
  }
  const std::uint64_t last = batch.back().version();
  const std::string version = std::to_string(last);
  const auto oldest = std::to_string(last > options_.log_window ? last - options_.log_window : 0);
  redis_.command({"XADD", key("log"), "MINID", "~", oldest, version + "-0", "e", log});
  redis_.command({"SET", key("version"), version});
  redis_.command({"EXEC"});
  redis_.command({"WATCH", key("epoch")});
  redis_.command({"GET", key("epoch")});
  return queued;
}

journal_result redis_journal::read_batch_replies(std::size_t queued) {
  redis_reply reply;
  journal_result refused;
  for (std::size_t i = 0; i < queued + 1; ++i) {
    if (auto r = redis_.read(reply); !r.ok()) return r;
    if (reply->type == REDIS_REPLY_ERROR && refused.ok())
      refused = result_of_error(text_of(reply.get()));
  }
  redis_reply executed;
  if (auto r = redis_.read(executed); !r.ok()) return r;
  if (auto r = redis_.expect(reply); !r.ok()) return r;
  if (auto r = redis_.expect(reply); !r.ok()) return r;
  // The watch for the next batch counts only if the epoch was still ours once it stood.
  fenced_ = number_of(reply.get()) != epoch_;
  if (fenced_ && executed->type != REDIS_REPLY_ARRAY) return fenced_by_epoch;
  if (!refused.ok()) return refused;
  if (executed->type == REDIS_REPLY_ERROR) return result_of_error(text_of(executed.get()));
  if (executed->type != REDIS_REPLY_ARRAY) return broken("the batch was discarded");
  for (std::size_t i = 0; i < executed->elements; ++i)
    if (executed->element[i]->type == REDIS_REPLY_ERROR)
      return broken("part of a batch failed: " + std::string(text_of(executed->element[i])));
  return {};
}

journal_result redis_journal::await_replicas() {
  redis_.command({"WAIT", std::to_string(options_.replicas),
                  std::to_string(options_.replica_timeout.count())});
  redis_reply reply;
  if (auto r = redis_.expect(reply); !r.ok()) return r;
  if (reply->integer >= options_.replicas) return {};
  return {journal_error::timeout, "Redis: only " + std::to_string(reply->integer) + " of " +
                                      std::to_string(options_.replicas) +
                                      " replicas have the batch"};
}

journal_result redis_journal::recover(std::uint64_t since, std::vector<event>& out) {
  if (auto r = redis_.connect(); !r.ok()) return r;
  if (auto r = watch_epoch(); !r.ok()) return r;
  if (auto r = load_resources(); !r.ok()) return r;
  std::vector<change> log;
  if (auto r = read_log(since, log); !r.ok()) return r;
  redis_reply reply;
  journal_result lost;
  out = replay(std::move(log), [&](const model::object_key& k) -> object_ptr {
    redis_.command({"HGET", key("o:" + k.resource), key_text(k)});
    if (auto r = redis_.expect(reply); !r.ok()) {
      lost = r;
      return nullptr;
    }
    return model::decode(k.resource, std::string(text_of(reply.get())));
  });
  return lost;
}

}  // namespace troupe::store
