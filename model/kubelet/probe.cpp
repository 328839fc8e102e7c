#include "model/kubelet/probe.hpp"

#include <algorithm>

namespace troupe::model::kubelet {

namespace {

int number(const json& spec, const char* key, int fallback) {
  const auto& n = at(spec, {key});
  return n.is_number_integer() ? n.get<int>() : fallback;
}

}  // namespace

const char* to_text(probe_kind k) {
  return k == probe_kind::startup     ? "Startup"
         : k == probe_kind::readiness ? "Readiness"
                                      : "Liveness";
}

probe::probe(probe_kind kind, const json& spec, time_point started)
    : kind_(kind),
      period_(std::max(1, number(spec, "periodSeconds", 10))),
      timeout_(std::max(1, number(spec, "timeoutSeconds", 1))),
      success_(std::max(1, number(spec, "successThreshold", 1))),
      failure_(std::max(1, number(spec, "failureThreshold", 3))),
      due_(started + std::chrono::seconds{number(spec, "initialDelaySeconds", 0)}) {
  if (const int grace = number(spec, "terminationGracePeriodSeconds", 0); grace > 0)
    grace_ = std::chrono::seconds{grace};
}

std::optional<bool> probe::result(bool ok, time_point now) {
  run_ = ok == last_ ? run_ + 1 : 1;
  last_ = ok;
  due_ = now + period_;
  if (run_ < (ok ? success_ : failure_) || verdict_ == ok) return std::nullopt;
  verdict_ = ok;
  return ok;
}

int port_of(const json& port, const json& container) {
  if (port.is_number_integer()) return port.get<int>();
  if (!port.is_string()) return 0;
  const auto& name = port.get_ref<const std::string&>();
  for (const auto& p : at(container, {"ports"}))
    if (string_at(p, {"name"}) == name) return p.value("containerPort", 0);
  const bool digits =
      !name.empty() && name.size() < 6 &&
      std::all_of(name.begin(), name.end(), [](char c) { return c >= '0' && c <= '9'; });
  return digits ? std::stoi(name) : 0;
}

}  // namespace troupe::model::kubelet
