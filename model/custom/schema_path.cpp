#include "model/custom/schema_path.hpp"

#include "model/validation/path.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

/// A delimiter, a text in single quotes, or what is before the next delimiter.
std::string_view take_token(std::string_view& path) {
  std::size_t size = path.size();
  if (path.starts_with('\'')) {
    for (std::size_t i = 1; i < path.size(); ++i)
      if (path[i] == '\'' && path[i - 1] != '\\') {
        size = i + 1;
        break;
      }
  } else {
    size = std::max<std::size_t>(1, std::min(path.find_first_of(".[]"), path.size()));
  }
  const auto token = path.substr(0, std::min(size, path.size()));
  path.remove_prefix(token.size());
  return token;
}

/// What a name in single quotes stands for; false: not a text.
bool unescape(std::string_view quoted, std::string& out, std::string& fault) {
  constexpr std::string_view letters = "abfnrtv'\\";
  constexpr std::string_view meant = "\a\b\f\n\r\t\v'\\";
  for (std::size_t i = 0; i < quoted.size(); ++i) {
    if (quoted[i] != '\\' || i + 1 == quoted.size()) {
      out += quoted[i];
      continue;
    }
    const auto known = letters.find(quoted[++i]);
    if (known == letters.npos) {
      fault = "invalid string literal: invalid escape char " + std::string(quoted.substr(i - 1, 2));
      return false;
    }
    out += meant[known];
  }
  return true;
}

class follower {
 public:
  follower(const json& schema, bool brackets) : brackets_(brackets) { end_.schema = &schema; }

  schema_end walk(std::string_view path) {
    while (!path.empty() && end_.fault.empty()) {
      const auto token = take_token(path);
      if (token == "[")
        in_brackets(path);
      else if (token == ".")
        path.empty() ? refuse("unexpected end of JSON path") : enter(take_token(path));
      else
        refuse("expected [ or . but got: " + std::string(token));
    }
    return std::move(end_);
  }

 private:
  void refuse(std::string why) {
    end_.fault = std::move(why);
    end_.schema = nullptr;
  }

  void in_brackets(std::string_view& path) {
    if (!brackets_) return refuse("array notation is not allowed");
    if (path.empty()) return refuse("unexpected end of JSON path");
    const auto quoted = take_token(path);
    if (quoted.size() < 2 || quoted.front() != '\'' || quoted.back() != '\'')
      return refuse("expected single quoted string but got " + std::string(quoted));
    std::string name;
    std::string fault;
    if (!unescape(quoted.substr(1, quoted.size() - 2), name, fault))
      return refuse(std::move(fault));
    enter(name);
    if (!end_.fault.empty()) return;
    if (path.empty()) return refuse("unexpected end of JSON path");
    if (const auto closed = take_token(path); closed != "]")
      refuse("expected ] but got " + std::string(closed));
  }

  void enter(std::string_view name) {
    constexpr const char* nowhere = "does not refer to a valid field";
    if (!end_.schema) return refuse(nowhere);
    const auto& known = members_of(*end_.schema, "properties");
    const json& others = value_of(*end_.schema, "additionalProperties");
    end_.names.emplace_back(name);
    if (known.empty()) {
      if (others.is_null()) return refuse(nowhere);
      end_.schema = others.is_object() ? &others : nullptr;
      return;
    }
    const auto found = known.find(end_.names.back());
    if (found == known.end()) return refuse(nowhere);
    end_.schema = &found->second;
  }

  bool brackets_;
  schema_end end_;
};

}  // namespace

schema_end follow_schema(std::string_view path, const json& schema, bool brackets) {
  return follower(schema, brackets).walk(path);
}

}  // namespace troupe::model
