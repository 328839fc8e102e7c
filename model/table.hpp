#pragma once

#include "model/object.hpp"
#include "model/schema.hpp"
#include "model/time.hpp"

#include <string>
#include <vector>

namespace troupe::model {

/// metav1.TableColumnDefinition.
struct column {
  std::string name;    ///< "Ready"
  std::string type;    ///< string, integer, date
  std::string format;  ///< "name" or ""
  std::string description;
  int priority = 0;  ///< above 0: only with -o wide
};

/// The columns that kubectl prints for a kind (printers/internalversion); name and age for kinds
/// without their own.
const std::vector<column>& columns_of(const kind_info& kind);

/// One row's cells, in the order of columns_of(). `now` is for ages.
std::vector<json> cells_of(const kind_info& kind, const json& document, time_point now);

/// How much of each object a Table carries with its rows (includeObject).
enum class include_object : std::uint8_t { none, metadata, object };

/// metav1.Table as text, for a list (with its metadata) or for one object; also the body of a watch
/// event.
std::string table_text(const kind_info& kind, const std::vector<object_ptr>& objects,
                       const json& list_metadata, include_object include, bool with_columns,
                       time_point now);

}  // namespace troupe::model
