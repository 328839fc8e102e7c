#pragma once

#include "model/table.hpp"

#include <span>

namespace troupe::model {

/// How one resource is printed: its columns and the function that fills them.
struct printer {
  std::string_view resource;  ///< GroupResource; "" for those without a printer of their own
  std::vector<column> columns;
  std::vector<json> (*cells)(const json& document, time_point now);
};

/// The printers by subject, each in its file.
const printer& pod_printer();
const printer& node_printer();
const printer& event_printer();
const printer& certificate_request_printer();
const printer& service_printer();
std::span<const printer> simple_printers();

// What cells have in common.

/// "<unknown>" without a time, else how long ago it was.
std::string since(const json& time, time_point now);
/// The object's age.
std::string age_of(const json& document, time_point now);
std::string name_of(const json& document);
/// The text, or "<none>".
std::string or_none(std::string text);
std::size_t count_of(const json& container);

}  // namespace troupe::model
