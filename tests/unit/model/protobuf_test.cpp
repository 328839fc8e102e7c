// floors: model
#include "model/wire/protobuf.hpp"

#include "model/wire/codec.hpp"

#include <gtest/gtest.h>

#include <set>

namespace troupe::model {
namespace {

// What the wire should hold is put together here by hand, after the published .proto files.
std::string varint(std::uint64_t v) {
  std::string out;
  for (; v >= 128; v >>= 7) out += static_cast<char>(v | 128);
  return out += static_cast<char>(v);
}
std::string number(int field, std::uint64_t v) {
  return varint(static_cast<std::uint64_t>(field) << 3) + varint(v);
}
std::string bytes(int field, const std::string& v) {
  return varint(static_cast<std::uint64_t>(field) << 3 | 2) + varint(v.size()) + v;
}
std::string envelope(const char* version, const char* kind, const std::string& raw) {
  return std::string("k8s\0", 4) + bytes(1, bytes(1, version) + bytes(2, kind)) + bytes(2, raw) +
         bytes(3, "") + bytes(4, "");
}
std::string entry(const char* key, const std::string& value) {
  return bytes(1, key) + bytes(2, value);
}

struct golden {
  const char* name;
  std::string wire;
  const char* text;
};

const golden known[] = {
    {"Pod",
     envelope("v1", "Pod",
              bytes(1, bytes(1, "web") + bytes(3, "default") +
                           bytes(8, number(1, 1714557600) + number(2, 0)) +
                           bytes(11, entry("app", "x")) + bytes(11, entry("tier", ""))) +
                  bytes(2, bytes(1, bytes(1, "data") + bytes(2, bytes(2, ""))) +
                               bytes(2, bytes(1, "c") + bytes(2, "i:1") + bytes(3, "sh") +
                                            bytes(6, number(3, 8080)) +
                                            bytes(8, bytes(2, entry("cpu", bytes(1, "100m"))))) +
                               bytes(3, "Always") + number(4, 0)) +
                  bytes(3, bytes(1, "Running"))),
     R"({"apiVersion":"v1","kind":"Pod","metadata":{"creationTimestamp":"2024-05-01T10:00:00Z",
         "labels":{"app":"x","tier":""},"name":"web","namespace":"default"},
         "spec":{"containers":[{"command":["sh"],"image":"i:1","name":"c",
         "ports":[{"containerPort":8080}],"resources":{"requests":{"cpu":"100m"}}}],
         "restartPolicy":"Always","terminationGracePeriodSeconds":0,
         "volumes":[{"emptyDir":{},"name":"data"}]},"status":{"phase":"Running"}})"},
    {"Service",
     envelope(
         "v1", "Service",
         bytes(1, bytes(1, "s")) +
             bytes(2, bytes(1, bytes(1, "http") + bytes(2, "TCP") + number(3, 80) +
                                   bytes(4, number(1, 1) + number(2, 0) + bytes(3, "web"))) +
                          bytes(1, bytes(1, "dns") + number(3, 53) +
                                       bytes(4, number(1, 0) + number(2, 5353) + bytes(3, ""))) +
                          bytes(2, entry("app", "x")) + bytes(4, "ClusterIP"))),
     R"({"apiVersion":"v1","kind":"Service","metadata":{"name":"s"},"spec":{"ports":[
         {"name":"http","port":80,"protocol":"TCP","targetPort":"web"},
         {"name":"dns","port":53,"targetPort":5353}],"selector":{"app":"x"},
         "type":"ClusterIP"}})"},
    {"Node",
     envelope("v1", "Node",
              bytes(1, bytes(1, "n")) +
                  bytes(2, bytes(1, "10.0.0.0/24") + number(4, 1) +
                               bytes(5, bytes(1, "k") + bytes(3, "NoSchedule"))) +
                  bytes(3, bytes(1, entry("cpu", bytes(1, "4"))) +
                               bytes(5, bytes(1, "InternalIP") + bytes(2, "10.1.0.1")))),
     R"({"apiVersion":"v1","kind":"Node","metadata":{"name":"n"},"spec":{"podCIDR":"10.0.0.0/24",
         "taints":[{"effect":"NoSchedule","key":"k"}],"unschedulable":true},
         "status":{"addresses":[{"address":"10.1.0.1","type":"InternalIP"}],
         "capacity":{"cpu":"4"}}})"},
    {"Lease",
     envelope(
         "coordination.k8s.io/v1", "Lease",
         bytes(1, bytes(1, "l")) +
             bytes(2, bytes(1, "me") + number(2, 15) +
                          bytes(4, number(1, 1714557600) + number(2, 123456000)) + number(5, 0))),
     R"({"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"l"},
         "spec":{"holderIdentity":"me","leaseDurationSeconds":15,"leaseTransitions":0,
         "renewTime":"2024-05-01T10:00:00.123456Z"}})"},
    {"Event",
     envelope("v1", "Event",
              bytes(1, bytes(1, "e")) + bytes(2, bytes(1, "Pod") + bytes(3, "web")) +
                  bytes(3, "BackOff") + bytes(4, "waits \xc3\xa4\n\"") +
                  bytes(5, bytes(1, "kubelet") + bytes(2, "n1")) +
                  bytes(7, number(1, 1714557600) + number(2, 0)) + number(8, 3) +
                  bytes(9, "Warning")),
     R"({"apiVersion":"v1","count":3,"involvedObject":{"kind":"Pod","name":"web"},"kind":"Event",
         "lastTimestamp":"2024-05-01T10:00:00Z","message":"waits ä\n\"","metadata":{"name":"e"},
         "reason":"BackOff","source":{"component":"kubelet","host":"n1"},"type":"Warning"})"},
    {"a policy, whose rules inline two structs",
     envelope("admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicy",
              bytes(1, bytes(1, "p")) +
                  bytes(2, bytes(2, bytes(3, bytes(1, "n") +
                                                 bytes(2, bytes(1, "CREATE") +
                                                              bytes(2, bytes(1, "apps") +
                                                                           bytes(4, "*"))))))),
     R"({"apiVersion":"admissionregistration.k8s.io/v1","kind":"ValidatingAdmissionPolicy",
         "metadata":{"name":"p"},"spec":{"matchConstraints":{"resourceRules":[{"apiGroups":["apps"],
         "operations":["CREATE"],"resourceNames":["n"],"scope":"*"}]}}})"},
    {"Status",
     envelope("v1", "Status",
              bytes(1, "") + bytes(2, "Failure") + bytes(3, "no") + bytes(4, "NotFound") +
                  bytes(5, bytes(1, "web") + bytes(3, "pods")) + number(6, 404)),
     R"({"apiVersion":"v1","code":404,"details":{"kind":"pods","name":"web"},"kind":"Status",
         "message":"no","metadata":{},"reason":"NotFound","status":"Failure"})"}};

