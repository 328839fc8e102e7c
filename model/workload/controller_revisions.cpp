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
json data_of(const stateful_set_view& set) {
  json data = {{"spec", {{"template", set.template_}}}};
  data["spec"]["template"]["$patch"] = "replace";
  return data;
}

json template_in(const json& data) {
  json out = at(data, {"spec", "template"});
  if (out.is_object()) out.erase("$patch");
  return out;
}

json new_revision(const object& stored, const stateful_set_view& set, const json& data,
                  std::int64_t number) {
  const json& collisions = at(set.status, {"collisionCount"});
  const auto hash =
      template_hash(data, collisions.is_number_integer() ? collisions.get<std::int64_t>() : 0);
  json labels = at(set.template_, {"metadata", "labels"});
  if (!labels.is_object()) labels = json::object();
  labels[hash_label] = hash;
  json metadata = {
      {"name", set.name.substr(0, longest_prefix) + "-" + hash},
      {"namespace", stored.key().ns},
      {"labels", std::move(labels)},
      {"ownerReferences", json::array({controller_reference("apps/v1", "StatefulSet", stored)})}};
  if (!set.annotations.empty()) metadata["annotations"] = set.annotations;
  return {{"apiVersion", "apps/v1"},
          {"kind", "ControllerRevision"},
          {"metadata", std::move(metadata)},
          {"data", data},
          {"revision", number}};
}

}  // namespace

revision_plan plan_revisions(const object& stored, const std::vector<object_ptr>& history) {
  const auto set = stored.view<stateful_set_view>();
  const auto known = sorted(history);
  const json data = data_of(*set);
  const auto next = known.empty() ? 1 : known.back().number + 1;
  revision_plan out;
  const auto equal =
      std::find_if(known.rbegin(), known.rend(), [&](const auto& r) { return r.data == data; });
  if (equal == known.rend()) {
    out.created = new_revision(stored, *set, data, next);
    return out;
  }
  if (equal != known.rbegin()) {
    out.renumbered = equal->name;
    out.number = next;
    return out;
  }
  out.revisions = {equal->name, equal->name, set->template_};
  const auto current =
      std::ranges::find(known, string_at(set->status, {"currentRevision"}), &revision::name);
  if (current != known.end()) {
    out.revisions.current = current->name;
    out.revisions.current_template = template_in(current->data);
  }
  return out;
}

std::vector<object_ptr> beyond_history(const object& stored, const std::vector<object_ptr>& history,
                                       const std::vector<std::string>& live) {
  std::vector<object_ptr> out;
  for (const auto& r : sorted(history))
    if (std::ranges::find(live, r.name) == live.end()) out.push_back(r.object);
  const auto limit = static_cast<std::size_t>(
      std::max<std::int64_t>(0, stored.view<stateful_set_view>()->history_limit));
  out.resize(out.size() > limit ? out.size() - limit : 0);
  return out;
}

}  // namespace troupe::model
