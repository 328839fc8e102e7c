#include "model/cel/libraries.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace troupe::model::cel {
namespace {

/// Semantic Versioning 2.0.0.
struct semver {
  std::array<std::uint64_t, 3> numbers{};
  std::vector<std::string> pre;  ///< 1.2.3-alpha.1: alpha, 1
  std::string build;
};

bool is_digits(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::vector<std::string> dotted(std::string_view text) {
  std::vector<std::string> out(1);
  for (const char c : text)
    if (c == '.')
      out.emplace_back();
    else
      out.back() += c;
  return out;
}

bool are_identifiers(const std::vector<std::string>& parts, bool numbers_too) {
  return std::ranges::all_of(parts, [&](const std::string& p) {
    const bool fits = std::ranges::all_of(p, [](char c) {
      return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
    });
    return fits && !p.empty() && (!numbers_too || !is_digits(p) || p == "0" || p[0] != '0');
  });
}

std::optional<semver> parse_semver(std::string_view text) {
  semver out;
  if (const auto plus = text.find('+'); plus != text.npos) {
    out.build = text.substr(plus + 1);
    if (!are_identifiers(dotted(out.build), false)) return std::nullopt;
    text = text.substr(0, plus);
  }
  if (const auto dash = text.find('-'); dash != text.npos) {
    out.pre = dotted(text.substr(dash + 1));
    if (!are_identifiers(out.pre, true)) return std::nullopt;
    text = text.substr(0, dash);
  }
  const auto parts = dotted(text);
  if (parts.size() != out.numbers.size()) return std::nullopt;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (!is_digits(parts[i]) || (parts[i].size() > 1 && parts[i][0] == '0')) return std::nullopt;
    const auto [end, bad] =
        std::from_chars(parts[i].data(), parts[i].data() + parts[i].size(), out.numbers[i]);
    if (bad != std::errc()) return std::nullopt;
  }
  return out;
}

int order_of(const std::string& a, const std::string& b) {
  const bool x = is_digits(a), y = is_digits(b);
  if (x != y) return x ? -1 : 1;
  if (x && a.size() != b.size()) return a.size() < b.size() ? -1 : 1;
  return a < b ? -1 : b < a ? 1 : 0;
}

int order_of(const semver& a, const semver& b) {
  if (a.numbers != b.numbers) return a.numbers < b.numbers ? -1 : 1;
  if (a.pre.empty() || b.pre.empty())
    return a.pre.empty() == b.pre.empty() ? 0 : a.pre.empty() ? 1 : -1;
  for (std::size_t i = 0; i < std::min(a.pre.size(), b.pre.size()); ++i)
    if (const int o = order_of(a.pre[i], b.pre[i])) return o;
  return a.pre.size() < b.pre.size() ? -1 : a.pre.size() > b.pre.size() ? 1 : 0;
}

class semver_value final : public foreign {
 public:
  semver_value(semver version, std::string text)
      : version_(std::move(version)), text_(std::move(text)) {}

  const char* type_name() const override { return "kubernetes.Semver"; }
  std::string text() const override { return text_; }
  bool equals(const foreign& other) const override {
    const auto* o = dynamic_cast<const semver_value*>(&other);
    return o && order_of(version_, o->version_) == 0;
  }

  std::optional<value> call(const std::string& name, const arguments& args) const override {
    static constexpr std::array<std::string_view, 3> parts{"major", "minor", "patch"};
    if (const auto part = std::ranges::find(parts, name); part != parts.end() && args.size() == 1)
      return number_of(static_cast<std::int64_t>(
          version_.numbers[static_cast<std::size_t>(part - parts.begin())]));
    if (args.size() != 2) return std::nullopt;
    const auto* held = args[1].get<foreign_ptr>();
    const auto* other = held ? dynamic_cast<const semver_value*>(held->get()) : nullptr;
    if (!other) return std::nullopt;
    const int o = order_of(version_, other->version_);
    if (name == "compareTo") return number_of(o);
    if (name == "isGreaterThan") return boolean_value(o > 0);
    if (name == "isLessThan") return boolean_value(o < 0);
    return std::nullopt;
  }

 private:
  semver version_;
  std::string text_;
};

}  // namespace

std::optional<value> call_semver(const std::string& name, arguments& args, meter& m) {
  if (name != "semver" && name != "isSemver") return std::nullopt;
  const std::string& text = text_arg(one_argument(args));
  m.walk(text.size());
  auto version = parse_semver(text);
  if (name == "isSemver") return boolean_value(version.has_value());
  if (!version) throw failure{"No valid semantic version: " + in_quotes(text)};
  return made(std::make_shared<const semver_value>(std::move(*version), text));
}

}  // namespace troupe::model::cel
