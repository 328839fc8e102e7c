#pragma once

#include "actors/kubelet/probe_net.hpp"

#include <optional>
#include <string_view>

namespace troupe {

/// Whether answers of that code say where to ask instead.
bool is_redirect(int code);

/// Whom a Location header of an answer of `from` leads to; none: no server that can be asked.
std::optional<http_target> redirected(const http_target& from, std::string_view location);

/// The value of the Location header among the headers of an answer; empty without one.
std::string_view location_of(std::string_view head);

}  // namespace troupe
