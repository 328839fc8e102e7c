#include "cli/output/plain_table.hpp"

#include "model/members.hpp"
#include "model/table/printers.hpp"

namespace troupe::cli {

using model::json;

model::json table_of(json answer, model::time_point now) {
  if (model::text_of(answer, "kind") == "Table") return answer;
  json table = {{"kind", "Table"},
                {"metadata", model::value_of(answer, "metadata")},
                {"columnDefinitions", json::array()},
                {"rows", json::array()}};
  for (const char* name : {"Name", "Age"})
    table["columnDefinitions"].push_back({{"name", name}, {"type", "string"}, {"priority", 0}});
  const auto add = [&](const json& object) {
    table["rows"].push_back(
        {{"cells", {model::string_at(object, {"metadata", "name"}), model::age_of(object, now)}},
         {"object", object}});
  };
  if (!answer.contains("items")) {
    add(answer);
  } else {
    for (const json& item : model::items_of(answer, "items")) add(item);
  }
  return table;
}

}  // namespace troupe::cli
