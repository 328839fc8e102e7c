#include "model/output/tab_writer.hpp"

#include <algorithm>
#include <vector>

namespace troupe::model {
namespace {

using line = std::vector<std::string_view>;  // The last element is no cell: no tab ends it.

std::vector<line> split(std::string_view text) {
  std::vector<line> out;
  while (!text.empty()) {
    const auto end = text.find('\n');
    std::string_view rest = text.substr(0, end);
    line cells;
    for (auto tab = rest.find('\t'); tab != std::string_view::npos; tab = rest.find('\t')) {
      cells.push_back(rest.substr(0, tab));
      rest.remove_prefix(tab + 1);
    }
    cells.push_back(rest);
    out.push_back(std::move(cells));
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return out;
}

/// Code points, which is what Go counts.
std::size_t width_of(std::string_view cell) {
  return static_cast<std::size_t>(std::count_if(cell.begin(), cell.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

}  // namespace

std::string align_tabs(std::string_view text, std::size_t min_width, std::size_t padding) {
  const auto lines = split(text);
  std::vector<std::vector<std::size_t>> widths(lines.size());
  std::size_t columns = 0;
  for (const line& l : lines) columns = std::max(columns, l.size() - 1);
  for (std::size_t column = 0; column < columns; ++column) {
    for (std::size_t first = 0; first < lines.size();) {
      std::size_t last = first, width = min_width;
      for (; last < lines.size() && lines[last].size() > column + 1; ++last)
        width = std::max(width, width_of(lines[last][column]) + padding);
      for (std::size_t i = first; i < last; ++i) widths[i].push_back(width);
      first = last + 1;
    }
  }
  std::string out;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const line& cells = lines[i];
    for (std::size_t column = 0; column + 1 < cells.size(); ++column) {
      out += cells[column];
      out.append(widths[i][column] - width_of(cells[column]), ' ');
    }
    out += cells.back();
    if (i + 1 < lines.size() || text.ends_with('\n')) out += '\n';
  }
  return out;
}

}  // namespace troupe::model
