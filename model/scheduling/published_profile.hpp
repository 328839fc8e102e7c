#pragma once

#include "model/json.hpp"
#include "model/scheduling/plugin_sets.hpp"
#include "model/scheduling/profile.hpp"

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace troupe::model {

/// Of the Lease of a scheduler name: the profile that its holder goes by, as published_profile_text
/// writes it. None: kube-scheduler's default profile.
inline constexpr const char* profile_annotation = "troupe.io/scheduler-profile";

/// What others are told of a profile, so that they decide as its scheduler would: JSON that
/// read_published_profile reads. `profile`: one of a configuration, decoded and defaulted;
/// `extenders`: those of the configuration, of which only what they manage and their number is
/// told, for the rest may be secret. Empty when it would be larger than an annotation should be.
std::string published_profile_text(const json& profile, const json& extenders,
                                   const plugin_registry& known);

/// Writes such a text into the Lease, or takes it out if it is empty.
void publish_profile(json& lease, const std::string& text);

struct published_profile {
  profile rules;
  std::size_t extenders = 0;  ///< HTTP services that have a say beside it
  /// Plugins of others that `known` lacks: they are left out of the rules.
  std::vector<std::string> missing;
};
/// `known`: all plugins that there are here. Else what is wrong with the text.
std::variant<published_profile, std::string> read_published_profile(std::string_view text,
                                                                    const plugin_registry& known);

}  // namespace troupe::model
