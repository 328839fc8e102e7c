#include "model/selector.hpp"

#include "model/label_names.hpp"

#include <algorithm>
#include <charconv>

namespace troupe::model {
namespace {

using operation = requirement::operation;

std::optional<std::int64_t> integer(std::string_view text) {
  if (text.size() > 1 && text[0] == '+') text.remove_prefix(1);
  std::int64_t out = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (text.empty() || fault != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return out;
}

std::string invalid_value(std::string_view path, const std::string& shown, std::string_view why) {
  return std::string(path) + ": Invalid value: " + shown + ": " + std::string(why);
}

std::string key_fault(std::string_view key) {
  const std::string why = qualified_name_fault(key);
  // Kubernetes prints the path of a selector that came as text, nil, like this.
  return why.empty() ? "" : invalid_value("<nil>", in_quotes(key), why);
}

/// What is wrong with a finished term, in the words of labels.NewRequirement.
std::string fault_of(const requirement& r) {
  if (auto fault = key_fault(r.key); !fault.empty()) return fault;
  const bool set = r.op == operation::in || r.op == operation::not_in;
  if (set && r.values.empty())
    return invalid_value("values", "[]string{}",
                         "for 'in', 'notin' operators, values set can't be empty");
  for (std::size_t i = 0; i < r.values.size(); ++i) {
    const std::string path = "values[" + std::to_string(i) + "]";
    if ((r.op == operation::gt || r.op == operation::lt) && !integer(r.values[i]))
      return invalid_value(path, in_quotes(r.values[i]),
                           "for 'Gt', 'Lt' operators, the value must be an integer");
    if (const auto why = label_value_fault(r.values[i]); !why.empty())
      return invalid_value(path + "[" + r.key + "]", in_quotes(r.values[i]), why);
  }
  return "";
}

void sort_values(requirement& r) {
  std::sort(r.values.begin(), r.values.end());
  r.values.erase(std::unique(r.values.begin(), r.values.end()), r.values.end());
}

enum class token { end, open, close, comma, bang, equal, not_equal, greater, less, word, bad };

struct lexeme {
  token kind = token::end;
  std::string_view text;
};

/// Cuts a selector into tokens; `in` and `notin` are words.
class lexer {
 public:
  explicit lexer(std::string_view text) : rest_(text) {}

  lexeme peek() const { return lexer(*this).next(); }

  lexeme next() {
    while (!rest_.empty() && blank(rest_[0])) rest_.remove_prefix(1);
    if (rest_.empty()) return {};
    switch (rest_[0]) {
      case '(':
        return take(token::open, 1);
      case ')':
        return take(token::close, 1);
      case ',':
        return take(token::comma, 1);
      case '>':
        return take(token::greater, 1);
      case '<':
        return take(token::less, 1);
      case '=':
        return take(token::equal, rest_.starts_with("==") ? 2 : 1);
      case '!':
        return rest_.starts_with("!=") ? take(token::not_equal, 2) : take(token::bang, 1);
      default:
        break;
    }
    std::size_t n = 0;
    while (n < rest_.size() && !blank(rest_[n]) &&
           std::string_view("()=!,<>").find(rest_[n]) == std::string_view::npos)
      ++n;
    return take(token::word, n);
  }

 private:
  static bool blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

  lexeme take(token kind, std::size_t n) {
    const lexeme out{kind, rest_.substr(0, n)};
    rest_.remove_prefix(n);
    return out;
  }

  std::string_view rest_;
};

/// The grammar of labels.Parse. Each step returns false after setting the error.
class label_parser {
 public:
  label_parser(std::string_view text, std::string& error) : lexer_(text), error_(error) {}

  bool all(std::vector<requirement>& out) {
    for (;;) {
      const lexeme first = lexer_.peek();
      if (first.kind == token::end) return true;
      if (first.kind != token::word && first.kind != token::bang)
        return found(first, ", expected: !, identifier, or 'end of string'");
      requirement r;
      if (!term(r)) {
        error_ = "unable to parse requirement: " + error_;
        return false;
      }
      out.push_back(std::move(r));
      const lexeme after = lexer_.next();
      if (after.kind == token::end) return true;
      if (after.kind != token::comma) return found(after, ", expected: ',' or 'end of string'");
      const lexeme then = lexer_.peek();
      if (then.kind != token::word && then.kind != token::bang)
        return found(then, ", expected: identifier after ','");
    }
  }

 private:
  bool found(const lexeme& at, std::string_view wanted) {
    error_ = "found '" + std::string(at.text) + "'" + std::string(wanted);
    return false;
  }

  bool term(requirement& r) {
    lexeme t = lexer_.next();
    const bool negated = t.kind == token::bang;
    if (negated) t = lexer_.next();
    if (t.kind != token::word) return found(t, ", expected: identifier");
    r.key = t.text;
    if (error_ = key_fault(r.key); !error_.empty()) return false;
    const token ahead = lexer_.peek().kind;
    if (negated || ahead == token::end || ahead == token::comma) {
      r.op = negated ? operation::does_not_exist : operation::exists;
      return true;
    }
    bool listed = false;
    if (!operation_of(r, listed) || !(listed ? set(r.values) : exact(r.values))) return false;
    sort_values(r);
    error_ = fault_of(r);
    return error_.empty();
  }

  bool operation_of(requirement& r, bool& listed) {
    const lexeme t = lexer_.next();
    listed = t.kind == token::word;
    if (t.kind == token::equal || t.text == "in") {
      r.op = operation::in;
    } else if (t.kind == token::not_equal || t.text == "notin") {
      r.op = operation::not_in;
    } else if (t.kind == token::greater) {
      r.op = operation::gt;
    } else if (t.kind == token::less) {
      r.op = operation::lt;
    } else {
      return found(t, ", expected: in, notin, =, ==, !=, gt, lt");
    }
    return true;
  }

  bool exact(std::vector<std::string>& out) {
    const lexeme ahead = lexer_.peek();
    if (ahead.kind == token::end || ahead.kind == token::comma) {
      out.emplace_back();
      return true;
    }
    const lexeme t = lexer_.next();
    if (t.kind != token::word) return found(t, ", expected: identifier");
    out.emplace_back(t.text);
    return true;
  }

  bool set(std::vector<std::string>& out) {
    const lexeme open = lexer_.next();
    if (open.kind != token::open) return found(open, " expected: '('");
    if (lexer_.peek().kind == token::close) {
      lexer_.next();
      return true;
    }
    // Between commas stands one word or nothing, which is the empty value.
    for (;;) {
      if (lexer_.peek().kind == token::word) {
        out.emplace_back(lexer_.next().text);
      } else {
        out.emplace_back();
      }
      const lexeme t = lexer_.next();
      if (t.kind == token::close) return true;
      if (t.kind != token::comma) return found(t, ", expected: ',' or ')'");
    }
  }

  lexer lexer_;
  std::string& error_;
};

/// Cuts "a=b,c!=d" at unescaped commas.
std::vector<std::string_view> split_terms(std::string_view text) {
  std::vector<std::string_view> out;
  std::size_t start = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i + 1 < text.size() && text[i] == '\\') {
      ++i;
      continue;
    }
    if (i >= text.size() || text[i] == ',') {
      if (start < std::min(i, text.size())) out.push_back(text.substr(start, i - start));
      start = i + 1;
    }
  }
  return out;
}

/// Undoes \\ \, and \= in a field's value (fields.UnescapeValue).
bool unescape(std::string_view text, std::string& out, std::string& error) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      if (++i >= text.size() || std::string_view("\\,=").find(text[i]) == std::string_view::npos) {
        error = "invalid field selector: invalid escape sequence: " +
                std::string(text.substr(i - 1, 2));
        return false;
      }
    } else if (text[i] == '=') {
      error = "invalid field selector: unescaped character in value: 61";
      return false;
    }
    out += text[i];
  }
  return true;
}

}  // namespace

