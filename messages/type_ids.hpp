#pragma once

#include <caf/type_id.hpp>

namespace troupe::ids {

// Where each header's block of type ids starts. A block may hold a hundred; types match by name
// between processes, so the numbers may move but a published struct's fields may not.
inline constexpr caf::type_id_t base = caf::first_custom_type_id;
inline constexpr caf::type_id_t common = base;
inline constexpr caf::type_id_t store = base + 100;
inline constexpr caf::type_id_t api = base + 200;
inline constexpr caf::type_id_t stream = base + 300;
inline constexpr caf::type_id_t node = base + 400;
inline constexpr caf::type_id_t scheduling = base + 500;
inline constexpr caf::type_id_t edge = base + 600;
inline constexpr caf::type_id_t peers = base + 700;
inline constexpr caf::type_id_t mirror = base + 800;
inline constexpr caf::type_id_t events = base + 900;
inline constexpr caf::type_id_t tunnel = base + 1000;

}  // namespace troupe::ids
