#pragma once

#include "model/cel/program.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace troupe::model::cel {

// Inside of the parser.

enum class token : std::uint8_t { end, name, number, text, bytes, sign };

/// The tokens of an expression, one after the other. Throws failure where there is none.
class lexer {
 public:
  explicit lexer(std::string_view text) : text_(text) { next(); }

  token kind = token::end;
  std::string word;  ///< of names and signs, and what strings mean
  value number;

  /// Where the token is that was read last.
  std::size_t start() const { return start_; }
  void next();

  bool is(std::string_view sign_text) const { return kind == token::sign && word == sign_text; }
  bool take(std::string_view sign_text);
  void need(std::string_view sign_text);

  [[noreturn]] void fail(const std::string& why) const;
  [[noreturn]] void fail_at(std::size_t at, const std::string& why) const;
  [[noreturn]] void unexpected() const;

 private:
  static constexpr std::size_t prefixes_end = 3;

  char peek(std::size_t ahead = 0) const {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  void skip_blanks();
  /// How many letters (r, b) stand before a quote here; prefixes_end when no string begins.
  std::size_t string_prefix() const;
  void string();
  void escape(bool bytes);
  void code(std::size_t digits, int base, bool byte);
  void read_number();
  void sign();

  std::string_view text_;
  std::size_t at_ = 0, start_ = 0;
};

}  // namespace troupe::model::cel
