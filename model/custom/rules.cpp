#include "model/custom/rules.hpp"

#include "model/cel/check.hpp"
#include "model/cel/cost_estimate.hpp"
#include "model/custom/schema_path.hpp"
#include "model/go_text.hpp"
#include "model/validation/lists.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

constexpr std::size_t most_rule_faults = 100;

class walker {
 public:
  std::vector<cause> take() { return std::move(faults_); }

  /// What was at a place before an update.
  struct past {
    const json* value = nullptr;  ///< null: nobody can tell, or nothing
    bool same = false;            ///< it, or the nearest above that can be told, is as it was
  };

  void visit(const schema_node& n, const json& v, past old, const field_path* here) {
    if (!n.has_validations || over_ || faults_.size() >= most_rule_faults ||
        (v.is_null() && n.nullable))
      return;
    if (old.value) old.same = *old.value == v;
    for (const schema_rule& rule : n.validations)
      if (rule.compiled && !over_) judge(n, rule, v, old, here);
    if (v.is_object()) members(n, v, old, here);
    if (v.is_array() && n.items && n.items->has_validations) items(n, v, old, here);
  }

 private:
  void members(const schema_node& n, const json& v, const past& old, const field_path* here) {
    const json* all = old.value && old.value->is_object() ? old.value : nullptr;
    for (const auto& [name, below] : v.items()) {
      const schema_node* known = n.member(name);
      if (!known || !known->has_validations) continue;
      const json* was = all && all->contains(name) ? &(*all)[name] : nullptr;
      // Members of a map are named by their keys.
      const bool key = n.find(name) == nullptr;
      const field_path path = !here ? field_path(name) : key ? here->key(name) : here->child(name);
      visit(*known, below, {was, old.same}, &path);
    }
  }

  void items(const schema_node& n, const json& v, const past& old, const field_path* here) {
    for (std::size_t i = 0; i < v.size(); ++i) {
      const field_path path = here ? here->index(i) : field_path("").index(i);
      visit(*n.items, v[i], {item_before(n, v[i], old.value), old.same}, &path);
    }
  }

  /// Only items of keyed lists can be told to be the same as before.
  static const json* item_before(const schema_node& n, const json& item, const json* old) {
    if (!old || !old->is_array() || n.list != list_type::map) return nullptr;
    const auto same = std::ranges::find_if(*old, [&](const json& other) {
      return std::ranges::all_of(
          n.map_keys, [&](const std::string& key) { return at(other, {key}) == at(item, {key}); });
    });
    return same == old->end() ? nullptr : &*same;
  }

  void judge(const schema_node& n, const schema_rule& rule, const json& v, const past& old,
             const field_path* here) {
    const bool about_changes = rule.compiled->uses("oldSelf");
    if (about_changes && !old.value && !rule.optional_old_self) return;
    if (!about_changes && old.same) return;
    const cel::scope scope{[&](std::string_view name) -> std::optional<cel::value> {
      if (name == "self") return cel::value::of(v, n.self_type.get());
      if (name == "oldSelf") return before(n, rule, old.value);
      return std::nullopt;
    }};
    try {
      const cel::value found = rule.compiled->evaluate(scope, budget_);
      const bool* holds = found.get<bool>();
      if (holds && *holds) return;
      add(n, rule, message(rule, scope), v, here);
    } catch (const cel::failure& f) {
      over_ = f.exceeded != cel::cost_limit::none;
      add_failure(n, explained(rule, f), here);
    }
  }

  /// In the words of apiextensions' validation.
  static std::string explained(const schema_rule& rule, const cel::failure& f) {
    const std::string shown(trimmed(rule.message.empty() ? rule.rule : rule.message));
    if (f.exceeded == cel::cost_limit::of_all) return f.message;
    if (f.exceeded == cel::cost_limit::of_one)
      return "'" + f.message +
             "': no further validation rules will be run due to call cost exceeds limit for "
             "rule: " +
             shown;
    if (f.message.starts_with("no such overload"))
      return "'" + f.message +
             "': call arguments did not match a supported operator, function or macro signature "
             "for rule: " +
             shown;
    return f.message + " evaluating rule: " + shown;
  }

