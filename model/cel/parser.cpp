#include "model/cel/libraries.hpp"
#include "model/cel/program.hpp"

#include <array>
#include <charconv>
#include <cstdlib>

namespace troupe::model::cel {
namespace {

using expr = std::unique_ptr<const expression>;

constexpr int deepest = 64;  // of parentheses and the like
constexpr int deepest_tree = 1000;
constexpr std::size_t longest = 100'000;

enum class token : std::uint8_t { end, name, number, text, bytes, sign };

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// UTF-8 of a code point.
void append_point(std::string& out, std::uint32_t c) {
  const auto put = [&](std::uint32_t bits) { out += static_cast<char>(bits); };
  if (c < 0x80) return put(c);
  if (c < 0x800) {
    put(0xC0 | (c >> 6));
  } else if (c < 0x10000) {
    put(0xE0 | (c >> 12));
    put(0x80 | ((c >> 6) & 0x3F));
  } else {
    put(0xF0 | (c >> 18));
    put(0x80 | ((c >> 12) & 0x3F));
    put(0x80 | ((c >> 6) & 0x3F));
  }
  put(0x80 | (c & 0x3F));
}

class lexer {
 public:
  explicit lexer(std::string_view text) : text_(text) { next(); }

  token kind = token::end;
  std::string word;  ///< of names and signs, and what strings mean
  value number;

  [[noreturn]] void fail(const std::string& why) const {
    std::size_t line = 1, column = 0;
    for (const char c : text_.substr(0, start_)) {
      column = c == '\n' ? 0 : column + 1;
      line += c == '\n' ? 1 : 0;
    }
    throw failure{"ERROR: <input>:" + std::to_string(line) + ":" + std::to_string(column + 1) +
                  ": Syntax error: " + why};
  }

  [[noreturn]] void unexpected() const {
    fail(kind == token::end ? "mismatched input '<EOF>'" : "mismatched input '" + word + "'");
  }

  void next() {
    skip_blanks();
    start_ = at_;
    word.clear();
    if (at_ == text_.size()) {
      kind = token::end;
    } else if (string_prefix() < prefixes_end) {
      string();
    } else if (is_letter(text_[at_])) {
      while (at_ < text_.size() && (is_letter(text_[at_]) || is_digit(text_[at_])))
        word += text_[at_++];
      kind = token::name;
    } else if (is_digit(text_[at_]) || (text_[at_] == '.' && is_digit(peek(1)))) {
      read_number();
    } else {
      sign();
    }
  }

  bool is(std::string_view sign_text) const { return kind == token::sign && word == sign_text; }
  bool take(std::string_view sign_text) {
    if (!is(sign_text)) return false;
    next();
    return true;
  }
  void need(std::string_view sign_text) {
    if (!take(sign_text)) unexpected();
  }

 private:
  static constexpr std::size_t prefixes_end = 3;

  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }

  void skip_blanks() {
    while (at_ < text_.size()) {
      if (text_.substr(at_).starts_with("//"))
        at_ = std::min(text_.find('\n', at_), text_.size());
      else if (std::string_view(" \t\r\n\f").find(text_[at_]) != std::string_view::npos)
        ++at_;
      else
        return;
    }
  }

  /// How many letters (r, b) stand before a quote here; prefixes_end when no string begins.
  std::size_t string_prefix() const {
    for (std::size_t n = 0; n < prefixes_end; ++n) {
      const char c = peek(n);
      if (c == '"' || c == '\'') return n;
      if (std::string_view("rRbB").find(c) == std::string_view::npos || c == '\0') break;
    }
    return prefixes_end;
  }

  void string() {
    bool raw = false, bytes = false;
    for (; peek() != '"' && peek() != '\''; ++at_) {
      raw |= peek() == 'r' || peek() == 'R';
      bytes |= peek() == 'b' || peek() == 'B';
    }
    std::string quote(1, peek());
    if (text_.substr(at_).starts_with(quote + quote + quote)) quote = quote + quote + quote;
    at_ += quote.size();
    while (!text_.substr(at_).starts_with(quote)) {
      if (at_ >= text_.size() || (quote.size() == 1 && peek() == '\n'))
        fail("unterminated string literal");
      if (peek() == '\\' && !raw)
        escape(bytes);
      else
        word += text_[at_++];
    }
    at_ += quote.size();
    kind = bytes ? token::bytes : token::text;
  }

