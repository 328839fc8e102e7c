#pragma once

#include "model/object.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::model {

/// One term of a label selector or of a node affinity (gt and lt only there).
struct requirement {
  enum class operation : std::uint8_t { in, not_in, exists, does_not_exist, gt, lt };
  std::string key;
  operation op = operation::exists;
  std::vector<std::string> values;  ///< sorted
  bool matches(const string_pairs& labels) const;
};

/// A conjunction of terms; empty selects everything.
struct label_selector {
  std::vector<requirement> terms;
  bool empty() const { return terms.empty(); }
  bool matches(const string_pairs& labels) const;

  /// "a=b,c!=d,e in (x,y),f notin (z),g,!h"; on failure nothing and `error` in Kubernetes' words.
  static std::optional<label_selector> parse(std::string_view text, std::string& error);
  /// metav1.LabelSelector (matchLabels, matchExpressions).
  static std::optional<label_selector> from_json(const json& selector, std::string& error);
};

/// "spec.nodeName=n1,status.phase!=Running". Whether a resource knows a field is the schema's to
/// say.
struct field_selector {
  struct term {
    std::string field;
    std::string value;
    bool equal = true;
  };
  std::vector<term> terms;
  bool empty() const { return terms.empty(); }
  bool matches(const string_pairs& fields) const;
  /// The value that `field` must equal, when a term says so: lets a list by name or by node take a
  /// short cut.
  const std::string* required(std::string_view field) const;

  static std::optional<field_selector> parse(std::string_view text, std::string& error);
};

/// The value of `key` in sorted pairs, or null.
const std::string* find(const string_pairs& pairs, std::string_view key);

}  // namespace troupe::model
