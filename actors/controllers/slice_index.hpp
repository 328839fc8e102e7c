#pragma once

#include "actors/controllers/controller.hpp"
#include "model/endpoints/slices.hpp"

#include <set>
#include <unordered_map>

namespace troupe {

/// The EndpointSlices that one controller keeps, by "ns/service".
class slice_index {
 public:
  static constexpr const char* resource = "endpointslices.discovery.k8s.io";

  /// `manager`: the slices' label endpointslice.kubernetes.io/managed-by.
  explicit slice_index(std::string manager) : manager_(std::move(manager)) {}

  /// The services that the event of a slice concerns.
  std::vector<std::string> observe(const store::event& e);
  void clear() { names_.clear(); }

  /// The slices of a service, parsed, but for those that are being deleted.
  std::vector<model::json> slices(const std::string& service, const store::cache& cache) const;

 private:
  std::string service_of(const model::object& slice) const;

  const std::string manager_;
  std::unordered_map<std::string, std::set<std::string>> names_;
};

/// The calls that changes of slices take, together with others: method, path, body.
struct api_write {
  std::string method;
  std::string path;
  model::json body;
};
void add_slice_writes(const std::string& ns, model::slice_changes changes,
                      std::vector<api_write>& out);

/// Makes all calls; a conflict means to look again soon. A namespace that is being deleted takes
/// nothing new, which is no failure.
void make_writes(std::vector<api_write> writes, controller_host& host,
                 std::function<void(outcome)> done);

}  // namespace troupe
