#pragma once

#include "model/json.hpp"

#include <string>
#include <string_view>

namespace troupe::model {

/// Appends the text of a document, the same as dump()'s but several times as fast. Throws as dump()
/// does where a string is not UTF-8.
void append_text(std::string& out, const json& value);
/// The text itself.
std::string dump(const json& value);
/// Appends a string in quotes.
void append_quoted(std::string& out, std::string_view value);

/// Writes JSON text straight away, for documents too large to be built as values first. The caller
/// closes what it opens. Keys and strings must be UTF-8.
class json_writer {
 public:
  json_writer& open(char bracket);                        ///< an item of an array, or the document
  json_writer& open(std::string_view key, char bracket);  ///< a member; bracket is { or [
  json_writer& close(char bracket);                       ///< } or ]
  json_writer& text(std::string_view key, std::string_view value);
  json_writer& text(std::string_view item);
  json_writer& raw(std::string_view key, std::string_view json_text);

  std::string take() { return std::move(out_); }

 private:
  void separate();
  void key(std::string_view name);

  std::string out_;
  bool first_ = true;
};

}  // namespace troupe::model
