#include "store/audience.hpp"

namespace troupe::store {
namespace {

void erase_ended(listeners& all) {
  std::erase_if(all, [](const auto& l) { return l->dropped.load(); });
}

// Topics as keys of one map; the first letter keeps their kinds apart.
void name_object(std::string& out, std::string_view ns, std::string_view name) {
  out.assign("o").append(ns).append("/").append(name);
}

void name_namespace(std::string& out, std::string_view ns) {
  out.assign("n").append(ns);
}

void name_field(std::string& out, std::string_view path, std::string_view value) {
  out.assign("f").append(path).append("=").append(value);
}

std::string name_of(const topic& about) {
  std::string out;
  if (!about.name.empty())
    name_object(out, about.ns, about.name);
  else if (!about.field.empty())
    name_field(out, about.field, about.value);
  else
    name_namespace(out, about.ns);
  return out;
}

}  // namespace

void audience::add(std::shared_ptr<listener> one) {
  const std::lock_guard guard(mutex_);
  auto next = list_ ? std::make_shared<listeners>(*list_) : std::make_shared<listeners>();
  erase_ended(*next);
  next->push_back(std::move(one));
  list_ = std::move(next);
  any_.store(true);
}

void audience::drop_ended() {
  const std::lock_guard guard(mutex_);
  auto next = std::make_shared<listeners>(*list_);
  erase_ended(*next);
  any_.store(!next->empty());
  list_ = std::move(next);
}

void audience::wake() {
  if (!any_.load(std::memory_order_acquire)) return;
  std::shared_ptr<const listeners> now;
  {
    const std::lock_guard guard(mutex_);
    now = list_;
  }
  for (const auto& l : *now)
    if (!l->dropped.load(std::memory_order_acquire)) l->wake();
}

void topic_audience::add(const topic& about, std::shared_ptr<listener> one) {
  by_topic_[name_of(about)].push_back(std::move(one));
}

void topic_audience::drop_ended(const topic& about) {
  const auto at = by_topic_.find(name_of(about));
  if (at == by_topic_.end()) return;
  erase_ended(at->second);
  if (at->second.empty()) by_topic_.erase(at);
}

void topic_audience::mark(const event& e, listeners& to_wake) {
  if (by_topic_.empty()) return;
  const auto& key = e.object->key();
  name_object(name_, key.ns, key.name);
  mark(name_, e.version(), to_wake);
  name_namespace(name_, key.ns);
  mark(name_, e.version(), to_wake);
  // What a change took out of a selection concerns it, too.
  for (const model::object* state : {e.object.get(), e.previous.get()}) {
    if (!state) continue;
    for (const auto& [path, value] : state->header().fields) {
      name_field(name_, path, value);
      mark(name_, e.version(), to_wake);
    }
  }
}

void topic_audience::mark(const std::string& name, std::uint64_t version, listeners& to_wake) {
  const auto at = by_topic_.find(name);
  if (at == by_topic_.end()) return;
  for (const auto& l : at->second) {
    std::uint64_t none = 0;
    if (l->unread.compare_exchange_strong(none, version)) to_wake.push_back(l);
  }
}

void topic_audience::mark_all(listeners& to_wake) {
  for (const auto& [name, all] : by_topic_) mark(name, 1, to_wake);
}

}  // namespace troupe::store
