#include "actors/kubelet/disk.hpp"
#include "actors/kubelet/worker.hpp"

#include <spdlog/spdlog.h>

namespace troupe {

using namespace model::kubelet;

// Volumes of ConfigMaps, Secrets and the downward API follow what they show for as long as the pod
// runs. Kubernetes promises it within kubelet's syncFrequency.
void pod_worker::keep_volumes_fresh() {
  if (refreshing_ || !context_->on_disk() || !follows_objects(life_.pod())) return;
  refreshing_ = true;
  later(context_->options.sync_frequency, [this] {
    refreshing_ = false;
    refresh_volumes();
  });
}

// What cannot be had now stays as it is.
void pod_worker::refresh_volumes() {
  if (finishing_ || life_.deleting() || !life_.ended().empty()) return;
  // Annotations, too, are shown, though nothing else here goes by them.
  const auto pod = std::make_shared<const model::json>(life_.source().content());
  gather([this, pod](const objects_ptr& objects, const std::string& error) {
    auto plan = error.empty() ? plan_volumes(*pod, context_->pod_dir(uid()), facts(),
                                             lookup_in(objects), true)
                              : volume_plan{};
    if (!error.empty() || !plan.error.empty()) {
      spdlog::debug("kubelet: volumes of {} are not refreshed: {}", uid(),
                    error.empty() ? plan.error : error);
      return keep_volumes_fresh();
    }
    run_aside<std::string>(
        this, *context_, id(), [plan = std::move(plan)] { return write_volumes(plan); },
        [this](const std::string& failure) {
          if (!failure.empty()) note("Warning", "FailedMount", failure);
          keep_volumes_fresh();
        });
  });
}

}  // namespace troupe
