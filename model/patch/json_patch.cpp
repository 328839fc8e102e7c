#include "model/patch/patch.hpp"

#include <charconv>
#include <optional>

namespace troupe::model {
namespace {

constexpr std::size_t max_operations = 10'000;
/// What all copy operations of one patch may add up to, as kube-apiserver limits it.
constexpr std::size_t max_copied = 3u << 20;
constexpr int max_depth = 128;

/// kube-apiserver says no more than this.
status rejected() {
  return {422, "Invalid", "the server rejected our request due to an error in our request"};
}

/// A JSON pointer's tokens (RFC 6901); nothing when it begins otherwise. Escapes that do not exist
/// stand for themselves.
std::optional<std::vector<std::string>> tokens_of(std::string_view pointer) {
  std::vector<std::string> out;
  if (pointer.empty()) return out;
  if (pointer[0] != '/') return std::nullopt;
  for (std::size_t i = 0; i < pointer.size(); ++i) {
    const auto escape = pointer.substr(i, 2);
    if (pointer[i] == '/') {
      out.emplace_back();
    } else if (escape == "~0" || escape == "~1") {
      out.back() += escape == "~0" ? '~' : '/';
      ++i;
    } else {
      out.back() += pointer[i];
    }
  }
  return out;
}

/// The place in an array of `size` items that a token names; negative ones count from the end.
std::optional<std::size_t> index_of(std::string_view token, std::size_t size) {
  std::int64_t out = 0;
  const auto [end, fault] = std::from_chars(token.data(), token.data() + token.size(), out);
  if (token.empty() || fault != std::errc{} || end != token.data() + token.size())
    return std::nullopt;
  if (out < 0) out += static_cast<std::int64_t>(size);
  if (out < 0 || out >= static_cast<std::int64_t>(size)) return std::nullopt;
  return static_cast<std::size_t>(out);
}

json* child(json& here, const std::string& token) {
  if (here.is_object()) {
    const auto found = here.find(token);
    return found == here.end() ? nullptr : &*found;
  }
  const auto index = here.is_array() ? index_of(token, here.size()) : std::nullopt;
  return index ? &here[*index] : nullptr;
}

json* walk(json& document, const std::vector<std::string>& path, std::size_t steps) {
  json* here = &document;
  for (std::size_t i = 0; i < steps && here; ++i) here = child(*here, path[i]);
  return here;
}

/// Adds up about what a value takes as text; false when it is nested too deep.
bool measure(const json& value, int depth, std::size_t& bytes) {
  if (depth > max_depth) return false;
  bytes += 2;
  if (value.is_string()) bytes += value.get_ref<const std::string&>().size();
  if (value.is_object())
    for (const auto& [key, v] : value.items()) {
      bytes += key.size() + 4;
      if (!measure(v, depth + 1, bytes)) return false;
    }
  if (value.is_array())
    for (const json& v : value)
      if (!measure(v, depth + 1, bytes)) return false;
  return true;
}

/// Applies the operations of one patch. Each step returns whether it could.
class patcher {
 public:
  explicit patcher(json document) : document_(std::move(document)) {}

  json take() { return std::move(document_); }

  bool apply(const std::string& op, const std::vector<std::string>& path,
             const std::vector<std::string>& from, const json& value) {
    if (op == "add") return add(path, value);
    if (op == "remove") return remove(path);
    if (op == "test") return test(path, value);
    if (op == "replace") return replace(path, value);
    if (from.empty()) return false;
    json* target = walk(document_, from, from.size());
    if (op == "copy" && (target || may_hold(from))) return copy(target ? *target : json(), path);
    if (op != "move" || !target) return false;
    // A value cannot be moved into itself.
    if (path.size() > from.size() && std::equal(from.begin(), from.end(), path.begin()))
      return false;
    json moved = *target;
    return remove(from) && add(path, std::move(moved));
  }

 private:
  /// A member that is not there equals null.
  bool test(const std::vector<std::string>& path, const json& value) {
    if (const json* found = walk(document_, path, path.size())) return *found == value;
    return value.is_null() && may_hold(path);
  }

  /// Whether the object is there that the path's last token would be a member of.
  bool may_hold(const std::vector<std::string>& path) {
    const json* parent = path.empty() ? nullptr : walk(document_, path, path.size() - 1);
    return parent && parent->is_object();
  }

  /// Unlike RFC 6902, and like kube-apiserver, it adds a member that is not there: `kubectl rollout
  /// undo` replaces annotations that may be none.
  bool replace(const std::vector<std::string>& path, const json& value) {
    if (path.empty() && !value.is_structured()) return false;
    json* target = walk(document_, path, path.size());
    if (!target) return may_hold(path) && add(path, value);
    *target = value;
    return true;
  }

  bool copy(const json& source, const std::vector<std::string>& path) {
    json copied = source;
    std::size_t bytes = 0;
    if (!measure(copied, static_cast<int>(path.size()), bytes)) return false;
    copied_ += bytes;
    return copied_ <= max_copied && add(path, std::move(copied));
  }

  bool add(const std::vector<std::string>& path, json value) {
    json* parent = path.empty() ? nullptr : walk(document_, path, path.size() - 1);
    if (!parent || !parent->is_structured()) return false;
    if (parent->is_object()) {
      (*parent)[path.back()] = std::move(value);
      return true;
    }
    const auto index = path.back() == "-" ? std::optional(parent->size())
                                          : index_of(path.back(), parent->size() + 1);
    if (!index) return false;
    parent->insert(parent->begin() + static_cast<std::ptrdiff_t>(*index), std::move(value));
    return true;
  }

  bool remove(const std::vector<std::string>& path) {
    json* parent = path.empty() ? nullptr : walk(document_, path, path.size() - 1);
    if (!parent || !child(*parent, path.back())) return false;
    if (parent->is_object()) {
      parent->erase(path.back());
    } else {
      parent->erase(*index_of(path.back(), parent->size()));
    }
    return true;
  }

  json document_;
  std::size_t copied_ = 0;
};

status undecodable(const json& found, const char* wanted) {
  const std::string what = found.is_boolean() ? "bool" : found.type_name();
  return bad_request("json: cannot unmarshal " + what + " into Go value of type jsonpatch." +
                     wanted);
}

}  // namespace

patched json_patch(const json& document, const json& patch) {
  if (!patch.is_array()) return undecodable(patch, "Patch");
  for (const json& operation : patch)
    if (!operation.is_object()) return undecodable(operation, "Operation");
  if (patch.size() > max_operations)
    return request_too_large("The allowed maximum operations in a JSON patch is 10000, got " +
                             std::to_string(patch.size()));
  patcher p(document);
  for (const json& o : patch) {
    if (!at(o, {"path"}).is_string()) return rejected();
    const auto path = tokens_of(string_at(o, {"path"}));
    const auto from = tokens_of(string_at(o, {"from"}));
    if (!path || !from || path->size() > max_depth) return rejected();
    // A value that is left out is null.
    if (!p.apply(string_at(o, {"op"}), *path, *from, at(o, {"value"}))) return rejected();
  }
  json out = p.take();
  std::size_t bytes = 0;
  if (!measure(out, 0, bytes)) return rejected();
  return out;
}

}  // namespace troupe::model
