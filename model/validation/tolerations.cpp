#include "model/label_names.hpp"
#include "model/validation/pod.hpp"

namespace troupe::model {
namespace {

/// Several faults of a value as one text.
std::string joined_by_semicolons(std::string fault) {
  for (std::size_t at = 0; (at = fault.find("; ", at)) != fault.npos;) fault.erase(++at, 1);
  return fault;
}

void validate_toleration(const json& toleration, const field_path& path, faults& out) {
  const auto key = text_of(toleration, "key");
  const auto op = text_of(toleration, "operator");
  const auto value = text_of(toleration, "value");
  const auto effect = text_of(toleration, "effect");
  const field_path op_path = path.child("operator");
  if (!key.empty()) out.check(path.child("key"), key, qualified_name_fault(key));
  if (key.empty() && op != "Exists")
    out.invalid(op_path, op,
                "operator must be Exists when `key` is empty, which means \"match all values and "
                "all keys\"");
  if (!value_of(toleration, "tolerationSeconds").is_null() && effect != "NoExecute")
    out.invalid(path.child("effect"), effect,
                "effect must be 'NoExecute' when `tolerationSeconds` is set");
  if (op == "Equal" || op.empty()) {
    if (auto fault = label_value_fault(value); !fault.empty())
      out.invalid(op_path, value, joined_by_semicolons(std::move(fault)));
  } else if (op == "Exists") {
    if (!value.empty())
      out.invalid(op_path, value, "value must be empty when `operator` is 'Exists'");
  } else {
    out.not_supported(op_path, op, {"Equal", "Exists"});
  }
  if (!effect.empty() && effect != "NoSchedule" && effect != "PreferNoSchedule" &&
      effect != "NoExecute")
    out.not_supported(path.child("effect"), effect,
                      {"NoSchedule", "PreferNoSchedule", "NoExecute"});
}

}  // namespace

void validate_tolerations(const json& tolerations, const field_path& path, faults& out) {
  if (!tolerations.is_array()) return;
  for (std::size_t i = 0; i < tolerations.size(); ++i)
    validate_toleration(tolerations[i], path.index(i), out);
}

}  // namespace troupe::model
