#pragma once

#include "model/json.hpp"
#include "model/schema.hpp"

#include <string>
#include <string_view>

namespace troupe::model {

// application/vnd.kubernetes.protobuf: the mark "k8s\0" and a runtime.Unknown, which names the kind
// and holds the message. Field numbers come from wire/numbers.txt, types from the schema.

/// Decodes an object as Go clients send it into the document that its JSON would be, apiVersion and
/// kind included. Never throws.
///
/// Protobuf does not tell an absent value from an empty one where Go has no pointer: such empty
/// values are left out, as Go's omitempty does, unless the field is required.
parsed_json parse_protobuf(std::string_view bytes);

/// The struct that a document of this version and kind is: a served kind, or one of
/// apimachinery's (Status, DeleteOptions). Null for others.
const type_info* wire_type(std::string_view api_version, std::string_view kind);

/// Appends the message that `text`, a well-formed JSON object without white space, is as a `type`.
/// Members that the struct does not have are left out. Throws std::invalid_argument when a value
/// does not fit its field.
void append_protobuf(std::string& out, const type_info& type, std::string_view text);

/// The same with mark and envelope.
std::string to_protobuf(std::string_view api_version, std::string_view kind, const type_info& type,
                        std::string_view text);

/// Writes a message field by field, for those that are no object of the schema: lists, frames.
class protobuf_writer {
 public:
  explicit protobuf_writer(std::string& out) : out_(out) {}
  void varint(std::uint64_t value);
  void integer(std::uint32_t number, std::uint64_t value);
  void fixed64(std::uint32_t number, std::uint64_t bits);
  void bytes(std::uint32_t number, std::string_view value);
  /// A nested message or other bytes whose length is known at their end.
  std::size_t begin(std::uint32_t number);
  void end(std::size_t begun);

 private:
  std::string& out_;
};

/// Mark and envelope around a message.
std::string wrap_protobuf(std::string_view api_version, std::string_view kind,
                          std::string_view message);

/// Any document that has a protobuf form: an object, a list, a Status, PartialObjectMetadata.
/// Throws std::invalid_argument for others.
std::string protobuf_document(std::string_view text);

/// A list, object by object.
class protobuf_list {
 public:
  /// `metadata` is the text of its ListMeta; a null type makes a list of PartialObjectMetadata.
  protobuf_list(std::string_view api_version, std::string_view item_kind, const type_info* type,
                std::string_view metadata);
  void add(std::string_view text);
  std::string take();

 private:
  std::string api_version_;
  std::string kind_;
  const type_info* type_;
  std::string message_;
  std::string item_;
};

/// A metav1.WatchEvent as it goes over the wire, its length in front. `object` is one with mark and
/// envelope.
void append_protobuf_frame(std::string& out, std::string_view event, std::string_view object);

}  // namespace troupe::model
