#include "model/event.hpp"

#include <cstdio>

namespace troupe::model {

json object_reference::to_json() const {
  json out = json::object();
  auto put = [&](const char* key, const std::string& value) {
    if (!value.empty()) out[key] = value;
  };
  put("apiVersion", api_version);
  put("kind", kind);
  put("namespace", ns);
  put("name", name);
  put("uid", uid);
  put("resourceVersion", resource_version);
  put("fieldPath", field_path);
  return out;
}

object_reference reference_to(const object& o, std::string_view kind,
                              std::string_view api_version) {
  return {std::string(api_version), std::string(kind),           o.key().ns, o.key().name,
          o.header().uid,           std::to_string(o.version()), {}};
}

std::string event_note::key() const {
  std::string out;
  for (const auto* part :
       {&component, &host, &about.kind, &about.ns, &about.name, &about.field_path, &about.uid,
        &about.api_version, &type, &reason, &message})
    out.append(*part).push_back('\n');
  if (action.empty()) return out;
  for (const auto* part : {&action, &about.resource_version}) out.append(*part).push_back('\n');
  for (const auto& r : related) out.append(r.uid).push_back('\n');
  return out;
}

std::string event_name(const event_note& note, time_point first) {
  const auto ns =
      std::chrono::duration_cast<std::chrono::nanoseconds>(first.time_since_epoch()).count();
  char hex[20];
  std::snprintf(hex, sizeof hex, "%llx", static_cast<unsigned long long>(ns));
  return note.about.name + "." + hex;
}

namespace {

json with_action(json event, const event_note& note, time_point first, time_point last,
                 std::int64_t count) {
  event["eventTime"] = to_rfc3339_micro(first);
  event["action"] = note.action;
  if (!note.related.empty()) event["related"] = note.related.front().to_json();
  if (count > 1) event["series"] = event_series(count, last);
  return event;
}

}  // namespace

json event_series(std::int64_t count, time_point last) {
  return {{"count", count}, {"lastObservedTime", to_rfc3339_micro(last)}};
}

json event_json(const event_note& note, std::string_view name, time_point first, time_point last,
                std::int64_t count) {
  json event;  // member by member: a list of them all would make each several times
  event["apiVersion"] = "v1";
  event["kind"] = "Event";
  event["metadata"]["name"] = name;
  event["metadata"]["namespace"] = note.ns();
  event["involvedObject"] = note.about.to_json();
  event["type"] = note.type;
  event["reason"] = note.reason;
  event["message"] = note.message;
  event["reportingComponent"] = note.component;
  event["reportingInstance"] = note.host;
  if (!note.action.empty()) return with_action(std::move(event), note, first, last, count);
  event["source"]["component"] = note.component;
  if (!note.host.empty()) event["source"]["host"] = note.host;
  event["firstTimestamp"] = to_rfc3339(first);
  event["lastTimestamp"] = to_rfc3339(last);
  event["count"] = count;
  event["eventTime"] = nullptr;
  return event;
}

}  // namespace troupe::model