TEST(Protobuf, DocumentsAreEncodedAsThePublishedFilesSay) {
  for (const auto& g : known) {
    EXPECT_EQ(protobuf_document(json::parse(g.text).dump()), g.wire) << g.name;
    const auto back = parse_protobuf(g.wire);
    EXPECT_TRUE(back) << g.name << ": " << back.error;
    EXPECT_EQ(back.value, json::parse(g.text)) << g.name;
  }
}

TEST(Protobuf, ListsHoldTheirItemsWithoutTheirTypes) {
  EXPECT_EQ(protobuf_document(
                R"({"kind":"LeaseList","apiVersion":"coordination.k8s.io/v1","metadata":)"
                R"({"resourceVersion":"7","remainingItemCount":2},"items":[)"
                R"({"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"a"}},)"
                R"({"metadata":{"name":"b"}}]})"),
            envelope("coordination.k8s.io/v1", "LeaseList",
                     bytes(1, bytes(2, "7") + number(4, 2)) + bytes(2, bytes(1, bytes(1, "a"))) +
                         bytes(2, bytes(1, bytes(1, "b")))));
  EXPECT_EQ(protobuf_document(R"({"kind":"PartialObjectMetadataList",)"
                              R"("apiVersion":"meta.k8s.io/v1","metadata":{},"items":[)"
                              R"({"kind":"PartialObjectMetadata","metadata":{"name":"a"}}]})"),
            envelope("meta.k8s.io/v1", "PartialObjectMetadataList",
                     bytes(1, "") + bytes(2, bytes(1, bytes(1, "a")))));
  EXPECT_THROW(protobuf_document(R"({"apiVersion":"meta.k8s.io/v1","kind":"Table"})"),
               std::invalid_argument);
}

