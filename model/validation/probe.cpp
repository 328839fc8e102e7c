#include "model/validation/names.hpp"
#include "model/validation/pod.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

/// A port by number or by name.
void validate_port(const json& port, const field_path& path, faults& out) {
  if (port.is_number_integer()) {
    if (auto fault = port_fault(port.get<std::int64_t>()); !fault.empty())
      out.invalid(path, port, fault);
  } else if (port.is_string()) {
    out.check(path, as_text(port), port_name_fault(as_text(port)));
  }
}

/// Exactly one of exec, httpGet, tcpSocket, grpc and sleep.
void validate_handler(const json& handler, const field_path& path, faults& out) {
  int seen = 0;
  for (const char* name : {"exec", "httpGet", "tcpSocket", "grpc", "sleep"}) {
    const json& action = value_of(handler, name);
    if (!action.is_object()) continue;
    const field_path here = path.child(name);
    if (++seen > 1) {
      out.forbidden(here, "may not specify more than 1 handler type");
      continue;
    }
    if (std::string_view(name) == "exec" && items_of(action, "command").empty())
      out.required(here.child("command"));
    if (const json& port = value_of(action, "port"); !port.is_null())
      validate_port(port, here.child("port"), out);
  }
  if (seen == 0) out.required(path, "must specify a handler type");
}

void validate_probe(const json& probe, const field_path& path, bool readiness, faults& out) {
  validate_handler(probe, path, out);
  for (const char* name : {"initialDelaySeconds", "timeoutSeconds", "periodSeconds",
                           "successThreshold", "failureThreshold"})
    validate_nonnegative(probe, name, path, out);
  const json& grace = value_of(probe, "terminationGracePeriodSeconds");
  if (!grace.is_null()) {
    if (readiness)
      out.invalid(path.child("terminationGracePeriodSeconds"), grace,
                  "must not be set for readinessProbes");
    else if (grace.get<std::int64_t>() <= 0)
      out.invalid(path.child("terminationGracePeriodSeconds"), grace, "must be greater than 0");
  }
  if (const json& successes = value_of(probe, "successThreshold");
      !readiness && !successes.is_null() && successes != 1)
    out.invalid(path.child("successThreshold"), successes, "must be 1");
}

}  // namespace

void validate_nonnegative(const json& object, const char* name, const field_path& path,
                          faults& out) {
  const json& value = value_of(object, name);
  if (value.is_number_integer() && value.get<std::int64_t>() < 0)
    out.invalid(path.child(name), value, "must be greater than or equal to 0");
}

void validate_probes(const json& container, const field_path& container_path, faults& out) {
  for (const char* name : {"livenessProbe", "readinessProbe", "startupProbe"})
    if (const json& probe = value_of(container, name); probe.is_object())
      validate_probe(probe, container_path.child(name), std::string_view(name) == "readinessProbe",
                     out);
  const json& lifecycle = value_of(container, "lifecycle");
  if (!lifecycle.is_object()) return;
  const field_path path = container_path.child("lifecycle");
  for (const char* name : {"postStart", "preStop"})
    if (const json& handler = value_of(lifecycle, name); handler.is_object())
      validate_handler(handler, path.child(name), out);
}

}  // namespace troupe::model
