#include "model/admission/limit_ranger.hpp"

#include "model/pod_amounts.hpp"

#include <algorithm>
#include <cstdio>

namespace troupe::model {
namespace {

constexpr const char* annotation = "kubernetes.io/limit-ranger";
constexpr const char* container_lists[] = {"initContainers", "containers"};

// A LimitRange, made once a version.
struct range_view {
  explicit range_view(const object& o) : limits(at(o.parse(), {"spec", "limits"})) {}
  json limits;
};

template <class F>
void each_limit(const std::vector<object_ptr>& ranges, const char* type, F use) {
  for (const auto& range : ranges) {
    const auto view = range->view<range_view>();
    for (const json& limit : view->limits)
      if (string_at(limit, {"type"}) == type) use(range->key().name, limit);
  }
}

// What a container does not say; a limit that it does say stands for the request.
void fill(json& container, const char* list, const json& defaults, std::vector<std::string>& set) {
  for (const auto& [resource, amount] : defaults.items()) {
    json& resources = container["resources"];
    if (!resources.is_object()) resources = json::object();
    if (!at(resources, {list, resource}).is_null()) continue;
    resources[list][resource] = amount;
    set.push_back(resource);
  }
}

std::string joined(std::vector<std::string> words) {
  std::ranges::sort(words);
  std::string out;
  for (const auto& word : words) out += (out.empty() ? "" : ", ") + word;
  return out;
}

void note_filled(std::string& notes, const json& container, const char* kind, const char* what,
                 std::vector<std::string> set) {
  if (set.empty()) return;
  notes += (notes.empty() ? "" : "; ") + joined(std::move(set)) + " " + what + " for " + kind +
           " " + string_at(container, {"name"});
}

struct bound {
  const resource_amounts& requests;
  const resource_amounts& limits;
  std::string type;  // "Pod", "Container", "PersistentVolumeClaim"
  std::vector<std::string>& faults;

  static const quantity* find(const resource_amounts& of, const std::string& resource) {
    const auto at = of.find(resource);
    return at == of.end() ? nullptr : &at->second;
  }

  void fault(const std::string& text) { faults.push_back(text); }

  void minimum(const std::string& resource, const quantity& least) {
    const auto* request = find(requests, resource);
    const auto* limit = find(limits, resource);
    const std::string usage = "minimum " + resource + " usage per " + type + " is " + least.text();
    if (!request) return fault(usage + ".  No request is specified");
    if (*request < least) return fault(usage + ", but request is " + request->text());
    if (limit && *limit < least) fault(usage + ", but limit is " + limit->text());
  }

  void maximum(const std::string& resource, const quantity& most) {
    const auto* request = find(requests, resource);
    const auto* limit = find(limits, resource);
    const std::string usage = "maximum " + resource + " usage per " + type + " is " + most.text();
    if (!limit) return fault(usage + ".  No limit is specified");
    if (*limit > most) return fault(usage + ", but limit is " + limit->text());
    if (request && *request > most) fault(usage + ", but request is " + request->text());
  }

  void request_maximum(const std::string& resource, const quantity& most) {
    const auto* request = find(requests, resource);
    const std::string usage = "maximum " + resource + " usage per " + type + " is " + most.text();
    if (!request) return fault(usage + ".  No request is specified");
    if (*request > most) fault(usage + ", but request is " + request->text());
  }

  void ratio(const std::string& resource, const quantity& most) {
    const auto* request = find(requests, resource);
    const auto* limit = find(limits, resource);
    const std::string wanted =
        resource + " max limit to request ratio per " + type + " is " + most.text();
    if (!request || request->zero())
      return fault(wanted + ", but no request is specified or request is 0");
    if (!limit || limit->zero()) return fault(wanted + ", but no limit is specified or limit is 0");
    const double observed =
        static_cast<double>(limit->milli_value()) / static_cast<double>(request->milli_value());
    const double allowed = static_cast<double>(most.milli_value()) / 1000.0;
    if (observed <= allowed) return;
    char text[32];
    std::snprintf(text, sizeof text, "%f", observed);
    fault(wanted + ", but provided ratio is " + text);
  }
};

void check(const json& limit, bound b, bool storage) {
  const auto each = [&](const char* field, auto rule) {
    for (const auto& [resource, amount] : amounts_of(at(limit, {field}))) rule(resource, amount);
  };
  each("min", [&](const auto& r, const auto& q) { b.minimum(r, q); });
  each("max", [&](const auto& r, const auto& q) {
    if (storage)
      b.request_maximum(r, q);
    else
      b.maximum(r, q);
  });
  each("maxLimitRequestRatio", [&](const auto& r, const auto& q) { b.ratio(r, q); });
}

void check_pod(const json& pod, const std::vector<object_ptr>& ranges,
               std::vector<std::string>& faults) {
  each_limit(ranges, "Container", [&](const std::string&, const json& limit) {
    for (const char* list : {"containers", "initContainers"})
      for (const json& c : at(pod, {"spec", list})) {
        const auto requests = amounts_of(at(c, {"resources", "requests"}));
        const auto limits = amounts_of(at(c, {"resources", "limits"}));
        check(limit, {requests, limits, "Container", faults}, false);
      }
  });
  each_limit(ranges, "Pod", [&](const std::string&, const json& limit) {
    const auto requests = pod_amounts(pod, "requests");
    const auto limits = pod_amounts(pod, "limits");
    check(limit, {requests, limits, "Pod", faults}, false);
  });
}

}  // namespace

void default_by_limit_ranges(json& pod, const std::vector<object_ptr>& ranges) {
  json& spec = pod["spec"];
  for (const auto& range : ranges) {
    std::string notes;
    each_limit({range}, "Container", [&](const std::string&, const json& limit) {
      for (const char* list : container_lists) {
        if (!at(spec, {list}).is_array()) continue;
        const char* kind = list == container_lists[0] ? "init container" : "container";
        for (json& container : spec[list]) {
          std::vector<std::string> requests;
          std::vector<std::string> limits;
          fill(container, "requests", at(limit, {"defaultRequest"}), requests);
          fill(container, "limits", at(limit, {"default"}), limits);
          note_filled(notes, container, kind, "request", std::move(requests));
          note_filled(notes, container, kind, "limit", std::move(limits));
        }
      }
    });
    if (!notes.empty())
      pod["metadata"]["annotations"][annotation] = "LimitRanger plugin set: " + notes;
  }
}

std::optional<status> check_limit_ranges(const object_key& key, const json& object,
                                         const std::vector<object_ptr>& ranges) {
  std::vector<std::string> faults;
  if (key.resource == "pods") check_pod(object, ranges, faults);
  if (key.resource == "persistentvolumeclaims")
    each_limit(ranges, "PersistentVolumeClaim", [&](const std::string&, const json& limit) {
      const auto requests = amounts_of(at(object, {"spec", "resources", "requests"}));
      check(limit, {requests, {}, "PersistentVolumeClaim", faults}, true);
    });
  if (faults.empty()) return std::nullopt;
  // As apimachinery prints an aggregate.
  std::string why = faults.front();
  if (faults.size() > 1) {
    why = "[" + why;
    for (std::size_t i = 1; i < faults.size(); ++i) why += ", " + faults[i];
    why += "]";
  }
  return forbidden(key, why);
}

}  // namespace troupe::model
