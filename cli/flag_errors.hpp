#pragma once

#include <CLI/CLI.hpp>

#include <string>

namespace troupe::cli {

/// What is said about a command line that does not parse, in kubectl's words, with the nearest flag
/// or command to what was typed. For CLI::App::failure_message.
std::string flag_failure(const CLI::App* app, const CLI::Error& error);

}  // namespace troupe::cli
