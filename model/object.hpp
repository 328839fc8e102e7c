#pragma once

#include "model/json.hpp"
#include "model/text_places.hpp"
#include "model/words.hpp"

#include <atomic>
#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::model {

/// The name of one object. `resource` is Kubernetes' GroupResource text: "pods",
/// "leases.coordination.k8s.io". `ns` is empty for cluster-scoped kinds.
struct object_key {
  std::string resource;
  std::string ns;
  std::string name;
  auto operator<=>(const object_key&) const = default;
};

/// "pods/default/web" or "nodes/n1", for logs.
std::string to_string(const object_key& key);

using string_pairs = std::vector<std::pair<std::string, std::string>>;

/// What is known of an object without parsing it again.
struct object_header {
  object_key key;
  std::string uid;
  std::uint64_t version = 0;  ///< metadata.resourceVersion
  string_pairs labels;        ///< sorted by key
  string_pairs fields;        ///< what field selectors may name, e.g. spec.nodeName; sorted by key
  std::vector<std::string> owners;  ///< uids of metadata.ownerReferences
  int managing = -1;                ///< which of the owners is its controller; -1: none
  std::string controller_kind;      ///< "ReplicaSet"
  bool deleting = false;            ///< metadata.deletionTimestamp is set

  /// The uid of its controller, or null.
  const std::string* controller() const {
    return managing < 0 ? nullptr : &owners[static_cast<std::size_t>(managing)];
  }
};

/// An immutable object: its canonical JSON, encoded once at commit, and its header. Redis, a GET, a
/// LIST item and a watch line all use the same bytes. Nothing changes an object: a change is a new
/// one.
class object {
 public:
  object(object_header header, std::string bytes)
      : header_(std::move(header)), bytes_(std::move(bytes)), places_(places_of(bytes_)) {}
  /// Of a text of which it is known where its parts are.
  object(object_header header, std::string bytes, const text_places& places)
      : header_(std::move(header)), bytes_(std::move(bytes)), places_(places) {}
  object(const object&) = delete;
  object& operator=(const object&) = delete;

  const object_header& header() const { return header_; }
  const object_key& key() const { return header_.key; }
  std::uint64_t version() const { return header_.version; }
  const std::string& bytes() const { return bytes_; }

  /// The document, parsed anew: for callers that change it. Readers use a typed view.
  json parse() const;
  /// The document without metadata.managedFields, half of it or more, for those who only read.
  json content() const;

  /// The text of a part's value; "" where there is none.
  std::string_view text_of(part p) const { return places_.find(bytes_, p); }
  const text_places& places() const { return places_; }
  /// Whether the text, but for metadata.managedFields, has a word; read at the first call, for all
  /// of them.
  bool says(word w) const;

  /// The typed view of this version, made at the first call and shared by all later ones. V is
  /// constructible from `const object&`; one kind has one view type.
  template <class V>
  std::shared_ptr<const V> view() const {
    auto held = view_.load(std::memory_order_acquire);
    if (!held) {
      held = std::make_shared<const V>(*this);
      view_.store(held, std::memory_order_release);
    }
    return std::static_pointer_cast<const V>(held);
  }

 private:
  std::uint32_t read_words() const;

  object_header header_;
  std::string bytes_;
  text_places places_;
  mutable std::atomic<std::shared_ptr<const void>> view_;
  mutable std::atomic<std::uint32_t> words_ = 0;  // with the highest bit once it has been read
};

using object_ptr = std::shared_ptr<const object>;

/// An encoded object that waits for its resourceVersion: bytes are `head` + version digits +
/// `tail`.
struct draft {
  object_header header;  ///< version is 0
  std::string head;
  std::string tail;
  text_places places;  ///< of the whole
};

/// Encodes a complete document (apiVersion, kind, metadata...) of `resource`. `managed_fields` is
/// the text of metadata.managedFields where the document has none of its own (created_fields()).
draft encode(std::string_view resource, const json& document, std::string_view managed_fields = {});

/// Gives a draft its version.
object_ptr seal(draft d, std::uint64_t version);

/// The same state under another version: a removal shows the last state under the removal's
/// version.
object_ptr with_version(const object& o, std::uint64_t version);

/// Rebuilds an object from its canonical bytes (out of Redis or off the wire). Null when they are
/// no object.
object_ptr decode(std::string_view resource, std::string bytes);

}  // namespace troupe::model
