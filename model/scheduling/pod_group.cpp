#include "model/scheduling/pod_group.hpp"

#include "model/owners.hpp"
#include "model/scheduling/explanation.hpp"
#include "model/selector.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

constexpr std::chrono::seconds default_timeout{60};

std::int64_t least_of(const json& pod_group) {
  const json& n = at(pod_group, {"spec", "minMember"});
  return std::max<std::int64_t>(1, n.is_number_integer() ? n.get<std::int64_t>() : 1);
}

std::string text_of(const object& o, const char* field) {
  const auto* value = find(o.header().fields, field);
  return value ? *value : std::string();
}

const char* phase_of(std::int64_t least, std::int64_t there, const json& counts) {
  const auto count = [&](const char* name) { return counts.at(name).get<std::int64_t>(); };
  const auto well = count("running") + count("succeeded");
  if (count("succeeded") >= least) return "Finished";
  if (count("failed") > 0 && well + count("failed") >= least) return "Failed";
  if (there < least) return "Pending";
  if (count("scheduled") < least) return "Scheduling";
  return well < least ? "Scheduled" : "Running";
}

}  // namespace

std::string pod_group_of(const std::string& ns, const string_pairs& labels) {
  const auto* name = find(labels, pod_group_label);
  if (!name || name->empty()) return {};
  std::string out = ns;
  return out.append("/").append(*name);
}

std::size_t min_member_of(const object& pod_group) {
  return static_cast<std::size_t>(least_of(pod_group.parse()));
}

std::optional<resources> min_resources_of(const object& pod_group) {
  const json document = pod_group.parse();
  const json& wanted = at(document, {"spec", "minResources"});
  if (!wanted.is_object() || wanted.empty()) return std::nullopt;
  auto out = resources::of(wanted);
  out.pods = least_of(document);
  return out;
}

void resource_gap::take_free(const resources& allocatable, const resources& used) {
  const auto take = [](std::int64_t& left, std::int64_t all, std::int64_t gone) {
    left = std::max<std::int64_t>(0, left - std::max<std::int64_t>(0, all - gone));
  };
  take(left_.cpu, allocatable.cpu, used.cpu);
  take(left_.memory, allocatable.memory, used.memory);
  take(left_.ephemeral, allocatable.ephemeral, used.ephemeral);
  take(left_.pods, allocatable.pods, used.pods);
  for (auto& [name, left] : left_.extended)
    take(left, allocatable.extended_amount(name), used.extended_amount(name));
}

bool resource_gap::closed() const {
  return left_.cpu == 0 && left_.memory == 0 && left_.ephemeral == 0 && left_.pods == 0 &&
         std::all_of(left_.extended.begin(), left_.extended.end(),
                     [](const auto& one) { return one.second == 0; });
}

std::string resource_gap::text() const {
  std::string out;
  const auto add = [&](const std::string& name, std::int64_t left) {
    if (left > 0) out += (out.empty() ? "" : ", ") + name + " " + amount_text(name, left);
  };
  add("cpu", left_.cpu);
  add("memory", left_.memory);
  add("ephemeral-storage", left_.ephemeral);
  add("pods", left_.pods);
  for (const auto& [name, left] : left_.extended) add(name, left);
  return out;
}

std::chrono::seconds schedule_timeout_of(const object& pod_group) {
  const json document = pod_group.parse();
  const json& n = at(document, {"spec", "scheduleTimeoutSeconds"});
  if (!n.is_number_integer() || n.get<std::int64_t>() <= 0) return default_timeout;
  return std::chrono::seconds(std::min<std::int64_t>(n.get<std::int64_t>(), INT32_MAX));
}

group_member::group_member(const object& pod)
    : placed(!text_of(pod, "spec.nodeName").empty()), phase(text_of(pod, "status.phase")) {
  if (pod.header().owners.empty()) return;
  std::vector<std::string> names;
  for (const auto& owner : owner_references(pod.parse()))
    names.push_back(pod.key().ns + "/" + owner.name);
  std::sort(names.begin(), names.end());
  for (const auto& name : names) owners += (owners.empty() ? "" : ",") + name;
}

json pod_group_status(const json& pod_group, const std::vector<const group_member*>& pods,
                      time_point now) {
  const json& before = at(pod_group, {"status"});
  const auto was = string_at(before, {"phase"});
  if (was == "Finished" || was == "Failed") return before;
  json status = before.is_object() ? before : json::object();
  const auto count = [&](const auto& is) {
    return std::count_if(pods.begin(), pods.end(), [&](const auto* p) { return is(*p); });
  };
  const auto in = [](const char* phase) {
    return [phase](const group_member& p) { return p.phase == phase; };
  };
  status["scheduled"] = count([](const group_member& p) { return p.placed; });
  status["running"] = count(in("Running"));
  status["succeeded"] = count(in("Succeeded"));
  status["failed"] = count(in("Failed"));
  const std::string phase =
      phase_of(least_of(pod_group), static_cast<std::int64_t>(pods.size()), status);
  status["phase"] = phase;
  if (phase == "Pending") return status;
  if (string_at(status, {"scheduleStartTime"}).empty())
    status["scheduleStartTime"] = to_rfc3339(now);
  if (string_at(status, {"occupiedBy"}).empty() && !pods.empty() && !pods.front()->owners.empty())
    status["occupiedBy"] = pods.front()->owners;
  return status;
}

}  // namespace troupe::model
