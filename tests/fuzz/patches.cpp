#include "model/patch/patch.hpp"
#include "tests/fuzz/target.hpp"

using namespace troupe::model;

// The input is a document and a patch, one a line.
void fuzz(std::string_view input) {
  const auto end = input.find('\n');
  if (end == input.npos) return;
  const auto document = parse_json(input.substr(0, end));
  const auto patch = parse_json(input.substr(end + 1));
  if (!document || !patch) return;
  json_patch(document.value, patch.value);
  const auto merged = merge_patch(document.value, patch.value);
  if (const auto* once = std::get_if<json>(&merged)) {
    const auto again = merge_patch(*once, patch.value);
    require(std::holds_alternative<json>(again) && std::get<json>(again) == *once,
            "a merge patch applied twice is another patch");
  }
  static const auto& pods = *schema::instance().by_kind("", "v1", "Pod");
  strategic_merge_patch(document.value, patch.value, *pods.type);
}

std::vector<std::string> seeds() {
  return {
      R"({"metadata":{"labels":{"a":"1"}},"spec":{"containers":[{"name":"x","image":"y"}]}})"
      "\n"
      R"({"spec":{"containers":[{"name":"x","image":"z"},{"$patch":"delete","name":"w"}]}})",
      R"({"a":{"b":[1,2,3]}})"
      "\n"
      R"([{"op":"test","path":"/a/b/0","value":1},{"op":"move","from":"/a/b/1","path":"/a/c"},{"op":"remove","path":"/a/b/-"}])",
      R"({"spec":{"tolerations":[{"key":"a"}]}})"
      "\n"
      R"({"spec":{"$setElementOrder/containers":[{"name":"x"}],"$retainKeys":["containers"],"tolerations":[{"$patch":"replace"}]},"metadata":{"finalizers":null,"$deleteFromPrimitiveList/finalizers":["x"]}})",
      "{\"a\":1}\n{\"a\":null}"};
}
