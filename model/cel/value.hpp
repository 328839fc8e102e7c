#pragma once

#include "model/cel/types.hpp"
#include "model/json.hpp"
#include "model/quantity.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace troupe::model::cel {

class value;
using values = std::shared_ptr<const std::vector<value>>;
using entries = std::shared_ptr<const std::vector<std::pair<value, value>>>;

struct bytes_value {
  std::string text;
  bool operator==(const bytes_value&) const = default;
};
struct time_value {
  std::chrono::nanoseconds since_epoch{0};
  auto operator<=>(const time_value&) const = default;
};
struct duration_value {
  std::chrono::nanoseconds length{0};
  auto operator<=>(const duration_value&) const = default;
};
struct type_value {
  std::string name;
  bool operator==(const type_value&) const = default;
};
struct optional_value {
  std::shared_ptr<const value> held;  ///< null: none
};

/// A value of a library's own type: an address, a URL, a version.
class foreign {
 public:
  virtual ~foreign() = default;
  virtual const char* type_name() const = 0;
  virtual std::string text() const = 0;
  /// Whether string() takes it.
  virtual bool prints() const { return false; }
  virtual bool equals(const foreign& other) const {
    return std::string_view(type_name()) == other.type_name() && text() == other.text();
  }
  /// A method; args[0] is the value itself. Nothing when there is none of this name for these.
  virtual std::optional<value> call(const std::string& name,
                                    const std::vector<value>& args) const = 0;
};
using foreign_ptr = std::shared_ptr<const foreign>;

/// A list or a map out of a document, which is looked at where it is.
struct document_value {
  const json* document = nullptr;
  const type* shape = nullptr;  ///< what a schema says of it; null: nothing
};

/// A value of CEL. The documents that an evaluation reads, and their types, must outlive its
/// values.
class value {
 public:
  using kinds = std::variant<std::monostate, bool, std::int64_t, std::uint64_t, double, std::string,
                             bytes_value, time_value, duration_value, type_value, quantity,
                             document_value, values, entries, optional_value, foreign_ptr>;

  value() = default;
  value(kinds k) : kind_(std::move(k)) {}  // NOLINT: any of the kinds is a value
  /// `shape`: what the value is by a schema: a text may be a time, and a list may have no order.
  static value of(const json& document, const type* shape = nullptr);
  static value list(std::vector<value> items);

  template <class T>
  const T* get() const {
    return std::get_if<T>(&kind_);
  }
  bool is_null() const { return std::holds_alternative<std::monostate>(kind_); }
  bool is_number() const { return get<std::int64_t>() || get<std::uint64_t>() || get<double>(); }
  bool is_list() const;
  bool is_map() const;

  /// Of lists and maps.
  std::size_t size() const;
  /// Of lists.
  value item(std::size_t i) const;
  /// Of maps: the entry's value, or nothing.
  std::optional<value> find(const value& key) const;
  std::optional<value> find(std::string_view key) const;
  /// Of maps.
  std::vector<value> keys() const;

  /// What a schema says of a list or a map; null: nothing.
  const type* shape() const;

  /// "int", "string", "list": as type() and errors name it.
  std::string type_name() const;

 private:
  kinds kind_;
};

/// Numbers of all types are equal when they are the same number; values of other types never are.
bool equal(const value& a, const value& b);
/// Whether two items of a list have the same keys by its type.
bool same_keys(const type& list, const value& a, const value& b);
/// Less, equal or greater than 0; nothing where the two have no order.
std::optional<int> compare(const value& a, const value& b);
/// As string() and messages print it.
std::string text_of(const value& v);
std::string text_of(std::chrono::nanoseconds duration);
/// A plain value as JSON; null for what JSON has no word for.
json to_json(const value& v);

}  // namespace troupe::model::cel
