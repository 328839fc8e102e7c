#include "model/cel/libraries.hpp"

#include <algorithm>
#include <array>

namespace troupe::model::cel {

std::optional<value> call_library(const std::string& name, arguments& args, meter& m) {
  constexpr std::array all{call_url, call_ip, call_format, call_semver};
  for (const auto library : all)
    if (auto out = library(name, args, m)) return out;
  return std::nullopt;
}

bool is_dotted_function(std::string_view name) {
  static constexpr auto all = std::to_array<std::string_view>({"sets.contains",
                                                               "sets.equivalent",
                                                               "sets.intersects",
                                                               "optional.none",
                                                               "optional.of",
                                                               "optional.ofNonZeroValue",
                                                               "ip.isCanonical",
                                                               "format.named",
                                                               "format.dns1123Label",
                                                               "format.dns1123Subdomain",
                                                               "format.dns1035Label",
                                                               "format.qualifiedName",
                                                               "format.dns1123LabelPrefix",
                                                               "format.dns1123SubdomainPrefix",
                                                               "format.dns1035LabelPrefix",
                                                               "format.labelValue",
                                                               "format.uri",
                                                               "format.uuid",
                                                               "format.byte",
                                                               "format.date",
                                                               "format.datetime",
                                                               "strings.quote"});
  return std::ranges::find(all, name) != all.end();
}

}  // namespace troupe::model::cel
