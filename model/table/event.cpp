#include "model/table/columns.hpp"
#include "model/table/event_summary.hpp"

namespace troupe::model {
namespace {

std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

std::string trimmed(std::string text) {
  constexpr std::string_view blank = " \t\r\n";
  text.erase(text.find_last_not_of(blank) + 1);
  const auto start = text.find_first_not_of(blank);
  return start == std::string::npos ? "" : text.substr(start);
}

std::string first_of(std::string a, std::string b) {
  return a.empty() ? b : a;
}

std::vector<json> event_cells(const json& event, time_point now) {
  event_summary s = summarize_event(event, now);
  return {std::move(s.last_seen),
          string_at(event, {"type"}),
          string_at(event, {"reason"}),
          std::move(s.object),
          string_at(event, {"involvedObject", "fieldPath"}),
          std::move(s.source),
          std::move(s.message),
          std::move(s.first_seen),
          s.count,
          name_of(event)};
}

}  // namespace

event_summary summarize_event(const json& event, time_point now) {
  event_summary s;
  const json& first = at(event, {"firstTimestamp"});
  const json& last = at(event, {"lastTimestamp"});
  s.first_seen = since(first.is_string() ? first : at(event, {"eventTime"}), now);
  s.last_seen = last.is_string() ? since(last, now) : s.first_seen;
  const json& count = at(event, {"count"});
  s.count = count.is_number_integer() && count != 0 ? count.get<std::int64_t>() : 1;
  if (const json& series = at(event, {"series"}); series.is_object()) {
    s.last_seen = since(at(series, {"lastObservedTime"}), now);
    if (const json& n = at(series, {"count"}); n.is_number_integer())
      s.count = n.get<std::int64_t>();
  }
  const json& about = at(event, {"involvedObject"});
  s.object = lower(string_at(about, {"kind"}));
  if (auto name = string_at(about, {"name"}); !name.empty()) s.object += "/" + name;
  s.source =
      first_of(string_at(event, {"source", "component"}), string_at(event, {"reportingComponent"}));
  const std::string host =
      first_of(string_at(event, {"source", "host"}), string_at(event, {"reportingInstance"}));
  if (!host.empty()) s.source += ", " + host;
  s.message = trimmed(string_at(event, {"message"}));
  return s;
}

std::span<const printer> event_printers() {
  static const printer all[] = {
      {"events",
       {{{"Last Seen", "string", "", "Time since it happened last"}},
        {{"Type", "string", "", "Normal or Warning"}},
        {{"Reason", "string", "", "What happened, in one word"}},
        {{"Object", "string", "", "What it happened to"}},
        {{"Subobject", "string", "", "The field of the object it is about", 1}},
        {{"Source", "string", "", "Who reported it", 1}},
        {{"Message", "string", "", "What happened, for people"}},
        {{"First Seen", "string", "", "Time since it happened first", 1}},
        {{"Count", "string", "", "How often it happened", 1}},
        {{"Name", "string", "name", "The event's name", 1}}},
       event_cells}};
  return all;
}

}  // namespace troupe::model
