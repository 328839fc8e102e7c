#include "model/words.hpp"

namespace troupe::model {
namespace {

// Of the words with this first letter, those that `rest` begins with.
std::uint32_t words_at(std::string_view rest) {
  const auto have = [&](word w, std::string_view quoted) {
    return rest.starts_with(quoted) ? bit_of(w) : 0U;
  };
  switch (rest.front()) {
    case 'p':
      return have(word::persistent_volume_claim, "persistentVolumeClaim\"") |
             have(word::pod_affinity, "podAffinity\"") |
             have(word::pod_anti_affinity, "podAntiAffinity\"") |
             have(word::disk, "portworxVolume\"");
    case 'e':
      return have(word::ephemeral, "ephemeral\"");
    case 'n':
      return have(word::nominated_node_name, "nominatedNodeName\"");
    case 'D':
      return have(word::disruption_target, "DisruptionTarget\"");
    case 'b':
      return have(word::job_tracking, "batch.kubernetes.io/job-tracking\"");
    case 'a':
      return have(word::active_deadline, "activeDeadlineSeconds\"") |
             have(word::disk, "awsElasticBlockStore\"") | have(word::disk, "azureDisk\"");
    case 'c':
      return have(word::disk, "cinder\"");
    case 'g':
      return have(word::disk, "gcePersistentDisk\"");
    case 'i':
      return have(word::disk, "iscsi\"");
    case 'r':
      return have(word::readiness_gates, "readinessGates\"") | have(word::disk, "rbd\"");
    default:
      return 0;
  }
}

}  // namespace

std::uint32_t words_in(std::string_view text) {
  std::uint32_t found = 0;
  for (auto quote = text.find('"'); quote != std::string_view::npos && quote + 1 < text.size();
       quote = text.find('"', quote + 1))
    found |= words_at(text.substr(quote + 1));
  return found;
}

}  // namespace troupe::model
