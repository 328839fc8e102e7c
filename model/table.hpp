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

/// The columns that kubectl prints for a kind (printers/internalversion); name and time of creation
/// for kinds without their own.
std::vector<column> columns_of(const kind_info& kind);

/// One row's cells, in the order of columns_of(). `document` is in the version that is stored;
/// `now` is for ages.
std::vector<json> cells_of(const kind_info& kind, const json& document, time_point now);

/// How much of each object a Table carries with its rows (includeObject).
enum class include_object : std::uint8_t { none, metadata, object };

/// How a Table is to be written.
struct table_form {
  include_object include = include_object::metadata;
  bool columns = true;  ///< columnDefinitions are told; later events of a watch do without
  std::string_view version = "v1";  ///< of meta.k8s.io: v1 or v1beta1
};

/// metav1.Table as text, for a list (with its metadata) or for one object; also the body of a watch
/// event.
std::string table_text(const kind_info& kind, const std::vector<object_ptr>& objects,
                       const json& list_metadata, const table_form& form, time_point now);

}  // namespace troupe::model
