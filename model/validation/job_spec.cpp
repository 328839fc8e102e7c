#include "model/validation/job_spec.hpp"

#include "model/label_names.hpp"
#include "model/validation/job_policies.hpp"
#include "model/validation/pod.hpp"
#include "model/validation/workload.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

bool is_http_path(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("/-._~%!$&'()*+,;=:").find(c) != std::string_view::npos;
  });
}

/// example.com/path
void validate_managed_by(const json& manager, const field_path& path, faults& out) {
  constexpr std::size_t longest = 63;
  if (manager.is_null()) return;
  const auto text = as_text(manager);
  const auto slash = text.find('/');
  if (text.empty()) {
    out.required(path);
  } else if (slash == text.npos || slash == 0 || slash + 1 == text.size()) {
    out.invalid(path, text, "must be a domain-prefixed path (such as \"acme.io/foo\")");
  } else {
    const auto domain = text.substr(0, slash);
    out.check(path, domain, dns_subdomain_fault(domain));
    const auto rest = text.substr(slash + 1);
    if (!is_http_path(rest))
      out.invalid(path, rest,
                  "Invalid path (regex used for validation is '[A-Za-z0-9/\\-._~%!$&'()*+,;=:]+')");
  }
  if (text.size() > longest) out.too_long(path, longest);
}

void validate_indexed(const json& spec, const field_path& path, faults& out) {
  constexpr std::int64_t most = 100'000;
  constexpr std::int64_t most_when_many = 10'000;
  const json& completions = value_of(spec, "completions");
  const json& parallelism = value_of(spec, "parallelism");
  const json& failed = value_of(spec, "maxFailedIndexes");
  const auto over = [](const json& value, const json& limit) {
    return value.is_number_integer() && limit.is_number_integer() && value > limit;
  };
  if (completions.is_null())
    out.required(path.child("completions"), "when completion mode is Indexed");
  if (over(parallelism, most))
    out.invalid(path.child("parallelism"), parallelism,
                "must be less than or equal to 100000 when completion mode is Indexed");
  if (over(failed, completions))
    out.invalid(path.child("maxFailedIndexes"), failed,
                "must be less than or equal to completions");
  if (over(failed, most))
    out.invalid(path.child("maxFailedIndexes"), failed, "must be less than or equal to 100000");
  if (!over(completions, most) || value_of(spec, "backoffLimitPerIndex").is_null()) return;
  constexpr std::string_view many =
      "must be less than or equal to 10000 when completions are above 100000 and used with backoff "
      "limit per index";
  if (failed.is_null())
    out.required(path.child("maxFailedIndexes"),
                 "must be specified when completions is above 100000");
  if (over(parallelism, most_when_many)) out.invalid(path.child("parallelism"), parallelism, many);
  if (over(failed, most_when_many)) out.invalid(path.child("maxFailedIndexes"), failed, many);
}

void validate_completion_mode(const json& spec, const field_path& path, faults& out) {
  const auto mode = text_of(spec, "completionMode");
  if (!mode.empty() && mode != "NonIndexed" && mode != "Indexed")
    out.not_supported(path.child("completionMode"), mode, {"NonIndexed", "Indexed"});
  if (mode == "Indexed") return validate_indexed(spec, path, out);
  if (!mode.empty() && mode != "NonIndexed") return;
  for (const char* name : {"backoffLimitPerIndex", "maxFailedIndexes"})
    if (const json& value = value_of(spec, name); !value.is_null())
      out.invalid(path.child(name), value, "requires indexed completion mode");
}

void validate_policies(const json& spec, const field_path& path, faults& out) {
  const bool may_fail_early = value_of(spec, "podFailurePolicy").is_object();
  if (may_fail_early) validate_pod_failure_policy(spec, path.child("podFailurePolicy"), out);
  if (const json& success = value_of(spec, "successPolicy"); success.is_object()) {
    if (text_of(spec, "completionMode") != "Indexed")
      out.invalid(path.child("successPolicy"), success, "requires indexed completion mode");
    else
      validate_success_policy(spec, path.child("successPolicy"), out);
  }
  const auto replacement = text_of(spec, "podReplacementPolicy");
  if (replacement.empty() || replacement == "Failed") return;
  if (may_fail_early)
    out.not_supported(path.child("podReplacementPolicy"), replacement, {"Failed"});
  else if (replacement != "TerminatingOrFailed")
    out.not_supported(path.child("podReplacementPolicy"), replacement,
                      {"Failed", "TerminatingOrFailed"});
}

void validate_restart_policy(const json& spec, const field_path& path, faults& out) {
  const field_path template_path = path.child("template");
  const field_path pod_path = template_path.child("spec");
  const field_path here = pod_path.child("restartPolicy");
  const auto policy = text_of(at(spec, {"template", "spec"}), "restartPolicy");
  if (policy.empty() || policy == "Always")
    out.required(here, R"(valid values: "OnFailure", "Never")");
  else if (policy != "OnFailure" && policy != "Never")
    out.not_supported(here, policy, {"OnFailure", "Never"});
  else if (policy != "Never" && value_of(spec, "podFailurePolicy").is_object())
    out.invalid(here, policy, R"(only "Never" is supported when podFailurePolicy is specified)");
}

}  // namespace

void validate_job_spec(const json& spec, const field_path& path, faults& out) {
  static constexpr const char* counters[] = {"parallelism",
                                             "completions",
                                             "activeDeadlineSeconds",
                                             "backoffLimit",
                                             "ttlSecondsAfterFinished",
                                             "backoffLimitPerIndex",
                                             "maxFailedIndexes"};
  validate_counters(spec, path, counters, out);
  if (!value_of(spec, "maxFailedIndexes").is_null() &&
      value_of(spec, "backoffLimitPerIndex").is_null())
    out.required(path.child("backoffLimitPerIndex"), "when maxFailedIndexes is specified");
  validate_managed_by(value_of(spec, "managedBy"), path.child("managedBy"), out);
  validate_completion_mode(spec, path, out);
  validate_policies(spec, path, out);
  validate_pod_template(value_of(spec, "template"), path.child("template"), out);
  validate_restart_policy(spec, path, out);
}

}  // namespace troupe::model
