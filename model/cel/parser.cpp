#include "model/cel/lexer.hpp"
#include "model/cel/libraries.hpp"
#include "model/cel/program.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace troupe::model::cel {
namespace {

using expr = std::unique_ptr<const expression>;

constexpr int deepest = 64;  // of parentheses and the like
constexpr int deepest_tree = 1000;
constexpr std::size_t longest = 100'000;

expr literal(std::size_t at, value v) {
  auto e = std::make_unique<expression>();
  e->at = at;
  e->constant = std::move(v);
  return e;
}

std::optional<value> negative(const value& number) {
  if (const auto* i = number.get<std::int64_t>()) return value::kinds(-*i);
  if (const auto* d = number.get<double>()) return value::kinds(-*d);
  return std::nullopt;
}

/// An expression over others. Trees are walked by recursion, so that their depth has a limit.
expr finish(std::unique_ptr<expression> e) {
  for (const auto& a : e->args) e->depth = std::max(e->depth, a->depth + 1);
  if (e->depth > deepest_tree)
    throw failure{"ERROR: <input>:1:1: Syntax error: expression is nested too deep"};
  return e;
}

template <class... Args>
expr make(std::size_t at, node kind, std::string text, Args... args) {
  auto e = std::make_unique<expression>();
  e->kind = kind;
  e->at = at;
  e->text = std::move(text);
  (e->args.push_back(std::move(args)), ...);
  return finish(std::move(e));
}

/// Words that CEL keeps for itself.
constexpr std::array<std::string_view, 18> reserved{
    "as", "break", "const", "continue", "else",      "for",    "function", "if",   "import",
    "in", "let",   "loop",  "package",  "namespace", "return", "var",      "void", "while"};

/// Methods that bind names: the first arguments.
struct macro_form {
  std::string_view name;
  std::size_t variables, least, most;  ///< and how many arguments it has
};
constexpr macro_form macros[] = {{"all", 1, 2, 2},          {"exists", 1, 2, 2},
                                 {"exists_one", 1, 2, 2},   {"filter", 1, 2, 2},
                                 {"map", 1, 2, 3},          {"optMap", 1, 2, 2},
                                 {"optFlatMap", 1, 2, 2},   {"all", 2, 3, 3},
                                 {"exists", 2, 3, 3},       {"exists_one", 2, 3, 3},
                                 {"existsOne", 2, 3, 3},    {"transformList", 2, 3, 4},
                                 {"transformMap", 2, 3, 4}, {"transformMapEntry", 2, 3, 4}};

const macro_form* find_macro(std::string_view name, std::size_t arguments) {
  for (const auto& m : macros)
    if (m.name == name && arguments >= m.least && arguments <= m.most) return &m;
  return nullptr;
}

class parser {
 public:
  explicit parser(std::string_view text) : lex_(text) {}

  expr run() {
    expr e = choice();
    if (lex_.kind != token::end) lex_.unexpected();
    return e;
  }

 private:
  struct level {
    int& depth;
    ~level() { --depth; }
  };

  expr choice() {
    if (++depth_ > deepest) lex_.fail("expression is nested too deep");
    const level here{depth_};
    expr e = either();
    const auto at = lex_.start();
    if (!lex_.take("?")) return e;
    expr then = either();
    lex_.need(":");
    return make(at, node::choice, "?:", std::move(e), std::move(then), choice());
  }

  expr either() {
    expr e = both();
    for (auto at = lex_.start(); lex_.take("||"); at = lex_.start())
      e = make(at, node::logic, "||", std::move(e), both());
    return e;
  }

  expr both() {
    expr e = relation();
    for (auto at = lex_.start(); lex_.take("&&"); at = lex_.start())
      e = make(at, node::logic, "&&", std::move(e), relation());
    return e;
  }

  expr relation() {
    expr e = sum();
    for (;;) {
      std::string op;
      for (const char* known : {"==", "!=", "<=", ">=", "<", ">"})
        if (lex_.is(known)) op = known;
      if (lex_.kind == token::name && lex_.word == "in") op = "in";
      if (op.empty()) return e;
      const auto at = lex_.start();
      lex_.next();
      std::string name = op == "in" ? "@in" : "_" + op + "_";
      e = make(at, node::call, std::move(name), std::move(e), sum());
    }
  }

  expr sum() {
    expr e = product();
    while (lex_.is("+") || lex_.is("-")) {
      std::string name = "_" + lex_.word + "_";
      const auto at = lex_.start();
      lex_.next();
      e = make(at, node::call, std::move(name), std::move(e), product());
    }
    return e;
  }

  expr product() {
    expr e = unary();
    while (lex_.is("*") || lex_.is("/") || lex_.is("%")) {
      std::string name = "_" + lex_.word + "_";
      const auto at = lex_.start();
      lex_.next();
      e = make(at, node::call, std::move(name), std::move(e), unary());
    }
    return e;
  }

  expr unary() {
    std::size_t times = 0;
    const bool negates = lex_.is("-");
    const char* sign = negates ? "-" : "!";
    const auto at = lex_.start();
    while (lex_.take(sign)) ++times;
    expr e = member();
    // A number has its sign.
    if (negates && times == 1 && e->kind == node::literal)
      if (auto made = negative(e->constant)) return literal(at, std::move(*made));
    const char* name = negates ? "-_" : "!_";
    for (; times > 0; --times) e = make(at, node::call, name, std::move(e));
    return e;
  }

