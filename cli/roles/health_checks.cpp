#include "cli/roles/health_checks.hpp"

namespace troupe::cli {
namespace {

// What kube-apiserver does after its start, step by step. Here it is done, or under way by actors
// that their supervisors keep up, once the store is ready.
const char* const start_hooks[] = {
    "start-apiserver-admission-initializer",
    "start-kube-apiserver-admission-initializer",
    "generic-apiserver-start-informers",
    "priority-and-fairness-config-consumer",
    "priority-and-fairness-filter",
    "storage-object-count-tracker-hook",
    "start-apiextensions-informers",
    "start-apiextensions-controllers",
    "crd-informer-synced",
    "start-system-namespaces-controller",
    "start-cluster-authentication-info-controller",
    "start-kube-apiserver-identity-lease-controller",
    "start-kube-apiserver-identity-lease-garbage-collector",
    "start-legacy-token-tracking-controller",
    "start-service-ip-repair-controllers",
    "rbac/bootstrap-roles",
    "scheduling/bootstrap-system-priority-classes",
    "priority-and-fairness-config-producer",
    "bootstrap-controller",
    "aggregator-reload-proxy-client-cert",
    "start-kube-aggregator-informers",
    "apiservice-status-local-available-controller",
    "apiservice-status-remote-available-controller",
    "apiservice-status-available-controller",
    "apiservice-registration-controller",
    "apiservice-discovery-controller",
    "kube-apiserver-autoregistration",
    "apiservice-openapi-controller",
    "apiservice-openapiv3-controller",
};

}  // namespace

std::vector<health_check> health_checks(std::function<bool()> ready) {
  const auto unless_ready = [&](const char* fault) {
    return [ready, fault] { return std::string(ready() ? "" : fault); };
  };
  health_check hooks{{}, unless_ready("not finished")};
  for (const char* name : start_hooks) hooks.names.push_back(std::string("poststarthook/") + name);
  hooks.names.emplace_back("autoregister-completion");
  return {{{"log"}, [] { return std::string(); }},
          {{"etcd"}, unless_ready("the store is not ready")},
          {{"etcd-readiness", "informer-sync"}, unless_ready("the store is not ready"), true},
          std::move(hooks)};
}

}  // namespace troupe::cli
