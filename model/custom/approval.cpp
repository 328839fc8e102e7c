#include "model/custom/approval.hpp"

namespace troupe::model {
namespace {

/// With a scheme and a host.
bool is_address(std::string_view text) {
  const auto scheme = text.find("://");
  if (scheme == text.npos || scheme == 0) return false;
  const auto host = text.substr(scheme + 3, text.find('/', scheme + 3) - scheme - 3);
  return !host.empty() && host.find(' ') == host.npos;
}

}  // namespace

api_approval approval_of(const json& definition) {
  const std::string text = string_at(definition, {"metadata", "annotations", approval_annotation});
  const std::string needed =
      "protected groups must have approval annotation " + in_quotes(approval_annotation);
  constexpr const char* where = ", see https://github.com/kubernetes/enhancements/pull/1111";
  if (text.empty()) return {api_approval::missing, needed + where};
  if (text.starts_with("unapproved"))
    return {api_approval::refused, "not approved: " + in_quotes(text)};
  if (is_address(text)) return {api_approval::given, "approved in " + text};
  return {api_approval::invalid,
          needed + " with either a URL or a reason starting with \"unapproved\"" + where};
}

bool needs_approval(std::string_view group) {
  return group == "k8s.io" || group.ends_with(".k8s.io") || group == "kubernetes.io" ||
         group.ends_with(".kubernetes.io");
}

}  // namespace troupe::model
