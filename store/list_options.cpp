#include "store/list_options.hpp"

#include "model/conversion.hpp"
#include "model/custom/fields.hpp"
#include "model/validation/path.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace troupe::store {
namespace {

template <class N>
bool read_number(std::string_view text, N& out) {
  const auto [p, ec] = std::from_chars(text.data(), text.data() + text.size(), out);
  return ec == std::errc() && p == text.data() + text.size();
}

// strconv's words, which clients get to see.
std::string not_a_number(const char* parser, std::string_view text) {
  const bool digits = text.find_first_not_of("0123456789") == text.npos;
  return "strconv." + std::string(parser) + ": parsing " + model::json(text).dump() +
         (digits ? ": value out of range" : ": invalid syntax");
}

std::optional<model::status> options_refused(model::faults& f) {
  if (f.empty()) return std::nullopt;
  return model::invalid("meta.k8s.io", "ListOptions", "", f.take());
}

const model::field_path match_path("resourceVersionMatch");

void check_continue(const model::request_info& info, model::faults& f) {
  if (!info.parameter("continue").empty())
    f.forbidden(match_path, "resourceVersionMatch is forbidden when continue is provided");
}

// The text with which a kind refuses to select by a field: each registers its own.
std::string field_refused(const model::kind_info& kind, const std::string& field) {
  if (kind.resource == "jobs.batch")
    return "field label " + model::json(field).dump() + " not supported for batchv1.Job";
  if (model::custom_of(kind)) return "field label not supported: " + field;
  if (kind.group == "apps" && !kind.field_selectors.empty())
    return "field label not supported for appsv1." + std::string(kind.kind) + ": " + field;
  if (!kind.field_selectors.empty()) return "field label not supported: " + field;
  return model::json(field).dump() +
         " is not a known field selector: only \"metadata.name\", \"metadata.namespace\"";
}

std::optional<model::status> resolve_fields(const model::kind_info& kind,
                                            model::field_selector& fields) {
  for (auto& term : fields.terms) {
    const std::string asked = std::exchange(term.field, model::stored_field(kind, term.field));
    const bool known =
        term.field == "metadata.name" ||
        (term.field == "metadata.namespace" && (kind.namespaced || kind.field_selectors.empty())) ||
        std::find(kind.field_selectors.begin(), kind.field_selectors.end(), term.field) !=
            kind.field_selectors.end();
    if (!known) return model::bad_request(field_refused(kind, asked));
  }
  return std::nullopt;
}

// A name in the path of a watch selects, too.
std::optional<model::status> add_name(const std::string& name, model::field_selector& fields) {
  if (name.empty()) return std::nullopt;
  if (fields.empty()) {
    fields.terms.push_back({"metadata.name", name, true});
    return std::nullopt;
  }
  const std::string* required = fields.required("metadata.name");
  if (required && *required == name) return std::nullopt;
  return model::bad_request("fieldSelector metadata.name doesn't match requested name");
}

}  // namespace

