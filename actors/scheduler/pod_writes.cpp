#include "actors/scheduler/pod_writes.hpp"

#include "model/binding.hpp"
#include "model/deletion.hpp"

#include <algorithm>

namespace troupe::scheduler {
namespace {

using model::json;

// Of an Event's note; kube-scheduler ends a longer one so.
constexpr std::size_t longest_note = 1024;
constexpr std::string_view cut_off = " ...";

bool says_unschedulable(const json& pod, const std::string& message) {
  const json& conditions = model::at(pod, {"status", "conditions"});
  return std::any_of(conditions.begin(), conditions.end(), [&](const json& c) {
    return model::string_at(c, {"type"}) == "PodScheduled" &&
           model::string_at(c, {"status"}) == "False" &&
           model::string_at(c, {"message"}) == message;
  });
}

}  // namespace

model::event_note failure_of(const model::object& pod, std::string why, std::string component,
                             std::string instance) {
  model::event_note note;
  note.about = model::reference_to(pod, "Pod");
  note.type = "Warning";
  note.reason = "FailedScheduling";
  note.action = "Scheduling";
  note.message = std::move(why);
  if (note.message.size() > longest_note) {
    note.message.resize(longest_note - cut_off.size());
    note.message += cut_off;
  }
  note.component = std::move(component);
  note.host = std::move(instance);
  return note;
}

write update_of(const model::object& stored, const json& document) {
  write w;
  w.op = write_op::update;
  w.resource = stored.key().resource;
  w.ns = stored.key().ns;
  w.name = stored.key().name;
  w.object = model::encode(w.resource, document);
  w.if_version = stored.version();
  w.if_uid = stored.header().uid;
  return w;
}

std::optional<write> unschedulable_write(const model::object& pod, const std::string& message,
                                         const std::optional<std::string>& promised,
                                         model::time_point now, const char* reason) {
  json document = pod.parse();
  const auto had = model::string_at(document, {"status", "nominatedNodeName"});
  if (says_unschedulable(document, message) && promised.value_or(had) == had) return std::nullopt;
  model::set_condition(document, "PodScheduled", "False", now, reason, message);
  if (promised && promised->empty())
    document["status"].erase("nominatedNodeName");
  else if (promised)
    document["status"]["nominatedNodeName"] = *promised;
  return update_of(pod, document);
}

write denominating_write(const model::object& pod) {
  json document = pod.parse();
  document["status"].erase("nominatedNodeName");
  return update_of(pod, document);
}

write preempting_write(const model::object& pod, const std::string& scheduler,
                       model::time_point now) {
  json document = pod.parse();
  model::set_condition(document, "DisruptionTarget", "True", now, "PreemptionByScheduler",
                       scheduler + ": preempting to accommodate a higher priority pod");
  const auto* kind = model::schema::instance().by_resource("pods");
  const auto decided = model::decide_deletion(*kind, pod.key(), document, {}, now);
  const auto* d = std::get_if<model::deletion>(&decided);  // without preconditions none fails
  if (d && d->what == model::deletion::action::remove) {
    write w;
    w.op = write_op::remove;
    w.resource = "pods";
    w.ns = pod.key().ns;
    w.name = pod.key().name;
    w.if_version = pod.version();
    w.if_uid = pod.header().uid;
    return w;
  }
  return update_of(pod, d && d->what == model::deletion::action::mark ? d->object : document);
}

}  // namespace troupe::scheduler