  void escape(bool bytes) {
    static constexpr std::string_view from = "abfnrtv\\'\"`?", to = "\a\b\f\n\r\t\v\\'\"`?";
    const char c = peek(1);
    at_ += 2;
    if (const auto known = from.find(c); known != from.npos && c != '\0') {
      word += to[known];
    } else if (c == 'x' || c == 'X') {
      code(2, 16, bytes);
    } else if (c == 'u') {
      code(4, 16, false);
    } else if (c == 'U') {
      code(8, 16, false);
    } else if (c >= '0' && c <= '3') {
      --at_;
      code(3, 8, bytes);
    } else {
      fail("invalid escape sequence");
    }
  }

  void code(std::size_t digits, int base, bool byte) {
    std::uint32_t point = 0;
    const auto piece = text_.substr(at_, digits);
    const auto [end, error] =
        std::from_chars(piece.data(), piece.data() + piece.size(), point, base);
    if (piece.size() != digits || error != std::errc() || end != piece.data() + digits ||
        point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF))
      fail("invalid escape sequence");
    at_ += digits;
    if (byte)
      word += static_cast<char>(point);
    else
      append_point(word, point);
  }

  void read_number() {
    kind = token::number;
    const bool hex = peek() == '0' && (peek(1) == 'x' || peek(1) == 'X');
    if (hex) at_ += 2;
    bool real = false;
    for (; at_ < text_.size(); ++at_) {
      const char c = peek();
      const bool exponent = !hex && (c == 'e' || c == 'E');
      if (hex ? std::isxdigit(static_cast<unsigned char>(c)) != 0 : is_digit(c)) {
        word += c;
      } else if (!hex && ((c == '.' && is_digit(peek(1))) || exponent)) {
        real = true;
        word += c;
        if (exponent && (peek(1) == '+' || peek(1) == '-')) word += text_[++at_];
      } else {
        break;
      }
    }
    if (real) {
      number = value::kinds(std::strtod(word.c_str(), nullptr));
      return;
    }
    std::uint64_t n = 0;
    const auto [end, error] =
        std::from_chars(word.data(), word.data() + word.size(), n, hex ? 16 : 10);
    if (error != std::errc() || end != word.data() + word.size()) fail("invalid int literal");
    if (peek() == 'u' || peek() == 'U') {
      ++at_;
      number = value::kinds(n);
    } else {
      // The largest negative number is written as the negation of one too large; as no rule needs
      // it, it is refused with the others.
      if (n > static_cast<std::uint64_t>(INT64_MAX)) fail("invalid int literal");
      number = value::kinds(static_cast<std::int64_t>(n));
    }
  }

  void sign() {
    kind = token::sign;
    static constexpr std::array<std::string_view, 8> two{
        "&&", "||", "==", "!=", "<=", ">=", ".?", "[?"};
    for (const auto s : two)
      if (text_.substr(at_).starts_with(s)) {
        word = s;
        at_ += 2;
        return;
      }
    word = text_[at_++];
    if (std::string_view("+-*/%<>!?:.,()[]{}").find(word[0]) == std::string_view::npos)
      fail("token recognition error at: '" + word + "'");
  }

  std::string_view text_;
  std::size_t at_ = 0, start_ = 0;
};

expr literal(value v) {
  auto e = std::make_unique<expression>();
  e->constant = std::move(v);
  return e;
}

/// An expression over others. Trees are walked by recursion, so that their depth has a limit.
expr finish(std::unique_ptr<expression> e) {
  for (const auto& a : e->args) e->depth = std::max(e->depth, a->depth + 1);
  if (e->depth > deepest_tree)
    throw failure{"ERROR: <input>:1:1: Syntax error: expression is nested too deep"};
  return e;
}

