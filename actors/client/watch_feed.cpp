#include "actors/client/watch_feed.hpp"

#include "model/json_text.hpp"

#include <algorithm>
#include <charconv>

namespace troupe::client {
namespace {

// Larger than any object may be.
constexpr std::size_t longest_line = 8u << 20;

model::status broken(const std::string& resource) {
  return model::internal_error("the watch of " + resource + " sent what is no event");
}

std::uint64_t version_of(std::string_view object) {
  const auto text = model::unquoted(
      model::member_text(model::member_text(object, "metadata"), "resourceVersion"));
  std::uint64_t out = 0;
  std::from_chars(text.data(), text.data() + text.size(), out);
  return out;
}

}  // namespace

std::string watch_feed::query() const {
  std::string out = "watch=true&allowWatchBookmarks=true&";
  if (listing_) return out + "sendInitialEvents=true&resourceVersionMatch=NotOlderThan";
  return out + "resourceVersion=" + std::to_string(version_);
}

std::optional<model::status> watch_feed::take(std::string_view bytes) {
  std::optional<model::status> why;
  std::vector<store::event> batch;
  rest_.append(bytes);
  std::size_t at = 0;
  for (auto end = rest_.find('\n'); end != rest_.npos && !why; end = rest_.find('\n', at)) {
    why = take_line(std::string_view(rest_).substr(at, end - at), batch);
    at = end + 1;
  }
  rest_.erase(0, at);
  if (!batch.empty()) {
    version_ = batch.back().version();
    cache_->apply_to(resource_, batch);
  }
  if (!why && rest_.size() > longest_line) why = broken(resource_);
  return why;
}

std::optional<model::status> watch_feed::take_line(std::string_view line,
                                                   std::vector<store::event>& batch) {
  if (!nlohmann::json::accept(line)) return broken(resource_);
  std::string_view type, text;  // a metav1.WatchEvent's members are not in the order of their names
  if (line.starts_with('{'))
    model::each_member(line, 0, [&](const model::text_member& m) {
      const auto value = line.substr(m.value, m.end - m.value);
      if (m.key == "type") type = model::unquoted(value);
      if (m.key == "object") text = value;
      return true;
    });
  if (type == "ERROR") return model::status_from_text(text);
  if (type == "BOOKMARK") {
    // What came before it is older.
    if (!batch.empty()) cache_->apply_to(resource_, std::exchange(batch, {}));
    return take_bookmark(text);
  }
  auto object = model::decode(resource_, std::string(text));
  const bool gone = type == "DELETED";
  if (!object || object->version() == 0 || (!gone && type != "ADDED" && type != "MODIFIED"))
    return broken(resource_);
  if (listing_ && type == "ADDED") {
    listed_.push_back(std::move(object));
    return std::nullopt;
  }
  if (listing_) return broken(resource_);
  if (object->version() <= version_) return std::nullopt;  // said before
  using kind = store::event::kind;
  auto previous = before(object, batch);
  const auto what = gone ? kind::deleted : previous ? kind::modified : kind::added;
  batch.push_back({what, std::move(object), std::move(previous)});
  return std::nullopt;
}

std::optional<model::status> watch_feed::take_bookmark(std::string_view object) {
  const auto version = version_of(object);
  if (version == 0) return broken(resource_);
  if (listing_) {
    if (!model::mentions(object, "\"k8s.io/initial-events-end\"")) return std::nullopt;
    cache_->reset_to(resource_, std::exchange(listed_, {}), version);
    listing_ = false;
    filled_ = true;
    version_ = version;
  }
  version_ = std::max(version_, version);
  return std::nullopt;
}

store::object_ptr watch_feed::before(const store::object_ptr& o,
                                     const std::vector<store::event>& batch) const {
  const auto last = std::find_if(batch.rbegin(), batch.rend(), [&](const store::event& e) {
    return e.object->key() == o->key();
  });
  if (last == batch.rend()) return cache_->get(o->key());
  return last->type == store::event::kind::deleted ? nullptr : last->object;
}

void watch_feed::ended(const std::optional<model::status>& why) {
  rest_.clear();
  listed_.clear();
  if (why && why->code == 410) listing_ = true;
}

}  // namespace troupe::client
