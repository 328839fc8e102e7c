#include "cli/config/flags.hpp"

#include <algorithm>

namespace troupe::cli {
namespace {

std::string help_of(const option& o) {
  std::string help{o.help};
  if (!o.choices.empty()) help += " (" + std::string(o.choices) + ")";
  if (!o.fallback.empty()) help += " [" + std::string(o.fallback) + "]";
  return help;
}

}  // namespace

void flag_values::add_to(CLI::App& command, const std::vector<std::string_view>& paths) {
  for (const auto& o : options()) {
    if (o.flag.empty()) continue;
    if (!paths.empty() && std::find(paths.begin(), paths.end(), o.path) == paths.end()) continue;
    command.add_option_function<std::string>(
        std::string(o.flag), [this, &o](const std::string& text) { given_.emplace_back(&o, text); },
        help_of(o));
  }
}

void flag_values::apply(settings& s) const {
  for (const auto& [o, text] : given_) s.set(o->path, text, std::string(o->flag));
}

}  // namespace troupe::cli