  expr member() {
    expr e = primary();
    for (;;) {
      if (lex_.is(".") || lex_.is(".?")) {
        e = after_dot(std::move(e));
      } else if (lex_.is("[") || lex_.is("[?")) {
        const bool optional = lex_.is("[?");
        const auto at = lex_.start();
        lex_.next();
        expr key = choice();
        lex_.need("]");
        auto made = std::make_unique<expression>();
        made->kind = node::index;
        made->at = at;
        made->optional = optional;
        made->args.push_back(std::move(e));
        made->args.push_back(std::move(key));
        e = finish(std::move(made));
      } else {
        return e;
      }
    }
  }

  expr after_dot(expr e) {
    const bool optional = lex_.is(".?");
    const auto at = lex_.start();
    lex_.next();
    if (lex_.kind != token::name) lex_.unexpected();
    std::string name = std::exchange(lex_.word, {});
    lex_.next();
    const auto open = lex_.start();
    if (!optional && lex_.take("(")) return method(std::move(e), std::move(name), open);
    auto made = std::make_unique<expression>();
    made->kind = node::field;
    made->at = at;
    made->text = std::move(name);
    made->optional = optional;
    made->args.push_back(std::move(e));
    return finish(std::move(made));
  }

  expr method(expr e, std::string name, std::size_t at) {
    std::vector<expr> args = arguments(")");
    const auto* macro = find_macro(name, args.size());
    auto made = std::make_unique<expression>();
    made->at = at;
    made->text = std::move(name);
    if (macro) {
      made->kind = node::loop;
      made->variable = variable(*args[0]);
      if (macro->variables == 2) made->second_variable = variable(*args[1]);
    } else {
      made->kind = node::call;
      made->method = true;
    }
    // Functions of a library: sets.contains(a, b).
    if (!macro && e->kind == node::name && is_dotted_function(e->text + "." + made->text)) {
      made->text = e->text + "." + made->text;
      made->method = false;
    } else {
      made->args.push_back(std::move(e));
    }
    for (std::size_t i = macro ? macro->variables : 0; i < args.size(); ++i)
      made->args.push_back(std::move(args[i]));
    return finish(std::move(made));
  }

  std::string variable(const expression& e) const {
    if (e.kind != node::name) lex_.fail_at(e.at, "argument must be a simple name");
    return e.text;
  }

  std::vector<expr> arguments(std::string_view end) {
    std::vector<expr> out;
    while (!lex_.take(end)) {
      out.push_back(choice());
      if (lex_.take(",")) continue;
      lex_.need(end);
      break;
    }
    return out;
  }

  expr primary() {
    const auto at = lex_.start();
    switch (lex_.kind) {
      case token::number: {
        expr e = literal(at, lex_.number);
        lex_.next();
        return e;
      }
      case token::text: {
        expr e = literal(at, value::kinds(std::exchange(lex_.word, {})));
        lex_.next();
        return e;
      }
      case token::bytes: {
        expr e = literal(at, value::kinds(bytes_value{std::exchange(lex_.word, {})}));
        lex_.next();
        return e;
      }
      case token::name:
        return named();
      case token::sign:
        break;
      case token::end:
        lex_.fail(
            "mismatched input '<EOF>' expecting {'[', '{', '(', '.', '-', '!', 'true', 'false', "
            "'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}");
    }
    if (lex_.take("(")) {
      expr e = choice();
      lex_.need(")");
      return e;
    }
    // A list may begin with an item that it may do without.
    if (lex_.is("[") || lex_.is("[?")) return list();
    if (lex_.take("{")) return map(at);
    if (lex_.take(".") && lex_.kind == token::name) return named();
    lex_.unexpected();
  }

  expr list() {
    auto e = std::make_unique<expression>();
    e->kind = node::list;
    e->at = lex_.start();
    bool optional = lex_.is("[?");
    lex_.next();
    while (optional || !lex_.take("]")) {
      optional |= lex_.take("?");
      e->optional_items.push_back(std::exchange(optional, false));
      e->args.push_back(choice());
      if (lex_.take(",")) continue;
      lex_.need("]");
      break;
    }
    return finish(std::move(e));
  }

  expr map(std::size_t at) {
    auto e = std::make_unique<expression>();
    e->kind = node::map;
    e->at = at;
    while (!lex_.take("}")) {
      e->optional_items.push_back(lex_.take("?"));
      e->args.push_back(choice());
      lex_.need(":");
      e->args.push_back(choice());
      if (lex_.take(",")) continue;
      lex_.need("}");
      break;
    }
    return finish(std::move(e));
  }

  expr named() {
    const auto at = lex_.start();
    std::string name = std::exchange(lex_.word, {});
    lex_.next();
    if (name == "true" || name == "false") return literal(at, value::kinds(name == "true"));
    if (name == "null") return literal(at, {});
    if (std::ranges::find(reserved, name) != reserved.end())
      lex_.fail_at(at, "reserved identifier: " + name);
    const auto open = lex_.start();
    if (!lex_.take("(")) return make(at, node::name, std::move(name));
    std::vector<expr> args = arguments(")");
    auto made = std::make_unique<expression>();
    made->at = open;
    made->kind = name == "has" && args.size() == 1 ? node::has : node::call;
    if (made->kind == node::has && (args[0]->kind != node::field || args[0]->optional))
      lex_.fail_at(args[0]->at, "invalid argument to has() macro");
    made->text = std::move(name);
    made->args = std::move(args);
    return finish(std::move(made));
  }

  lexer lex_;
  int depth_ = 0;
};

}  // namespace

std::unique_ptr<const expression> parse(std::string_view text) {
  if (text.size() > longest) throw failure{"ERROR: <input>:1:1: expression is too long"};
  return parser(text).run();
}

}  // namespace troupe::model::cel
