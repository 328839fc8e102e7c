#include "cli/output/table_printer.hpp"

#include "cli/output/colour.hpp"

#include <algorithm>
#include <cctype>

namespace troupe::cli {

using model::at;
using model::json;
using model::string_at;

namespace {

constexpr std::size_t min_width = 6;
constexpr std::size_t padding = 3;

std::size_t width_of(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

/// A cell's text; of several lines only the first.
std::string cell_text(const json& cell) {
  std::string out = cell.is_string() ? cell.get<std::string>()
                    : cell.is_null() ? "<none>"
                                     : cell.dump();
  if (const auto end = out.find_first_of("\n\r\f"); end != std::string::npos)
    out = out.substr(0, end) + "...";
  return harmless(out);
}

std::string upper(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

std::string labels_text(const json& labels) {
  std::string out;
  if (labels.is_object())
    for (const auto& [key, value] : labels.items())
      out += (out.empty() ? "" : ",") + key + "=" +
             (value.is_string() ? value.get<std::string>() : "");
  return out.empty() ? "<none>" : out;
}

}  // namespace

std::string aligned(const std::vector<std::vector<std::string>>& rows,
                    std::vector<std::size_t>& widths, const std::set<std::size_t>& statuses) {
  for (const auto& row : rows) {
    if (widths.size() < row.size()) widths.resize(row.size(), min_width);
    for (std::size_t i = 0; i < row.size(); ++i)
      widths[i] = std::max(widths[i], width_of(row[i]) + padding);
  }
  std::string out;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      out += statuses.contains(i) ? painted(row[i], status_colour(row[i])) : row[i];
      if (i + 1 < row.size()) out.append(widths[i] - width_of(row[i]), ' ');
    }
    out += '\n';
  }
  return out;
}

std::string aligned(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  return aligned(rows, widths);
}

std::set<std::size_t> status_columns(const std::vector<std::string>& head) {
  std::set<std::size_t> out;
  for (std::size_t i = 0; i < head.size(); ++i)
    if (head[i] == "STATUS" || head[i] == "TYPE" || head[i] == "CONDITION") out.insert(i);
  return out;
}

std::vector<std::string> table_printer::head() const {
  std::vector<std::string> out;
  if (options_.namespaces) out.push_back("NAMESPACE");
  for (const json& c : columns_)
    if (options_.wide || at(c, {"priority"}) == 0) out.push_back(upper(string_at(c, {"name"})));
  for (const auto& key : options_.label_columns)
    out.push_back(upper(key.substr(key.rfind('/') + 1)));
  if (options_.labels) out.push_back("LABELS");
  return out;
}

std::vector<std::string> table_printer::row_of(const json& row) const {
  std::vector<std::string> out;
  const json& meta = at(row, {"object", "metadata"});
  if (options_.namespaces) out.push_back(string_at(meta, {"namespace"}));
  const json& cells = at(row, {"cells"});
  for (std::size_t i = 0; i < cells.size() && i < columns_.size(); ++i) {
    if (!options_.wide && at(columns_[i], {"priority"}) != 0) continue;
    const bool names = string_at(columns_[i], {"format"}) == "name";
    out.push_back((names ? options_.name_prefix : "") + cell_text(cells[i]));
  }
  for (const auto& key : options_.label_columns) out.push_back(string_at(meta, {"labels", key}));
  if (options_.labels) out.push_back(labels_text(at(meta, {"labels"})));
  return out;
}

std::string table_printer::print(const json& table) {
  if (const json& columns = at(table, {"columnDefinitions"});
      columns.is_array() && !columns.empty())
    columns_ = columns;
  std::vector<std::vector<std::string>> rows;
  if (!headed_ && options_.headers) rows.push_back(head());
  headed_ = true;
  for (const json& row : at(table, {"rows"})) rows.push_back(row_of(row));
  return aligned(rows, widths_,
                 options_.colours ? status_columns(head()) : std::set<std::size_t>());
}

}  // namespace troupe::cli
