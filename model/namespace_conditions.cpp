#include "model/namespace_conditions.hpp"

#include "model/binding.hpp"
#include "model/json_read.hpp"
#include "model/json_text.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

// "pods. has 2 resource instances, replicasets.apps has 1 resource instances"
std::string listing(const std::map<std::string, std::size_t>& counts, const char* verb) {
  std::vector<std::string> parts;
  parts.reserve(counts.size());
  for (const auto& [what, count] : counts)
    parts.push_back(what + verb + std::to_string(count) + " resource instances");
  std::sort(parts.begin(), parts.end());
  std::string out;
  for (const auto& part : parts) out += (out.empty() ? "" : ", ") + part;
  return out;
}

std::string failures_text(std::vector<std::string> failures) {
  std::sort(failures.begin(), failures.end());
  std::string out =
      "Failed to delete all resource types, " + std::to_string(failures.size()) + " remaining: ";
  for (std::size_t i = 0; i < failures.size(); ++i) out += (i == 0 ? "" : ", ") + failures[i];
  return out;
}

void count_finalizers(namespace_remains& left, const json& finalizers) {
  if (!finalizers.is_array()) return;
  for (const json& f : finalizers)
    if (f.is_string()) ++left.finalizers[f.get<std::string>()];
}

std::string undiscovered_text(std::vector<std::string> groups) {
  std::sort(groups.begin(), groups.end());
  std::string out = "Discovery failed for some groups, " + std::to_string(groups.size()) +
                    " failing: unable to retrieve the complete list of server APIs: ";
  for (std::size_t i = 0; i < groups.size(); ++i)
    out += (i == 0 ? "" : ", ") + groups[i] + ": stale GroupVersion discovery: " + groups[i];
  return out;
}

void set(json& ns, const char* type, bool bad, const char* reason, const std::string& message,
         time_point now) {
  set_condition(ns, type, bad ? "True" : "False", now, reason, message).erase("lastProbeTime");
}

}  // namespace

void add_remaining(namespace_remains& left, const object& o) {
  const std::string& resource = o.key().resource;
  ++left.resources[resource.find('.') == std::string::npos ? resource + "." : resource];
  // Most objects have none: they need not be looked at closely.
  if (!mentions(o.bytes(), "\"finalizers\"")) return;
  const auto text = member_text(o.text_of(part::metadata), "finalizers");
  if (text.starts_with('[')) count_finalizers(left, read_json(text));
}

void add_remaining(namespace_remains& left, const std::string& resource, const json& object) {
  ++left.resources[resource];
  count_finalizers(left, at(object, {"metadata", "finalizers"}));
}

bool set_namespace_conditions(json& ns, const namespace_remains& left, time_point now) {
  const json before = at(ns, {"status", "conditions"});
  const bool lost = !left.undiscovered.empty();
  set(ns, "NamespaceDeletionDiscoveryFailure", lost,
      lost ? "DiscoveryFailed" : "ResourcesDiscovered",
      lost ? undiscovered_text(left.undiscovered) : "All resources successfully discovered", now);
  set(ns, "NamespaceDeletionGroupVersionParsingFailure", false, "ParsedGroupVersions",
      "All legacy kube types successfully parsed", now);
  const bool failed = !left.failures.empty();
  set(ns, "NamespaceDeletionContentFailure", failed,
      failed ? "ContentDeletionFailed" : "ContentDeleted",
      failed ? failures_text(left.failures)
             : "All content successfully deleted, may be waiting on finalization",
      now);
  const bool some = !left.resources.empty();
  set(ns, "NamespaceContentRemaining", some, some ? "SomeResourcesRemain" : "ContentRemoved",
      some ? "Some resources are remaining: " + listing(left.resources, " has ")
           : "All content successfully removed",
      now);
  const bool held = !left.finalizers.empty();
  set(ns, "NamespaceFinalizersRemaining", held, held ? "SomeFinalizersRemain" : "ContentRemoved",
      held ? "Some content in the namespace has finalizers remaining: " +
                 listing(left.finalizers, " in ")
           : "All content successfully removed",
      now);
  return at(ns, {"status", "conditions"}) != before;
}

}  // namespace troupe::model
