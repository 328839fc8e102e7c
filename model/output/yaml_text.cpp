#include "model/output/yaml_text.hpp"

#include <algorithm>
#include <array>
#include <regex>

namespace troupe::model {
namespace {

constexpr std::size_t fold_column = 80;

bool in(std::string_view set, char c) {
  return set.find(c) != std::string_view::npos;
}

/// Whether YAML 1.1 reads the plain text as something else than a string.
bool reads_as_other(const std::string& s) {
  static constexpr std::array<std::string_view, 36> words = {
      "",     "~",    "null", "Null", "NULL", "y",     "Y",     "yes",   "Yes",
      "YES",  "n",    "N",    "no",   "No",   "NO",    "on",    "On",    "ON",
      "off",  "Off",  "OFF",  "true", "True", "TRUE",  "false", "False", "FALSE",
      ".nan", ".NaN", ".NAN", ".inf", ".Inf", "+.inf", "-.inf", "<<",    ".INF"};
  if (std::find(words.begin(), words.end(), s) != words.end()) return true;
  if (!in("+-.0123456789", s[0]) || s.size() > 64) return false;
  static const std::regex number(
      "[-+]?(0b[01_]+|0x[0-9a-fA-F_]+|0o?[0-7_]+|[0-9][0-9_]*|"
      "(\\.[0-9]+|[0-9][0-9_]*(\\.[0-9_]*)?)([eE][-+]?[0-9]+)?)");
  static const std::regex sexagesimal("[-+]?[0-9][0-9_]*(:[0-5]?[0-9])+(\\.[0-9_]*)?");
  static const std::regex time(
      "[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt ][0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}.*)?");
  return std::regex_match(s, number) || std::regex_match(s, sexagesimal) ||
         std::regex_match(s, time);
}

/// What the characters of a text allow (libyaml's analysis).
struct analysis {
  bool plain = true;
  bool single = true;
  bool block = true;
};

analysis analyze(const std::string& s) {
  analysis a;
  bool special = false, space_break = false;
  if (s.starts_with("---") || s.starts_with("...")) a.plain = false;
  for (std::size_t i = 0; i < s.size(); ++i) {
    const char c = s[i];
    const bool ends_word = i + 1 >= s.size() || in(" \t\n\r", s[i + 1]);
    if (i == 0 && in("#,[]{}&*!|>'\"%@`", c)) a.plain = false;
    if (i == 0 && in("?-", c) && ends_word) a.plain = false;
    if (c == ':' && ends_word) a.plain = false;
    if (c == '#' && i > 0 && in(" \t\n", s[i - 1])) a.plain = false;
    if (c == '\n') {
      a.plain = false;
      if (i > 0 && s[i - 1] == ' ') space_break = true;
      if (i + 1 < s.size() && s[i + 1] == ' ') a.single = false;
    } else if ((static_cast<unsigned char>(c) < 0x20) || c == 0x7f) {
      special = true;
    }
  }
  if (!s.empty() && (s.front() == ' ' || s.back() == ' ')) a.plain = false;
  if (!s.empty() && s.back() == ' ') a.block = false;
  if (special || space_break) a.plain = a.single = a.block = false;
  return a;
}

class printer {
 public:
  std::string take() { return std::move(out_); }

  void value(const json& v, std::size_t indent, bool in_list) {
    if (v.is_object() && !v.empty()) {
      bool first = true;
      for (const auto& [key, member] : v.items()) {
        if (!first || !in_list) line(indent);
        first = false;
        scalar(key, indent);
        out_ += ':';
        nested(member, indent);
      }
    } else if (v.is_array() && !v.empty()) {
      bool first = true;
      for (const json& item : v) {
        if (!first || !in_list) line(indent);
        first = false;
        out_ += "- ";
        value(item, indent + 2, true);
      }
    } else if (v.is_string()) {
      scalar(v.get_ref<const std::string&>(), indent);
    } else {
      out_ += v.dump();
    }
  }

 private:
  void nested(const json& member, std::size_t indent) {
    const bool block = member.is_structured() && !member.empty();
    if (!block) out_ += ' ';
    value(member, block && member.is_object() ? indent + 2 : indent, false);
  }

  void line(std::size_t indent) {
    if (!out_.empty()) out_ += '\n';
    line_start_ = out_.size();
    out_.append(indent, ' ');
  }

  std::size_t column() const { return out_.size() - line_start_; }

  /// Scalars continue two columns further in than their key or list item.
  void scalar(const std::string& s, std::size_t indent) {
    const analysis a = analyze(s);
    if (s.find('\n') != std::string::npos) {
      if (a.block) return literal(s, indent + 2);
      return double_quoted(s, indent + 2);
    }
    if (reads_as_other(s)) return double_quoted(s, indent + 2);
    if (a.plain) return folded(s, indent + 2, false);
    if (!a.single) return double_quoted(s, indent + 2);
    out_ += '\'';
    folded(s, indent + 2, true);
    out_ += '\'';
  }

  void folded(const std::string& s, std::size_t indent, bool quoted) {
    for (std::size_t i = 0; i < s.size(); ++i) {
      const bool alone =
          s[i] == ' ' && i > 0 && i + 1 < s.size() && s[i - 1] != ' ' && s[i + 1] != ' ';
      if (alone && column() > fold_column) {
        line(indent);
        continue;
      }
      out_ += s[i];
      if (quoted && s[i] == '\'') out_ += '\'';
    }
  }

  void double_quoted(const std::string& s, std::size_t indent) {
    static constexpr char hex[] = "0123456789ABCDEF";
    out_ += '"';
    for (std::size_t i = 0; i < s.size(); ++i) {
      const char c = s[i];
      if (c == ' ' && column() > fold_column && i > 0 && i + 1 < s.size() && s[i - 1] != ' ') {
        line(indent);
        if (s[i + 1] == ' ') out_ += '\\';
      } else if (c == '"' || c == '\\') {
        out_.append(1, '\\').append(1, c);
      } else if (c == '\n') {
        out_ += "\\n";
      } else if (c == '\t') {
        out_ += "\\t";
      } else if (c == '\r') {
        out_ += "\\r";
      } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
        out_.append("\\x").append(1, hex[(c >> 4) & 15]).append(1, hex[c & 15]);
      } else {
        out_ += c;
      }
    }
    out_ += '"';
  }

  void literal(const std::string& s, std::size_t indent) {
    out_ += '|';
    if (s[0] == ' ' || s[0] == '\n') out_ += '2';
    if (s.back() != '\n') out_ += '-';
    if (s.ends_with("\n\n") || s == "\n") out_ += '+';
    std::size_t start = 0;
    while (start < s.size()) {
      const auto end = std::min(s.find('\n', start), s.size());
      line(end > start ? indent : 0);
      out_.append(s, start, end - start);
      start = end + 1;
    }
  }

  std::string out_;
  std::size_t line_start_ = 0;
};

}  // namespace

std::string yaml_text(const json& document) {
  printer p;
  p.value(document, 0, false);
  return p.take() + "\n";
}

}  // namespace troupe::model
