#include "model/request_timeout.hpp"

#include "model/go_duration.hpp"

namespace troupe::model {

std::optional<status> check_timeout(const request_info& info) {
  const auto given = info.parameter("timeout");
  if (given.empty()) return std::nullopt;
  double seconds = 0;
  const std::string fault = parse_go_duration(given, seconds);
  if (fault.empty()) return std::nullopt;
  return bad_request("invalid timeout specified in the request URL: " + fault);
}

}  // namespace troupe::model
