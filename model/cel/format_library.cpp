#include "model/cel/libraries.hpp"
#include "model/custom/formats.hpp"
#include "model/label_names.hpp"
#include "model/validation/names.hpp"

namespace troupe::model::cel {
namespace {

using checker = std::string (*)(std::string_view);

template <checker Check>
std::string prefix_fault(std::string_view text) {
  return Check(as_prefix(text));
}

struct named_format {
  const char* name;
  checker check;                ///< null: it is a format of schemas
  const char* fault = nullptr;  ///< of one of these
};

constexpr named_format named_formats[] = {
    {"dns1123Label", dns_label_fault},
    {"dns1123Subdomain", dns_subdomain_fault},
    {"dns1035Label", dns_1035_label_fault},
    {"qualifiedName", qualified_name_fault},
    {"dns1123LabelPrefix", prefix_fault<dns_label_fault>},
    {"dns1123SubdomainPrefix", prefix_fault<dns_subdomain_fault>},
    {"dns1035LabelPrefix", prefix_fault<dns_1035_label_fault>},
    {"labelValue", label_value_fault},
    {"uri", nullptr, "invalid URI"},
    {"uuid", nullptr, "does not match the UUID format"},
    {"byte", nullptr, "invalid base64"},
    {"date", nullptr, "invalid date"},
    {"datetime", nullptr, "invalid datetime"}};

/// Checkers join their faults; here they are a list.
std::vector<value> faults_of(const named_format& f, std::string_view text) {
  std::vector<value> out;
  if (!f.check) {
    if (!has_format(text, f.name)) out.push_back(string_value(f.fault));
    return out;
  }
  std::string all = f.check(text);
  for (std::size_t from = 0; from < all.size();) {
    const auto end = std::min(all.find("; ", from), all.size());
    out.push_back(string_value(all.substr(from, end - from)));
    from = end + 2;
  }
  return out;
}

class format_value final : public foreign {
 public:
  explicit format_value(const named_format& f) : format_(f) {}

  const char* type_name() const override { return "kubernetes.NamedFormat"; }
  std::string text() const override { return format_.name; }

  /// The faults of a text, or none.
  std::optional<value> call(const std::string& name, const arguments& args) const override {
    if (name != "validate" || args.size() != 2) return std::nullopt;
    auto all = faults_of(format_, text_arg(args[1]));
    if (all.empty()) return value(value::kinds(optional_value{}));
    return value(
        value::kinds(optional_value{std::make_shared<const value>(value::list(std::move(all)))}));
  }

 private:
  const named_format& format_;
};

const named_format* find_format(std::string_view name) {
  for (const auto& f : named_formats)
    if (f.name == name) return &f;
  return nullptr;
}

}  // namespace

std::optional<value> call_format(const std::string& name, arguments& args, meter&) {
  constexpr std::string_view prefix = "format.";
  if (!name.starts_with(prefix)) return std::nullopt;
  if (name == "format.named") {
    const auto* found = find_format(text_arg(one_argument(args)));
    if (!found) return value(value::kinds(optional_value{}));
    return value(value::kinds(optional_value{
        std::make_shared<const value>(made(std::make_shared<const format_value>(*found)))}));
  }
  const auto* found = find_format(std::string_view(name).substr(prefix.size()));
  if (!found || !args.empty()) no_overload();
  return made(std::make_shared<const format_value>(*found));
}

}  // namespace troupe::model::cel
