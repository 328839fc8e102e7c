#pragma once

#include "store/journal.hpp"
#include "store/redis_connection.hpp"

#include <memory>
#include <set>

namespace troupe::store {

struct redis_journal_options {
  redis_address address;
  std::string prefix = "troupe:";   ///< before every key
  std::uint64_t log_window = 8192;  ///< how many versions the change log reaches back, at least
  int replicas = 0;                 ///< how many must have a batch too before it counts (WAIT)
  std::chrono::milliseconds replica_timeout{1000};
};

/// A journal in Redis. Under the prefix:
///
/// | key          | type   | holds                                                          |
/// |--------------|--------|----------------------------------------------------------------|
/// | `epoch`      | string | counts the writers; the newest is the only one                 |
/// | `version`    | string | of the newest commit                                           |
/// | `resources`  | set    | the resources that have a hash                                 |
/// | `o:RESOURCE` | hash   | "ns/name" to the object's bytes                                |
/// | `log`        | stream | an entry a batch, its id the batch's last version              |
///
/// A batch is one MULTI/EXEC under a WATCH of the epoch, sent in one piece together with the WATCH
/// of the next: one round trip, one write and fsync of the append-only file.
class redis_journal : public journal {
 public:
  explicit redis_journal(redis_journal_options options);
  ~redis_journal() override;

  journal_result open(journal_state& out) override;
  journal_result append(const std::vector<event>& batch) override;
  journal_result recover(std::uint64_t since, std::vector<event>& out) override;
  void close() override;

 private:
  journal_result claim_epoch(journal_state& out);
  journal_result load_resources();
  journal_result load_objects(journal_state& out);
  journal_result read_log(std::uint64_t since, std::vector<struct change>& out);
  journal_result watch_epoch();
  std::size_t send_batch(const std::vector<event>& batch);
  journal_result read_batch_replies(std::size_t queued);
  journal_result await_replicas();
  std::string key(std::string_view name) const;

  const redis_journal_options options_;
  redis_connection redis_;
  std::uint64_t epoch_ = 0;
  bool fenced_ = false;
  std::set<std::string, std::less<>> resources_;  // those that Redis knows to have a hash
  std::vector<std::string> new_resources_;        // in the batch under way
};

}  // namespace troupe::store
