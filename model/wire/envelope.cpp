// Whole documents as Go clients read them: objects, lists, failures, frames of a watch.

#include "model/json_text.hpp"
#include "model/wire/protobuf.hpp"

#include <stdexcept>

namespace troupe::model {
namespace {

constexpr std::string_view mark("k8s\0", 4);
constexpr std::string_view meta_package = "io.k8s.apimachinery.pkg.apis.meta.v1.";
constexpr std::string_view list_suffix = "List";
constexpr std::string_view partial = "PartialObjectMetadata";

const type_info& meta_type(std::string_view name) {
  const auto* type = schema::instance().type(std::string(meta_package) + std::string(name));
  if (!type) throw std::logic_error("the schema has no " + std::string(name));
  return *type;
}

std::string_view member(std::string_view text, std::string_view key) {
  std::string_view value;
  each_member(text, 0, [&](const text_member& m) {
    if (m.key == key) value = text.substr(m.value, m.end - m.value);
    return value.empty();
  });
  return value;
}

std::string name_member(std::string_view text, std::string_view key) {
  const auto value = member(text, key);
  return value.starts_with('"') ? json::parse(value).get<std::string>() : std::string();
}

// A PartialObjectMetadata has nothing but its metadata.
void append_partial(protobuf_writer& w, std::string& out, std::string_view text) {
  const auto begun = w.begin(1);
  append_protobuf(out, meta_type("ObjectMeta"), member(text, "metadata"));
  w.end(begun);
}

std::string partial_message(std::string_view text) {
  std::string out;
  protobuf_writer w(out);
  append_partial(w, out, text);
  return out;
}

std::string list_document(std::string_view api_version, std::string_view kind,
                          std::string_view text) {
  const auto item_kind = kind.substr(0, kind.size() - list_suffix.size());
  const auto* type = item_kind == partial ? nullptr : wire_type(api_version, item_kind);
  if (!type && item_kind != partial)
    throw std::invalid_argument("no protobuf of kind " + std::string(kind));
  protobuf_list list(api_version, item_kind, type, member(text, "metadata"));
  each_item(member(text, "items"), 0, [&](std::string_view item) { list.add(item); });
  return list.take();
}

}  // namespace

protobuf_list::protobuf_list(std::string_view api_version, std::string_view item_kind,
                             const type_info* type, std::string_view metadata)
    : api_version_(api_version),
      kind_(std::string(item_kind) + std::string(list_suffix)),
      type_(type) {
  protobuf_writer w(message_);
  const auto begun = w.begin(1);
  append_protobuf(message_, meta_type("ListMeta"), metadata);
  w.end(begun);
}

void protobuf_list::add(std::string_view text) {
  protobuf_writer w(message_);
  item_.clear();
  if (type_) {
    append_protobuf(item_, *type_, text);
  } else {
    protobuf_writer inner(item_);
    append_partial(inner, item_, text);
  }
  w.bytes(2, item_);
}

std::string protobuf_list::take() {
  return wrap_protobuf(api_version_, kind_, message_);
}

std::string wrap_protobuf(std::string_view api_version, std::string_view kind,
                          std::string_view message) {
  std::string out;
  out.reserve(message.size() + api_version.size() + kind.size() + 32);
  out += mark;
  protobuf_writer w(out);
  const auto meta = w.begin(1);
  w.bytes(1, api_version);
  w.bytes(2, kind);
  w.end(meta);
  w.bytes(2, message);
  w.bytes(3, "");  // contentEncoding and contentType, which Go always writes
  w.bytes(4, "");
  return out;
}

std::string to_protobuf(std::string_view api_version, std::string_view kind, const type_info& type,
                        std::string_view text) {
  std::string message;
  message.reserve(text.size());
  append_protobuf(message, type, text);
  return wrap_protobuf(api_version, kind, message);
}

std::string protobuf_document(std::string_view text) {
  const auto api_version = name_member(text, "apiVersion");
  const auto kind = name_member(text, "kind");
  if (kind == partial) return wrap_protobuf(api_version, kind, partial_message(text));
  if (const auto* type = wire_type(api_version, kind))
    return to_protobuf(api_version, kind, *type, text);
  if (kind.ends_with(list_suffix)) return list_document(api_version, kind, text);
  throw std::invalid_argument("no protobuf of kind " + kind);
}

void append_protobuf_frame(std::string& out, std::string_view event, std::string_view object) {
  std::string message;
  message.reserve(object.size() + 32);
  protobuf_writer w(message);
  w.bytes(1, event);
  const auto raw = w.begin(2);
  w.bytes(1, object);
  w.end(raw);
  for (int shift = 24; shift >= 0; shift -= 8)
    out += static_cast<char>(message.size() >> shift & 255);
  out += message;
}

}  // namespace troupe::model