TEST(Protobuf, FramesOfAWatchSayTheirLength) {
  std::string out;
  append_protobuf_frame(out, "ADDED", "object");
  const std::string message = bytes(1, "ADDED") + bytes(2, bytes(1, "object"));
  EXPECT_EQ(out, std::string("\0\0\0", 3) + static_cast<char>(message.size()) + message);
}

/// A value for every field that has a number, so that nothing is lost unnoticed.
json sample(const type_info& type, std::multiset<const type_info*> inside);

json sample_value(const wire::field& f, field_kind kind,
                  const std::multiset<const type_info*>& inside) {
  switch (kind) {
    case field_kind::integer:
      return -7;
    case field_kind::number:
      return 1.5;
    case field_kind::boolean:
      return true;
    case field_kind::int_or_string:
      return f.info->name.size() % 2 == 0 ? json("50%") : json(5);
    case field_kind::quantity:
      return "5Gi";
    case field_kind::time:
      return "2024-05-01T10:00:00Z";
    case field_kind::micro_time:
      return "2024-05-01T10:00:00.123456Z";
    case field_kind::bytes:
      return "AP8=";
    case field_kind::object:
      return f.info->type && inside.count(f.info->type) < 2 ? sample(*f.info->type, inside)
                                                            : json::object();
    case field_kind::any:
      return {{"type", "é\"\\"}};
    default:
      if (f.other == wire::alternative::duration) return "1h2m3s";
      return std::string(f.info->name) + " \"é\"\n";
  }
}

json sample(const type_info& type, std::multiset<const type_info*> inside) {
  inside.insert(&type);
  json out = json::object();
  for (const auto& f : wire::codec_of(type).fields) {
    json& to = out[std::string(f.info->name)];
    if (f.info->kind == field_kind::array)
      to = {sample_value(f, f.info->item, inside), sample_value(f, f.info->item, inside)};
    else if (f.info->kind == field_kind::string_map && f.info->nesting > 0)
      to = {{"k", json::array({sample_value(f, f.info->item, inside)})}};
    else if (f.info->kind == field_kind::string_map)
      to = {{"a", sample_value(f, f.info->item, inside)},
            {"b\"", sample_value(f, f.info->item, inside)}};
    else
      to = sample_value(f, f.info->kind, inside);
  }
  return out;
}

TEST(Protobuf, EveryKindComesBackAsItWas) {
  for (const auto& kind : schema::instance().kinds()) {
    if (!kind.type) continue;
    json o = sample(*kind.type, {});
    o["apiVersion"] = kind.api_version();
    o["kind"] = kind.kind;
    const auto back = parse_protobuf(protobuf_document(o.dump()));
    EXPECT_TRUE(back) << kind.kind << ": " << back.error;
    EXPECT_EQ(back.value, o) << kind.kind << "\n" << json::diff(o, back.value).dump();
  }
}

/// Go leaves the TypeMeta of nested objects out of the wire.
bool is_type_meta(const type_info& type, std::string_view field) {
  return (field == "apiVersion" || field == "kind") && type.field("metadata");
}

