#include "store/memory_journal.hpp"

namespace troupe::store {
namespace {

const journal_result fenced{journal_error::fenced, "a newer writer has taken over"};

}  // namespace

memory_journal::memory_journal(std::shared_ptr<memory_disk> disk) : disk_(std::move(disk)) {}

journal_result memory_journal::open(journal_state& out) {
  const std::lock_guard guard(disk_->mutex);
  epoch_ = ++disk_->epoch;
  out.epoch = epoch_;
  out.version = disk_->version;
  for (const auto& [key, object] : disk_->objects) out.objects.push_back(object);
  out.recent = disk_->log;
  return {};
}

journal_result memory_journal::append(const std::vector<event>& batch) {
  const std::lock_guard guard(disk_->mutex);
  if (disk_->epoch != epoch_) return fenced;
  for (const auto& e : batch) {
    if (e.type == event::kind::deleted)
      disk_->objects.erase(e.object->key());
    else
      disk_->objects[e.object->key()] = e.object;
    disk_->version = e.version();
    disk_->log.push_back(e);
  }
  // Trimmed by halves, so that it costs nothing an append.
  auto& log = disk_->log;
  if (log.size() > 2 * disk_->log_limit)
    log.erase(log.begin(), log.end() - static_cast<std::ptrdiff_t>(disk_->log_limit));
  return {};
}

journal_result memory_journal::recover(std::uint64_t since, std::vector<event>& out) {
  const std::lock_guard guard(disk_->mutex);
  if (disk_->epoch != epoch_) return fenced;
  for (const auto& e : disk_->log)
    if (e.version() > since) out.push_back(e);
  return {};
}

}  // namespace troupe::store
