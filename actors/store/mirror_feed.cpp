#include "actors/store/mirror_feed.hpp"

#include <algorithm>

namespace troupe {
namespace {

constexpr std::size_t events_a_read = 512;

}  // namespace

mirror_feed::mirror_feed(std::shared_ptr<const store::cache> cache,
                         std::vector<std::string> resources, uint64_t source, uint64_t version)
    : cache_(std::move(cache)), source_(source), version_(version) {
  for (auto& r : resources) since_[std::move(r)] = version;
  if (version == 0 || version > cache_->version()) take_snapshot();
}

// Each resource is listed at a version of its own; its changes follow from there.
void mirror_feed::take_snapshot() {
  snapshot_.clear();
  sent_ = 0;
  in_snapshot_ = true;
  version_ = cache_->version();
  for (auto& [resource, since] : since_) {
    auto listed = cache_->list(resource);
    since = listed.version;
    snapshot_.insert(snapshot_.end(), std::make_move_iterator(listed.objects.begin()),
                     std::make_move_iterator(listed.objects.end()));
  }
}

std::optional<mirror_part> mirror_feed::next(bool idle) {
  if (in_snapshot_) return snapshot_part();
  return changes_part(idle);
}

mirror_part mirror_feed::snapshot_part() {
  mirror_part out;
  out.source = source_;
  out.version = version_;
  const bool first = sent_ == 0;
  std::size_t bytes = 0;
  while (sent_ < snapshot_.size() &&
         (bytes == 0 || bytes + snapshot_[sent_]->bytes().size() <= part_bytes)) {
    bytes += snapshot_[sent_]->bytes().size();
    out.objects.emplace_back(std::move(snapshot_[sent_++]));
  }
  const bool last = sent_ == snapshot_.size();
  out.stage = first && last ? mirror_stage::snapshot_whole
              : first       ? mirror_stage::snapshot_first
              : last        ? mirror_stage::snapshot_last
                            : mirror_stage::snapshot;
  if (last) {
    snapshot_ = {};
    in_snapshot_ = false;
  }
  return out;
}

std::optional<mirror_part> mirror_feed::changes_part(bool idle) {
  uint64_t upto = cache_->version();
  std::vector<store::event> events;
  for (const auto& [resource, since] : since_) {
    auto read = cache_->events(resource, since, events_a_read);
    if (read.expired) {
      take_snapshot();
      return snapshot_part();
    }
    // Where one resource was cut short, none may go further.
    if (read.events.size() == events_a_read) upto = std::min(upto, read.version);
    events.insert(events.end(), std::make_move_iterator(read.events.begin()),
                  std::make_move_iterator(read.events.end()));
  }
  std::sort(events.begin(), events.end(),
            [](const auto& a, const auto& b) { return a.version() < b.version(); });
  mirror_part out;
  out.source = source_;
  std::size_t bytes = 0;
  for (auto& e : events) {
    if (e.version() > upto) break;
    const auto size = e.object->bytes().size();
    if (bytes > 0 && bytes + size > part_bytes) {
      upto = e.version() - 1;
      break;
    }
    bytes += size;
    out.kinds.push_back(static_cast<uint8_t>(e.type));
    out.objects.emplace_back(std::move(e.object));
  }
  if (out.objects.empty() && (!idle || upto <= version_)) return std::nullopt;
  out.version = version_ = std::max(version_, upto);
  for (auto& [resource, since] : since_) since = std::max(since, upto);
  return out;
}

void mirror_fill::take(const mirror_part& part) {
  if (part.stage == mirror_stage::changes) {
    std::vector<store::event> events;
    events.reserve(part.objects.size());
    for (std::size_t i = 0; i < part.objects.size() && i < part.kinds.size(); ++i)
      if (part.objects[i])
        events.push_back({static_cast<store::event::kind>(part.kinds[i]), part.objects[i].get(),
                          cache_.get(part.objects[i]->key())});
    cache_.apply(events);
    cache_.advance(part.version);
    version_ = part.version;
    return;
  }
  if (part.stage == mirror_stage::snapshot_first || part.stage == mirror_stage::snapshot_whole)
    snapshot_.clear();
  for (const auto& o : part.objects)
    if (o) snapshot_.push_back(o.get());
  if (part.stage == mirror_stage::snapshot_last || part.stage == mirror_stage::snapshot_whole) {
    cache_.reset(std::move(snapshot_), part.version);
    snapshot_ = {};
    source_ = part.source;
    version_ = part.version;
  }
}

}  // namespace troupe
