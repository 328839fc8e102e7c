#include "model/hooks/conversion_review.hpp"
#include "model/hooks/review.hpp"
#include "tests/fuzz/target.hpp"

using namespace troupe::model;

namespace {

hook some_hook() {
  const json webhook = {{"name", "h"}, {"admissionReviewVersions", {"v1"}}};
  return read_hooks({{"metadata", {{"name", "c"}}}, {"webhooks", json::array({webhook})}}).at(0);
}

}  // namespace

// The input is what a webhook answers.
void fuzz(std::string_view input) {
  static const hook h = some_hook();
  static const std::vector<json> objects{
      json::parse(R"({"apiVersion":"g/v1","kind":"K","metadata":{"name":"x"}})")};
  const std::string body(input);
  const auto a = read_review(h, "u", 200, body, true);
  require(a.error.empty() || !a.allowed || a.patch.is_null(), "a bad answer has a patch");
  if (a.error.empty() && !a.allowed) require(a.refusal.code >= 400, "a refusal is no failure");
  if (a.patch.is_array()) {
    hook_request r;
    r.kind = schema::instance().by_resource("configmaps");
    r.object = json::parse(R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"}})");
    static_cast<void>(apply_hook_patch(h, r, *r.kind, a.patch));
  }
  const auto read = read_conversion("u", "g/v2", objects, 200, body);
  if (const auto* made = std::get_if<std::vector<json>>(&read))
    require(made->size() == 1 && (*made)[0]["metadata"]["name"] == "x",
            "a conversion changes the object's name");
}

std::vector<std::string> seeds() {
  return {
      R"({"kind":"AdmissionReview","response":{"uid":"u","allowed":true,"warnings":["w"],"patchType":"JSONPatch",)"
      R"("patch":"W3sib3AiOiJhZGQiLCJwYXRoIjoiL2RhdGEiLCJ2YWx1ZSI6eyJhIjoiYiJ9fV0="}})",
      R"({"kind":"AdmissionReview","response":{"uid":"u","allowed":false,"status":{"code":403,"message":"no"}}})",
      R"({"kind":"ConversionReview","response":{"uid":"u","result":{"status":"Success"},"convertedObjects":)"
      R"([{"apiVersion":"g/v2","kind":"K","metadata":{"name":"x","labels":{"a":"b"}}}]}})"};
}
