#pragma once

#include "model/custom/kinds.hpp"
#include "model/document.hpp"

#include <cstdint>
#include <string_view>

namespace troupe::model {

/// What the client's Accept header asks for at /api and /apis; other paths know `plain` only.
enum class discovery_format : std::uint8_t {
  plain,               ///< APIVersions, APIGroupList
  aggregated_v2beta1,  ///< application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList
  aggregated_v2        ///< the same with v=v2
};

/// The first form in an Accept header that discovery can give.
discovery_format discovery_format_of(std::string_view accept);

/// The discovery document at /api, /apis, /api/v1, /apis/G or /apis/G/V, of the built-in kinds and
/// of `custom` ones; made once for each registry and shared.
document discovery_text(std::string_view path, discovery_format format = discovery_format::plain,
                        const custom_kinds& custom = {});

}  // namespace troupe::model
