#include "model/kubelet/pod_status.hpp"

#include "model/members.hpp"
#include "model/qos.hpp"

#include <algorithm>
#include <functional>

namespace troupe::model::kubelet {

using phase = container_state::phase;

namespace {

std::string time_of(std::int64_t ns) {
  return to_rfc3339(
      time_point{std::chrono::duration_cast<time_point::duration>(std::chrono::nanoseconds{ns})});
}

json terminated(const container_state& c, const status_context& x) {
  json t{{"exitCode", c.exit_code},
         {"reason", !c.reason.empty()  ? c.reason
                    : c.exit_code == 0 ? "Completed"
                                       : "Error"},
         {"finishedAt", time_of(c.finished_at)},
         {"startedAt", time_of(c.started_at)},
         {"containerID", x.runtime_name + "://" + c.id}};
  const auto& message = !c.termination_message.empty() ? c.termination_message : c.message;
  if (!message.empty()) t["message"] = message;
  return {{"terminated", std::move(t)}};
}

json waiting_state(const waiting& w) {
  json s{{"reason", w.reason}};
  if (!w.message.empty()) s["message"] = w.message;
  return {{"waiting", std::move(s)}};
}

/// Of a container that nobody saw end, in a pod that has ended.
json lost() {
  return {{"terminated",
           {{"exitCode", 137},
            {"reason", "ContainerStatusUnknown"},
            {"message", "The container could not be located when the pod was terminated"},
            {"startedAt", nullptr},
            {"finishedAt", nullptr}}}};
}

json reported(const json& last, const std::string& name) {
  for (const char* list :
       {"containerStatuses", "initContainerStatuses", "ephemeralContainerStatuses"})
    for (const auto& s : at(last, {list}))
      if (string_at(s, {"name"}) == name) return s;
  return nullptr;
}

json container_status(const pod_lifecycle& life, const container_spec& c, const json& last,
                      const status_context& x) {
  json s;  // member by member: a list of them all would make each twice
  s["name"] = c.name;
  s["image"] = string_at(*c.spec, {"image"});
  s["imageID"] = "";
  s["ready"] = c.kind != container_kind::ephemeral && life.ready(c);
  s["started"] = life.started(c);
  s["restartCount"] = 0;
  s["state"] = json::object();
  s["lastState"] = json::object();
  const auto* now = life.newest(c.name);
  const auto* before = life.previous(c.name);
  const auto why = life.waits(c.name);
  if (!now) {
    auto old = reported(last, c.name);
    // What ran before this kubelet's runtime forgot it stays as it was reported.
    if (!life.ended().empty() && at(old, {"state", "terminated"}).is_object()) return old;
    if (old.is_object()) s["restartCount"] = old.value("restartCount", 0);
    // What a failed init container kept from beginning waits for ever (kubelet's TerminatePod).
    const bool first = c.kind == container_kind::init || c.kind == container_kind::sidecar;
    const bool begun = at(old, {"state", "running"}).is_object() || (!first && life.initialized());
    if (!life.ended().empty() && begun) {
      s["state"] = lost();
      return s;
    }
    // Of any container, the first among them, that has not begun in a pod with init containers.
    const bool initializes = !at(life.pod(), {"spec", "initContainers"}).empty();
    s["state"] =
        waiting_state(why && life.ended().empty()
                          ? *why
                          : waiting{initializes ? "PodInitializing" : "ContainerCreating", {}});
    return s;
  }
  s["restartCount"] = now->attempt;
  s["imageID"] = now->image_ref;
  s["containerID"] = x.runtime_name + "://" + now->id;
  if (before && before->state == phase::exited) s["lastState"] = terminated(*before, x);
  switch (now->state) {
    case phase::running:
    case phase::unknown:
      s["state"]["running"]["startedAt"] = time_of(now->started_at);
      break;
    case phase::created:
      s["state"] = waiting_state(why ? *why : waiting{"ContainerCreating", {}});
      break;
    case phase::exited:
      // The API takes back no end of a container whose pod's policy ends it for good.
      if ((why || life.replaced(*now)) && !life.deleting() && life.ended().empty()) {
        s["lastState"] = terminated(*now, x);
        s["state"] = waiting_state(why.value_or(waiting{"ContainerCreating", {}}));
      } else {
        s["state"] = terminated(*now, x);
      }
  }
  return s;
}

/// kubelet's getPhase: from the containers' states alone.
std::string phase_of(const pod_lifecycle& life) {
  if (!life.ended().empty()) return life.ended();
  if (!life.initialized() && !life.deleting()) return "Pending";
  int running = 0, waiting_first = 0, stopped = 0, failed = 0, all = 0;
  for (const auto& c : life.containers()) {
    if (c.kind != container_kind::main) continue;
    ++all;
    const auto* s = life.newest(c.name);
    if (!s || (s->state == phase::created && !life.previous(c.name)))
      ++waiting_first;
    else if (s->state == phase::exited || s->state == phase::created)
      ++stopped, failed += s->exit_code != 0;
    else
      ++running;
  }
  if (waiting_first > 0) return "Pending";
  if (running > 0) return "Running";
  if (life.deleting() && stopped == all) return failed > 0 ? "Failed" : "Succeeded";
  return stopped > 0 ? "Running" : "Pending";
}

struct pod_condition {
  std::string type;
  bool yes = false;
  std::string reason, message;
};

std::string in_brackets(const std::vector<std::string>& names) {
  std::string out;
  for (const auto& n : names) out += (out.empty() ? "" : " ") + n;
  return "[" + out + "]";
}

std::vector<pod_condition> conditions_of(const pod_lifecycle& life, const std::string& phase_now) {
  std::vector<std::string> unready, uninitialized;
  for (const auto& c : life.containers()) {
    if (c.kind == container_kind::ephemeral) continue;
    if (c.kind != container_kind::init && !life.ready(c)) unready.push_back(c.name);
    if (c.kind == container_kind::init && !life.ready(c)) uninitialized.push_back(c.name);
    if (c.kind == container_kind::sidecar && !life.started(c)) uninitialized.push_back(c.name);
  }
  const bool succeeded = phase_now == "Succeeded";
  pod_condition sandbox{"PodReadyToStartContainers", life.sandbox() != nullptr, "", ""};
  pod_condition initialized{"Initialized", true, "", ""};
  if (succeeded)
    initialized.reason = "PodCompleted";
  else if (!life.initialized())
    initialized = {"Initialized", false, "ContainersNotInitialized",
                   "containers with incomplete status: " + in_brackets(uninitialized)};
  pod_condition containers{"ContainersReady", true, "", ""};
  if (succeeded || phase_now == "Failed")
    containers = {"ContainersReady", false, succeeded ? "PodCompleted" : "PodFailed", ""};
  else if (!unready.empty())
    containers = {"ContainersReady", false, "ContainersNotReady",
                  "containers with unready status: " + in_brackets(unready)};
  pod_condition ready = containers;
  ready.type = "Ready";
  for (const auto& gate : at(life.pod(), {"spec", "readinessGates"})) {
    const auto type = string_at(gate, {"conditionType"});
    std::string status;
    for (const auto& c : at(life.pod(), {"status", "conditions"}))
      if (string_at(c, {"type"}) == type) status = string_at(c, {"status"});
    if (!ready.yes || status == "True") continue;
    ready = {
        "Ready", false, "ReadinessGatesNotReady",
        status.empty()
            ? "corresponding condition of pod readiness gate \"" + type + "\" does not exist."
            : "the status of pod readiness gate \"" + type + "\" is not \"True\", but " + status};
  }
  std::vector<pod_condition> all{
      sandbox, initialized, ready, containers, {"PodScheduled", true, "", ""}};
  if (life.evicted())
    all.push_back({"DisruptionTarget", true, "TerminationByKubelet", life.message()});
  return all;
}

json conditions(const pod_lifecycle& life, const std::string& phase_now, const json& last,
                time_point now) {
  json out = json::array();
  for (const auto& c : conditions_of(life, phase_now)) {
    json& j = out.emplace_back();
    const char* const status = c.yes ? "True" : "False";
    j["type"] = c.type;
    j["status"] = status;
    j["lastProbeTime"] = nullptr;
    if (!c.reason.empty()) j["reason"] = c.reason;
    if (!c.message.empty()) j["message"] = c.message;
    json& since = j["lastTransitionTime"];
    for (const auto& old : items_of(last, "conditions"))
      if (text_of(old, "type") == c.type && text_of(old, "status") == status)
        since = value_of(old, "lastTransitionTime");
    if (since.is_null()) since = to_rfc3339(now);
  }
  return out;
}

void mix(std::size_t& digest, std::string_view text) {
  digest = (digest ^ std::hash<std::string_view>{}(text)) * 0x9e3779b97f4a7c15ull;
  digest ^= digest >> 29;
}
void mix(std::size_t& digest, std::size_t number) {
  digest = (digest ^ (number + 1)) * 0x9e3779b97f4a7c15ull;
  digest ^= digest >> 31;
}

/// The entries of `now` that are new or differ from those of the same type in `last`.
json changed_conditions(const json& last, const json& now) {
  json out = json::array();
  for (const auto& c : now) {
    const auto same = std::find(last.begin(), last.end(), c);
    if (same != last.end()) continue;
    json& changed = out.emplace_back(c);
    // They merge by type: a reason that no longer holds has to be taken back.
    for (const char* key : {"reason", "message"})
      if (!c.contains(key)) changed[key] = nullptr;
  }
  return out;
}

}  // namespace

bool ends(const pod_lifecycle& life) {
  const auto& all = life.state().containers;
  return life.deleting() && std::ranges::all_of(all, [](const container_state& c) {
           return c.state == container_state::phase::exited;
         });
}

bool begins(const pod_lifecycle& life) {
  if (phase_of(life) != "Pending" || life.deleting()) return false;
  for (const auto& c : life.containers()) {
    const auto* s = life.newest(c.name);
    if (life.waits(c.name) || (s && s->state != container_state::phase::created)) return false;
  }
  return true;
}

status_digest digest_of(const pod_lifecycle& life) {
  status_digest d;
  mix(d.urgent, phase_of(life));
  mix(d.urgent, life.reason());
  mix(d.urgent, life.message());
  mix(d.urgent, std::size_t{life.deleting()});
  for (const auto& c : life.containers()) {
    mix(d.urgent, std::size_t{life.ready(c)} * 2 + life.started(c));
    if (const auto* s = life.newest(c.name)) {
      mix(d.urgent, s->id);
      mix(d.urgent, static_cast<std::size_t>(s->state));
    }
    if (const auto why = life.waits(c.name)) {
      mix(d.urgent, why->reason);
      mix(d.rest, why->message);
    }
  }
  // Conditions of gates come from others.
  if (at(life.pod(), {"spec", "readinessGates"}).is_array())
    mix(d.rest, at(life.pod(), {"status", "conditions"}).dump());
  mix(d.rest, std::size_t{life.initialized()} * 2 + (life.sandbox() != nullptr));
  if (!life.state().sandboxes.empty())
    for (const auto& ip : life.state().sandboxes.front().ips) mix(d.rest, ip);
  return d;
}

std::vector<std::string> pod_ips(const json& status) {
  std::vector<std::string> out;
  for (const auto& ip : at(status, {"podIPs"})) out.push_back(string_at(ip, {"ip"}));
  return out;
}

json status_patch(const json& last, const json& now) {
  json out = json::object();
  for (const auto& [key, value] : now.items()) {
    const auto& before = at(last, {key});
    if (before == value) continue;
    if (key == "conditions" && before.is_array())
      out[key] = changed_conditions(before, value);
    else
      out[key] = value;
    // These merge by address: without this they would keep those that are gone.
    if ((key == "podIPs" || key == "hostIPs") && before.is_array())
      out[key].insert(out[key].begin(), json{{"$patch", "replace"}});
  }
  for (const char* key : {"reason", "message"})
    if (!at(last, {key}).is_null() && !now.contains(key)) out[key] = nullptr;
  if (out.contains("conditions") && out["conditions"].empty()) out.erase("conditions");
  return out;
}

json pod_status(const pod_lifecycle& life, const json& last, const status_context& x) {
  const auto& pod = life.pod();
  json s;
  const auto phase_now = phase_of(life);
  s["phase"] = phase_now;
  if (!life.reason().empty()) s["reason"] = life.reason();
  if (!life.message().empty()) s["message"] = life.message();
  s["conditions"] = conditions(life, phase_now, last, x.now);
  const auto qos = as_text(at(pod, {"status", "qosClass"}));
  s["qosClass"] = qos.empty() ? qos_class(at(pod, {"spec"})) : qos;
  s["startTime"] = string_at(last, {"startTime"}, to_rfc3339(x.first_seen));
  json host = json::array(), ips = json::array();
  for (const auto& ip : x.host_ips) host.push_back({{"ip", ip}});
  if (!host.empty()) {
    s["hostIP"] = x.host_ips.front();
    s["hostIPs"] = host;
  }
  const auto& networked = at(pod, {"spec", "hostNetwork"});
  if (networked.is_boolean() && networked.get<bool>()) {
    ips = host;
  } else if (!life.state().sandboxes.empty()) {
    for (const auto& ip : life.state().sandboxes.front().ips) ips.push_back({{"ip", ip}});
  }
  // The address of a pod that ended is still reported, as its last.
  if (ips.empty() && at(last, {"podIPs"}).is_array()) ips = last["podIPs"];
  if (!ips.empty()) {
    s["podIP"] = ips.front()["ip"];
    s["podIPs"] = ips;
  }
  for (const auto& c : life.containers()) {
    const char* list = c.kind == container_kind::main        ? "containerStatuses"
                       : c.kind == container_kind::ephemeral ? "ephemeralContainerStatuses"
                                                             : "initContainerStatuses";
    s[list].push_back(container_status(life, c, last, x));
  }
  return s;
}

}  // namespace troupe::model::kubelet