std::optional<model::status> check_list_options(const model::request_info& info) {
  static constexpr std::array<std::string_view, 3> matches{"Exact", "NotOlderThan", ""};
  model::faults f;
  if (const auto match = info.parameter("resourceVersionMatch"); !match.empty()) {
    const auto version = info.parameter("resourceVersion");
    if (version.empty())
      f.forbidden(match_path,
                  "resourceVersionMatch is forbidden unless resourceVersion is provided");
    check_continue(info, f);
    if (match != "Exact" && match != "NotOlderThan") f.not_supported(match_path, match, matches);
    if (match == "Exact" && version == "0")
      f.forbidden(match_path,
                  "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"");
  }
  if (info.query.contains("sendInitialEvents"))
    f.forbidden(model::field_path("sendInitialEvents"), "sendInitialEvents is forbidden for list");
  return options_refused(f);
}

std::optional<model::status> check_watch_options(const model::request_info& info) {
  static constexpr std::array<std::string_view, 1> matches{"NotOlderThan"};
  model::faults f;
  const auto match = info.parameter("resourceVersionMatch");
  const bool initial = info.query.contains("sendInitialEvents");
  if (initial && match != "NotOlderThan")
    f.forbidden(match_path,
                "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan");
  if (!match.empty()) {
    if (!initial)
      f.forbidden(match_path,
                  "resourceVersionMatch is forbidden for watch unless sendInitialEvents is "
                  "provided");
    if (match != "NotOlderThan") f.not_supported(match_path, match, matches);
    check_continue(info, f);
  }
  return options_refused(f);
}

std::variant<std::uint64_t, model::status> needed_version(const model::request_info& info) {
  auto named = named_version(info);
  // A watch from a version to come waits for its events, not for its version.
  if (info.verb == "watch" && !info.flag("sendInitialEvents") &&
      std::holds_alternative<std::uint64_t>(named))
    return std::uint64_t{0};
  return named;
}

std::variant<std::uint64_t, model::status> named_version(const model::request_info& info) {
  const auto text = info.parameter("resourceVersion");
  std::uint64_t version = 0;
  if (text.empty() || read_number(text, version)) return version;
  model::faults f;
  f.invalid(model::field_path("resourceVersion"), model::json(text),
            not_a_number("ParseUint", text));
  auto causes = f.take();
  if (info.verb == "watch")
    return model::invalid(info.group, info.resource, info.name, std::move(causes));
  return model::bad_request("invalid resource version: resourceVersion: " + causes[0].message);
}

model::status too_large_version(std::uint64_t wanted, std::uint64_t current) {
  model::status s =
      model::timeout("Timeout: Too large resource version: " + std::to_string(wanted) +
                     ", current: " + std::to_string(current));
  s.causes.push_back({"ResourceVersionTooLarge", "Too large resource version", ""});
  s.retry_after = 1;
  return s;
}

std::optional<std::int64_t> number_option(const model::request_info& info, const char* name) {
  std::int64_t n = 0;
  if (!read_number(info.parameter(name), n)) return std::nullopt;
  return n;
}

bool selection::matches(const object_ptr& object) const {
  if (!labels.matches(object->header().labels)) return false;
  return custom ? fields.matches(model::custom_fields(*custom, *object))
                : fields.matches(object->header().fields);
}

std::optional<model::object_key> selection::only(const model::kind_info& kind) const {
  const std::string* name = fields.required("metadata.name");
  if (!name || (kind.namespaced && ns.empty())) return std::nullopt;
  return model::object_key{std::string(kind.resource), ns, *name};
}

std::optional<topic> selection::subject(const model::kind_info& kind) const {
  if (const auto one = only(kind)) return topic{one->ns, one->name, {}, {}};
  for (const auto& term : fields.terms)
    if (!custom && term.equal && !term.value.empty() && !term.field.starts_with("metadata."))
      return topic{ns, {}, term.field, term.value};
  if (!ns.empty()) return topic{ns, {}, {}, {}};
  return std::nullopt;
}

std::variant<selection, model::status> selection_of(const model::request_info& info,
                                                    const model::kind_info& kind) {
  for (const char* option : {"limit", "timeoutSeconds"})
    if (const auto text = info.parameter(option); !text.empty() && !number_option(info, option))
      return model::bad_request(not_a_number("ParseInt", text));
  selection s;
  if (kind.namespaced) s.ns = info.ns;
  std::string error;
  auto labels = model::label_selector::parse(info.parameter("labelSelector"), error);
  if (!labels) return model::bad_request(error);
  auto fields = model::field_selector::parse(info.parameter("fieldSelector"), error);
  if (!fields) return model::bad_request(error);
  if (auto bad = resolve_fields(kind, *fields)) return *bad;
  if (auto bad = add_name(info.name, *fields)) return *bad;
  s.labels = std::move(*labels);
  s.fields = std::move(*fields);
  if (!s.fields.empty() && !kind.field_selectors.empty() && model::custom_of(kind))
    s.custom = &kind;
  return s;
}

}  // namespace troupe::store
