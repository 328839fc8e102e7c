#include "actors/kubelet/probe_net.hpp"
#include "actors/kubelet/worker.hpp"
#include "net/cri/grpc_probe.hpp"

namespace troupe {

using namespace model::kubelet;
using model::at;
using model::json;
using model::string_at;
using std::chrono::milliseconds;
using std::chrono::seconds;

std::optional<model::time_point> pod_worker::run_probes(model::time_point now) {
  if (life_.deleting() || !life_.ended().empty()) {
    probes_.clear();
    return std::nullopt;
  }
  std::erase_if(probes_, [&](const probe_run& p) {
    const auto* c = life_.newest(p.container);
    return !p.busy && (!c || c->id != p.id || c->state != container_state::phase::running);
  });
  for (const auto& c : life_.containers()) adopt_probes(c);
  std::optional<model::time_point> next;
  for (auto& p : probes_) {
    if (p.busy || p.check.over()) continue;
    const auto spec = life_.container(p.container);
    if (!spec.spec) continue;
    const bool startup = p.check.kind() == probe_kind::startup;
    const bool due = p.check.due() <= now;
    if (due && startup == life_.started(spec))
      p.check.postpone(now);
    else if (due)
      run_probe(p, spec);
    if (!p.busy && (!next || p.check.due() < *next)) next = p.check.due();
  }
  return next;
}

void pod_worker::adopt_probes(const container_spec& c) {
  const auto* state = life_.newest(c.name);
  if (!state || state->state != container_state::phase::running) return;
  const std::pair<probe_kind, const char*> kinds[] = {{probe_kind::startup, "startupProbe"},
                                                      {probe_kind::readiness, "readinessProbe"},
                                                      {probe_kind::liveness, "livenessProbe"}};
  for (const auto& [kind, field] : kinds) {
    const auto& spec = at(*c.spec, {field});
    if (!spec.is_object()) continue;
    const bool known = std::any_of(probes_.begin(), probes_.end(), [&, k = kind](const auto& p) {
      return p.id == state->id && p.check.kind() == k;
    });
    if (known) continue;
    const auto began = model::time_point{std::chrono::duration_cast<model::time_point::duration>(
        std::chrono::nanoseconds{state->started_at})};
    probes_.push_back({c.name, state->id, probe(kind, spec, began)});
  }
}

void pod_worker::run_probe(probe_run& p, const container_spec& c) {
  p.busy = true;
  const auto kind = p.check.kind();
  const char* field = kind == probe_kind::startup     ? "startupProbe"
                      : kind == probe_kind::readiness ? "readinessProbe"
                                                      : "livenessProbe";
  const json spec = at(*c.spec, {field});
  const auto timeout = p.check.timeout();
  auto told = [this, container = p.id, kind](std::optional<std::string> error) {
    probed(container, kind, error);
  };
  if (const auto& command = at(spec, {"exec", "command"}); command.is_array()) {
    rt().exec(
        p.id, command.get<std::vector<std::string>>(), timeout,
        back<exec_result>([told, timeout](const outcome<exec_result>& o) {
          if (!o)
            return told(o.error.code == runtime_error::deadline_exceeded
                            ? "command timed out after " + std::to_string(timeout.count()) + "s"
                            : o.error.message);
          told(o.value.exit_code == 0 ? std::nullopt : std::optional(o.value.output));
        }));
    return;
  }
  probe_by_net(p, c, spec, told);
}

http_target pod_worker::target_of(const json& action, const container_spec& c) const {
  http_target t;
  t.host = string_at(action, {"host"});
  if (t.host.empty()) {
    const auto known = facts();
    const bool on_host = at(life_.pod(), {"spec", "hostNetwork"}) == true;
    const auto& own = on_host ? known.host_ips : known.pod_ips;
    t.host = own.empty() ? "" : own.front();
  }
  t.tls = string_at(action, {"scheme"}) == "HTTPS";
  t.port = port_of(at(action, {"port"}), *c.spec);
  t.path = string_at(action, {"path"}, "/");
  if (t.path.empty() || t.path.front() != '/') t.path.insert(0, "/");
  for (const auto& h : at(action, {"httpHeaders"}))
    t.headers.emplace_back(string_at(h, {"name"}), string_at(h, {"value"}));
  return t;
}

void pod_worker::probe_by_net(const probe_run& p, const container_spec& c, const json& spec,
                              std::function<void(std::optional<std::string>)> told) {
  const auto timeout = p.check.timeout();
  const auto& http = at(spec, {"httpGet"});
  const auto& grpc = at(spec, {"grpc"});
  const auto& target = http.is_object() ? http : grpc.is_object() ? grpc : at(spec, {"tcpSocket"});
  if (!target.is_object() || !context_->on_disk())
    return later(milliseconds{0}, [told, simulated = !context_->on_disk()] {
      told(simulated ? std::nullopt : std::optional<std::string>("this kubelet has no such probe"));
    });
  const auto t = target_of(target, c);
  auto heard = [way = way_, told](std::string error) {
    way->post([told, error = std::move(error)] {
      told(error.empty() ? std::nullopt : std::optional(error));
    });
  };
  if (http.is_object())
    context_->prober->http(
        t, timeout,
        [this, heard, way = way_, kind = p.check.kind(), name = c.name](const http_result& r) {
          if (r.elsewhere)
            way->post([this, kind, name] {
              note("Warning", "ProbeWarning",
                   std::string(to_text(kind)) + " probe warning: Probe terminated redirects", name);
            });
          heard(verdict_of(r));
        });
  else if (grpc.is_object())
    net::cri::probe_grpc(t.host, t.port, string_at(grpc, {"service"}), timeout, heard);
  else
    context_->prober->tcp(t.host, t.port, timeout, heard);
}

void pod_worker::probed(const std::string& container, probe_kind kind,
                        const std::optional<std::string>& error) {
  const auto now = context_->now();
  for (auto& p : probes_) {
    if (p.id != container || p.check.kind() != kind) continue;
    p.busy = false;
    if (error)
      note("Warning", "Unhealthy", std::string(to_text(kind)) + " probe failed: " + *error,
           p.container);
    const auto verdict = p.check.result(!error, now);
    if (!verdict) break;
    if (kind == probe_kind::readiness) {
      life_.set_ready(p.container, *verdict);
    } else if (*verdict) {
      if (kind == probe_kind::startup) life_.set_started(p.container, true);
    } else {
      const bool startup = kind == probe_kind::startup;
      const auto c = life_.container(p.container);
      constexpr int killed = 137;
      life_.condemn(container,
                    "Container " + p.container + " failed " + (startup ? "startup" : "liveness") +
                        " probe" +
                        (restarts(life_.pod(), c.kind, killed) ? ", will be restarted" : ""),
                    p.check.grace());
    }
    break;
  }
  advance();
}

}  // namespace troupe
