#pragma once

#include "model/describe/describe.hpp"

#include <string>
#include <string_view>

namespace troupe::model {

/// Collects lines whose cells are separated by tabs, and aligns them.
class describe_text {
 public:
  /// Adds "Title:\tvalue".
  void field(int level, std::string_view title, std::string_view value);
  /// Adds a line of text with tabs.
  void line(int level, std::string_view text);
  /// "Labels:" with one key=value a line.
  void labels(std::string_view title, const json& labels);
  /// "Annotations:" without the one that client-side apply keeps.
  void annotations(const json& annotations);
  /// The table of events.
  void events(const std::vector<json>* events, time_point now);
  /// Lines after this are aligned on their own.
  void flush();
  std::string take();

 private:
  std::string pending_;
  std::string done_;
};

/// "Mon, 02 Jan 2006 15:04:05 +0000"; the zone is UTC. "<unset>" without a time.
std::string rfc1123(const json& time);
/// A scalar as text.
std::string scalar_text(const json& value);

}  // namespace troupe::model