const std::string* find(const string_pairs& pairs, std::string_view key) {
  const auto found = std::lower_bound(pairs.begin(), pairs.end(), key,
                                      [](const auto& pair, auto k) { return pair.first < k; });
  return found != pairs.end() && found->first == key ? &found->second : nullptr;
}

bool requirement::matches(const string_pairs& labels) const {
  const std::string* value = find(labels, key);
  switch (op) {
    case operation::exists:
      return value != nullptr;
    case operation::does_not_exist:
      return value == nullptr;
    case operation::in:
      return value && std::binary_search(values.begin(), values.end(), *value);
    case operation::not_in:
      return !value || !std::binary_search(values.begin(), values.end(), *value);
    case operation::gt:
    case operation::lt:
      break;
  }
  if (!value || values.size() != 1) return false;
  const auto have = integer(*value), bound = integer(values[0]);
  if (!have || !bound) return false;
  return op == operation::gt ? *have > *bound : *have < *bound;
}

bool label_selector::matches(const string_pairs& labels) const {
  return std::all_of(terms.begin(), terms.end(), [&](const auto& t) { return t.matches(labels); });
}

std::optional<label_selector> label_selector::parse(std::string_view text, std::string& error) {
  label_selector out;
  if (!label_parser(text, error).all(out.terms)) return std::nullopt;
  std::stable_sort(out.terms.begin(), out.terms.end(),
                   [](const auto& a, const auto& b) { return a.key < b.key; });
  return out;
}

