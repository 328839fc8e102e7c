#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::model {

using time_point = std::chrono::system_clock::time_point;

/// Where wall time comes from: actors take it in their options, so that tests bring their own.
using wall_clock = std::function<time_point()>;

/// The machine's clock.
wall_clock system_wall_clock();

/// metav1.Time: "2006-01-02T15:04:05Z".
std::string to_rfc3339(time_point t);
/// metav1.MicroTime: "2006-01-02T15:04:05.000000Z".
std::string to_rfc3339_micro(time_point t);
/// The zone may be Z or an offset, the fraction may be missing. Nothing when it is no RFC 3339
/// time.
std::optional<time_point> from_rfc3339(std::string_view text);

/// An age as kubectl prints it (apimachinery's duration.HumanDuration): "3s", "5m30s", "26h",
/// "3d4h", "2y12d".
std::string human_duration(std::chrono::seconds d);

}  // namespace troupe::model
