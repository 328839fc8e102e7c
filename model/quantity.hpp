#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace troupe::model {

/// resource.Quantity: a fixed-point number, exact to 1e-9, with the format it was written in.
class quantity {
 public:
  enum class format : std::uint8_t { decimal_si, binary_si, decimal_exponent };

  quantity() = default;
  /// "1.5", "100m", "2Gi", "1e3"; below 1e-9 rounds up to it, past 2^63-1 saturates.
  static std::optional<quantity> parse(std::string_view text);
  /// The same; on failure `error` says why in Kubernetes' words.
  static std::optional<quantity> parse(std::string_view text, std::string& error);
  static quantity of(std::int64_t units, format f = format::decimal_si);
  static quantity of_milli(std::int64_t milli);

  /// Rounded up, as Kubernetes does; saturates at the 64-bit bounds.
  std::int64_t value() const;
  std::int64_t milli_value() const;
  /// The canonical text: "1500m", "2Gi", "1e3".
  std::string text() const;
  bool negative() const { return nano_ < 0; }
  bool zero() const { return nano_ == 0; }

  quantity& operator+=(const quantity& o);
  quantity& operator-=(const quantity& o);
  std::strong_ordering operator<=>(const quantity& o) const { return nano_ <=> o.nano_; }
  bool operator==(const quantity& o) const { return nano_ == o.nano_; }

 private:
  __extension__ typedef __int128 wide;
  quantity(wide nano, format f) : nano_(nano), format_(f) {}

  wide nano_ = 0;
  format format_ = format::decimal_si;
};

}  // namespace troupe::model
