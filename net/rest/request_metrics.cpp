#include "net/rest/request_metrics.hpp"

#include "store/served.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace troupe::rest {
namespace {

using model::request_info;

// Those of apiserver_request_duration_seconds in Kubernetes.
const std::vector<double>& bounds() {
  static const std::vector<double> all{0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8,
                                       1,     1.25,  1.5,  2,   3,   4,   5,   6,
                                       8,     10,    15,   20,  30,  45,  60};
  return all;
}

// The codes that answers have; the first stands for all others.
constexpr auto codes = std::to_array<int>({0,   101, 200, 201, 202, 204, 301, 302, 304, 307, 400,
                                           401, 403, 404, 405, 406, 408, 409, 410, 411, 413, 414,
                                           415, 422, 429, 431, 500, 501, 502, 503, 504, 505});

constexpr auto code_places = [] {
  std::array<std::uint8_t, 600> out{};
  for (std::size_t i = 1; i < codes.size(); ++i)
    out.at(static_cast<std::size_t>(codes.at(i))) = static_cast<std::uint8_t>(i);
  return out;
}();

constexpr auto paths = std::to_array<std::string_view>(
    {"/healthz", "/livez", "/readyz", "/version", "/metrics", "/metrics/slis", "/openid/v1/jwks",
     "/.well-known/openid-configuration", "/api", "/apis", "/openapi/v2", "/openapi/v3"});

// verb, dry_run, group, version, resource, subresource, scope
constexpr std::size_t label_count = 7;
constexpr std::size_t most_series = 4096;
using label_values = std::array<std::string_view, label_count>;

std::string_view verb_of(const request_info& info, std::string_view content_type) {
  static constexpr std::pair<std::string_view, std::string_view> verbs[] = {
      {"get", "GET"},        {"list", "LIST"},       {"watch", "WATCH"},
      {"create", "POST"},    {"update", "PUT"},      {"patch", "PATCH"},
      {"delete", "DELETE"},  {"post", "POST"},       {"deletecollection", "DELETECOLLECTION"},
      {"head", "HEAD"},      {"options", "OPTIONS"}, {"put", "PUT"},
      {"connect", "CONNECT"}};
  if (info.verb == "patch" && content_type.starts_with("application/apply-patch")) return "APPLY";
  for (const auto& [verb, name] : verbs)
    if (info.verb == verb) return name;
  return "other";
}

// As apiserver's CleanScope.
std::string_view scope_of(const request_info& info) {
  if (!info.is_resource) return "";
  if (!info.name.empty() || info.verb == "create") return "resource";
  return info.ns.empty() ? "cluster" : "namespace";
}

label_values labels_of(const http::request& r, const request_info& info) {
  label_values out{verb_of(info, r.content_type)};
  if (info.is_resource && !info.resource.empty()) {
    if (info.parameter("dryRun") == "All") out[1] = "All";
    out[2] = info.group;
    out[3] = info.version;
    out[4] = info.resource;
    out[5] = info.subresource;
    out[6] = scope_of(info);
    return out;
  }
  for (const auto path : paths)
    if (info.path == path || (info.path.starts_with(path) && info.path[path.size()] == '/'))
      out[5] = path;
  return out;
}

bool changes(const request_info& info) {
  return info.is_resource && info.verb != "get" && info.verb != "list" && info.verb != "watch";
}

model::series_table<model::gauge>& in_flight(model::instruments& all) {
  return all.gauges("apiserver_current_inflight_requests",
                    "Requests under way, without those that run for long.", {"request_kind"});
}

model::series_table<model::counter>& attempts_to_authenticate(model::instruments& all) {
  return all.counters("authentication_attempts", "Requests by how their credentials were taken.",
                      {"result"});
}

double seconds_from(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

request_metrics::series::series(const shape& /*unused*/) : seconds(bounds()) {
  static_assert(code_count == codes.size());
}

void request_metrics::series::answered(int code, double took) {
  const auto i = code >= 0 && code < 600 ? static_cast<std::size_t>(code) : 0;
  by_code.at(code_places.at(i)).add();
  seconds.observe(took);
}

request_metrics::request_metrics(std::shared_ptr<model::instruments> all,
                                 std::shared_ptr<const store::cache> cache)
    : all_(std::move(all)),
      cache_(std::move(cache)),
      table_(std::make_shared<model::series_table<series>>(label_count, most_series)),
      reading_(in_flight(*all_).with("readOnly")),
      mutating_(writes_under_way(*all_)),
      known_(attempts_to_authenticate(*all_).with("success")),
      unknown_(attempts_to_authenticate(*all_).with("failure")) {
  show();
}

void request_metrics::show() {
  const std::vector<std::string> labels{"verb",     "dry_run",     "group", "version",
                                        "resource", "subresource", "scope", "component"};
  const auto each = [table = table_](const auto& f) {
    table->each([&](const std::vector<std::string>& values, const series& s) {
      auto full = values;
      full.emplace_back("apiserver");
      f(full, s);
    });
  };
  auto with_code = labels;
  with_code.emplace_back("code");
  all_->collected("apiserver_request_total", "Requests that were answered.", "counter", with_code,
                  [each](model::exposition& out) {
                    each([&](const std::vector<std::string>& values, const series& s) {
                      for (std::size_t i = 0; i < codes.size(); ++i)
                        if (const auto n = s.by_code.at(i).value(); n > 0) {
                          auto full = values;
                          full.push_back(std::to_string(codes.at(i)));
                          out.value(full, n);
                        }
                    });
                  });
  all_->collected("apiserver_request_duration_seconds", "How long requests took.", "histogram",
                  labels, [each](model::exposition& out) {
                    each([&](const std::vector<std::string>& values, const series& s) {
                      out.value(values, s.seconds);
                    });
                  });
  const std::vector<std::string> no_dry{"verb",        "group", "version",  "resource",
                                        "subresource", "scope", "component"};
  all_->collected("apiserver_longrunning_requests", "Watches and logs that are running.", "gauge",
                  no_dry, [each](model::exposition& out) {
                    each([&](std::vector<std::string> values, const series& s) {
                      if (s.running.value() == 0 && values[0] != "WATCH") return;
                      if (!values[1].empty()) return;
                      values.erase(values.begin() + 1);
                      out.value(values, s.running.value());
                    });
                  });
}

request_metrics::series& request_metrics::series_of(const http::request& r,
                                                    const request_info& info) {
  auto labels = labels_of(r, info);
  if (auto* known = table_->find(labels)) return *known;
  if (info.is_resource && !info.resource.empty()) {
    const auto found = store::find_kind(*cache_, info.group, info.version, info.resource);
    if (!found.kind || (!info.subresource.empty() && !found.kind->subresource(info.subresource)))
      labels = {labels[0]};  // what anybody may make up is not written down
    return table_->with(std::span<const std::string_view>(labels));
  }
  return table_->with(std::span<const std::string_view>(labels));
}

std::function<void(std::size_t)> request_metrics::watched(const model::kind_info& kind) {
  static const model::instruments::labels names{"group", "version", "kind"};
  // Those of apiserver: from 1 KiB to 128 KiB.
  static const auto sizes_of_events = model::exponential_bounds(1024, 2, 8);
  auto& count =
      all_->counters("apiserver_watch_events_total", "Events that watches were sent.", names)
          .with(kind.group, kind.version, kind.kind);
  auto& sizes = all_->histograms("apiserver_watch_events_sizes", "Their sizes, in bytes.", names,
                                 sizes_of_events)
                    .with(kind.group, kind.version, kind.kind);
  // The instruments live as long as this does, and watches end before.
  return [&count, &sizes, self = shared_from_this()](std::size_t size) {
    count.add();
    sizes.observe(static_cast<double>(size));
  };
}

model::gauge& writes_under_way(model::instruments& all) {
  return in_flight(all).with("mutating");
}

void request_metrics::begin(const http::exchange_ptr& x, const request_info& info) {
  x->observe(begin(x->in(), info));
}

http::exchange::observer request_metrics::begin(const http::request& request,
                                                const request_info& info) {
  series& s = series_of(request, info);
  model::gauge& under_way = changes(info) ? mutating_ : reading_;
  under_way.add(1);
  return [&s, &under_way, self = shared_from_this(), start = std::chrono::steady_clock::now()](
             const http::response& r, bool streams) -> std::function<void()> {
    under_way.add(-1);
    if (!streams) {
      s.answered(r.code, seconds_from(start));
      return {};
    }
    s.running.add(1);
    return [&s, self, start, code = r.code] {
      s.running.add(-1);
      s.answered(code, seconds_from(start));
    };
  };
}

}  // namespace troupe::rest
