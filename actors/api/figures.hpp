#pragma once

#include "actors/api/call.hpp"

#include <string_view>

namespace troupe::api {

/// Where kubelets report what their nodes use: PUT figures_path + NODE, with model::node_figures as
/// its body; an empty one says that nothing has changed since the last report (409 when that is no
/// longer known). No part of Kubernetes' API, and reached over actors only.
inline constexpr std::string_view figures_path = "/troupe.io/figures/";

/// Puts a report on the board; nothing when the request is for something else.
std::optional<api_response> take_figures(const api_request& request, const store::cache& objects,
                                         model::time_point now);

}  // namespace troupe::api
