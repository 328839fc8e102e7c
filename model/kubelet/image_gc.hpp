#pragma once

#include "model/kubelet/runtime_types.hpp"
#include "model/time.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace troupe::model::kubelet {

/// When images that nobody uses go (KubeletConfiguration's fields imageGC..., image...GCAge).
struct image_gc_policy {
  int high_percent = 85;  ///< of the images' file system in use: images go; 100: none ever
  int low_percent = 80;   ///< ... until no more than that is
  std::chrono::milliseconds least_age{120'000};  ///< of one that was just pulled
  std::chrono::milliseconds most_age{0};         ///< unused for so long, it goes; 0: for ever
};

/// How much has to be freed of a file system; none: nothing.
std::optional<std::int64_t> bytes_to_free(const image_gc_policy& policy, std::int64_t available,
                                          std::int64_t capacity);

/// The images of a node, and when each was used last.
class image_book {
 public:
  struct candidate {
    std::string id;
    std::int64_t size = 0;
  };

  explicit image_book(image_gc_policy policy) : policy_(policy) {}

  /// What images there are, and by which of their ids and names containers, dead ones too, use
  /// them. Those of the first look have always been there.
  void see(const std::vector<image_state>& images, const std::set<std::string>& in_use,
           time_point now);
  /// As of the last look, those that may go, the first to go first: not in use, not pinned, old
  /// enough.
  std::vector<candidate> removable() const;
  /// Those that nobody has used for too long; `began`: the kubelet's start.
  std::vector<candidate> expired(time_point began) const;
  void forget(const std::string& id) { known_.erase(id); }

 private:
  struct record {
    time_point first_seen{}, last_used{};
    std::int64_t size = 0;
    bool pinned = false, in_use = false;
  };
  std::vector<std::pair<std::string, record>> unused() const;

  image_gc_policy policy_;
  std::map<std::string, record> known_;  // by id
  time_point seen_at_{};
  bool any_look_ = false;
};

}  // namespace troupe::model::kubelet
