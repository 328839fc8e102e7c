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
  static constexpr std::array<std::string_view, 15> all{"sets.contains",
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
                                                        "format.dns1035LabelPrefix"};
  static constexpr std::array<std::string_view, 7> more{
      "format.labelValue", "format.uri",      "format.uuid",  "format.byte",
      "format.date",       "format.datetime", "strings.quote"};
  return std::ranges::find(all, name) != all.end() || std::ranges::find(more, name) != more.end();
}

}  // namespace troupe::model::cel
