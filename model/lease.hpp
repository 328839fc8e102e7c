#pragma once

#include "model/object.hpp"
#include "model/time.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

namespace troupe::model {

/// What an election reads and writes of a coordination.k8s.io Lease.
struct lease_record {
  std::string holder;  ///< empty: released
  std::int64_t duration_seconds = 15;
  std::string acquired;  ///< MicroTime texts
  std::string renewed;
  std::int64_t transitions = 0;
  bool operator==(const lease_record&) const = default;

  static lease_record of(const json& lease);
  void into(json& lease) const;
};

/// Whether this is the Lease by which an API server says that it is there, and has run out.
bool is_stale_identity(const json& lease, time_point now);

/// client-go's leader election rules, without clock or I/O: times come in, writes go out. Whether a
/// lease has run out is judged by the time it was last *seen to change*, so clocks need not agree.
class leader_election {
 public:
  struct options {
    std::string ns = "kube-system";
    std::string name;
    std::string identity;  ///< "HOST_uuid"
    std::chrono::milliseconds lease_duration{15000};
    std::chrono::milliseconds renew_deadline{10000};
    std::chrono::milliseconds retry_period{2000};
  };

  /// By how much more than the retry period those who do not lead may wait.
  static constexpr int jitter_percent = 120;
  /// What is wrong with the durations, in client-go's words; "" when nothing is.
  static std::string fault_of(const options& o);

  explicit leader_election(options o) : options_(std::move(o)) {}

  /// Something to write: a create when `if_version` is nothing.
  struct attempt {
    json lease;
    std::optional<std::uint64_t> if_version;
  };

  /// What to write now, given the Lease as it is (null: there is none). Nothing while another
  /// holds it.
  std::optional<attempt> next(const object_ptr& current, time_point now);
  /// The attempt was committed.
  void succeeded(const object_ptr& written, time_point now);

  /// The holder is known to be dead: the next attempt need not wait for the lease to run out.
  void holder_is_down() { holder_down_ = true; }

  /// What to write to hand the lease on (ReleaseOnCancel).
  std::optional<attempt> release(const object_ptr& current, time_point now);

  bool leading() const { return leading_; }
  /// Has not renewed for the renew deadline: must step down.
  bool overdue(time_point now) const;
  void step_down() { leading_ = false; }
  /// Who holds the lease as last seen.
  const std::string& holder() const { return observed_.holder; }
  const options& settings() const { return options_; }

 private:
  void observe(const lease_record& record, time_point now);

  options options_;
  lease_record observed_;
  time_point observed_at_;
  time_point renewed_at_;
  bool holder_down_ = false;
  bool leading_ = false;
};

}  // namespace troupe::model