TEST(Protobuf, EveryFieldHasANumber) {
  for (const auto* type : schema::instance().types()) {
    if (type->name.find(".meta.v1.") != std::string_view::npos) continue;  // some are JSON only
    std::set<std::string_view> numbered;
    for (const auto& f : wire::codec_of(*type).fields) numbered.insert(f.info->name);
    for (const auto& f : type->fields)
      if (!is_type_meta(*type, f.name)) {
        EXPECT_TRUE(numbered.contains(f.name)) << type->name << "." << f.name;
      }
  }
}

TEST(Protobuf, EmptyValuesStayWhereTheyMeanSomething) {
  // A claim that wants no class, an optional flag that is off, a required text: but no node name.
  const std::string claim =
      envelope("v1", "PersistentVolumeClaim",
               bytes(1, bytes(1, "c")) + bytes(2, bytes(3, "") + bytes(5, "")));
  EXPECT_EQ(parse_protobuf(claim).value["spec"], json({{"storageClassName", ""}}));
  const std::string pod = envelope("v1", "Pod",
                                   bytes(2, bytes(2, bytes(1, "") + number(16, 0)) + bytes(10, "") +
                                                number(11, 0) + number(21, 0)));
  EXPECT_EQ(parse_protobuf(pod).value["spec"],
            json::parse(R"({"automountServiceAccountToken":false,"containers":[{"name":""}]})"));
}

TEST(Protobuf, JsonSchemasMayBeMoreThanSchemas) {
  const auto schema_text = [](const std::string& inside) {
    return R"({"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","spec":)"
           R"({"versions":[{"name":"v1","schema":{"openAPIV3Schema":{)" +
           inside + "}},\"served\":false,\"storage\":true}]}}";
  };
  for (const char* inside :
       {R"("additionalProperties":false)", R"("additionalProperties":{"type":"string"})",
        R"("items":{"type":"integer"})", R"("items":[{"type":"integer"},{"type":"string"}])",
        R"("dependencies":{"a":["b","c"],"d":{"type":"object"}})", R"("default":[1,{"a":null}])",
        R"("enum":["a",1,null],"maximum":1.5,"x-kubernetes-preserve-unknown-fields":true)"}) {
    const json o = json::parse(schema_text(inside));
    json back = parse_protobuf(protobuf_document(o.dump())).value;
    back["spec"].erase("group");
    back["spec"].erase("names");
    EXPECT_EQ(back, o) << inside;
  }
}

TEST(Protobuf, BadInputIsRefused) {
  for (const std::string& text :
       {std::string("k8s"), std::string("k8s\0\x0a\xff", 6), envelope("v1", "Nothing", ""),
        envelope("v1", "Pod", "\x0a\x05x"), envelope("v1", "Pod", "\x0f"),
        envelope("v1", "Pod", std::string(11, '\xff')),
        envelope("v1", "Pod", bytes(1, bytes(1, "\xc3(")))})
    EXPECT_FALSE(parse_protobuf(text));
  std::string deep;
  for (int i = 0; i < 100; ++i) deep = bytes(28, deep);  // JSONSchemaProps.not
  EXPECT_FALSE(parse_protobuf(envelope("apiextensions.k8s.io/v1", "CustomResourceDefinition",
                                       bytes(2, bytes(7, bytes(4, bytes(1, deep)))))));
}

TEST(Protobuf, ValuesThatDoNotFitTheirFieldAreRefused) {
  for (const char* text : {R"({"apiVersion":"v1","kind":"Pod","spec":[]})",
                           R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":1}})",
                           R"({"apiVersion":"v1","kind":"Pod","metadata":{"generation":"x"}})"})
    EXPECT_THROW(protobuf_document(text), std::invalid_argument) << text;
}

}  // namespace
}  // namespace troupe::model
