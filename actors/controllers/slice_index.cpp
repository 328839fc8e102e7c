#include "actors/controllers/slice_index.hpp"

#include "model/selector.hpp"

namespace troupe {

using namespace std::chrono_literals;

namespace {

// Something else changed the object in between: what to do is decided anew.

bool of_ending_namespace(const api_response& r) {
  return r.code == 403 && r.body.bytes().find("NamespaceTerminating") != std::string_view::npos;
}

}  // namespace

std::string slice_index::service_of(const model::object& slice) const {
  const auto& labels = slice.header().labels;
  const auto* manager = model::find(labels, model::slice_manager_label);
  const auto* service = model::find(labels, model::slice_service_label);
  if (!manager || *manager != manager_ || !service) return {};
  return slice.key().ns + "/" + *service;
}

std::vector<std::string> slice_index::observe(const store::event& e) {
  std::vector<std::string> out;
  const auto& name = e.object->key().name;
  if (e.previous)
    if (auto before = service_of(*e.previous); !before.empty()) {
      if (const auto at = names_.find(before); at != names_.end()) {
        at->second.erase(name);
        if (at->second.empty()) names_.erase(at);
      }
      out.push_back(std::move(before));
    }
  if (auto now = service_of(*e.object); !now.empty()) {
    if (e.type != store::event::kind::deleted) names_[now].insert(name);
    if (out.empty() || out.front() != now) out.push_back(std::move(now));
  }
  return out;
}

std::vector<model::json> slice_index::slices(const std::string& service,
                                             const store::cache& cache) const {
  std::vector<model::json> out;
  const auto at = names_.find(service);
  if (at == names_.end()) return out;
  const auto ns = service.substr(0, service.find('/'));
  for (const auto& name : at->second) {
    const auto slice = cache.get({resource, ns, name});
    if (slice && !slice->header().deleting && service_of(*slice) == service)
      out.push_back(slice->parse());
  }
  return out;
}

void add_slice_writes(const std::string& ns, model::slice_changes changes,
                      std::vector<api_write>& out) {
  const auto path = [&ns](std::string name = {}) {
    return path_of({slice_index::resource, ns, std::move(name)});
  };
  for (auto& slice : changes.create) out.push_back({"POST", path(), std::move(slice)});
  for (auto& slice : changes.update) {
    auto target = path(model::string_at(slice, {"metadata", "name"}));
    out.push_back({"PUT", std::move(target), std::move(slice)});
  }
  for (const auto& name : changes.remove) out.push_back({"DELETE", path(name), nullptr});
}

void make_writes(std::vector<api_write> writes, controller_host& host,
                 std::function<void(outcome)> done) {
  if (writes.empty()) return done({});
  auto open = std::make_shared<std::size_t>(writes.size());
  auto result = std::make_shared<outcome>();
  for (auto& w : writes)
    host.call(std::move(w.method), std::move(w.path), w.body,
              [open, result, done](const api_response& r) {
                if (r.code == 409)
                  result->again = after_conflict;
                else if (auto o = outcome_of(r); !o.failure.empty() && !of_ending_namespace(r))
                  result->failure = std::move(o.failure);
                if (--*open == 0) done(*result);
              });
}

}  // namespace troupe
