#include "model/cel/types.hpp"

#include <algorithm>
#include <array>

namespace troupe::model::cel {
namespace {

constexpr const char* optional_name = "optional_type";

struct plain_name {
  type_kind kind;
  const char* name;   ///< in declarations, and as Go prints it
  const char* shown;  ///< in faults
};
constexpr plain_name plain_names[] = {
    {type_kind::error, "error", "!error!"},
    {type_kind::dyn, "dyn", "dyn"},
    {type_kind::null, "null_type", "null"},
    {type_kind::boolean, "bool", "bool"},
    {type_kind::integer, "int", "int"},
    {type_kind::unsigned_integer, "uint", "uint"},
    {type_kind::real, "double", "double"},
    {type_kind::text, "string", "string"},
    {type_kind::bytes, "bytes", "bytes"},
    {type_kind::timestamp, "google.protobuf.Timestamp", "timestamp"},
    {type_kind::duration, "google.protobuf.Duration", "duration"},
    {type_kind::list, "list", "list"},
    {type_kind::map, "map", "map"},
    {type_kind::meta, "type", "type"}};

const plain_name* name_of(type_kind kind) {
  const auto* found = std::ranges::find(plain_names, kind, &plain_name::kind);
  return found == std::end(plain_names) ? nullptr : found;
}

type_ptr made_type(type_kind kind, std::string name, type_list params) {
  auto out = std::make_shared<type>();
  out->kind = kind;
  out->name = std::move(name);
  out->params = std::move(params);
  return out;
}

bool is_dyn_or_error(const type& t) {
  return t.kind == type_kind::dyn || t.kind == type_kind::error;
}

/// What null may be assigned to.
bool takes_null(const type& t) {
  return t.kind == type_kind::null || t.kind == type_kind::structure ||
         t.kind == type_kind::opaque || t.kind == type_kind::timestamp ||
         t.kind == type_kind::duration;
}

bool less_specific(const type& a, const type& b) {
  if (a.kind == type_kind::dyn || a.kind == type_kind::parameter) return true;
  if (b.kind == type_kind::dyn || b.kind == type_kind::parameter || a.kind != b.kind) return false;
  if (a.kind == type_kind::meta) return true;
  if (a.kind != type_kind::list && a.kind != type_kind::map && a.kind != type_kind::opaque)
    return same_type(a, b);
  if (a.name != b.name || a.params.size() != b.params.size()) return false;
  for (std::size_t i = 0; i < a.params.size(); ++i)
    if (!less_specific(*a.params[i], *b.params[i])) return false;
  return true;
}

std::string with_params(const std::string& name, const type& t,
                        std::string (*text_of)(const type&)) {
  if (t.params.empty()) return name;
  std::string out = name + "(";
  for (const auto& p : t.params) {
    if (out.back() != '(') out += ", ";
    out += text_of(*p);
  }
  return out + ")";
}

/// Reads the notation of declarations.
class type_reader {
 public:
  explicit type_reader(std::string_view text) : rest_(text) {}

  type_ptr run() {
    const auto end = std::min(rest_.find_first_of("(), "), rest_.size());
    const std::string name(rest_.substr(0, end));
    rest_.remove_prefix(end);
    type_list params;
    if (take('(')) {
      do params.push_back(run());
      while (take(','));
      take(')');
    }
    if (name == "optional") return optional_of(params.at(0));
    if (name.size() == 1 && name[0] >= 'A' && name[0] <= 'Z') return parameter_type(name);
    for (const auto& p : plain_names)
      if (name == p.name || name == p.shown) return made_type(p.kind, "", std::move(params));
    return library_type(name);
  }

 private:
  bool take(char c) {
    while (rest_.starts_with(' ')) rest_.remove_prefix(1);
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    while (rest_.starts_with(' ')) rest_.remove_prefix(1);
    return true;
  }

  std::string_view rest_;
};

}  // namespace

const type_ptr& plain_type(type_kind kind) {
  static const auto all = [] {
    std::array<type_ptr, static_cast<std::size_t>(type_kind::parameter) + 1> out;
    for (std::size_t i = 0; i < out.size(); ++i)
      out[i] = made_type(static_cast<type_kind>(i), "", {});
    return out;
  }();
  return all[static_cast<std::size_t>(kind)];
}

type_ptr list_of(type_ptr items) {
  return made_type(type_kind::list, "", {std::move(items)});
}

type_ptr map_of(type_ptr keys, type_ptr held) {
  return made_type(type_kind::map, "", {std::move(keys), std::move(held)});
}

type_ptr type_of(type_ptr what) {
  return made_type(type_kind::meta, "", {std::move(what)});
}

type_ptr optional_of(type_ptr held) {
  return made_type(type_kind::opaque, optional_name, {std::move(held)});
}

type_ptr parameter_type(std::string name) {
  return made_type(type_kind::parameter, std::move(name), {});
}

type_ptr library_type(std::string name) {
  return made_type(type_kind::structure, std::move(name), {});
}

type_ptr structure_of(std::string name, std::map<std::string, type_ptr, std::less<>> fields) {
  auto out = std::make_shared<type>();
  out->kind = type_kind::structure;
  out->name = std::move(name);
  out->has_fields = true;
  out->fields = std::move(fields);
  return out;
}

type_ptr held_by(const type& t) {
  return t.kind == type_kind::opaque && t.name == optional_name ? t.params[0] : nullptr;
}

bool same_type(const type& a, const type& b) {
  if (a.kind != b.kind || a.name != b.name || a.params.size() != b.params.size()) return false;
  for (std::size_t i = 0; i < a.params.size(); ++i)
    if (!same_type(*a.params[i], *b.params[i])) return false;
  return true;
}

std::string escaped_name(std::string_view member) {
  static constexpr std::array<std::string_view, 22> words{
      "true", "false",  "null", "in",   "as",     "break",   "const",     "continue",
      "else", "for",    "if",   "let",  "import", "package", "namespace", "function",
      "loop", "return", "var",  "void", "while",  ""};
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("_.-/").find(c) != std::string_view::npos;
  };
  if (member.empty() || (member[0] >= '0' && member[0] <= '9') ||
      !std::ranges::all_of(member, fits))
    return {};
  if (std::ranges::find(words, member) != words.end()) return "__" + std::string(member) + "__";
  std::string out;
  for (std::size_t i = 0; i < member.size(); ++i) {
    if (member.substr(i).starts_with("__")) {
      out += "__underscores__";
      ++i;
    } else if (member[i] == '.') {
      out += "__dot__";
    } else if (member[i] == '-') {
      out += "__dash__";
    } else if (member[i] == '/') {
      out += "__slash__";
    } else {
      out += member[i];
    }
  }
  return out;
}

