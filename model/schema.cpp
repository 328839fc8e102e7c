#include "model/schema.hpp"

namespace troupe::model {

string_pairs selectable_fields(std::string_view, const json& document) {
  return {{"metadata.name", string_at(document, {"metadata", "name"})},
          {"metadata.namespace", string_at(document, {"metadata", "namespace"})}};
}

}  // namespace troupe::model