std::optional<label_selector> label_selector::from_json(const json& selector, std::string& error) {
  label_selector out;
  auto add = [&](requirement r) {
    sort_values(r);
    error = fault_of(r);
    if (error.empty()) out.terms.push_back(std::move(r));
    return error.empty();
  };
  if (const json& labels = at(selector, {"matchLabels"}); labels.is_object())
    for (const auto& [key, value] : labels.items()) {
      if (!add({key, operation::in, {value.is_string() ? value.get<std::string>() : value.dump()}}))
        return std::nullopt;
    }
  const json& expressions = at(selector, {"matchExpressions"});
  if (!expressions.is_array()) return out;
  static constexpr std::pair<std::string_view, operation> operations[] = {
      {"In", operation::in},
      {"NotIn", operation::not_in},
      {"Exists", operation::exists},
      {"DoesNotExist", operation::does_not_exist}};
  for (const json& e : expressions) {
    const std::string name = string_at(e, {"operator"});
    const auto known = std::find_if(std::begin(operations), std::end(operations),
                                    [&](const auto& o) { return o.first == name; });
    if (known == std::end(operations)) {
      error = in_quotes(name) + " is not a valid label selector operator";
      return std::nullopt;
    }
    requirement r{string_at(e, {"key"}), known->second, {}};
    if (const json& values = at(e, {"values"}); values.is_array())
      for (const json& v : values)
        if (v.is_string()) r.values.push_back(v.get<std::string>());
    const bool bare = r.op == operation::exists || r.op == operation::does_not_exist;
    if (bare && !r.values.empty()) {
      error = invalid_value("values", json(r.values).dump(),
                            "values set must be empty for exists and does not exist");
      return std::nullopt;
    }
    if (!add(std::move(r))) return std::nullopt;
  }
  return out;
}

bool field_selector::matches(const string_pairs& fields) const {
  return std::all_of(terms.begin(), terms.end(), [&](const term& t) {
    const std::string* value = find(fields, t.field);
    return ((value ? *value : std::string_view{}) == t.value) == t.equal;
  });
}

const std::string* field_selector::required(std::string_view field) const {
  for (const term& t : terms)
    if (t.equal && t.field == field) return &t.value;
  return nullptr;
}

std::optional<field_selector> field_selector::parse(std::string_view text, std::string& error) {
  field_selector out;
  for (const std::string_view part : split_terms(text)) {
    const auto at = part.find_first_of("=!");
    const bool differs = at != std::string_view::npos && part.substr(at).starts_with("!=");
    const bool doubled = at != std::string_view::npos && part.substr(at).starts_with("==");
    if (at == std::string_view::npos || (part[at] == '!' && !differs)) {
      error = "invalid selector: '" + std::string(text) + "'; can't understand '" +
              std::string(part) + "'";
      return std::nullopt;
    }
    term t{std::string(part.substr(0, at)), "", !differs};
    if (!unescape(part.substr(at + (differs || doubled ? 2 : 1)), t.value, error))
      return std::nullopt;
    out.terms.push_back(std::move(t));
  }
  return out;
}

}  // namespace troupe::model