  static cel::value before(const schema_node& n, const schema_rule& rule, const json* old) {
    cel::value was = old ? cel::value::of(*old, n.self_type.get()) : cel::value();
    if (!rule.optional_old_self) return was;
    if (!old) return cel::value::kinds(cel::optional_value{});
    return cel::value::kinds(
        cel::optional_value{std::make_shared<const cel::value>(std::move(was))});
  }

  static std::string static_text(const schema_rule& rule) {
    return rule.message.empty() ? "failed rule: " + rule.rule : rule.message;
  }

  std::string message(const schema_rule& rule, const cel::scope& scope) {
    if (!rule.compiled_message) return static_text(rule);
    try {
      const cel::value made = rule.compiled_message->evaluate(scope, budget_);
      const auto* text = made.get<std::string>();
      if (text && !text->empty() && text->find('\n') == text->npos) return *text;
    } catch (const cel::failure& f) {
      // A message that cannot be made gives way to the plain one, but for one that costs too much.
      if (f.exceeded == cel::cost_limit::of_all)
        throw cel::failure{
            "messageExpression evaluation failed due to running out of cost budget, no further "
            "validation rules will be run",
            f.exceeded};
      if (f.exceeded == cel::cost_limit::of_one)
        throw cel::failure{
            "no further validation rules will be run due to call cost exceeds limit for "
            "messageExpression: " +
                in_quotes(rule.message_expression),
            cel::cost_limit::of_all};
    }
    return static_text(rule);
  }

  /// A rule that could not be judged says what its value is rather than the value.
  void add_failure(const schema_node& n, const std::string& why, const field_path* here) {
    faults f;
    f.invalid(here ? *here : field_path("<nil>"), go_text{json(name_of(n.type)).dump()}, why);
    for (cause& c : f.take()) faults_.push_back(std::move(c));
  }

  void add(const schema_node& n, const schema_rule& rule, const std::string& why, const json& v,
           const field_path* here) {
    faults f;
    field_path own = here ? *here : field_path("<nil>");
    const field_path named = child_of(here, rule.field_path);
    const field_path& where = rule.field_path.empty() ? own : named;
    if (rule.reason == "FieldValueForbidden")
      f.forbidden(where, why);
    else if (rule.reason == "FieldValueRequired")
      f.required(where, why);
    else if (rule.reason == "FieldValueDuplicate")
      f.duplicate(where, go_text{shown(n, v)});
    else
      f.invalid(where, go_text{shown(n, v)}, why);
    for (cause& c : f.take()) faults_.push_back(std::move(c));
  }

  /// The value of a scalar, and of the others what they are.
  static std::string shown(const schema_node& n, const json& v) {
    if (v.is_structured()) return json(name_of(n.type)).dump();
    return v.dump(-1, ' ', false, json::error_handler_t::replace);
  }

  /// fieldPath begins with a dot: ".spec.replicas".
  static field_path child_of(const field_path* here, const std::string& path) {
    const auto name = std::string_view(path).substr(path.starts_with('.') ? 1 : 0);
    return here ? here->child(name) : field_path(name);
  }

  cel::budget budget_;
  bool over_ = false;  ///< too much has been spent for any more
  std::vector<cause> faults_;
};

std::shared_ptr<const cel::program> compiled(const std::string& text) {
  std::string error;
  return text.empty() ? nullptr : cel::program::compile(text, error);
}

/// A rule as Go prints the whole of it. Where its pointers lead nobody wants to know.
go_text shown_rule(const json& rule) {
  const auto pointer = [&](const char* member, const char* type) {
    return std::string("(*") + type +
           (value_of(rule, member).is_null() ? ")(nil)" : ")(0xc000000000)");
  };
  std::string out = "apiextensions.ValidationRule{Rule:" + in_quotes(text_of(rule, "rule"));
  out += ", Message:" + in_quotes(text_of(rule, "message"));
  out += ", MessageExpression:" + in_quotes(text_of(rule, "messageExpression"));
  out += ", Reason:" + pointer("reason", "apiextensions.FieldValueErrorReason");
  out += ", FieldPath:" + in_quotes(text_of(rule, "fieldPath"));
  out += ", OptionalOldSelf:" + pointer("optionalOldSelf", "bool");
  return {out + "}"};
}

