#include "model/output/jsonpath.hpp"

#include "model/json_read.hpp"

#include <algorithm>
#include <charconv>

namespace troupe::model {
namespace {

enum class step_kind { field, index, slice, all, recursive, filter };

struct step;
using steps = std::vector<step>;

/// One side of a filter's comparison: a path below @, or a literal.
struct operand {
  bool path = false;
  std::vector<step> way;
  json literal;
};

struct step {
  step_kind kind = step_kind::all;
  std::vector<std::string> names;        ///< field: several with ['a','b']; each split at dots
  std::vector<std::int64_t> indices;     ///< index
  std::optional<std::int64_t> from, to;  ///< slice
  std::string op;                        ///< filter; empty: the path exists
  operand left, right;
};

using pointers = std::vector<const json*>;

std::string text_of(const json& value) {
  if (value.is_string()) return value.get<std::string>();
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

pointers walk(const steps& way, pointers here);

pointers field(const std::vector<std::string>& names, const pointers& here) {
  pointers out;
  for (const std::string& name : names)
    for (const json* v : here) {
      if (!v->is_object()) continue;
      if (const auto found = v->find(name); found != v->end()) {
        out.push_back(&*found);
      } else if (const auto dot = name.find('.'); dot != std::string::npos) {
        const pointers below = field({name.substr(0, dot)}, {v});
        const pointers last = field({name.substr(dot + 1)}, below);
        out.insert(out.end(), last.begin(), last.end());
      }
    }
  return out;
}

void descend(const json& value, pointers& out) {
  out.push_back(&value);
  if (value.is_structured())
    for (const json& child : value) descend(child, out);
}

bool compare(const json& a, const std::string& op, const json& b) {
  if (op == "==") return a == b;
  if (op == "!=") return a != b;
  if (a.is_number() != b.is_number() || a.is_string() != b.is_string()) return false;
  if (op == "<") return a < b;
  if (op == ">") return a > b;
  return op == "<=" ? a <= b : a >= b;
}

bool passes(const step& s, const json& value) {
  auto side = [&](const operand& o) -> pointers {
    return o.path ? walk(o.way, {&value}) : pointers{&o.literal};
  };
  const pointers left = side(s.left);
  if (s.op.empty()) return !left.empty();
  const pointers right = side(s.right);
  return !left.empty() && !right.empty() && compare(*left[0], s.op, *right[0]);
}

void pick(const step& s, const json& list, pointers& out) {
  const auto size = static_cast<std::int64_t>(list.size());
  auto absolute = [&](std::int64_t i) { return i < 0 ? i + size : i; };
  if (s.kind == step_kind::index) {
    for (const auto i : s.indices)
      if (absolute(i) >= 0 && absolute(i) < size)
        out.push_back(&list[static_cast<std::size_t>(absolute(i))]);
    return;
  }
  const auto from = std::max<std::int64_t>(absolute(s.from.value_or(0)), 0);
  const auto to = std::min(absolute(s.to.value_or(size)), size);
  for (auto i = from; i < to; ++i) out.push_back(&list[static_cast<std::size_t>(i)]);
}

pointers walk(const steps& way, pointers here) {
  for (const step& s : way) {
    if (s.kind == step_kind::field) {
      here = field(s.names, here);
      continue;
    }
    pointers next;
    for (const json* v : here) {
      if (s.kind == step_kind::recursive) {
        descend(*v, next);
      } else if (s.kind == step_kind::all && v->is_structured()) {
        for (const json& child : *v) next.push_back(&child);
      } else if (s.kind == step_kind::filter && v->is_array()) {
        for (const json& child : *v)
          if (passes(s, child)) next.push_back(&child);
      } else if (v->is_array()) {
        pick(s, *v, next);
      }
    }
    here = std::move(next);
  }
  return here;
}

/// Reads one expression. The first fault is remembered.
class reader {
 public:
  reader(std::string_view text, std::string& error) : rest_(text), error_(error) {}

  steps path() {
    steps out;
    skip_blanks();
    take('$') || take('@');
    while (error_.empty() && !rest_.empty()) {
      if (rest_.starts_with("..")) {
        rest_.remove_prefix(2);
        out.push_back({step_kind::recursive});
        if (!rest_.empty() && rest_[0] != '[') out.push_back(name());
      } else if (take('.')) {
        if (!rest_.empty() && rest_[0] != '[') out.push_back(name());
      } else if (take('[')) {
        out.push_back(bracket());
      } else if (out.empty() && rest_[0] != ' ' && rest_[0] != ')') {
        out.push_back(name());
      } else {
        break;
      }
    }
    skip_blanks();
    return out;
  }

  bool done() const { return rest_.empty(); }

  std::string quoted() {
    const char quote = rest_[0];
    rest_.remove_prefix(1);
    std::string out;
    while (!rest_.empty() && rest_[0] != quote) {
      char c = rest_[0];
      rest_.remove_prefix(1);
      if (c == '\\' && !rest_.empty()) {
        c = rest_[0];
        rest_.remove_prefix(1);
        c = c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c;
      }
      out += c;
    }
    if (!take(quote)) fail("unterminated quoted string");
    return out;
  }

  void fail(std::string why) {
    if (error_.empty()) error_ = std::move(why);
  }

 private:
  bool take(char c) {
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  void skip_blanks() {
    while (take(' ')) {
    }
  }

  step name() {
    if (take('*')) return {step_kind::all};
    step out{step_kind::field};
    std::string text;
    while (!rest_.empty() &&
           std::string_view(".[ )=!<>").find(rest_[0]) == std::string_view::npos) {
      if (rest_[0] == '\\' && rest_.size() > 1) rest_.remove_prefix(1);
      text += rest_[0];
      rest_.remove_prefix(1);
    }
    if (text.empty()) fail("a field name is missing");
    out.names.push_back(std::move(text));
    return out;
  }

  std::optional<std::int64_t> integer() {
    std::int64_t out = 0;
    const auto [end, fault] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), out);
    if (fault != std::errc{}) return std::nullopt;
    rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
    return out;
  }

  step bracket() {
    step out;
    skip_blanks();
    if (rest_.starts_with("?(")) {
      rest_.remove_prefix(2);
      out = filter();
    } else if (take('*')) {
      out.kind = step_kind::all;
    } else if (!rest_.empty() && (rest_[0] == '\'' || rest_[0] == '"')) {
      out.kind = step_kind::field;
      do {
        skip_blanks();
        if (rest_.empty() || (rest_[0] != '\'' && rest_[0] != '"')) break;
        out.names.push_back(quoted());
        skip_blanks();
      } while (take(','));
    } else {
      numbers(out);
    }
    skip_blanks();
    if (!take(']')) fail("unterminated array");
    return out;
  }

  void numbers(step& out) {
    out.kind = step_kind::index;
    const auto first = integer();
    if (take(':')) {
      out.kind = step_kind::slice;
      out.from = first;
      out.to = integer();
      return;
    }
    if (!first) return fail("invalid array index");
    out.indices.push_back(*first);
    while (take(',')) {
      skip_blanks();
      const auto next = integer();
      if (!next) return fail("invalid array index");
      out.indices.push_back(*next);
    }
  }

  operand side() {
    skip_blanks();
    operand out;
    if (!rest_.empty() && (rest_[0] == '\'' || rest_[0] == '"')) {
      out.literal = quoted();
    } else if (!rest_.empty() && (rest_[0] == '@' || rest_[0] == '.')) {
      out.path = true;
      out.way = path();
    } else {
      const auto end = rest_.find_first_of(" )=!<>");
      out.literal = read_json(rest_.substr(0, end));
      if (out.literal.is_discarded()) {
        fail("unrecognized operand in a filter");
        out.literal = nullptr;
      }
      rest_.remove_prefix(std::min(end, rest_.size()));
    }
    skip_blanks();
    return out;
  }

  step filter() {
    step out{step_kind::filter};
    out.left = side();
    for (const char* op : {"==", "!=", "<=", ">=", "<", ">"}) {
      if (!rest_.starts_with(op)) continue;
      out.op = op;
      rest_.remove_prefix(out.op.size());
      out.right = side();
      break;
    }
    if (!take(')')) fail("unterminated filter");
    return out;
  }

  std::string_view rest_;
  std::string& error_;
};

}  // namespace

/// A piece of a template: text, an expression, or a range with its body.
struct jsonpath_node {
  bool expression = false;
  bool range = false;
  std::string text;
  steps way;
  std::vector<std::shared_ptr<const jsonpath_node>> body;

