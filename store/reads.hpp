#pragma once

#include "model/request_info.hpp"
#include "model/schema.hpp"
#include "model/status.hpp"
#include "model/table.hpp"
#include "model/time.hpp"
#include "store/cache.hpp"
#include "store/list_options.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace troupe::store {

// GET, LIST and WATCH of the Kubernetes API out of the cache: what the gateway's threads and the
// API actor share.

/// What a read answers: 200 and what was asked for, or 410 and a Status that says how to go on.
struct read_body {
  std::shared_ptr<const std::string> text;
  int code = 200;
};
/// A body, or the Status that refuses.
using read_answer = std::variant<read_body, model::status>;

/// How objects are to be shown, by the Accept header.
struct rendering {
  enum class form : std::uint8_t { full, metadata, metadata_list, table };
  enum class encoding : std::uint8_t { json, yaml, protobuf };
  form as = form::full;
  encoding in = encoding::json;
  bool v1beta1 = false;  ///< of meta.k8s.io, for tables and metadata
  bool pretty = false;   ///< indented JSON
  model::include_object include = model::include_object::metadata;  ///< of tables

  /// Shown as it is stored.
  bool plain() const { return as == form::full && in == encoding::json && !pretty; }
  std::string_view meta_version() const { return v1beta1 ? "v1beta1" : "v1"; }
  std::string_view content_type(bool stream = false) const;
};

/// The best of what the Accept header takes; 406 when it takes nothing that Troupe can give of this
/// kind: custom ones have no protobuf. The user agent decides whether JSON is indented when the
/// query does not say.
std::variant<rendering, model::status> negotiate_for(const model::kind_info& kind,
                                                     const model::request_info& info,
                                                     std::string_view accept,
                                                     std::string_view user_agent = {});
/// How a failure is told to a client with this Accept header: JSON when it takes nothing known.
rendering rendering_of_status(std::string_view accept);
/// 406 when one object was asked for as a list or a list as one object, or a table of what is only
/// ever created (reviews).
std::optional<model::status> check_form(const rendering& show, const model::kind_info& kind,
                                        bool list);

/// A read of one kind, understood.
struct read_request {
  const model::request_info& info;
  const model::kind_info& kind;
  rendering show;
  model::time_point now;  ///< for ages in tables
};

read_answer get(const cache& objects, const read_request& r);
read_answer list(const cache& objects, const read_request& r);

/// What a list finds: all that is selected, or a part of it.
struct page {
  std::vector<object_ptr> objects;
  std::uint64_t version = 0;
  std::string next;             ///< continue token; empty: this is the last
  std::uint64_t remaining = 0;  ///< how many come after; 0 also when nobody counted
  bool lost = false;            ///< its version is no longer known; `next` goes on with the newest
};

/// The objects of a list, and what shows them.
std::variant<page, model::status> read_list(const cache& objects, const read_request& r);
/// 410: the answer to a page that is lost, but for its token.
model::status lost_page();
std::string list_body(const read_request& r, const page& p);
read_body list_answer(const read_request& r, const page& p);

/// The JSON of a list, made while it is sent, so that a large one takes neither its size in memory
/// nor a copy of it.
class list_text {
 public:
  /// `show` is JSON of whole objects or of their metadata.
  list_text(const model::kind_info& kind, std::vector<object_ptr> objects,
            const model::json& metadata, const rendering& show, model::time_point now);
  /// Appends about `limit` bytes at most; false: that was all.
  bool pull(std::string& out, std::size_t limit);
  /// Of all of it; 0 when it is only known once made.
  std::size_t size() const { return size_; }

 private:
  void append(std::string& out, const object_ptr& object) const;

  const model::kind_info& kind_;
  std::shared_ptr<const void> kept_;
  rendering show_;
  model::time_point now_;
  std::vector<object_ptr> objects_;
  std::string head_;
  std::size_t size_ = 0;
  std::size_t sent_ = 0;
  bool as_stored_ = false;
};

/// The text of a page that is large and sent as it is stored; null when it is better made at once.
std::unique_ptr<list_text> streamed_list(const read_request& r, page& p);

/// One object as `show` wants it: also the answer to a write.
std::shared_ptr<const std::string> render(const model::kind_info& kind, const object_ptr& object,
                                          const rendering& show, model::time_point now);