bool has_line_break(std::string_view text) {
  return text.find_first_of("\r\n") != text.npos;
}

void validate_field_path(const json& rule, const json& schema, const field_path& path,
                         faults& out) {
  const auto text = text_of(rule, "fieldPath");
  const field_path here = path.child("fieldPath");
  if (text.empty()) return;
  if (trimmed(text).empty()) out.invalid(here, text, "fieldPath must be non-empty if specified");
  if (has_line_break(text)) out.invalid(here, text, "fieldPath must not contain line breaks");
  if (!follow_schema(text, schema, true).fault.empty())
    out.invalid(here, text, "fieldPath must be a valid path");
}

}  // namespace

std::vector<cause> rule_faults(const schema_node& schema, const json& document, const json* old) {
  walker w;
  w.visit(schema, document, {old, false}, nullptr);
  return w.take();
}

void compile_rule(schema_rule& rule) {
  rule.compiled = compiled(rule.rule);
  rule.compiled_message = compiled(rule.message_expression);
}

void validate_rule(const json& rule, const json& schema, const field_path& path, faults& out) {
  const auto text = trimmed(text_of(rule, "rule"));
  const auto message = text_of(rule, "message");
  const field_path message_path = path.child("message");
  if (text.empty())
    out.required(path.child("rule"), "rule is not specified");
  else if (!message.empty() && trimmed(message).empty())
    out.invalid(message_path, message, "message must be non-empty if specified");
  else if (has_line_break(trimmed(message)))
    out.invalid(message_path, message, "message must not contain line breaks");
  else if (has_line_break(text) && message.empty())
    out.required(message_path, "message must be specified if rule contains line breaks");
  const auto made = text_of(rule, "messageExpression");
  if (!made.empty() && trimmed(made).empty())
    out.required(path.child("messageExpression"),
                 "messageExpression must be non-empty if specified");
  constexpr std::string_view reasons[] = {"FieldValueDuplicate", "FieldValueForbidden",
                                          "FieldValueInvalid", "FieldValueRequired"};
  const json& reason = value_of(rule, "reason");
  if (!reason.is_null() && std::ranges::find(reasons, as_text(reason)) == std::end(reasons))
    out.not_supported(path.child("reason"), as_text(reason), reasons);
  validate_field_path(rule, schema, path, out);
}

void validate_expressions(const json& rule, const rule_place& place, const field_path& path,
                          rule_costs& costs, faults& out) {
  const std::string text(text_of(rule, "rule"));
  const std::string message(text_of(rule, "messageExpression"));
  const json& optional = value_of(rule, "optionalOldSelf");
  const cel::variable_types variables{
      {"self", place.self},
      {"oldSelf", optional == true ? cel::optional_of(place.self) : place.self}};
  const auto made = cel::check(text, variables);
  const auto complain = [&](const char* member, const std::string& why) {
    out.invalid(path.child(member), shown_rule(rule), why);
  };
  bool about_changes = false;
  if (!made.result) {
    complain("rule", "compilation failed: " + made.faults);
  } else if (made.result->kind != cel::type_kind::boolean) {
    complain("rule", "cel expression must evaluate to a bool");
  } else {
    costs.add_rule(cel::estimate_cost(*made.tree, *place.self).max, *place.self, place.cardinality,
                   path.child("rule"), out);
    const auto said = message.empty() ? made : cel::check(message, variables);
    if (!said.result)
      complain("messageExpression", "messageExpression compilation failed: " + said.faults);
    else if (!message.empty() && said.result->kind != cel::type_kind::text)
      complain("messageExpression", "messageExpression must evaluate to a string");
    else if (!message.empty())
      costs.add_message(cel::estimate_cost(*said.tree, *place.self).max,
                        path.child("messageExpression"), out);
    std::string ignored;
    about_changes = cel::program::compile(text, ignored)->uses("oldSelf");
  }
  if (about_changes && place.uncorrelated)
    out.invalid(path.child("rule"), text,
                "oldSelf cannot be used on the uncorrelatable portion of the schema within " +
                    *place.uncorrelated);
  if (!about_changes && !optional.is_null())
    out.invalid(path.child("optionalOldSelf"), optional,
                "may not be set if oldSelf is not used in rule");
}

}  // namespace troupe::model
