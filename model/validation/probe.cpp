#include "model/validation/names.hpp"
#include "model/validation/pod.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

/// A port by number or by name.
void validate_port(const json& port, const field_path& path, faults& out) {
  if (port.is_string()) {
    out.check(path, as_text(port), port_name_fault(as_text(port)));
    return;
  }
  const auto number = port.is_number_integer() ? port.get<std::int64_t>() : 0;
  if (const auto fault = port_fault(number); !fault.empty()) out.invalid(path, number, fault);
}

void validate_http(const json& action, const field_path& path, faults& out) {
  validate_port(value_of(action, "port"), path.child("port"), out);
  for (const json& header : items_of(action, "httpHeaders")) {
    const auto name = text_of(header, "name");
    const auto allowed = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
    };
    if (name.empty() || !std::ranges::all_of(name, allowed))
      out.invalid(path.child("httpHeaders"), name,
                  "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. "
                  "'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')");
  }
}

void validate_sleep(const json& action, std::int64_t grace, const field_path& path, faults& out) {
  const auto seconds = integer_of(action, "seconds");
  if (seconds <= 0 || seconds > grace)
    out.invalid(path, seconds,
                "must be greater than 0 and less than terminationGracePeriodSeconds (" +
                    std::to_string(grace) +
                    "). Enable AllowPodLifecycleSleepActionZeroValue feature gate for zero sleep.");
}

/// Exactly one of exec, httpGet, tcpSocket, grpc and sleep.
void validate_handler(const json& handler, std::int64_t grace, const field_path& path,
                      faults& out) {
  int seen = 0;
  for (const std::string_view name : {"exec", "httpGet", "tcpSocket", "grpc", "sleep"}) {
    const json& action = value_of(handler, name.data());
    if (!action.is_object()) continue;
    const field_path here = path.child(name);
    if (++seen > 1)
      out.forbidden(here, "may not specify more than 1 handler type");
    else if (name == "exec" && items_of(action, "command").empty())
      out.required(here.child("command"));
    else if (name == "httpGet")
      validate_http(action, here, out);
    else if (name == "tcpSocket" || name == "grpc")
      validate_port(value_of(action, "port"), here.child("port"), out);
    else if (name == "sleep")
      validate_sleep(action, grace, here, out);
  }
  if (seen == 0) out.required(path, "must specify a handler type");
}

void validate_probe(const json& probe, std::int64_t grace, const field_path& path, bool readiness,
                    faults& out) {
  validate_handler(probe, grace, path, out);
  for (const char* name : {"initialDelaySeconds", "timeoutSeconds", "periodSeconds",
                           "successThreshold", "failureThreshold"})
    out.nonnegative(path.child(name), value_of(probe, name));
  if (const json& own = value_of(probe, "terminationGracePeriodSeconds"); !own.is_null()) {
    const field_path here = path.child("terminationGracePeriodSeconds");
    if (own.get<std::int64_t>() <= 0) out.invalid(here, own, "must be greater than 0");
    if (readiness) out.invalid(here, own, "must not be set for readinessProbes");
  }
  if (const json& successes = value_of(probe, "successThreshold");
      !readiness && !successes.is_null() && successes != 1)
    out.invalid(path.child("successThreshold"), successes, "must be 1");
}

}  // namespace

void validate_probes(const json& container, std::int64_t grace, const field_path& container_path,
                     faults& out) {
  if (const json& lifecycle = value_of(container, "lifecycle"); lifecycle.is_object()) {
    const field_path path = container_path.child("lifecycle");
    for (const char* name : {"postStart", "preStop"})
      if (const json& handler = value_of(lifecycle, name); handler.is_object())
        validate_handler(handler, grace, path.child(name), out);
  }
  for (const char* name : {"livenessProbe", "readinessProbe", "startupProbe"})
    if (const json& probe = value_of(container, name); probe.is_object())
      validate_probe(probe, grace, container_path.child(name),
                     std::string_view(name) == "readinessProbe", out);
}

}  // namespace troupe::model
