#include "actors/controllers/collect_others.hpp"

#include "actors/controllers/paths.hpp"
#include "model/json_read.hpp"
#include "model/propagation.hpp"

#include <algorithm>
#include <map>
#include <memory>

namespace troupe {
namespace {

using model::json;

constexpr std::size_t objects_at_once = 16;

struct other_object {
  other_resource of;
  json document;
  std::string uid;

  std::string ns() const { return model::string_at(document, {"metadata", "namespace"}); }
  std::string path() const {
    return of.path(ns(), model::string_at(document, {"metadata", "name"}));
  }
  bool deleting() const {
    return !model::at(document, {"metadata", "deletionTimestamp"}).is_null();
  }
  bool waits() const {
    return deleting() && (model::has_finalizer(document, model::orphan_finalizer) ||
                          model::has_finalizer(document, model::foreground_finalizer));
  }
};

class others_pass : public std::enable_shared_from_this<others_pass> {
 public:
  others_pass(controller_host& host, const owner_graph& graph, std::function<void(outcome)> done)
      : host_(host), graph_(graph), done_(std::move(done)) {}

  void run() {
    discover_others(host_, [self = shared_from_this()](const other_servers& servers) {
      self->servers_ = servers;
      self->list();
    });
  }

 private:
  void list() {
    complete_ = servers_.unknown.empty();
    std::vector<other_resource> all;
    for (const auto& r : servers_.resources)
      if (r.has("list") && r.has("delete")) all.push_back(r);
    if (all.empty()) return end();
    open_ = all.size();
    for (const auto& r : all)
      host_.call("GET", r.path(""), json(), [self = shared_from_this(), r](const api_response& a) {
        self->take(r, a);
        if (--self->open_ == 0) self->begin();
      });
  }

  void take(const other_resource& r, const api_response& answer) {
    json found = model::read_json(answer.body.bytes());
    const json& items = model::at(found, {"items"});
    if (answer.code != 200 || !items.is_array() ||
        !model::string_at(found, {"metadata", "continue"}).empty()) {
      complete_ = false;
      return;
    }
    for (const json& item : items) {
      // Items of a list need not say what they are.
      json document = item;
      document["apiVersion"] = r.group_version;
      document["kind"] = r.kind;
      std::string uid = model::string_at(item, {"metadata", "uid"});
      if (uid.empty()) continue;
      for (const auto& owner : model::owner_references(document))
        dependents_[owner.uid].push_back(objects_.size());
      objects_.push_back({r, std::move(document), std::move(uid)});
    }
  }

  void begin() {
    for (std::size_t i = 0; i < objects_.size(); ++i) {
      const other_object& o = objects_[i];
      const bool owned = !o.deleting() && !model::owner_references(o.document).empty();
      if (owned || (o.waits() && complete_)) todo_.push_back(i);
    }
    go_on();
  }

  // A few at a time. A step may end at once: it is gone on with here, not below it.
  void go_on() {
    if (going_) return;
    going_ = true;
    while (active_ < objects_at_once && next_ < todo_.size()) {
      ++active_;
      step(objects_[todo_[next_++]], [self = shared_from_this()] {
        --self->active_;
        self->go_on();
      });
    }
    going_ = false;
    if (active_ == 0 && next_ == todo_.size()) end();
  }

  void end() {
    if (auto done = std::exchange(done_, {})) done({{}, others_interval});
  }

  void step(const other_object& o, std::function<void()> done) {
    if (o.waits()) return release(o, std::move(done));
    const auto owners = model::owner_references(o.document);
    find_owners(host_, servers_, owners, o.ns(),
                [self = shared_from_this(), &o, done](const model::known_owners& known) {
                  self->judge(o, known, done);
                });
  }

  void judge(const other_object& o, const model::known_owners& known, std::function<void()> done) {
    const model::object_key key{o.of.resource(), o.ns(),
                                model::string_at(o.document, {"metadata", "name"})};
    const auto lookup = [this](const model::object_key& k) { return host_.cache().get(k); };
    const bool owns = dependents_.contains(o.uid) || graph_.dependents(o.uid);
    const auto decided = model::decide_collection(o.document, key, owns, lookup,
                                                  *host_.cache().custom_kinds(), known);
    using action = model::collection::action;
    const auto over = [done](const api_response&) { done(); };
    if (decided.what == action::remove)
      host_.call("DELETE", o.path(), options(o, decided.policy), over);
    else if (decided.what == action::release)
      host_.call("PUT", o.path(), model::without_owners(o.document, decided.released), over);
    else
      done();
  }

  static json options(const other_object& o, const std::string& policy) {
    json preconditions = {{"uid", o.uid}};
    const auto version = model::string_at(o.document, {"metadata", "resourceVersion"});
    if (!version.empty()) preconditions["resourceVersion"] = version;
    return {{"apiVersion", "v1"},
            {"kind", "DeleteOptions"},
            {"propagationPolicy", policy},
            {"preconditions", std::move(preconditions)}};
  }

  // One whose deletion waits for its dependents: those that are served here look after themselves
  // when it is a foreground deletion.
  void release(const other_object& o, std::function<void()> done) {
    const bool orphans = model::has_finalizer(o.document, model::orphan_finalizer);
    std::vector<std::pair<std::string, json>> bound;
    const auto add = [&](const std::string& path, const json& document) {
      const bool holds =
          orphans ? owned_by(document, o.uid) : model::blocks_deletion(document, o.uid);
      if (holds) bound.emplace_back(path, document);
    };
    if (const auto* below = graph_.dependents(o.uid))
      for (const auto& key : *below)
        if (const auto found = host_.cache().get(parse_key(key))) {
          json document = found->parse();
          to_served_version(found->key(), host_.cache(), document);
          add(path_of(found->key(), host_.cache()), document);
          if (!orphans) host_.visit(key, std::chrono::milliseconds(0));
        }
    if (const auto others = dependents_.find(o.uid); others != dependents_.end())
      for (const auto i : others->second) add(objects_[i].path(), objects_[i].document);
    const auto over = [done](const api_response&) { done(); };
    if (bound.empty())
      return host_.call("PUT", o.path(),
                        model::without_finalizer(o.document, orphans ? model::orphan_finalizer
                                                                     : model::foreground_finalizer),
                        over);
    if (!orphans) return done();
    if (bound.size() > objects_at_once) bound.resize(objects_at_once);
    auto open = std::make_shared<std::size_t>(bound.size());
    for (const auto& [path, document] : bound)
      host_.call("PUT", path, model::without_owners(document, {o.uid}),
                 [open, done](const api_response&) {
                   if (--*open == 0) done();
                 });
  }

  static bool owned_by(const json& document, const std::string& uid) {
    const auto owners = model::owner_references(document);
    return std::ranges::find(owners, uid, &model::owner_reference::uid) != owners.end();
  }

  controller_host& host_;
  const owner_graph& graph_;
  std::function<void(outcome)> done_;
  other_servers servers_;
  bool complete_ = false;  ///< all that others have is known
  std::size_t open_ = 0;
  std::vector<other_object> objects_;
  std::map<std::string, std::vector<std::size_t>, std::less<>> dependents_;  ///< by owner's uid
  std::vector<std::size_t> todo_;
  std::size_t next_ = 0, active_ = 0;
  bool going_ = false;
};

}  // namespace

void collect_others(controller_host& host, const owner_graph& graph,
                    std::function<void(outcome)> done) {
  std::make_shared<others_pass>(host, graph, std::move(done))->run();
}

}  // namespace troupe
