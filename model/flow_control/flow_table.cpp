#include "model/flow_control/flow_table.hpp"

#include <algorithm>
#include <map>
#include <tuple>

namespace troupe::model {
namespace {

using texts = std::vector<std::string>;

texts texts_of(const json& from, const char* name) {
  texts out;
  if (const json& list = at(from, {name}); list.is_array())
    for (const json& one : list)
      if (one.is_string()) out.push_back(one.get<std::string>());
  return out;
}

bool has(const texts& list, std::string_view wanted) {
  for (const auto& one : list)
    if (one == wanted || one == "*") return true;
  return false;
}

struct resource_rule {
  texts verbs, groups, resources, namespaces;
  bool cluster = false;

  bool matches(const request_info& r) const {
    if (!has(verbs, r.verb) || !has(groups, r.group)) return false;
    if (r.ns.empty() ? !cluster : !has(namespaces, r.ns)) return false;
    if (r.subresource.empty()) return has(resources, r.resource);
    return has(resources, r.resource + "/" + r.subresource);
  }
};

struct path_rule {
  texts verbs, paths;

  bool matches(const request_info& r) const {
    if (!has(verbs, r.verb)) return false;
    return std::ranges::any_of(paths, [&](std::string_view p) {
      if (p.ends_with('*')) return std::string_view(r.path).starts_with(p.substr(0, p.size() - 1));
      return p == r.path;
    });
  }
};

struct who_asks {
  enum class kind : std::uint8_t { user, group, account };
  kind what = kind::user;
  std::string name;    ///< "*": all
  std::string prefix;  ///< of the user names of a namespace's accounts

  bool matches(const subject& s) const {
    switch (what) {
      case kind::user:
        return name == "*" || name == s.name;
      case kind::group:
        return name == "*" || s.in(name);
      case kind::account:
        if (!s.name.starts_with(prefix)) return false;
        return name == "*" || s.name.substr(prefix.size()) == name;
    }
    return false;
  }
};

struct rule {
  std::vector<who_asks> subjects;
  std::vector<resource_rule> resources;
  std::vector<path_rule> paths;

