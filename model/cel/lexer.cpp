#include "model/cel/lexer.hpp"

#include <array>
#include <charconv>
#include <cstdlib>

namespace troupe::model::cel {
namespace {

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

}  // namespace

void lexer::fail(const std::string& why) const {
  fail_at(start_, "Syntax error: " + why);
}

void lexer::fail_at(std::size_t at, const std::string& why) const {
  throw failure{shown_error(text_, at, why)};
}

void lexer::unexpected() const {
  fail(kind == token::end ? "mismatched input '<EOF>'" : "mismatched input '" + word + "'");
}

void lexer::next() {
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

bool lexer::take(std::string_view sign_text) {
  if (!is(sign_text)) return false;
  next();
  return true;
}

void lexer::need(std::string_view sign_text) {
  if (!take(sign_text)) unexpected();
}

void lexer::skip_blanks() {
  while (at_ < text_.size()) {
    if (text_.substr(at_).starts_with("//"))
      at_ = std::min(text_.find('\n', at_), text_.size());
    else if (std::string_view(" \t\r\n\f").find(text_[at_]) != std::string_view::npos)
      ++at_;
    else
      return;
  }
}

std::size_t lexer::string_prefix() const {
  for (std::size_t n = 0; n < prefixes_end; ++n) {
    const char c = peek(n);
    if (c == '"' || c == '\'') return n;
    if (std::string_view("rRbB").find(c) == std::string_view::npos || c == '\0') break;
  }
  return prefixes_end;
}

void lexer::string() {
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

void lexer::escape(bool bytes) {
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

void lexer::code(std::size_t digits, int base, bool byte) {
  std::uint32_t point = 0;
  const auto piece = text_.substr(at_, digits);
  const auto [end, error] = std::from_chars(piece.data(), piece.data() + piece.size(), point, base);
  if (piece.size() != digits || error != std::errc() || end != piece.data() + digits ||
      point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF))
    fail("invalid escape sequence");
  at_ += digits;
  if (byte)
    word += static_cast<char>(point);
  else
    append_point(word, point);
}

void lexer::read_number() {
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

void lexer::sign() {
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

}  // namespace troupe::model::cel
