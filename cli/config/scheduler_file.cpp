#include "cli/config/scheduler_file.hpp"

#include "net/tls/files.hpp"

#include <algorithm>
#include <stdexcept>

namespace troupe::cli {

model::scheduler_config read_scheduler_file(const std::string& file,
                                            const scheduler::plugin_libraries& libraries) {
  auto read = model::read_scheduler_config(tls::read_file(file), libraries.known());
  if (const auto* fault = std::get_if<std::string>(&read))
    throw std::runtime_error(file + ": " + *fault);
  auto& config = std::get<model::scheduler_config>(read);
  try {
    for (auto& profile : config.profiles) libraries.equip(profile);
  } catch (const std::runtime_error& e) {
    throw std::runtime_error(file + ": " + e.what());
  }
  return std::move(config);
}

model::profile profile_for(const scheduler_flags& flags, const std::string& scheduler_name,
                           std::size_t& extenders) {
  extenders = 0;
  if (flags.config.empty()) {
    if (!flags.plugins.empty())
      throw std::runtime_error("--scheduler-plugins needs --scheduler-config, which names them");
    return {};
  }
  auto config = read_scheduler_file(flags.config, scheduler::plugin_libraries(flags.plugins));
  extenders = config.extenders.size();
  const auto at = std::find_if(config.profiles.begin(), config.profiles.end(),
                               [&](const auto& p) { return p.scheduler_name == scheduler_name; });
  if (at == config.profiles.end())
    throw std::runtime_error(flags.config + ": no profile of scheduler name \"" + scheduler_name +
                             "\"");
  return std::move(*at);
}

}  // namespace troupe::cli
