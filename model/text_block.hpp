#pragma once

#include "model/json.hpp"

#include <charconv>
#include <cstring>
#include <string>
#include <string_view>

namespace troupe::model {

/// Collects JSON text on the stack, since a string's own way to grow costs as much as a short key.
class text_block {
 public:
  explicit text_block(std::string& out) : out_(out) {}
  text_block(const text_block&) = delete;
  text_block& operator=(const text_block&) = delete;
  ~text_block() { flush(); }

  void put(char c) {
    if (used_ == sizeof text_) flush();
    text_[used_++] = c;
  }

  void put(std::string_view text) {
    if (text.empty()) return;  // Its data may be null.
    if (text.size() > sizeof text_ - used_) {
      flush();
      if (text.size() > sizeof text_) {
        out_ += text;
        return;
      }
    }
    std::memcpy(text_ + used_, text.data(), text.size());
    used_ += text.size();
  }

  void put_quoted(std::string_view value);
  void put_value(const json& value);

  template <class Number>
  void put_number(Number n) {
    char digits[24];
    put({digits, std::to_chars(digits, digits + sizeof digits, n).ptr});
  }

  /// What was put is in the string from here on.
  void flush() {
    out_.append(text_, used_);
    used_ = 0;
  }

 private:
  std::string& out_;
  std::size_t used_ = 0;
  char text_[1024];
};

}  // namespace troupe::model
