#include "actors/api/logs.hpp"

#include <algorithm>
#include <charconv>

namespace troupe::api {
namespace {

std::vector<std::string> names(const json& pod, const char* list) {
  std::vector<std::string> out;
  if (const json& containers = model::at(pod, {"spec", list}); containers.is_array())
    for (const json& c : containers) out.push_back(model::string_at(c, {"name"}));
  return out;
}

std::string in_brackets(const std::vector<std::string>& all) {
  std::string out = "[";
  for (const auto& s : all) {
    if (out.size() > 1) out += ' ';
    out += s;
  }
  return out + "]";
}

std::variant<std::string, status> choose_container(const json& pod, std::string_view pod_name,
                                                   std::string_view wanted) {
  const auto containers = names(pod, "containers");
  const auto init = names(pod, "initContainers");
  const auto ephemeral = names(pod, "ephemeralContainers");
  if (wanted.empty()) {
    if (containers.size() == 1) return containers.front();
    std::string why = "a container name must be specified for pod " + std::string(pod_name) +
                      ", choose one of: " + in_brackets(containers);
    if (!init.empty()) why += " or one of the init containers: " + in_brackets(init);
    if (!ephemeral.empty()) why += " or one of the ephemeral containers: " + in_brackets(ephemeral);
    return model::bad_request(why);
  }
  for (const auto* all : {&containers, &init, &ephemeral})
    if (std::find(all->begin(), all->end(), wanted) != all->end()) return std::string(wanted);
  return model::bad_request("container " + std::string(wanted) + " is not valid for pod " +
                            std::string(pod_name));
}

// Reads an optional integer parameter that must be at least `least`.
std::optional<model::cause> read_integer(const model::request_info& info, const char* name,
                                         std::int64_t least, caf::optional<int64_t>& out) {
  const auto text = info.parameter(name);
  if (text.empty()) return std::nullopt;
  std::int64_t n = 0;
  const auto [p, ec] = std::from_chars(text.data(), text.data() + text.size(), n);
  if (ec == std::errc() && p == text.data() + text.size() && n >= least) {
    out = n;
    return std::nullopt;
  }
  return model::cause{"FieldValueInvalid",
                      "Invalid value: " + json(text).dump() +
                          ": must be greater than or equal to " + std::to_string(least),
                      name};
}

}  // namespace

std::variant<log_target, status> find_log(const call& c, const store::cache& objects) {
  const object_key key = c.key();
  const object_ptr stored = objects.get(key);
  if (!stored) return model::not_found(key);
  const json pod = stored->parse();
  auto container = choose_container(pod, key.name, c.info.parameter("container"));
  if (auto* bad = std::get_if<status>(&container)) return std::move(*bad);
  log_target t;
  t.node = model::string_at(pod, {"spec", "nodeName"});
  t.request.ns = key.ns;
  t.request.pod = key.name;
  t.request.uid = stored->header().uid;
  t.request.container = std::get<std::string>(container);
  t.request.follow = c.info.flag("follow");
  t.request.previous = c.info.flag("previous");
  t.request.timestamps = c.info.flag("timestamps");
  t.request.since_time = std::string(c.info.parameter("sinceTime"));
  std::vector<model::cause> causes;
  auto check = [&](std::optional<model::cause> bad) {
    if (bad) causes.push_back(std::move(*bad));
  };
  check(read_integer(c.info, "tailLines", 0, t.request.tail_lines));
  check(read_integer(c.info, "limitBytes", 1, t.request.limit_bytes));
  check(read_integer(c.info, "sinceSeconds", 1, t.request.since_seconds));
  if (!t.request.since_time.empty()) {
    if (!model::from_rfc3339(t.request.since_time))
      causes.push_back({"FieldValueInvalid",
                        "Invalid value: " + json(t.request.since_time).dump() +
                            ": must be a time as RFC 3339 writes it",
                        "sinceTime"});
    if (t.request.since_seconds)
      causes.push_back({"FieldValueForbidden",
                        "Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified",
                        "sinceTime"});
  }
  if (!causes.empty()) return model::invalid("", "PodLogOptions", key.name, std::move(causes));
  return t;
}

}  // namespace troupe::api
