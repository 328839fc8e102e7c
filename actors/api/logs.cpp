#include "actors/api/logs.hpp"

#include "model/pod_connection.hpp"

#include <charconv>

namespace troupe::api {
namespace {

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
  auto container = model::choose_container(pod, key.name, c.info.parameter("container"));
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
