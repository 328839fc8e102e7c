#include "actors/store/store_core.hpp"

#include <functional>

namespace troupe {
namespace {

constexpr int retry_seconds = 1;

// An update to the same bytes commits nothing, as in Kubernetes' storage.
bool same_content(const model::object& o, const model::draft& d) {
  const std::string& bytes = o.bytes();
  const std::size_t digits = std::to_string(o.version()).size();
  return bytes.size() == d.head.size() + digits + d.tail.size() && bytes.starts_with(d.head) &&
         bytes.ends_with(d.tail);
}

std::size_t size_of(const model::draft& d) {
  return d.head.size() + d.tail.size() + 20;
}

}  // namespace

std::size_t store_core::name_hash::operator()(const name_view& n) const {
  const std::hash<std::string_view> hash;
  return hash(n.resource) ^ (hash(n.ns) * 31) ^ (hash(n.name) * 1031);
}

std::optional<model::status> store_core::admission(const write& w) const {
  switch (phase_) {
    case phase::loading:
      return model::unavailable("the store is loading", retry_seconds);
    case phase::recovering:
      return model::unavailable("the store is waiting for its journal", retry_seconds);
    case phase::fenced:
      return model::gone("this store was replaced by a newer one");
    case phase::serving:
      break;
  }
  if (queued() >= limits_.queue_writes || queue_bytes_ >= limits_.queue_bytes)
    return model::too_many_requests("the store has too many writes waiting", retry_seconds);
  if (w.op == write_op::remove) return std::nullopt;
  if (!w.object) return model::bad_request("a write without an object");
  const auto& key = w.object->header.key;
  if (name_of(key) != name_view{w.resource, w.ns, w.name})
    return model::bad_request("the object is " + model::to_string(key) + ", not " +
                              model::to_string({w.resource, w.ns, w.name}));
  if (size_of(*w.object) > limits_.object_bytes)
    return model::request_too_large("etcdserver: request is too large");
  return std::nullopt;
}

std::optional<model::status> store_core::precondition(const write& w, const model::object_ptr& now,
                                                      const model::object_key& key) const {
  if (w.op == write_op::create) {
    if (now) return model::already_exists(key);
    return std::nullopt;
  }
  if (!now) return model::not_found(key);
  if (!w.if_uid.empty() && w.if_uid != now->header().uid)
    return model::conflict(key, "Precondition failed: UID in precondition: " + w.if_uid +
                                    ", UID in object meta: " + now->header().uid);
  if (w.if_version && *w.if_version != now->version()) return model::modified(key);
  return std::nullopt;
}

model::object_ptr store_core::newest(const model::object_key& key) const {
  if (const auto at = ahead_.find(name_of(key)); at != ahead_.end())
    return at->second.removed ? nullptr : at->second.object;
  return cache_.get(key);
}

store_core::objects store_core::newest_in(const std::string& ns) const {
  objects out;
  for (auto& o : cache_.list({}, ns).objects)
    if (!ahead_.contains(name_of(o->key()))) out.push_back(std::move(o));
  for (const auto& [name, at] : ahead_)
    if (name.ns == ns && !at.removed) out.push_back(at.object);
  return out;
}

void store_core::reset_tables() {
  claims_.reset(cache_);
  quotas_.reset(cache_);
}

std::optional<model::status> store_core::submit(write& w) {
  if (auto no = admission(w)) return no;
  const model::object_key key{std::move(w.resource), std::move(w.ns), std::move(w.name)};
  auto now = newest(key);
  if (auto no = precondition(w, now, key)) return no;
  pending p;
  if (w.op == write_op::remove) {
    p.answer = model::with_version(*now, ++last_version_);
    p.change = {store::event::kind::deleted, p.answer, std::move(now)};
  } else if (now && same_content(*now, *w.object)) {
    p.answer = std::move(now);
  } else {
    const auto type = now ? store::event::kind::modified : store::event::kind::added;
    p.answer = model::seal(w.object.take(), last_version_ + 1);
    if (store::claim_table::applies_to(key.resource))
      if (const auto* claim = claims_.taken_from(*p.answer))
        return model::conflict(key, *claim + " belongs to another object");
    if (auto no = quotas_.refuse(now.get(), *p.answer)) return no;
    ++last_version_;
    p.change = {type, p.answer, std::move(now)};
  }
  take(std::move(p));
  return std::nullopt;
}

void store_core::take(pending p) {
  if (p.change.object) {
    if (store::claim_table::applies_to(p.answer->key().resource))
      claims_.replace(p.change.previous.get(),
                      p.change.type == store::event::kind::deleted ? nullptr : p.answer.get());
    p.bytes = p.answer->bytes().size();
    queue_bytes_ += p.bytes;
    // The entry's name lives in the object that it holds: a new object needs a new entry.
    const auto name = name_of(p.answer->key());
    if (auto node = ahead_.extract(name)) {
      node.key() = name;
      node.mapped() = {p.answer, p.change.type == store::event::kind::deleted};
      ahead_.insert(std::move(node));
    } else {
      ahead_.emplace(name, head{p.answer, p.change.type == store::event::kind::deleted});
    }
  }
  const model::object_ptr before = p.change.previous;
  const model::object_ptr now = p.answer;
  const bool removed = p.change.type == store::event::kind::deleted;
  const bool changes = p.change.object != nullptr;
  queue_.push_back(std::move(p));
  if (changes) quotas_.replace(before.get(), removed ? nullptr : now.get());
}

store_core::events_ptr store_core::next_batch() {
  if (phase_ != phase::serving || batch_ || queue_.empty()) return nullptr;
  auto batch = std::make_shared<events>();
  std::size_t bytes = 0;
  while (!queue_.empty() && in_flight_.size() < limits_.batch_writes &&
         (bytes == 0 || bytes + queue_.front().bytes <= limits_.batch_bytes)) {
    pending& p = queue_.front();
    bytes += p.bytes;
    if (p.change.object) batch->push_back(std::move(p.change));
    in_flight_.push_back(std::move(p));
    queue_.pop_front();
  }
  batch_ = std::move(batch);
  return batch_;
}

store_core::objects store_core::committed() {
  cache_.apply(*batch_);
  for (const auto& e : *batch_) {
    const auto at = ahead_.find(name_of(e.object->key()));
    if (at != ahead_.end() && at->second.object == e.object) ahead_.erase(at);
  }
  objects answers;
  answers.reserve(in_flight_.size());
  for (auto& p : in_flight_) {
    queue_bytes_ -= p.bytes;
    answers.push_back(std::move(p.answer));
  }
  in_flight_.clear();
  batch_.reset();
  return answers;
}

void store_core::forget_speculation() {
  ahead_.clear();
  queue_.clear();
  in_flight_.clear();
  batch_.reset();
  queue_bytes_ = 0;
  last_version_ = cache_.version();
  reset_tables();
}

model::status store_core::refused(const store::journal_result& why) {
  forget_speculation();
  return why.error == store::journal_error::out_of_memory
             ? model::too_many_requests(why.message, retry_seconds)
             : model::unavailable(why.message, retry_seconds);
}

model::status store_core::lost(const store::journal_result& why) {
  forget_speculation();
  phase_ = phase::recovering;
  return model::unavailable("the write may or may not have been committed: " + why.message,
                            retry_seconds);
}

void store_core::recovered(const events& missed) {
  cache_.apply(missed);
  last_version_ = cache_.version();
  reset_tables();
  phase_ = phase::serving;
}

void store_core::loaded(store::journal_state state) {
  last_version_ = state.version;
  cache_.reset(std::move(state.objects), state.version, std::move(state.recent));
  reset_tables();
  phase_ = phase::serving;
}

model::status store_core::fenced() {
  forget_speculation();
  phase_ = phase::fenced;
  return model::gone("this store was replaced by a newer one");
}

}  // namespace troupe
