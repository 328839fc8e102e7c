#include "model/schema/parser.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <unordered_map>

namespace troupe::model {
namespace {

using words = std::vector<std::string_view>;

words split(std::string_view text, char separator) {
  words out;
  while (!text.empty()) {
    const auto end = std::min(text.find(separator), text.size());
    if (end > 0) out.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

struct scalar {
  std::string_view name;
  field_kind kind;
  std::uint8_t bits = 64;
};

constexpr scalar scalars[] = {{"string", field_kind::string},
                              {"int32", field_kind::integer, 32},
                              {"int64", field_kind::integer},
                              {"number", field_kind::number},
                              {"bool", field_kind::boolean},
                              {"intstr", field_kind::int_or_string},
                              {"quantity", field_kind::quantity},
                              {"time", field_kind::time},
                              {"microtime", field_kind::micro_time},
                              {"bytes", field_kind::bytes},
                              {"any", field_kind::any}};

class parser {
 public:
  explicit parser(std::string_view text) : text_(text) { tables_.kinds.reserve(64); }

  schema_tables run() {
    while (!text_.empty()) {
      ++line_;
      const auto end = std::min(text_.find('\n'), text_.size());
      line(text_.substr(0, end));
      text_.remove_prefix(std::min(end + 1, text_.size()));
    }
    resolve();
    std::stable_sort(
        tables_.kinds.begin(), tables_.kinds.end(),
        [](const kind_info& a, const kind_info& b) { return a.priority > b.priority; });
    return std::move(tables_);
  }

 private:
  /// A use of a type that may be defined further down.
  struct reference {
    type_info* owner;
    std::size_t field;
    std::string_view package;
    std::string_view name;
    int line;
  };

  [[noreturn]] void fail(std::string_view why, std::string_view what) const {
    throw std::runtime_error("schema line " + std::to_string(line_) + ": " + std::string(why) +
                             " \"" + std::string(what) + "\"");
  }

  void line(std::string_view text) {
    std::string_view description;
    if (const auto hash = text.find(" # "); hash != text.npos) {
      description = text.substr(hash + 3);
      text = text.substr(0, hash);
    }
    if (text.empty() || text[0] == '#') return;
    const words w = split(text, ' ');
    if (text[0] == ' ')
      field(w, description);
    else if (w[0] == "package" && w.size() >= 2)
      package(w);
    else if (w[0] == "kind" && w.size() >= 4)
      kind(w);
    else if (w[0] == "sub" && w.size() == 4)
      subresource(w);
    else if (w[0] == "type" && w.size() >= 2)
      type(w, description);
    else
      fail("unknown line", text);
  }

  void package(const words& w) {
    package_ = w[1];
    group_ = version_ = {};
    priority_ = 0;
    for (const auto option : words(w.begin() + 2, w.end())) {
      if (option.starts_with("priority="))
        std::from_chars(option.data() + 9, option.data() + option.size(), priority_);
      else
        split_version(option, group_, version_);
    }
  }

  static void split_version(std::string_view text, std::string_view& group,
                            std::string_view& version) {
    const auto slash = text.find('/');
    group = slash == text.npos ? std::string_view{} : text.substr(0, slash);
    version = slash == text.npos ? text : text.substr(slash + 1);
  }

  std::string_view keep(std::string name) { return tables_.names.emplace_back(std::move(name)); }

  static std::string lower(std::string_view text) {
    std::string out(text);
    for (char& c : out)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return out;
  }

  void kind(const words& w) {
    static constexpr std::string_view all =
        "create,delete,deletecollection,get,list,patch,update,watch";
    kind_info& k = tables_.kinds.emplace_back();
    k.group = group_;
    k.version = version_;
    k.priority = priority_;
    k.kind = w[1];
    k.plural = w[2];
    k.namespaced = w[3] == "namespaced";
    if (!k.namespaced && w[3] != "cluster") fail("unknown scope", w[3]);
    k.verbs = split(all, ',');
    for (const auto option : words(w.begin() + 4, w.end())) {
      const auto equal = option.find('=');
      const auto name = option.substr(0, equal);
      const auto value = equal == option.npos ? std::string_view{} : option.substr(equal + 1);
      if (name == "short")
        k.short_names = split(value, ',');
      else if (name == "categories")
        k.categories = split(value, ',');
      else if (name == "fields")
        k.field_selectors = split(value, ',');
      else if (name == "verbs")
        k.verbs = split(value, ',');
      else if (name == "singular")
        k.singular = value;
      else if (name == "resource")
        k.resource = value;
      else
        fail("unknown option", option);
    }
    if (k.singular.empty()) k.singular = keep(lower(k.kind));
    if (k.resource.empty())
      k.resource =
          k.group.empty() ? k.plural : keep(std::string(k.plural) + "." + std::string(k.group));
    kind_packages_.push_back(package_);
  }

  void subresource(const words& w) {
    if (tables_.kinds.empty()) fail("subresource of no kind", w[1]);
    kind_info& k = tables_.kinds.back();
    subresource_info s{w[1], k.group, k.version, w[2], split(w[3], ',')};
    if (const auto slash = w[2].rfind('/'); slash != w[2].npos) {
      split_version(w[2].substr(0, slash), s.group, s.version);
      s.kind = w[2].substr(slash + 1);
    }
    k.subresources.push_back(s.name);
    k.subresource_kinds.push_back(std::move(s));
  }

  void type(const words& w, std::string_view description) {
    type_info& t = tables_.types.emplace_back();
    t.name = keep(std::string(package_) + "." + std::string(w[1]));
    t.description = description;
    t.atomic = w.size() > 2 && w[2] == "atomic";
    if (!by_name_.emplace(t.name, &t).second) fail("second type", t.name);
  }

  void field(const words& w, std::string_view description) {
    if (tables_.types.empty() || w.size() < 2) fail("field of no type", w[0]);
    type_info& t = tables_.types.back();
    field_info f;
    f.name = w[0];
    f.description = description;
    if (f.name.back() == '!') {
      f.required = true;
      f.name.remove_suffix(1);
    }
    if (!t.fields.empty() && t.fields.back().name >= f.name) fail("field out of order", f.name);
    field_type(t, f, w[1]);
    for (const auto flag : words(w.begin() + 2, w.end())) field_flag(f, flag);
    t.fields.push_back(std::move(f));
  }

  void field_type(type_info& owner, field_info& f, std::string_view type) {
    bool container = false;
    if (type.starts_with("[]") || type.starts_with("{}")) {
      container = true;
      f.kind = type[0] == '[' ? field_kind::array : field_kind::string_map;
      type.remove_prefix(2);
      if (type.starts_with("[]")) {
        f.nesting = 1;
        type.remove_prefix(2);
      }
    }
    field_kind element = field_kind::object;
    const auto known = std::ranges::find(scalars, type, &scalar::name);
    if (known != std::end(scalars)) {
      element = known->kind;
      f.bits = known->bits;
    } else {
      references_.push_back({&owner, owner.fields.size(), package_, type, line_});
    }
    (container ? f.item : f.kind) = element;
  }

  void field_flag(field_info& f, std::string_view flag) {
    const auto equal = flag.find('=');
    const auto name = flag.substr(0, equal);
    const auto value = equal == flag.npos ? std::string_view{} : flag.substr(equal + 1);
    if (name == "map") {
      f.list = list_type::map;
      f.map_keys = split(value, ',');
    } else if (name == "key")
      f.map_keys = {value};
    else if (name == "set")
      f.list = list_type::set;
    else if (name == "merge")
      f.merge = true;
    else if (name == "replace")
      f.replace = true;
    else if (name == "retain")
      f.retain_keys = true;
    else if (name == "atomic")
      f.atomic = true;
    else if (name == "enum")
      f.enumeration = enumeration(value);
    else if (name == "default")
      f.default_value = value;
    else if (name == "zero")
      f.zero_unset = true;
    else
      fail("unknown flag", flag);
  }

  /// `""` stands for the empty string.
  static words enumeration(std::string_view value) {
    words out = split(value, '|');
    for (auto& word : out)
      if (word == "\"\"") word = {};
    return out;
  }

  void resolve() {
    for (const auto& r : references_) {
      line_ = r.line;
      r.owner->fields[r.field].type = find(r.package, r.name);
    }
    for (std::size_t i = 0; i < tables_.kinds.size(); ++i)
      tables_.kinds[i].type = find(kind_packages_[i], tables_.kinds[i].kind);
  }

  const type_info* find(std::string_view package, std::string_view name) const {
    std::string full;
    if (name.starts_with("meta."))
      full = "io.k8s.apimachinery.pkg.apis.meta.v1" + std::string(name.substr(4));
    else if (name.starts_with("core."))
      full = "io.k8s.api.core.v1" + std::string(name.substr(4));
    else
      full.append(package).append(".").append(name);
    const auto found = by_name_.find(full);
    if (found == by_name_.end()) fail("unknown type", full);
    return found->second;
  }

  std::string_view text_;
  int line_ = 0;
  std::string_view package_, group_, version_;
  int priority_ = 0;
  schema_tables tables_;
  std::vector<std::string_view> kind_packages_;
  std::vector<reference> references_;
  std::unordered_map<std::string_view, const type_info*> by_name_;
};

}  // namespace

schema_tables parse_schema(std::string_view text) {
  return parser(text).run();
}

}  // namespace troupe::model
