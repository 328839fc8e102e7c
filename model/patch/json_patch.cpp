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

/// A JSON pointer's tokens (RFC 6901); nothing when it is malformed.
std::optional<std::vector<std::string>> tokens_of(std::string_view pointer) {
  std::vector<std::string> out;
  if (pointer.empty()) return out;
  if (pointer[0] != '/') return std::nullopt;
  for (std::size_t i = 0; i < pointer.size(); ++i) {
    if (pointer[i] == '/') {
      out.emplace_back();
    } else if (pointer[i] == '~') {
      if (++i >= pointer.size() || (pointer[i] != '0' && pointer[i] != '1')) return std::nullopt;
      out.back() += pointer[i] == '0' ? '~' : '/';
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
    json* target =
        walk(document_, op == "replace" ? path : from, op == "replace" ? path.size() : from.size());
    if (!target) return false;
    if (op == "replace") {
      *target = value;
      return true;
    }
    if (op == "copy") return copy(*target, path);
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
    const json* parent = path.empty() ? nullptr : walk(document_, path, path.size() - 1);
    return value.is_null() && parent && parent->is_object();
  }

  bool copy(const json& source, const std::vector<std::string>& path) {
    json copied = source;
    std::size_t bytes = 0;
    if (!measure(copied, static_cast<int>(path.size()), bytes)) return false;
    copied_ += bytes;
    return copied_ <= max_copied && add(path, std::move(copied));
  }

  bool add(const std::vector<std::string>& path, json value) {
    if (path.empty()) {
      document_ = std::move(value);
      return true;
    }
    json* parent = walk(document_, path, path.size() - 1);
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

bool known(const std::string& op) {
  return op == "add" || op == "remove" || op == "replace" || op == "move" || op == "copy" ||
         op == "test";
}

}  // namespace

patched json_patch(const json& document, const json& patch) {
  if (!patch.is_array()) return bad_request("a JSON patch must be an array of operations");
  if (patch.size() > max_operations)
    return request_too_large("The allowed maximum operations in a JSON patch is 10000, got " +
                             std::to_string(patch.size()));
  patcher p(document);
  for (std::size_t i = 0; i < patch.size(); ++i) {
    const json& o = patch[i];
    const std::string where = "JSON patch operation " + std::to_string(i) + ": ";
    const std::string op = string_at(o, {"op"});
    if (!known(op)) return bad_request(where + "unknown op " + json(op).dump());
    if (!at(o, {"path"}).is_string()) return bad_request(where + "path must be a string");
    const auto path = tokens_of(string_at(o, {"path"}));
    const bool two_paths = op == "move" || op == "copy";
    if (two_paths && !at(o, {"from"}).is_string())
      return bad_request(where + "from must be a string");
    const auto from = tokens_of(two_paths ? string_at(o, {"from"}) : "");
    if (!path || !from) return bad_request(where + "malformed JSON pointer");
    if (path->size() > max_depth) return bad_request(where + "path is too deep");
    if ((op == "add" || op == "replace" || op == "test") && !o.contains("value"))
      return bad_request(where + "value is missing");
    if (!p.apply(op, *path, *from, at(o, {"value"}))) return rejected();
  }
  json out = p.take();
  std::size_t bytes = 0;
  if (!measure(out, 0, bytes)) return rejected();
  return out;
}

}  // namespace troupe::model
