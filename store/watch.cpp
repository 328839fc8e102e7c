#include "model/conversion.hpp"
#include "model/custom/kinds.hpp"
#include "model/json_writer.hpp"
#include "model/wire/protobuf.hpp"
#include "store/line_cache.hpp"
#include "store/reads.hpp"

#include <algorithm>

namespace troupe::store {
namespace {

constexpr std::chrono::seconds bookmark_interval{60};
constexpr std::size_t read_at_once = 256;

// The state before an event that took the object out of the selection, under the event's version:
// what kube-apiserver shows as DELETED.
object_ptr departed(const event& e) {
  model::json document = e.previous->parse();
  document["metadata"].erase("resourceVersion");
  return model::seal(model::encode(e.object->key().resource, document), e.version());
}

}  // namespace

watch::watch(std::shared_ptr<cache> objects, const model::kind_info& kind, rendering show,
             selection what)
    : objects_(std::move(objects)),
      kind_(kind),
      kept_(model::keep(kind)),
      show_(show),
      what_(std::move(what)) {}

std::variant<std::unique_ptr<watch>, model::status> watch::open(std::shared_ptr<cache> objects,
                                                                const read_request& r,
                                                                std::chrono::seconds timeout) {
  if (auto bad = check_watch_options(r.info)) return *bad;
  if (auto bad = check_form(r.show, r.kind, false)) return *bad;
  auto what = selection_of(r.info, r.kind);
  if (auto* bad = std::get_if<model::status>(&what)) return *bad;
  const auto named = named_version(r.info);
  if (auto* bad = std::get_if<model::status>(&named)) return *bad;
  auto w = std::unique_ptr<watch>(
      new watch(objects, r.kind, r.show, std::move(std::get<selection>(what))));
  // 0 is no time-out at all: the server's own counts.
  if (const auto seconds = number_option(r.info, "timeoutSeconds").value_or(0); seconds != 0)
    timeout = std::chrono::seconds(std::clamp<std::int64_t>(seconds, 0, 86400));
  w->end_ = r.now + timeout;
  w->bookmarks_ = r.info.flag("allowWatchBookmarks");
  if (w->bookmarks_) w->next_bookmark_ = r.now + bookmark_interval;
  w->at_ = std::get<std::uint64_t>(named);
  if (const auto needed = std::get<std::uint64_t>(needed_version(r.info));
      needed > objects->version()) {
    w->failure_ = too_large_version(needed, objects->version());
    return w;
  }
  // A watch from anywhere begins with what there is, as if it had asked for that.
  const bool initial =
      r.info.query.contains("sendInitialEvents") ? r.info.flag("sendInitialEvents") : w->at_ == 0;
  w->mark_initial_end_ = initial && w->bookmarks_;
  if (initial) {
    const auto one = w->what_.only(r.kind);
    auto found = one ? objects->list_one(*one) : objects->list(r.kind.resource, w->what_.ns);
    w->initial_ = std::move(found.objects);
    w->at_ = found.version;
  } else if (w->at_ == 0) {
    w->at_ = objects->version();
  }
  return w;
}

model::time_point watch::due() const {
  return std::min(next_bookmark_, end_);
}

void watch::wake_by(cache::wake_fn wake) {
  if (kept_)
    definition_woken_ = objects_->subscribe(model::definitions_resource,
                                            topic{{}, std::string(kind_.resource), {}, {}}, wake);
  if (const auto subject = what_.subject(kind_))
    narrowly_woken_ = objects_->subscribe(kind_.resource, *subject, std::move(wake));
  else
    woken_ = objects_->subscribe(kind_.resource, std::move(wake));
}

bool watch::pull(std::string& out, std::size_t limit, model::time_point now) {
  if (stalled()) return now < end_;
  if (failure_) return failed(out);
  send_initial(out, limit, now);
  while (out.size() < limit) {
    if (pending_sent_ == pending_.size()) {
      if (!fetch(out)) return false;
      if (pending_.empty()) break;
    }
    if (stalled()) return now < end_;
    if (failure_) return failed(out);
    while (pending_sent_ < pending_.size() && out.size() < limit)
      send(out, pending_[pending_sent_++], now);
  }
  if (out.size() >= limit) return true;
  pending_.clear();
  pending_sent_ = 0;
  if (!still_served()) return false;
  if (now >= end_) {
    if (bookmarks_) bookmark(out, false);
    return false;
  }
  if (now >= next_bookmark_) {
    bookmark(out, false);
    next_bookmark_ = now + bookmark_interval;
  }
  return true;
}

// The next events; false: they are no longer known.
bool watch::fetch(std::string& out) {
  skip();
  auto batch = objects_->events(kind_.resource, at_, read_at_once);
  if (batch.expired) {
    const auto gone = model::expired("too old resource version: " + std::to_string(at_) + " (" +
                                     std::to_string(objects_->version()) + ")");
    append(out, "ERROR", model::to_text(gone));
    return false;
  }
  at_ = batch.version;
  caught_up_ = batch.events.size() < read_at_once;
  pending_ = std::move(batch.events);
  pending_sent_ = 0;
  converted_ = false;
  return true;
}

bool watch::failed(std::string& out) const {
  append(out, "ERROR", model::to_text(*failure_));
  return false;
}

// Whether what is to be sent has yet to be made.
bool watch::stalled() {
  if (!asked_.empty()) return true;
  if (!ask_ || converted_ || failure_) return false;
  std::vector<object_ptr> objects;
  const auto add = [&](object_ptr& o) {
    if (!o || model::is_written_as(kind_, *o)) return;
    asked_.push_back(&o);
    objects.push_back(o);
  };
  for (object_ptr& o : initial_) add(o);
  for (event& e : pending_) {
    add(e.object);
    add(e.previous);
  }
  converted_ = true;
  if (!objects.empty()) ask_(std::move(objects));
  return !asked_.empty();
}

void watch::converted(std::vector<object_ptr> made) {
  for (std::size_t i = 0; i < asked_.size(); ++i) *asked_[i] = std::move(made.at(i));
  asked_.clear();
}

void watch::refuse(model::status why) {
  failure_ = std::move(why);
  asked_.clear();
}

// A custom kind that is gone, or whose version is, has no more events.
bool watch::still_served() {
  if (!kept_) return true;
  // So that the next change of the definition wakes again.
  if (definition_woken_) objects_->skip(model::definitions_resource, definition_woken_, 0);
  const auto served = objects_->custom_kinds();
  if (served->number() == registry_) return true;
  if (!served->by_plural(kind_.group, kind_.version, kind_.plural)) return false;
  registry_ = served->number();
  return true;
}

void watch::skip() {
  if (!narrowly_woken_) return;
  const auto next = objects_->skip(kind_.resource, narrowly_woken_, at_);
  if (caught_up_) at_ = next;
}

void watch::send_initial(std::string& out, std::size_t limit, model::time_point now) {
  while (initial_sent_ < initial_.size() && out.size() < limit) {
    const auto& o = initial_[initial_sent_++];
    if (what_.matches(o)) line(out, "ADDED", o, now, false);
  }
  if (initial_sent_ < initial_.size()) return;
  initial_ = {};
  initial_sent_ = 0;
  if (std::exchange(mark_initial_end_, false)) bookmark(out, true);
}

void watch::send(std::string& out, const event& e, model::time_point now) {
  if (!what_.ns.empty() && e.object->key().ns != what_.ns) return;
  const bool is = what_.everything() || what_.matches(e.object);
  switch (e.type) {
    case event::kind::added:
      if (is) line(out, "ADDED", e.object, now, true);
      return;
    case event::kind::deleted:
      if (is) line(out, "DELETED", e.object, now, true);
      return;
    case event::kind::modified: {
      // Without its past, an event counts as one of an object that matched.
      const bool was = what_.everything() || !e.previous || what_.matches(e.previous);
      if (is)
        line(out, was ? "MODIFIED" : "ADDED", e.object, now, true);
      else if (was)
        line(out, "DELETED", e.previous ? departed(e) : e.object, now, !e.previous);
    }
  }
}

void watch::line(std::string& out, std::string_view type, const object_ptr& object,
                 model::time_point now, bool shared) {
  const auto before = out.size();
  write_line(out, type, object, now, shared);
  if (counted_) counted_(out.size() - before);
}

// `shared`: an event that other watchers see, too.
void watch::write_line(std::string& out, std::string_view type, const object_ptr& object,
                       model::time_point now, bool shared) {
  if (show_.plain() && model::shown_as_stored(kind_, *object))
    return append(out, type, object->bytes());
  const bool columns = !std::exchange(columns_sent_, true);
  // A custom kind may have more versions than the shared lines tell apart.
  if (!shared || kept_) {
    out += made_line(type, object, now, columns);
    return;
  }
  std::uint64_t form = static_cast<unsigned char>(type.front());
  for (const auto part :
       {static_cast<unsigned>(show_.as), static_cast<unsigned>(show_.in),
        static_cast<unsigned>(show_.include), static_cast<unsigned>(show_.v1beta1),
        static_cast<unsigned>(columns), static_cast<unsigned>(kind_.stored)})
    form = form * 4 + part;
  out += *objects_->lines().get(object, form, now,
                                [&] { return made_line(type, object, now, columns); });
}

std::string watch::made_line(std::string_view type, const object_ptr& object, model::time_point now,
                             bool columns) const {
  std::string out;
  append(out, type, render_json(kind_, object, show_, now, columns));
  return out;
}

// One metav1.WatchEvent.
void watch::append(std::string& out, std::string_view type, const std::string& document) const {
  if (show_.in == rendering::encoding::protobuf)
    return model::append_protobuf_frame(out, type, model::protobuf_document(document));
  out += "{\"type\":\"";
  out += type;
  out += "\",\"object\":";
  out += document;
  out += "}\n";
}

void watch::bookmark(std::string& out, bool initial_end) {
  if (!initial_end && at_ > objects_->version()) return;  // it waits for a version to come
  const std::string meta_api = "meta.k8s.io/" + std::string(show_.meta_version());
  model::json object = {
      {"apiVersion", kind_.api_version()},
      {"kind", kind_.kind},
      {"metadata", {{"resourceVersion", std::to_string(at_)}, {"creationTimestamp", nullptr}}}};
  if (show_.as != rendering::form::full) {
    object["apiVersion"] = meta_api;
    object["kind"] = "PartialObjectMetadata";
  }
  if (initial_end) object["metadata"]["annotations"] = {{"k8s.io/initial-events-end", "true"}};
  if (show_.as == rendering::form::table) {
    // A table of one row without cells, whose object carries the version.
    model::json table = {{"apiVersion", meta_api},
                         {"kind", "Table"},
                         {"metadata", {{"resourceVersion", std::to_string(at_)}}},
                         {"columnDefinitions", nullptr},
                         {"rows", {{{"cells", nullptr}, {"object", object}}}}};
    object = std::move(table);
  }
  const auto before = out.size();
  append(out, "BOOKMARK", model::dump(object));
  if (counted_) counted_(out.size() - before);
}

}  // namespace troupe::store
