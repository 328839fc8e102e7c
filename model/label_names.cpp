#include "model/label_names.hpp"

namespace troupe::model {
namespace {

bool lower_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool letter_or_digit(char c) {
  return lower_or_digit(c) || (c >= 'A' && c <= 'Z');
}

/// Letters, digits, '-', '_', '.'; the ends are letters or digits.
bool is_name(std::string_view s) {
  if (s.empty() || !letter_or_digit(s.front()) || !letter_or_digit(s.back())) return false;
  for (char c : s)
    if (!letter_or_digit(c) && c != '-' && c != '_' && c != '.') return false;
  return true;
}

bool is_subdomain(std::string_view s) {
  for (;;) {
    const auto dot = s.find('.');
    const auto label = s.substr(0, dot);
    if (label.empty() || !lower_or_digit(label.front()) || !lower_or_digit(label.back()))
      return false;
    for (char c : label)
      if (!lower_or_digit(c) && c != '-') return false;
    if (dot == std::string_view::npos) return true;
    s.remove_prefix(dot + 1);
  }
}

void add(std::string& faults, std::string fault) {
  if (!faults.empty()) faults += "; ";
  faults += fault;
}

constexpr std::string_view name_rule =
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
    "alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for "
    "validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

}  // namespace

std::string dns_subdomain_fault(std::string_view name) {
  std::string faults;
  if (name.size() > 253) add(faults, "must be no more than 253 characters");
  if (!is_subdomain(name))
    add(faults,
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or "
        "'.', and must start and end with an alphanumeric character (e.g. 'example.com', regex "
        "used for validation is "
        "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')");
  return faults;
}

std::string qualified_name_fault(std::string_view name) {
  std::string faults;
  if (const auto slash = name.find('/'); slash != std::string_view::npos) {
    const auto prefix = name.substr(0, slash);
    name.remove_prefix(slash + 1);
    if (name.find('/') != std::string_view::npos)
      return "a qualified name " + std::string(name_rule) +
             " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
    if (prefix.empty()) {
      add(faults, "prefix part must be non-empty");
    } else if (auto fault = dns_subdomain_fault(prefix); !fault.empty()) {
      add(faults, "prefix part " + fault);
    }
  }
  if (name.empty()) {
    add(faults, "name part must be non-empty");
  } else if (name.size() > 63) {
    add(faults, "name part must be no more than 63 characters");
  }
  if (!is_name(name)) add(faults, "name part " + std::string(name_rule));
  return faults;
}

std::string label_value_fault(std::string_view value) {
  std::string faults;
  if (value.size() > 63) add(faults, "must be no more than 63 characters");
  if (!value.empty() && !is_name(value))
    add(faults,
        "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or "
        "'.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or "
        "'my_value',  or '12345', regex used for validation is "
        "'(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')");
  return faults;
}

}  // namespace troupe::model
