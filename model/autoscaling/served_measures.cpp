#include "model/autoscaling/served_measures.hpp"

#include "model/api_path.hpp"
#include "model/quantity.hpp"
#include "model/selector_text.hpp"

namespace troupe::model {
namespace {

constexpr std::string_view custom_group = "custom.metrics.k8s.io";
constexpr std::string_view external_group = "external.metrics.k8s.io";

void add_query(std::string& target, const char* name, const std::string& value) {
  if (value.empty()) return;
  target += target.find('?') == std::string::npos ? '?' : '&';
  target += name;
  target += '=';
  target += percent_encoded(value);
}

// The values of a reply in thousandths, by the names of the objects that they are of.
using value_list = std::vector<std::pair<std::string, std::int64_t>>;
value_list values_of(const json& list) {
  value_list out;
  for (const json& item : at(list, {"items"})) {
    const json& value = at(item, {"value"});
    const auto q = quantity::parse(value.is_string() ? value.get<std::string>() : value.dump());
    out.emplace_back(string_at(item, {"describedObject", "name"}), q ? q->milli_value() : 0);
  }
  return out;
}

// A metav1.LabelSelector as Go prints one with %+v.
std::string go_selector(const json& selector) {
  if (!selector.is_object()) return "nil";
  std::string labels, terms;
  for (const auto& [key, value] : at(selector, {"matchLabels"}).items())
    labels += key + ": " + value.get<std::string>() + ",";
  for (const json& term : at(selector, {"matchExpressions"})) {
    std::string listed;
    for (const json& v : at(term, {"values"}))
      listed += (listed.empty() ? "" : " ") + v.get<std::string>();
    terms += "LabelSelectorRequirement{Key:" + string_at(term, {"key"}) +
             ",Operator:" + string_at(term, {"operator"}) + ",Values:[" + listed + "],},";
  }
  return "&LabelSelector{MatchLabels:map[string]string{" + labels +
         "},MatchExpressions:[]LabelSelectorRequirement{" + terms + "},}";
}

// One of the three types of entries.
struct served {
  std::string member;  // of the entry
  const char* reason;
  std::string asked;    // before what went wrong
  std::string subject;  // between "unable to get ..." and why
  std::string name;     // of the measure
};

served pods_entry(const std::string& metric) {
  return {"pods", "FailedGetPodsMetric",
          "failed to get pods metric value: ", "metric " + metric + ": ", "pods metric " + metric};
}

// The order of the words is Kubernetes' own.
served object_entry(const json& source, const std::string& ns, const std::string& metric) {
  const auto kind = string_at(source, {"describedObject", "kind"});
  std::string subject = "metric " + metric + ": " + kind + " on " + ns + " ";
  subject += string_at(source, {"describedObject", "name"}) + "/";
  auto name = kind + " metric " + metric;
  if (!at(source, {"target", "averageValue"}).is_null())
    name =
        "external metric " + metric + "(" + go_selector(at(source, {"metric", "selector"})) + ")";
  return {"object", "FailedGetObjectMetric",
          "failed to get object metric value: ", std::move(subject), std::move(name)};
}

served external_entry(const json& source, const std::string& ns, const std::string& metric) {
  const auto selector = go_selector(at(source, {"metric", "selector"}));
  std::string subject = "external metric " + ns + "/";
  subject += metric + "/" + selector + ": ";
  return {"external", "FailedGetExternalMetric",
          "failed to get " + metric + " external metric value: ", std::move(subject),
          "external metric " + metric + "(" + selector + ")"};
}

served entry_of(const json& metric, const std::string& ns) {
  const auto type = string_at(metric, {"type"});
  if (type == "Pods") return pods_entry(string_at(metric, {"pods", "metric", "name"}));
  const char* member = type == "Object" ? "object" : "external";
  const json& source = at(metric, {member});
  const auto name = string_at(source, {"metric", "name"});
  return type == "Object" ? object_entry(source, ns, name) : external_entry(source, ns, name);
}

// Why there are no values; empty: there are.
std::string fault_of(const json& metric, const measure_reply* reply, const value_list& found) {
  const bool external = measure_group(metric) == external_group;
  const std::string api = external ? "external metrics API" : "custom metrics API";
  std::string why;
  if (!reply && external)
    why = "the server could not find the requested resource (get " +
          string_at(metric, {"external", "metric", "name"}) + ".external.metrics.k8s.io)";
  else if (!reply)
    why = "no custom metrics API (custom.metrics.k8s.io) registered";
  else
    why = reply->failure;
  if (!why.empty()) return "unable to fetch metrics from " + api + ": " + why;
  return found.empty() ? "no metrics returned from " + api : "";
}

// By the target's one member: the proposal, and the member of the status that says the current
// value.
struct judged {
  replica_answer answer;
  const char* shown = nullptr;
  std::int64_t current = 0;
};

judged judge_values(const json& target, const measure_question& q, const value_list& found,
                    bool for_each) {
  judged out;
  if (for_each) {
    std::map<std::string, std::int64_t> by_pod(found.begin(), found.end());
    out.answer = replicas_by_given_values(q.pods, std::move(by_pod), q.replicas,
                                          target_milli(target, "averageValue"), q.now);
    out.shown = "averageValue";
    if (const auto* p = std::get_if<replica_proposal>(&out.answer)) out.current = p->average;
    return out;
  }
  std::int64_t sum = 0;
  for (const auto& [name, value] : found) sum += value;
  if (!at(target, {"value"}).is_null()) {
    const auto wanted = static_cast<double>(target_milli(target, "value"));
    out.answer = replicas_by_ratio(q.pods, q.replicas, static_cast<double>(sum) / wanted);
    out.shown = "value";
    out.current = sum;
  } else {
    const auto shared =
        replicas_by_share(q.status_replicas, sum, target_milli(target, "averageValue"));
    out.answer = shared;
    out.shown = "averageValue";
    out.current = shared.average;
  }
  return out;
}

}  // namespace

std::string_view measure_group(const json& metric) {
  const auto type = string_at(metric, {"type"});
  if (type == "Pods" || type == "Object") return custom_group;
  return type == "External" ? external_group : std::string_view();
}

std::string measure_target(const json& metric, const measure_request& r) {
  const auto type = string_at(metric, {"type"});
  std::string out = "/apis/";
  out += measure_group(metric);
  out += "/" + r.version + "/namespaces/" + r.ns + "/";
  const json& source = at(metric, {type == "Pods"     ? "pods"
                                   : type == "Object" ? "object"
                                                      : "external"});
  const auto name = percent_encoded(string_at(source, {"metric", "name"}));
  const json& selector = at(source, {"metric", "selector"});
  const std::string labels = selector.is_object() ? selector_text(selector) : std::string();
  if (type == "External") {
    out += name;
    add_query(out, "labelSelector", labels);
    return out;
  }
  if (type == "Pods")
    out += "pods/*/";
  else if (r.resource == "namespaces")
    out += "metrics/";  // of the autoscaler's own namespace, whatever it is called there
  else
    out += r.resource + "/" + percent_encoded(string_at(source, {"describedObject", "name"})) + "/";
  out += name;
  if (type == "Pods") add_query(out, "labelSelector", r.pods);
  add_query(out, "metricLabelSelector", labels);
  return out;
}

measure_answer judge_served(const json& metric, const measure_question& q,
                            const measure_reply* reply) {
  const auto entry = entry_of(metric, q.ns);
  const auto failed = [&](const std::string& why) {
    return measure_failure(entry.reason, why, entry.asked);
  };
  const json& source = at(metric, {entry.member});
  const json& target = at(source, {"target"});
  const auto found = reply ? values_of(reply->list) : value_list();
  if (const auto fault = fault_of(metric, reply, found); !fault.empty())
    return failed("unable to get " + entry.subject + fault);
  if (at(target, {"value"}).is_null() && at(target, {"averageValue"}).is_null())
    return failed("invalid " + entry.member +
                  " metric source: neither a value target nor an average value target was set");
  auto verdict = judge_values(target, q, found, entry.member == "pods");
  if (const auto* bad = std::get_if<std::string>(&verdict.answer)) return failed(*bad);
  measure_answer out;
  out.replicas = std::get<replica_proposal>(verdict.answer).replicas;
  out.name = entry.name;
  json status = {{"metric", at(source, {"metric"})}};
  status["current"][verdict.shown] = quantity::of_milli(verdict.current).text();
  if (source.contains("describedObject")) status["describedObject"] = source["describedObject"];
  out.status = {{"type", at(metric, {"type"})}};
  out.status[entry.member] = std::move(status);
  return out;
}

}  // namespace troupe::model