  void print(const json& here, std::string& out) const {
    if (!expression) {
      out += text;
      return;
    }
    const pointers found = walk(way, {&here});
    bool first = true;
    for (const json* v : found) {
      if (range) {
        for (const auto& node : body) node->print(*v, out);
        continue;
      }
      if (!first) out += ' ';
      first = false;
      out += text_of(*v);
    }
  }
};

namespace {

using node_list = std::vector<std::shared_ptr<const jsonpath_node>>;

/// Where the brace that `text` starts behind closes, quotes skipped.
std::size_t closing_brace(std::string_view text) {
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (quote != 0) {
      if (text[i] == quote) quote = 0;
    } else if (text[i] == '"' || text[i] == '\'') {
      quote = text[i];
    } else if (text[i] == '}') {
      return i;
    }
  }
  return std::string_view::npos;
}

std::shared_ptr<jsonpath_node> expression(std::string_view text, std::string& error) {
  auto node = std::make_shared<jsonpath_node>();
  if (!text.empty() && (text[0] == '"' || text[0] == '\'')) {
    node->text = reader(text, error).quoted();
    return node;
  }
  node->expression = true;
  if (text.starts_with("range ")) {
    node->range = true;
    text.remove_prefix(6);
  }
  reader r(text, error);
  node->way = r.path();
  if (!r.done()) r.fail("unrecognized character in expression");
  return node;
}

/// Reads up to {end} (inside a range) or the end of the template.
node_list body(std::string_view& text, bool inside, std::string& error) {
  node_list out;
  while (!text.empty() && error.empty()) {
    const auto open = text.find('{');
    if (open != 0) {
      auto node = std::make_shared<jsonpath_node>();
      node->text = text.substr(0, open);
      out.push_back(std::move(node));
      text.remove_prefix(std::min(open, text.size()));
      continue;
    }
    const auto close = closing_brace(text.substr(1));
    if (close == std::string_view::npos) {
      error = "unclosed action";
      return out;
    }
    const std::string_view inner = text.substr(1, close);
    text.remove_prefix(close + 2);
    if (inner == "end") {
      if (!inside) error = "not in range, nothing to end";
      return out;
    }
    auto node = expression(inner, error);
    if (node->range) node->body = body(text, true, error);
    out.push_back(std::move(node));
  }
  if (inside && error.empty()) error = "unclosed range";
  return out;
}

}  // namespace

std::optional<jsonpath> jsonpath::parse(std::string_view text, std::string& error) {
  error.clear();
  std::string braced;
  if (text.find('{') == std::string_view::npos) {
    braced = "{" + std::string(text) + "}";
    text = braced;
  }
  jsonpath out;
  // A range inside a range ends at the first {end}: `body` recurses once a range, so the depth is
  // bounded by the length of a command line.
  out.nodes_ = body(text, false, error);
  if (!error.empty()) return std::nullopt;
  return out;
}

std::string jsonpath::print(const json& document) const {
  std::string out;
  for (const auto& node : nodes_) node->print(document, out);
  return out;
}

std::vector<json> jsonpath::values(const json& document) const {
  std::vector<json> out;
  for (const auto& node : nodes_) {
    if (!node->expression) continue;
    for (const json* v : walk(node->way, {&document})) out.push_back(*v);
    break;
  }
  return out;
}

}  // namespace troupe::model
