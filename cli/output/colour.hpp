#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace troupe::cli {

enum class colour : std::uint8_t { none, green, yellow, red };

/// The text in a terminal's colour.
std::string painted(const std::string& text, colour c);

/// What a status, condition or event type means for a person: green is well, yellow on its way, red
/// wrong. Knows the words of pods, nodes, namespaces, volumes, jobs, requests and events.
colour status_colour(std::string_view status);

/// A failure with its leading word in red: "error:", "Error from server (NotFound):".
std::string painted_failure(const std::string& failure);

/// The text with what would steer a terminal made visible, as kubectl does.
std::string harmless(const std::string& text);

/// Whether colours are wanted: `choice` is auto, always or never.
bool wants_colour(std::string_view choice, bool terminal);

/// --color without the flag: never where NO_COLOR is set or the terminal is dumb, else auto.
const char* default_colour();

}  // namespace troupe::cli
