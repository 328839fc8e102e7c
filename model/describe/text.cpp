#include "model/describe/text.hpp"

#include "model/output/tab_writer.hpp"
#include "model/table/event_summary.hpp"
#include "model/table/printers.hpp"

#include <algorithm>
#include <ctime>

namespace troupe::model {
namespace {

constexpr std::size_t max_annotation = 140;
constexpr std::string_view last_applied = "kubectl.kubernetes.io/last-applied-configuration";

std::vector<std::string> lines_of(std::string text) {
  std::vector<std::string> out;
  if (text.ends_with('\n')) text.pop_back();
  std::size_t start = 0;
  for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n', start)) {
    out.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  out.push_back(text.substr(start));
  return out;
}

}  // namespace

void describe_text::field(int level, std::string_view title, std::string_view value) {
  pending_.append(static_cast<std::size_t>(level) * 2, ' ').append(title).append(":\t");
  pending_.append(value).append("\n");
}

void describe_text::line(int level, std::string_view text) {
  pending_.append(static_cast<std::size_t>(level) * 2, ' ').append(text).append("\n");
}

void describe_text::labels(std::string_view title, const json& labels) {
  if (count_of(labels) == 0) return field(0, title, "<none>");
  std::string lead = std::string(title) + ":";
  for (const auto& [key, value] : labels.items()) {
    line(0, lead + "\t" + key + "=" + scalar_text(value));
    lead.clear();
  }
}

void describe_text::annotations(const json& annotations) {
  std::string lead = "Annotations:";
  if (annotations.is_object())
    for (const auto& [key, value] : annotations.items()) {
      if (key == last_applied) continue;
      const auto lines = lines_of(scalar_text(value));
      if (lines.size() == 1 && lines[0].size() + key.size() + 2 <= max_annotation) {
        line(0, lead + "\t" + key + ": " + lines[0]);
      } else {
        line(0, lead + "\t" + key + ":");
        for (const std::string& l : lines) {
          const bool cut = l.size() > max_annotation - 2;
          line(0, "\t  " + l.substr(0, max_annotation - 2) + std::string(cut ? "..." : ""));
        }
      }
      lead.clear();
    }
  if (!lead.empty()) field(0, "Annotations", "<none>");
}

void describe_text::events(const std::vector<json>* about, time_point now) {
  if (!about) return;
  const auto& events = *about;
  if (events.empty()) return field(0, "Events", "<none>");
  flush();
  std::vector<const json*> sorted;
  for (const json& e : events) sorted.push_back(&e);
  auto time = [](const json& e) {
    return string_at(e, {"lastTimestamp"}, string_at(e, {"eventTime"}));
  };
  std::stable_sort(sorted.begin(), sorted.end(),
                   [&](const json* a, const json* b) { return time(*a) < time(*b); });
  line(0, "Events:");
  line(1, "Type\tReason\tAge\tFrom\tMessage");
  line(1, "----\t------\t----\t----\t-------");
  for (const json* e : sorted) {
    const std::string from =
        string_at(*e, {"source", "component"}, string_at(*e, {"reportingComponent"}));
    line(1, string_at(*e, {"type"}) + "\t" + string_at(*e, {"reason"}) + "\t" +
                event_interval(*e, now) + "\t" +
                (from.empty() ? string_at(*e, {"reportingComponent"}) : from) + "\t" +
                summarize_event(*e, now).message);
  }
}

void describe_text::flush() {
  done_ += align_tabs(pending_, 0, 2);
  pending_.clear();
}

std::string describe_text::take() {
  flush();
  return std::move(done_);
}

std::string rfc1123(const json& time) {
  const auto t = time.is_string() ? from_rfc3339(time.get<std::string>()) : std::nullopt;
  if (!t) return "<unset>";
  const std::time_t seconds = std::chrono::system_clock::to_time_t(*t);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char out[40];
  const auto n = std::strftime(out, sizeof out, "%a, %d %b %Y %H:%M:%S +0000", &parts);
  return {out, n};
}

std::string scalar_text(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  return value.is_null() ? "<nil>" : value.dump();
}

std::string event_interval(const json& event, time_point now) {
  const json& event_time = at(event, {"eventTime"});
  std::string first =
      since(event_time.is_string() ? event_time : at(event, {"firstTimestamp"}), now);
  if (const json& series = at(event, {"series"}); series.is_object())
    return since(at(series, {"lastObservedTime"}), now) + " (x" + at(series, {"count"}).dump() +
           " over " + first + ")";
  const json& count = at(event, {"count"});
  if (!count.is_number_integer() || count <= 1) return first;
  return since(at(event, {"lastTimestamp"}), now) + " (x" + count.dump() + " over " + first + ")";
}

}  // namespace troupe::model