  bool matches(const subject& s, const request_info& r) const {
    const auto fits = [&](const auto& one) { return one.matches(r); };
    if (!std::ranges::any_of(subjects, [&](const who_asks& w) { return w.matches(s); }))
      return false;
    return r.is_resource ? std::ranges::any_of(resources, fits) : std::ranges::any_of(paths, fits);
  }
};

who_asks read_subject(const json& from) {
  who_asks out;
  const auto kind = string_at(from, {"kind"});
  if (kind == "Group") {
    out.what = who_asks::kind::group;
    out.name = string_at(from, {"group", "name"});
  } else if (kind == "ServiceAccount") {
    out.what = who_asks::kind::account;
    out.name = string_at(from, {"serviceAccount", "name"});
    out.prefix = "system:serviceaccount:" + string_at(from, {"serviceAccount", "namespace"}) + ":";
  } else {
    out.name = string_at(from, {"user", "name"});
  }
  return out;
}

template <class F>
void each(const json& from, const char* list, F f) {
  if (const json& items = at(from, {list}); items.is_array())
    for (const json& one : items) f(one);
}

rule read_rule(const json& from) {
  rule out;
  each(from, "subjects", [&](const json& s) { out.subjects.push_back(read_subject(s)); });
  each(from, "resourceRules", [&](const json& r) {
    out.resources.push_back({texts_of(r, "verbs"), texts_of(r, "apiGroups"),
                             texts_of(r, "resources"), texts_of(r, "namespaces"),
                             at(r, {"clusterScope"}) == true});
  });
  each(from, "nonResourceRules", [&](const json& r) {
    out.paths.push_back({texts_of(r, "verbs"), texts_of(r, "nonResourceURLs")});
  });
  return out;
}

unsigned number_at(const json& from, std::initializer_list<const char*> path, unsigned otherwise) {
  const json* n = &from;
  for (const char* key : path) n = &at(*n, {key});
  return n->is_number_integer() && *n >= 0 ? n->get<unsigned>() : otherwise;
}

flow_level read_level(const json& from) {
  flow_level out;
  out.name = string_at(from, {"metadata", "name"});
  out.uid = string_at(from, {"metadata", "uid"});
  const json& spec = at(from, {"spec"});
  out.exempt = string_at(spec, {"type"}) == "Exempt";
  out.shares = number_at(spec, {out.exempt ? "exempt" : "limited", "nominalConcurrencyShares"},
                         out.exempt ? 0 : 30);
  const json& response = at(spec, {"limited", "limitResponse"});
  out.queues_requests = string_at(response, {"type"}) == "Queue";
  out.queues = std::max(1u, number_at(response, {"queuing", "queues"}, 64));
  out.hand = std::max(1u, number_at(response, {"queuing", "handSize"}, 8));
  out.length = std::max(1u, number_at(response, {"queuing", "queueLengthLimit"}, 50));
  out.lendable = number_at(spec, {out.exempt ? "exempt" : "limited", "lendablePercent"}, 0);
  const json& borrows = at(spec, {"limited", "borrowingLimitPercent"});
  if (borrows.is_number_integer() && borrows >= 0) out.borrowing = borrows.get<unsigned>();
  return out;
}

unsigned percent_of(unsigned seats, unsigned percent) {
  return static_cast<unsigned>((std::uint64_t{seats} * percent + 50) / 100);
}

/// From the percentages of a level's own part of the server's seats.
void set_bounds(flow_level& level, unsigned seats) {
  level.least = level.seats - std::min(level.seats, percent_of(level.seats, level.lendable));
  const unsigned borrowed =
      level.borrowing ? std::min(seats, percent_of(level.seats, *level.borrowing)) : seats;
  level.most = level.seats + borrowed;
}

std::uint64_t hash_of(std::string_view text, std::uint64_t h = 14695981039346656037u) {
  for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 1099511628211u;
  return h;
}

// FNV spreads its last bytes badly over the high bits, which dealing queues needs.
std::uint64_t stirred(std::uint64_t h) {
  h = (h ^ (h >> 33)) * 0xff51afd7ed558ccdu;
  h = (h ^ (h >> 33)) * 0xc4ceb9fe1a85ec53u;
  return h ^ (h >> 33);
}

}  // namespace

struct flow_table::schema {
  std::string name, uid;
  int precedence = 0;
  enum class by : std::uint8_t { nothing, user, ns } apart = by::nothing;
  const flow_level* level = nullptr;
  std::vector<rule> rules;
  std::uint64_t hash = 0;
};

flow_table::flow_table(const std::vector<json>& schemas, const std::vector<json>& levels,
                       unsigned seats) {
  std::map<std::string, const flow_level*> by_name;
  std::uint64_t shares = 0;
  std::vector<flow_level> read;
  for (const json& one : levels) {
    read.push_back(read_level(one));
    shares += read.back().shares;
  }
  for (auto& one : read) {
    // Rounded up, so that every level that has a share has a seat.
    if (shares > 0)
      one.seats = static_cast<unsigned>((std::uint64_t{seats} * one.shares + shares - 1) / shares);
    set_bounds(one, seats);
    levels_.push_back(std::make_unique<const flow_level>(std::move(one)));
    by_name[levels_.back()->name] = levels_.back().get();
  }
  for (const json& one : schemas) {
    schema s;
    s.name = string_at(one, {"metadata", "name"});
    s.uid = string_at(one, {"metadata", "uid"});
    const json& spec = at(one, {"spec"});
    const auto level = by_name.find(string_at(spec, {"priorityLevelConfiguration", "name"}));
    if (level == by_name.end()) continue;
    s.level = level->second;
    s.precedence = static_cast<int>(number_at(spec, {"matchingPrecedence"}, 1000));
    const auto apart = string_at(spec, {"distinguisherMethod", "type"});
    s.apart = apart == "ByUser"        ? schema::by::user
              : apart == "ByNamespace" ? schema::by::ns
                                       : schema::by::nothing;
    each(spec, "rules", [&](const json& r) { s.rules.push_back(read_rule(r)); });
    s.hash = hash_of(s.name);
    schemas_.push_back(std::move(s));
  }
  std::ranges::sort(schemas_, [](const schema& a, const schema& b) {
    return std::tie(a.precedence, a.name) < std::tie(b.precedence, b.name);
  });
}

flow_table::~flow_table() = default;

flow_match flow_table::classify(const subject& who, const request_info& what) const {
  for (const schema& s : schemas_) {
    if (!std::ranges::any_of(s.rules, [&](const rule& r) { return r.matches(who, what); }))
      continue;
    std::uint64_t flow = s.hash;
    if (s.apart == schema::by::user) flow = hash_of(who.name, flow);
    if (s.apart == schema::by::ns) flow = hash_of(what.ns, flow);
    return {s.uid, s.level, stirred(flow)};
  }
  return {};
}

bool is_long_running(const request_info& what) {
  if (what.verb == "watch") return true;
  const auto& sub = what.subresource;
  return sub == "log" || sub == "exec" || sub == "attach" || sub == "portforward" ||
         sub == "proxy" || sub.starts_with("proxy/");
}

}  // namespace troupe::model