template <class... Args>
expr make(node kind, std::string text, Args... args) {
  auto e = std::make_unique<expression>();
  e->kind = kind;
  e->text = std::move(text);
  (e->args.push_back(std::move(args)), ...);
  return finish(std::move(e));
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
    if (!lex_.take("?")) return e;
    expr then = either();
    lex_.need(":");
    return make(node::choice, "?:", std::move(e), std::move(then), choice());
  }

  expr either() {
    expr e = both();
    while (lex_.take("||")) e = make(node::logic, "||", std::move(e), both());
    return e;
  }

  expr both() {
    expr e = relation();
    while (lex_.take("&&")) e = make(node::logic, "&&", std::move(e), relation());
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
      lex_.next();
      std::string name = op == "in" ? "@in" : "_" + op + "_";
      e = make(node::call, std::move(name), std::move(e), sum());
    }
  }

  expr sum() {
    expr e = product();
    while (lex_.is("+") || lex_.is("-")) {
      std::string name = "_" + lex_.word + "_";
      lex_.next();
      e = make(node::call, std::move(name), std::move(e), product());
    }
    return e;
  }

  expr product() {
    expr e = unary();
    while (lex_.is("*") || lex_.is("/") || lex_.is("%")) {
      std::string name = "_" + lex_.word + "_";
      lex_.next();
      e = make(node::call, std::move(name), std::move(e), unary());
    }
    return e;
  }

  expr unary() {
    std::size_t times = 0;
    const bool negates = lex_.is("-");
    const char* sign = negates ? "-" : "!";
    while (lex_.take(sign)) ++times;
    expr e = member();
    const char* name = negates ? "-_" : "!_";
    for (; times > 0; --times) e = make(node::call, name, std::move(e));
    return e;
  }

  expr member() {
    expr e = primary();
    for (;;) {
      if (lex_.is(".") || lex_.is(".?")) {
        e = after_dot(std::move(e));
      } else if (lex_.is("[") || lex_.is("[?")) {
        const bool optional = lex_.is("[?");
        lex_.next();
        expr key = choice();
        lex_.need("]");
        auto made = std::make_unique<expression>();
        made->kind = node::index;
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
    lex_.next();
    if (lex_.kind != token::name) lex_.unexpected();
    std::string name = std::exchange(lex_.word, {});
    lex_.next();
    if (!optional && lex_.take("(")) return method(std::move(e), std::move(name));
    auto made = std::make_unique<expression>();
    made->kind = node::field;
    made->text = std::move(name);
    made->optional = optional;
    made->args.push_back(std::move(e));
    return finish(std::move(made));
  }

  expr method(expr e, std::string name) {
    std::vector<expr> args = arguments(")");
    const bool loops = name == "all" || name == "exists" || name == "exists_one" ||
                       name == "filter" || name == "map";
    if (loops && args.size() >= 2 && args.size() <= (name == "map" ? 3u : 2u)) {
      if (args[0]->kind != node::name) lex_.fail("argument must be a simple name");
      auto made = std::make_unique<expression>();
      made->kind = node::loop;
      made->text = std::move(name);
      made->variable = args[0]->text;
      made->args.push_back(std::move(e));
      for (std::size_t i = 1; i < args.size(); ++i) made->args.push_back(std::move(args[i]));
      return finish(std::move(made));
    }
    auto made = std::make_unique<expression>();
    made->kind = node::call;
    made->method = true;
    made->text = std::move(name);
    // Functions of a library: sets.contains(a, b).
    if (e->kind == node::name && is_dotted_function(e->text + "." + made->text)) {
      made->text = e->text + "." + made->text;
      made->method = false;
    } else {
      made->args.push_back(std::move(e));
    }
    for (auto& a : args) made->args.push_back(std::move(a));
    return finish(std::move(made));
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
    switch (lex_.kind) {
      case token::number: {
        expr e = literal(lex_.number);
        lex_.next();
        return e;
      }
      case token::text: {
        expr e = literal(value::kinds(std::exchange(lex_.word, {})));
        lex_.next();
        return e;
      }
      case token::bytes: {
        expr e = literal(value::kinds(bytes_value{std::exchange(lex_.word, {})}));
        lex_.next();
        return e;
      }
      case token::name:
        return named();
      case token::sign:
        break;
      case token::end:
        lex_.unexpected();
    }
    if (lex_.take("(")) {
      expr e = choice();
      lex_.need(")");
      return e;
    }
    if (lex_.take("[")) {
      auto e = std::make_unique<expression>();
      e->kind = node::list;
      e->args = arguments("]");
      return finish(std::move(e));
    }
    if (lex_.take("{")) return map();
    if (lex_.take(".") && lex_.kind == token::name) return named();
    lex_.unexpected();
  }

  expr map() {
    auto e = std::make_unique<expression>();
    e->kind = node::map;
    while (!lex_.take("}")) {
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
    std::string name = std::exchange(lex_.word, {});
    lex_.next();
    if (name == "true" || name == "false") return literal(value::kinds(name == "true"));
    if (name == "null") return literal({});
    if (!lex_.take("(")) return make(node::name, std::move(name));
    std::vector<expr> args = arguments(")");
    auto made = std::make_unique<expression>();
    made->kind = name == "has" ? node::has : node::call;
    if (name == "has" && (args.size() != 1 || args[0]->kind != node::field))
      lex_.fail("invalid argument to has() macro");
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
