#include "model/custom/names.hpp"

#include "model/custom/approval.hpp"

#include <algorithm>
#include <set>

namespace troupe::model {
namespace {

struct condition {
  const char* type;
  bool status;
  std::string reason, message;
};

bool set_condition(json& definition, const condition& c, time_point now) {
  json& list = definition["status"]["conditions"];
  if (!list.is_array()) list = json::array();
  json made = {{"type", c.type},
               {"status", c.status ? "True" : "False"},
               {"lastTransitionTime", to_rfc3339(now)},
               {"reason", c.reason},
               {"message", c.message}};
  const auto found = std::ranges::find_if(
      list, [&](const json& other) { return string_at(other, {"type"}) == c.type; });
  if (found == list.end()) {
    list.push_back(std::move(made));
    return true;
  }
  if ((*found)["status"] == made["status"])
    made["lastTransitionTime"] = at(*found, {"lastTransitionTime"});
  if (*found == made) return false;
  *found = std::move(made);
  return true;
}

/// Names that the other definitions of a group have.
struct taken_names {
  std::set<std::string> resources, kinds;

  taken_names(const json& own, const std::vector<json>& others) {
    for (const json& other : others) {
      if (at(other, {"metadata", "name"}) == at(own, {"metadata", "name"}) ||
          at(other, {"spec", "group"}) != at(own, {"spec", "group"}))
        continue;
      const json& names = at(other, {"status", "acceptedNames"});
      for (const char* name : {"plural", "singular"}) add(resources, at(names, {name}));
      for (const json& name : at(names, {"shortNames"})) add(resources, name);
      for (const char* name : {"kind", "listKind"}) add(kinds, at(names, {name}));
    }
  }

 private:
  static void add(std::set<std::string>& to, const json& name) {
    if (name.is_string() && !name.get_ref<const std::string&>().empty())
      to.insert(name.get<std::string>());
  }
};

class judge_of_names {
 public:
  judge_of_names(const json& definition, const std::vector<json>& others)
      : wanted_(at(definition, {"spec", "names"})),
        had_(at(definition, {"status", "acceptedNames"})),
        taken_(definition, others) {}

  json accepted = json::object();
  std::string reason, message;  ///< empty: there is no conflict

  void run() {
    one("plural", taken_.resources, "PluralConflict");
    one("singular", taken_.resources, "SingularConflict");
    short_names();
    one("kind", taken_.kinds, "KindConflict");
    one("listKind", taken_.kinds, "ListKindConflict");
    if (const json& categories = at(wanted_, {"categories"}); !categories.empty())
      accepted["categories"] = categories;
  }

 private:
  void refuse(const char* why, const std::string& name) {
    reason = why;
    message = json(name).dump() + " is already in use";
  }

  void keep(const char* field) {
    const json& old = at(had_, {field});
    if (!old.is_null()) accepted[field] = old;
  }

  void one(const char* field, const std::set<std::string>& taken, const char* why) {
    const std::string name = string_at(wanted_, {field});
    if (taken.contains(name)) {
      refuse(why, name);
      return keep(field);
    }
    if (!name.empty()) accepted[field] = name;
  }

  void short_names() {
    const json& names = at(wanted_, {"shortNames"});
    for (const json& name : names)
      if (name.is_string() && taken_.resources.contains(name.get<std::string>())) {
        refuse("ShortNamesConflict", name.get<std::string>());
        return keep("shortNames");
      }
    if (!names.empty()) accepted["shortNames"] = names;
  }

  const json& wanted_;
  const json& had_;
  taken_names taken_;
};

/// Says whether the API of a group of the community's own has been reviewed.
bool tell_approval(json& definition, time_point now) {
  if (!needs_approval(string_at(definition, {"spec", "group"}))) return false;
  constexpr const char* reasons[] = {"MissingAnnotation", "ApprovedAnnotation",
                                     "UnapprovedAnnotation", "InvalidAnnotation"};
  const api_approval found = approval_of(definition);
  return set_condition(definition,
                       {"KubernetesAPIApprovalPolicyConformant", found.state == api_approval::given,
                        reasons[found.state], found.explained},
                       now);
}

}  // namespace

json names_of(const custom_definition& d) {
  json names = {{"plural", d.plural},
                {"singular", d.singular},
                {"kind", d.kind},
                {"listKind", d.list_kind},
                {"shortNames", d.short_names}};
  return {{"metadata", {{"name", d.object->key().name}}},
          {"spec", {{"group", d.group}}},
          {"status", {{"acceptedNames", std::move(names)}}}};
}

bool accept_names(json& definition, const std::vector<json>& others, time_point now) {
  judge_of_names judge(definition, others);
  judge.run();
  // What has no name at all has them empty, as Go writes them.
  for (const char* field : {"kind", "plural"})
    if (!judge.accepted.contains(field)) judge.accepted[field] = "";
  const bool accepted = judge.reason.empty();
  bool changed = false;
  json& names = definition["status"]["acceptedNames"];
  if (names != judge.accepted) {
    names = std::move(judge.accepted);
    changed = true;
  }
  changed |= tell_approval(definition, now);
  changed |=
      set_condition(definition,
                    accepted ? condition{"NamesAccepted", true, "NoConflicts", "no conflicts found"}
                             : condition{"NamesAccepted", false, judge.reason, judge.message},
                    now);
  // Once established it stays so, with the names it had.
  if (is_established(definition)) return changed;
  changed |= set_condition(
      definition,
      accepted ? condition{"Established", true, "InitialNamesAccepted",
                           "the initial names have been accepted"}
               : condition{"Established", false, "NotAccepted", "not all names are accepted"},
      now);
  return changed;
}

void hold_definition(json& definition, time_point now) {
  json& finalizers = definition["metadata"]["finalizers"];
  if (!finalizers.is_array()) finalizers = json::array();
  if (std::ranges::find(finalizers, json(cleanup_finalizer)) == finalizers.end())
    finalizers.push_back(cleanup_finalizer);
  set_condition(definition,
                {"Terminating", true, "InstanceDeletionPending",
                 "CustomResourceDefinition marked for deletion; CustomResource deletion will begin "
                 "soon"},
                now);
}

bool set_terminating(json& definition, bool done, time_point now) {
  return set_condition(
      definition,
      done ? condition{"Terminating", false, "InstanceDeletionCompleted", "removed all instances"}
           : condition{"Terminating", true, "InstanceDeletionInProgress",
                       "CustomResource deletion is in progress"},
      now);
}

}  // namespace troupe::model
