#pragma once

#include "store/journal.hpp"

#include <map>
#include <memory>
#include <mutex>

namespace troupe::store {

/// What memory journals write to. Several may share one, as processes share a Redis; it lasts as
/// long as somebody holds it.
struct memory_disk {
  std::mutex mutex;  ///< guards all of it
  std::uint64_t epoch = 0;
  std::uint64_t version = 0;
  std::map<model::object_key, object_ptr> objects;
  std::vector<event> log;
  std::size_t log_limit = 8192;
};

/// A journal that is gone with its process: for tests, simulations and `--store memory`.
class memory_journal : public journal {
 public:
  explicit memory_journal(std::shared_ptr<memory_disk> disk = std::make_shared<memory_disk>());

  journal_result open(journal_state& out) override;
  journal_result append(const std::vector<event>& batch) override;
  journal_result recover(std::uint64_t since, std::vector<event>& out) override;
  void close() override {}

 private:
  std::shared_ptr<memory_disk> disk_;
  std::uint64_t epoch_ = 0;
};

}  // namespace troupe::store
