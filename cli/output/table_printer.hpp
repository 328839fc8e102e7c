#pragma once

#include "model/json.hpp"

#include <set>
#include <string>
#include <vector>

namespace troupe::cli {

struct table_options {
  bool headers = true;
  bool wide = false;
  bool labels = false;                     ///< a LABELS column
  bool namespaces = false;                 ///< a NAMESPACE column
  std::vector<std::string> label_columns;  ///< labels with a column each
  std::string name_prefix;                 ///< "pod/" when several kinds are shown
  bool colours = false;                    ///< statuses painted by what they mean
};

/// Prints metav1.Tables as kubectl does. Keeps the widths and the columns of the tables before, so
/// that a watch's rows line up.
class table_printer {
 public:
  explicit table_printer(table_options options) : options_(std::move(options)) {}
  std::string print(const model::json& table);

 private:
  std::vector<std::string> row_of(const model::json& row) const;
  std::vector<std::string> head() const;

  table_options options_;
  model::json columns_;
  std::vector<std::size_t> widths_;
  bool headed_ = false;
};

/// Lines of cells in aligned columns; grows `widths` as needed. The columns of `statuses` are
/// painted by what their cells mean.
std::string aligned(const std::vector<std::vector<std::string>>& rows,
                    std::vector<std::size_t>& widths, const std::set<std::size_t>& statuses = {});
/// The same without statuses, as wide as these lines need.
std::string aligned(const std::vector<std::vector<std::string>>& rows);

/// The places of the columns that hold statuses, by their headers.
std::set<std::size_t> status_columns(const std::vector<std::string>& head);

}  // namespace troupe::cli