/// The same before it is encoded; a table may do without its columns.
std::string render_json(const model::kind_info& kind, const object_ptr& object,
                        const rendering& show, model::time_point now, bool columns);
/// A list of them; `metadata` is its ListMeta.
std::string render_list(const model::kind_info& kind, const std::vector<object_ptr>& objects,
                        const model::json& metadata, const rendering& show, model::time_point now);
/// A JSON document in the encoding of `show`.
std::string encode(std::string text, const rendering& show);

/// A watch: a cursor into the cache's window that writes the lines of the response.
class watch {
 public:
  /// Checks the request. Where the cache has not reached its needed_version(), all that the watch
  /// has to say is an event ERROR: what is asked for is right, and may come. `timeout` is the
  /// length of a watch that names none.
  static std::variant<std::unique_ptr<watch>, model::status> open(std::shared_ptr<cache> objects,
                                                                  const read_request& r,
                                                                  std::chrono::seconds timeout);

  /// Appends the lines of what happened since, until `out` holds `limit` bytes or nothing more has.
  /// False: the watch has ended (its time is over, or its cursor expired and the last line says
  /// so).
  bool pull(std::string& out, std::size_t limit, model::time_point now);
  /// When to pull although nothing happened: for a bookmark or the end.
  model::time_point due() const;
  /// Calls `wake` after changes that may concern this watch, until it ends; before the first pull.
  void wake_by(cache::wake_fn wake);
  /// Who makes objects of the kind's version, where a webhook does: asked by `ask` for those that
  /// were written as another one, it answers once by converted(), in their order, or by refuse().
  /// The watch is silent meanwhile; before the first pull.
  void convert_by(std::function<void(std::vector<object_ptr>)> ask) { ask_ = std::move(ask); }
  void converted(std::vector<object_ptr> made);
  /// The watch ends with this as its last word.
  void refuse(model::status why);
  /// Calls `counted` with the size of each event that is sent; before the first pull.
  void count_by(std::function<void(std::size_t)> counted) { counted_ = std::move(counted); }

 private:
  watch(std::shared_ptr<cache> objects, const model::kind_info& kind, rendering show,
        selection what);

  bool stalled();
  bool failed(std::string& out) const;
  bool fetch(std::string& out);
  void skip();
  bool still_served();
  void send_initial(std::string& out, std::size_t limit, model::time_point now);
  void send(std::string& out, const event& e, model::time_point now);
  void line(std::string& out, std::string_view type, const object_ptr& object,
            model::time_point now, bool shared);
  std::string made_line(std::string_view type, const object_ptr& object, model::time_point now,
                        bool columns) const;
  void append(std::string& out, std::string_view type, const std::string& document) const;
  void bookmark(std::string& out, bool initial_end);
  void write_line(std::string& out, std::string_view type, const object_ptr& object,
                  model::time_point now, bool shared);

  std::shared_ptr<cache> objects_;
  const model::kind_info& kind_;
  std::shared_ptr<const void> kept_;
  rendering show_;
  selection what_;
  std::function<void(std::size_t)> counted_;
  cache::subscription woken_;
  cache::topic_subscription narrowly_woken_;
  cache::topic_subscription definition_woken_;  ///< of a custom kind
  std::uint64_t registry_ = 0;                  ///< in which its kind was last seen
  std::optional<model::status> failure_;        ///< all that it has to say
  std::uint64_t at_ = 0;
  bool caught_up_ = false;  ///< read all there was: what does not concern the watch can be skipped
  std::vector<object_ptr> initial_;
  std::size_t initial_sent_ = 0;
  std::vector<event> pending_;  ///< read from the cache, not yet written
  std::size_t pending_sent_ = 0;
  std::function<void(std::vector<object_ptr>)> ask_;
  std::vector<object_ptr*> asked_;  ///< for what it waits: places in `initial_` and `pending_`
  bool converted_ = false;          ///< what is there has been through it
  bool bookmarks_ = false;
  bool mark_initial_end_ = false;
  bool columns_sent_ = false;
  model::time_point next_bookmark_ = model::time_point::max();
  model::time_point end_;
};

}  // namespace troupe::store
