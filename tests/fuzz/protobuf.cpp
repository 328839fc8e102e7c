#include "model/wire/protobuf.hpp"

#include "tests/fuzz/target.hpp"

using namespace troupe::model;

// What is decoded must be a document that can be encoded again, and that comes back the same.
void fuzz(std::string_view input) {
  const auto first = parse_protobuf(input);
  if (!first) return;
  const auto again = protobuf_document(first.value.dump());
  const auto second = parse_protobuf(again);
  require(static_cast<bool>(second), "what was encoded does not decode");
  require(protobuf_document(second.value.dump()) == again, "a second round changes the document");
}

std::vector<std::string> seeds() {
  std::vector<std::string> out;
  for (const char* text :
       {R"({"apiVersion":"v1","kind":"Pod","metadata":{"creationTimestamp":"2024-05-01T10:00:00Z",)"
        R"("labels":{"a":"b"},"name":"web"},"spec":{"containers":[{"image":"i","name":"c","ports":)"
        R"([{"containerPort":80}],"resources":{"limits":{"cpu":"1"}}}],"volumes":[{"emptyDir":{},)"
        R"("name":"v"}]}})",
        R"({"apiVersion":"v1","kind":"Secret","data":{"a":"AP8="},"metadata":{"name":"s"}})",
        R"({"apiVersion":"apps/v1","kind":"ControllerRevision","data":{"a":[1]},"revision":-1})",
        R"({"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","spec":)"
        R"({"versions":[{"schema":{"openAPIV3Schema":{"items":[{"maximum":1.5}]}}}]}})",
        R"({"apiVersion":"coordination.k8s.io/v1","kind":"Lease","spec":)"
        R"({"renewTime":"2024-05-01T10:00:00.123456Z"}})"})
    out.push_back(protobuf_document(text));
  return out;
}
