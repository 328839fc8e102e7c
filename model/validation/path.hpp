#pragma once

#include "model/go_text.hpp"
#include "model/members.hpp"
#include "model/status.hpp"

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::model {

/// Where a validator is in a document: a chain on the stack that becomes text only for a fault. A
/// path refers to the one it was made from, which must outlive it.
class field_path {
 public:
  explicit field_path(std::string_view name) : name_(name) {}
  field_path child(std::string_view name) const { return {this, name, kind::member}; }
  field_path index(std::size_t i) const { return {this, i}; }
  field_path key(std::string_view key) const { return {this, key, kind::key}; }
  /// "spec.containers[0].resources.limits[cpu]"
  std::string text() const;

 private:
  enum class kind : std::uint8_t { member, index, key };
  field_path(const field_path* up, std::string_view name, kind k)
      : up_(up), name_(name), kind_(k) {}
  field_path(const field_path* up, std::size_t i) : up_(up), index_(i), kind_(kind::index) {}

  const field_path* up_ = nullptr;
  std::string_view name_;
  std::size_t index_ = 0;
  kind kind_ = kind::member;
};

/// Collects faults in the words of apimachinery's field.Error.
class faults {
 public:
  void required(const field_path& path, std::string_view detail = {});
  void invalid(const field_path& path, const json& value, std::string_view detail);
  void invalid(const field_path& path, const go_text& value, std::string_view detail);
  /// Without the value, which would say nothing.
  void invalid(const field_path& path, std::string_view detail);
  void not_supported(const field_path& path, std::string_view value,
                     std::span<const std::string_view> supported);
  void not_supported(const field_path& path, std::string_view value,
                     std::initializer_list<std::string_view> supported) {
    not_supported(path, value, std::span(supported.begin(), supported.size()));
  }
  void not_supported(const field_path& path, const go_text& value,
                     std::span<const std::string_view> supported);
  void duplicate(const field_path& path, std::string_view value);
  void duplicate(const field_path& path, const go_text& value, std::string_view detail = {});
  void duplicate_number(const field_path& path, std::int64_t value);
  void not_found(const field_path& path, std::string_view value, std::string_view detail = {});
  void forbidden(const field_path& path, std::string_view detail);
  void too_long(const field_path& path, std::size_t most_bytes);
  void too_many(const field_path& path, std::size_t actual, std::size_t most);

  /// invalid() for each thing that `fault` says, which the rules for names join by "; ".
  void check(const field_path& path, std::string_view value, const std::string& fault) {
    if (!fault.empty()) add_each(path, value, fault);
  }
  /// Not below zero, when it is a number.
  void nonnegative(const field_path& path, const json& value);

  std::vector<cause> take() { return std::move(causes_); }
  /// Those of others after one's own.
  void append(faults more) {
    for (cause& c : more.causes_) causes_.push_back(std::move(c));
  }
  bool empty() const { return causes_.empty(); }
  std::size_t size() const { return causes_.size(); }

 private:
  void add(const field_path& path, std::string_view reason, std::string message);
  void add_each(const field_path& path, std::string_view value, std::string_view joined);
  std::vector<cause> causes_;
};

}  // namespace troupe::model
