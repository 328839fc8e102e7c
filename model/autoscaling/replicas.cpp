#include "model/autoscaling/replicas.hpp"

#include "model/pod_amounts.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

namespace troupe::model {
namespace {

using values = std::map<std::string, std::int64_t>;  // by pod, in thousandths

std::int64_t milli_of(const figure& f, std::string_view resource) {
  if (resource == "memory") return f.memory * 1000;
  return (f.nano_cores + 999'999) / 1'000'000;
}

// What the metrics API says, or why it does not.
std::variant<values, std::string> measure(const measured_pods& pods, std::string_view ns,
                                          std::string_view resource, std::string_view container) {
  const bool known = resource == "cpu" || resource == "memory";
  values out;
  bool any = false;
  for (const auto& p : pods) {
    if (!p.figures) continue;
    any = true;
    std::int64_t sum = 0;
    bool found = container.empty();
    for (const auto& c : p.figures->containers) {
      if (!container.empty() && c.name != container) continue;
      found = true;
      sum += milli_of(c.use, resource);
    }
    if (!found)
      return "container " + std::string(container) + " not present in metrics for pod " +
             std::string(ns) + "/" + p.pod.name;
    if (known) out[p.pod.name] = sum;
  }
  if (!any) return "no metrics returned from resource metrics API";
  return out;
}

// kube's groupPods.
struct groups {
  std::int64_t ready = 0;
  std::set<std::string> unready, missing, ignored;
};

bool counts_as_unready(const measured_pod& p, time_point now) {
  const auto& pod = p.pod;
  if (pod.ready.empty() || !pod.started || !pod.ready_since) return true;
  const bool not_ready = pod.ready == "False";
  if (*pod.started + cpu_initialization_period > now)
    return not_ready || p.at < *pod.ready_since + p.window;
  return not_ready && *pod.started + initial_readiness_delay > *pod.ready_since;
}

groups group(const measured_pods& pods, const values& measured, std::string_view resource,
             time_point now) {
  groups g;
  for (const auto& p : pods) {
    const auto& name = p.pod.name;
    const bool pending = p.pod.phase == "Pending" || p.pod.phase.empty();
    const bool known = measured.contains(name);
    if (p.pod.deleting || p.pod.phase == "Failed")
      g.ignored.insert(name);
    else if (pending || (known && resource == "cpu" && counts_as_unready(p, now)))
      g.unready.insert(name);
    else if (!known)
      g.missing.insert(name);
    else
      ++g.ready;
  }
  return g;
}

std::variant<values, std::string> requests_of(const measured_pods& pods, std::string_view resource,
                                              std::string_view container) {
  values out;
  for (const auto& p : pods) {
    std::int64_t sum = 0;
    for (const auto& [name, amounts] : p.pod.requests) {
      if (!container.empty() && container != name) continue;
      const auto request = amounts.find(std::string(resource));
      if (request == amounts.end())
        return "missing request for " + std::string(resource) + " in container " + name +
               " of Pod " + p.pod.name;
      sum += request->second;
    }
    out[p.pod.name] = sum;
  }
  return out;
}

std::int64_t rounded_up(double replicas) {
  constexpr double most = std::numeric_limits<std::int32_t>::max();
  return static_cast<std::int64_t>(std::min(most, std::ceil(replicas)));
}

// How far what is used is from the target, with the figures it comes from.
struct ratio {
  double value = 0;
  replica_proposal figures;
};
using ratio_answer = std::variant<ratio, std::string>;

// Both calculations, which differ in how values become a ratio and what a pod counts that was not
// measured.
struct calculation {
  const measured_pods& pods;
  std::int64_t current;
  std::string_view resource;
  time_point now;

  template <class Ratio, class Fallback>
  replica_answer run(values measured, Ratio ratio_of, Fallback fallback) const {
    if (pods.empty()) return "no pods returned by selector while calculating replica count";
    const auto g = group(pods, measured, resource, now);
    for (const auto* without : {&g.ignored, &g.unready})
      for (const auto& name : *without) measured.erase(name);
    if (measured.empty())
      return "did not receive metrics for targeted pods (pods might be unready)";
    const ratio_answer first = ratio_of(measured);
    if (const auto* bad = std::get_if<std::string>(&first)) return *bad;
    const auto& [used, figures] = std::get<ratio>(first);
    const auto proposing = [&shown = figures](std::int64_t replicas) {
      auto out = shown;
      out.replicas = replicas;
      return out;
    };
    const bool up_with_unready = !g.unready.empty() && used > 1.0;
    if (!up_with_unready && g.missing.empty())
      return proposing(near(used) ? current : rounded_up(used * static_cast<double>(g.ready)));
    if (used != 1.0)
      for (const auto& name : g.missing) measured[name] = used < 1.0 ? fallback(name) : 0;
    if (up_with_unready)
      for (const auto& name : g.unready) measured[name] = 0;
    const ratio_answer second = ratio_of(measured);
    if (const auto* bad = std::get_if<std::string>(&second)) return *bad;
    const double then = std::get<ratio>(second).value;
    const bool turned = (used < 1.0 && then > 1.0) || (used > 1.0 && then < 1.0);
    if (near(then) || turned) return proposing(current);
    const auto replicas = rounded_up(then * static_cast<double>(measured.size()));
    const bool wrong_way = (then < 1.0 && replicas > current) || (then > 1.0 && replicas < current);
    return proposing(wrong_way ? current : replicas);
  }

  static bool near(double r) { return std::abs(1.0 - r) <= autoscaling_tolerance; }
};

ratio_answer utilization_ratio(const values& measured, const values& requests,
                               std::int64_t target) {
  std::int64_t used = 0, asked = 0, entries = 0;
  for (const auto& [name, value] : measured) {
    const auto request = requests.find(name);
    if (request == requests.end()) continue;
    used += value;
    asked += request->second;
    ++entries;
  }
  if (asked == 0) return "no metrics returned matched known pods";
  const auto percent = used * 100 / asked;
  return ratio{static_cast<double>(percent) / static_cast<double>(target),
               {0, percent, used / entries}};
}

replica_answer average_of(const calculation& c, values measured, std::int64_t target) {
  return c.run(
      std::move(measured),
      [&](const values& v) -> ratio_answer {
        std::int64_t sum = 0;
        for (const auto& [name, value] : v) sum += value;
        const auto average = sum / static_cast<std::int64_t>(v.size());
        return ratio{static_cast<double>(average) / static_cast<double>(target), {0, 0, average}};
      },
      [&](const std::string&) { return target; });
}

}  // namespace

autoscaled_pod::autoscaled_pod(const object& o)
    : name(o.key().name), deleting(o.header().deleting) {
  const json pod = o.parse();
  phase = string_at(pod, {"status", "phase"});
  started = from_rfc3339(string_at(pod, {"status", "startTime"}));
  for (const json& c : at(pod, {"status", "conditions"}))
    if (string_at(c, {"type"}) == "Ready") {
      ready = string_at(c, {"status"});
      ready_since = from_rfc3339(string_at(c, {"lastTransitionTime"}));
    }
  const auto add = [this](const json& c) {
    auto& of = requests.emplace_back(string_at(c, {"name"}), std::map<std::string, std::int64_t>{});
    for (const auto& [resource, amount] : amounts_of(at(c, {"resources", "requests"})))
      of.second[resource] = amount.milli_value();
  };
  for (const json& c : at(pod, {"spec", "containers"})) add(c);
  for (const json& c : at(pod, {"spec", "initContainers"}))
    if (string_at(c, {"restartPolicy"}) == "Always") add(c);
}

replica_answer replicas_by_utilization(const measured_pods& pods, std::string_view ns,
                                       std::int64_t current, std::int64_t target,
                                       std::string_view resource, std::string_view container,
                                       time_point now) {
  auto measured = measure(pods, ns, resource, container);
  if (const auto* bad = std::get_if<std::string>(&measured))
    return "unable to get metrics for resource " + std::string(resource) + ": " + *bad;
  const auto asked = requests_of(pods, resource, container);
  const calculation c{pods, current, resource, now};
  const auto* requests = std::get_if<values>(&asked);
  return c.run(
      std::get<values>(std::move(measured)),
      [&](const values& v) -> ratio_answer {
        if (!requests) return std::get<std::string>(asked);
        return utilization_ratio(v, *requests, target);
      },
      // One that says nothing is taken to use all that it asked for, or that it may.
      [&](const std::string& name) {
        return requests->at(name) * std::max<std::int64_t>(100, target) / 100;
      });
}

replica_answer replicas_by_value(const measured_pods& pods, std::string_view ns,
                                 std::int64_t current, std::int64_t target,
                                 std::string_view resource, std::string_view container,
                                 time_point now) {
  auto measured = measure(pods, ns, resource, container);
  if (const auto* bad = std::get_if<std::string>(&measured))
    return "unable to get metrics for resource " + std::string(resource) + ": " + *bad;
  const calculation c{pods, current, resource, now};
  return average_of(c, std::get<values>(std::move(measured)), target);
}

replica_answer replicas_by_given_values(const measured_pods& pods,
                                        std::map<std::string, std::int64_t> given,
                                        std::int64_t current, std::int64_t target, time_point now) {
  return average_of({pods, current, {}, now}, std::move(given), target);
}

replica_answer replicas_by_ratio(const measured_pods& pods, std::int64_t current, double used) {
  replica_proposal out;
  out.replicas = current;
  if (current != 0 && calculation::near(used)) return out;
  double ready = 1;  // from none a workload starts with what the value alone asks for
  if (current != 0) {
    if (pods.empty())
      return "unable to calculate ready pods: no pods returned by selector while calculating "
             "replica count";
    ready = static_cast<double>(std::count_if(pods.begin(), pods.end(), [](const auto& p) {
      return p.pod.phase == "Running" && p.pod.ready == "True";
    }));
  }
  out.replicas = rounded_up(used * ready);
  return out;
}

replica_proposal replicas_by_share(std::int64_t current, std::int64_t sum, std::int64_t target) {
  replica_proposal out;
  out.replicas = current;
  const auto all = static_cast<double>(sum);
  const auto each = static_cast<double>(target);
  if (current == 0 || !calculation::near(all / (each * static_cast<double>(current))))
    out.replicas = rounded_up(all / each);
  out.average =
      current == 0 ? sum : static_cast<std::int64_t>(std::ceil(all / static_cast<double>(current)));
  return out;
}

}  // namespace troupe::model
