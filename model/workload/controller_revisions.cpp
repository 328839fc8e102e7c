#include "model/workload/controller_revisions.hpp"

#include "model/workload/pod_template.hpp"

#include <algorithm>
#include <set>

namespace troupe::model {
namespace {

constexpr const char* hash_label = "controller.kubernetes.io/hash";
constexpr std::size_t longest_prefix = 223;

struct revision {
  std::string name;
  std::int64_t number = 0;
  std::string created;
  json data;
  object_ptr object;
};

std::vector<revision> sorted(const std::vector<object_ptr>& history) {
  std::vector<revision> out;
  for (const auto& o : history) {
    const json d = o->parse();
    const json& number = at(d, {"revision"});
    out.push_back({o->key().name, number.is_number_integer() ? number.get<std::int64_t>() : 0,
                   string_at(d, {"metadata", "creationTimestamp"}), at(d, {"data"}), o});
  }
  std::ranges::sort(out, [](const revision& a, const revision& b) {
    return std::tie(a.number, a.created, a.name) < std::tie(b.number, b.created, b.name);
  });
  return out;
}

/// A patch that brings the template back.
json data_of(const json& template_) {
  json data = {{"spec", {{"template", template_}}}};
  data["spec"]["template"]["$patch"] = "replace";
  return data;
}

json template_in(const json& data) {
  json out = at(data, {"spec", "template"});
  if (out.is_object()) out.erase("$patch");
  return out;
}

json new_revision(const revised_workload& set, const json& data, std::int64_t number) {
  const json& collisions = at(set.status, {"collisionCount"});
  const auto hash =
      template_hash(data, collisions.is_number_integer() ? collisions.get<std::int64_t>() : 0);
  json labels = at(set.template_, {"metadata", "labels"});
  if (!labels.is_object()) labels = json::object();
  labels[set.hash_label] = hash;
  json metadata = {
      {"name", set.stored.key().name.substr(0, longest_prefix) + "-" + hash},
      {"namespace", set.stored.key().ns},
      {"labels", std::move(labels)},
      {"ownerReferences", json::array({controller_reference("apps/v1", set.kind, set.stored)})}};
  if (!set.annotations.empty()) metadata["annotations"] = set.annotations;
  return {{"apiVersion", "apps/v1"},
          {"kind", "ControllerRevision"},
          {"metadata", std::move(metadata)},
          {"data", data},
          {"revision", number}};
}

}  // namespace

template_revision plan_template_revision(const revised_workload& set,
                                         const std::vector<object_ptr>& history) {
  const auto known = sorted(history);
  const json data = data_of(set.template_);
  const auto next = known.empty() ? 1 : known.back().number + 1;
  template_revision out;
  const auto equal =
      std::find_if(known.rbegin(), known.rend(), [&](const auto& r) { return r.data == data; });
  if (equal == known.rend()) {
    out.created = new_revision(set, data, next);
  } else if (equal != known.rbegin()) {
    out.renumbered = equal->name;
    out.number = next;
  } else {
    out.newest = equal->object;
  }
  return out;
}

revision_plan plan_revisions(const object& stored, const std::vector<object_ptr>& history) {
  const auto set = stored.view<stateful_set_view>();
  auto planned = plan_template_revision(
      {stored, "StatefulSet", hash_label, set->template_, set->annotations, set->status}, history);
  revision_plan out;
  out.created = std::move(planned.created);
  out.renumbered = std::move(planned.renumbered);
  out.number = planned.number;
  if (!planned.newest) return out;
  const auto& newest = planned.newest->key().name;
  out.revisions = {newest, newest, set->template_};
  const auto known = sorted(history);
  const auto current =
      std::ranges::find(known, string_at(set->status, {"currentRevision"}), &revision::name);
  if (current != known.end()) {
    out.revisions.current = current->name;
    out.revisions.current_template = template_in(current->data);
  }
  return out;
}

std::vector<object_ptr> beyond_limit(const std::vector<object_ptr>& history,
                                     const std::vector<std::string>& live, std::int64_t limit) {
  std::vector<object_ptr> out;
  for (const auto& r : sorted(history))
    if (std::ranges::find(live, r.name) == live.end()) out.push_back(r.object);
  const auto kept = static_cast<std::size_t>(std::max<std::int64_t>(0, limit));
  out.resize(out.size() > kept ? out.size() - kept : 0);
  return out;
}

std::vector<object_ptr> beyond_history(const object& stored, const std::vector<object_ptr>& history,
                                       const std::vector<std::string>& live) {
  return beyond_limit(history, live, stored.view<stateful_set_view>()->history_limit);
}

}  // namespace troupe::model