std::string shown_type(const type& t) {
  const auto* plain = name_of(t.kind);
  return with_params(plain ? plain->shown : t.name, t, shown_type);
}

std::string printed_type(const type& t) {
  const auto* plain = name_of(t.kind);
  return with_params(plain ? plain->name : t.name, t, printed_type);
}

type_ptr read_type(std::string_view text) {
  return type_reader(text).run();
}

const type_ptr& most_general(const type_ptr& a, const type_ptr& b) {
  return less_specific(*a, *b) ? a : b;
}

type_ptr type_mapping::fresh() {
  return parameter_type("_var" + std::to_string(made_++));
}

bool type_mapping::assignable(const type_ptr& a, const type_ptr& b) {
  const std::size_t mark = trail_.size();
  if (agree(a, b)) return true;
  undo(mark);
  return false;
}

bool type_mapping::assignable(const type_list& a, const type_list& b) {
  const std::size_t mark = trail_.size();
  if (agree(a, b)) return true;
  undo(mark);
  return false;
}

type_ptr type_mapping::substitute(const type_ptr& t, bool to_dyn) const {
  if (const auto* known = find(*t)) return substitute(*known, to_dyn);
  if (t->kind == type_kind::parameter) return to_dyn ? plain_type(type_kind::dyn) : t;
  if (t->params.empty()) return t;
  type_list params;
  bool changed = false;
  for (const auto& p : t->params) {
    params.push_back(substitute(p, to_dyn));
    changed |= params.back() != p;
  }
  return changed ? made_type(t->kind, t->name, std::move(params)) : t;
}

const type_ptr* type_mapping::find(const type& t) const {
  if (t.kind != type_kind::parameter) return nullptr;
  const auto found = known_.find(t.name);
  return found == known_.end() ? nullptr : &found->second;
}

void type_mapping::set(const std::string& name, type_ptr to) {
  type_ptr& at = known_[name];
  trail_.emplace_back(name, std::exchange(at, std::move(to)));
}

void type_mapping::undo(std::size_t mark) {
  for (; trail_.size() > mark; trail_.pop_back()) {
    auto& [name, before] = trail_.back();
    if (before)
      known_[name] = std::move(before);
    else
      known_.erase(name);
  }
}

bool type_mapping::agree(const type_ptr& a, const type_ptr& b) {
  if (b->kind == type_kind::parameter) {
    const auto [stands, was_known] = stands_for(a, b);
    if (stands || was_known) return stands;
  }
  if (a->kind == type_kind::parameter) return stands_for(b, a).first;
  if (is_dyn_or_error(*a) || is_dyn_or_error(*b)) return true;
  if (a->kind == type_kind::null) return takes_null(*b);
  if (b->kind == type_kind::null) return takes_null(*a);
  if (a->kind != b->kind) return false;
  if (a->kind == type_kind::meta) return true;
  if (a->kind == type_kind::list || a->kind == type_kind::map || a->kind == type_kind::opaque)
    return a->name == b->name && agree(a->params, b->params);
  return same_type(*a, *b);
}

bool type_mapping::agree(const type_list& a, const type_list& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (!agree(a[i], b[i])) return false;
  return true;
}

std::pair<bool, bool> type_mapping::stands_for(const type_ptr& t, const type_ptr& parameter_) {
  if (same_type(*t, *parameter_)) return {true, true};
  if (const auto* found = find(*parameter_)) {
    const type_ptr known = *found;
    if (same_type(*t, *known)) return {true, true};
    if (!agree(t, known)) return {false, true};
    const type_ptr& wider = most_general(t, known);
    if (free_of(*parameter_, *wider)) set(parameter_->name, wider);
    return {true, true};
  }
  if (!free_of(*parameter_, *t)) return {false, false};
  set(parameter_->name, t);
  return {true, false};
}

bool type_mapping::free_of(const type& parameter_, const type& in) const {
  if (same_type(parameter_, in)) return false;
  if (const auto* known = find(in)) return free_of(parameter_, **known);
  return std::ranges::all_of(in.params, [&](const type_ptr& p) { return free_of(parameter_, *p); });
}

}  // namespace troupe::model::cel
