#include "model/object.hpp"

#include "model/json_read.hpp"
#include "model/json_text.hpp"
#include "model/json_writer.hpp"
#include "model/schema.hpp"

#include <algorithm>
#include <charconv>

namespace troupe::model {
namespace {

object_header header_of(std::string_view resource, const json& document) {
  object_header h;
  const json& meta = at(document, {"metadata"});
  h.key = {std::string(resource), string_at(meta, {"namespace"}), string_at(meta, {"name"})};
  h.uid = string_at(meta, {"uid"});
  h.deleting = at(meta, {"deletionTimestamp"}).is_string();
  if (const json& labels = at(meta, {"labels"}); labels.is_object())
    for (const auto& [k, v] : labels.get_ref<const json::object_t&>())
      if (v.is_string()) h.labels.emplace_back(k, v.get<std::string>());
  if (const json& owners = at(meta, {"ownerReferences"}); owners.is_array())
    for (const json& owner : owners) {
      h.owners.push_back(string_at(owner, {"uid"}));
      if (h.managing >= 0 || at(owner, {"controller"}) != true) continue;
      h.managing = static_cast<int>(h.owners.size()) - 1;
      h.controller_kind = string_at(owner, {"kind"});
    }
  h.fields = selectable_fields(resource, document);
  return h;
}

/// Writes the metadata into a draft: the head ends where the resourceVersion begins.
class metadata_writer {
 public:
  metadata_writer(std::string& out, draft& d) : out_(out), draft_(d) {}

  void write(const json& metadata, std::string_view managed_fields) {
    draft_.places.metadata = static_cast<std::uint32_t>(out_.size());
    bool managed = managed_fields.empty(), versioned = false;
    const auto pass = [&](std::string_view next) {
      if (!managed && next > "managedFields") {
        key("managedFields");
        out_ += managed_fields;
        managed = true;
      }
      if (!versioned && next > "resourceVersion") {
        version();
        versioned = true;
      }
    };
    out_ += '{';
    for (const auto& [name, value] : metadata.items()) {
      if (name == "resourceVersion") continue;
      pass(name);
      key(name);
      append_text(out_, value);
    }
    pass("~");  // after all names of fields
    out_ += '}';
  }

 private:
  void key(std::string_view name) {
    if (!first_) out_ += ',';
    first_ = false;
    append_quoted(out_, name);
    out_ += ':';
  }

  void version() {
    key("resourceVersion");
    out_ += '"';
    draft_.head = out_;  // a copy: what there is room for is the tail's
    draft_.places.version = static_cast<std::uint32_t>(draft_.head.size());
    out_.clear();
    out_ += '"';
  }

  std::string& out_;
  draft& draft_;
  bool first_ = true;
};

}  // namespace

std::string to_string(const object_key& key) {
  return key.ns.empty() ? key.resource + "/" + key.name
                        : key.resource + "/" + key.ns + "/" + key.name;
}

json object::parse() const {
  return read_json(bytes_);
}

json object::content() const {
  return read_content(bytes_);
}

// Who manages which fields, half of a pod's text, says nothing.
std::uint32_t object::read_words() const {
  if (places_.spec == 0) return words_in(bytes_);
  const auto metadata = text_of(part::metadata);
  return words_in(before_mention(metadata, "\"managedFields\":[")) | words_in(text_of(part::spec)) |
         words_in(text_of(part::status));
}

bool object::says(word w) const {
  constexpr std::uint32_t has_been_read = 1U << 31U;
  auto words = words_.load(std::memory_order_relaxed);
  if (words == 0) {
    words = read_words() | has_been_read;
    words_.store(words, std::memory_order_relaxed);
  }
  return (words & bit_of(w)) != 0;
}

draft encode(std::string_view resource, const json& document, std::string_view managed_fields) {
  draft d;
  d.header = header_of(resource, document);
  std::string out;
  out.reserve(2048);
  char before = '{';
  for (const auto& [key, value] : document.items()) {
    out += before;
    before = ',';
    append_quoted(out, key);
    out += ':';
    const auto begin = static_cast<std::uint32_t>(out.size());
    if (key == "metadata")
      metadata_writer(out, d).write(value, managed_fields);
    else
      append_text(out, value);
    const auto end = static_cast<std::uint32_t>(out.size());
    if (key == "metadata") d.places.metadata_end = end;
    if (key == "spec") d.places.spec = begin, d.places.spec_end = end;
    if (key == "status") d.places.status = begin, d.places.status_end = end;
  }
  out += '}';
  const auto size = static_cast<std::uint32_t>(out.size());
  for (auto* at : {&d.places.metadata_end, &d.places.spec, &d.places.spec_end, &d.places.status,
                   &d.places.status_end})
    if (*at != 0) *at = size - *at;
  d.tail = std::move(out);
  return d;
}

object_ptr seal(draft d, std::uint64_t version) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, version).ptr;
  std::string bytes;
  bytes.reserve(d.head.size() + static_cast<std::size_t>(end - digits) + d.tail.size());
  bytes.append(d.head).append(digits, end).append(d.tail);
  d.header.version = version;
  return std::make_shared<const object>(std::move(d.header), std::move(bytes), d.places);
}

object_ptr decode(std::string_view resource, std::string bytes) {
  const json document = read_json(bytes);
  if (!document.is_object()) return nullptr;
  object_header h = header_of(resource, document);
  const std::string version = string_at(document, {"metadata", "resourceVersion"});
  std::from_chars(version.data(), version.data() + version.size(), h.version);
  return std::make_shared<const object>(std::move(h), std::move(bytes));
}

}  // namespace troupe::model
