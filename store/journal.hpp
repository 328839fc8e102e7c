#pragma once

#include "store/cache.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace troupe::store {

/// How a journal fails.
enum class journal_error : std::uint8_t {
  none,
  fenced,         ///< a newer epoch was claimed: this writer is no longer the one
  unreachable,    ///< the connection failed
  timeout,        ///< no answer in time
  read_only,      ///< a replica, or a disk that takes no writes
  out_of_memory,  ///< at its memory limit
  refused         ///< any other answer that is not what was asked for
};

struct journal_result {
  journal_error error = journal_error::none;
  std::string message;  ///< for people

  bool ok() const { return error == journal_error::none; }
  /// The append may have been committed all the same: recover() tells.
  bool unknown() const {
    return error == journal_error::unreachable || error == journal_error::timeout ||
           error == journal_error::refused;
  }
};

/// What a journal holds when it is opened.
struct journal_state {
  std::uint64_t epoch = 0;    ///< claimed by opening
  std::uint64_t version = 0;  ///< of the newest commit
  std::vector<object_ptr> objects;
  std::vector<event> recent;  ///< the change log, oldest first
};

/// Where commits are kept: the latest value of each object and a bounded log of changes. One thread
/// at a time calls it, and calls block.
class journal {
 public:
  virtual ~journal() = default;

  /// Connects, claims the next epoch (which fences off all earlier writers) and loads.
  virtual journal_result open(journal_state& out) = 0;
  /// Commits all of `batch` or nothing, and returns when it is on disk.
  virtual journal_result append(const std::vector<event>& batch) = 0;
  /// Connects anew, checks that the epoch is still ours, and reads what was committed after
  /// `since`, oldest first.
  virtual journal_result recover(std::uint64_t since, std::vector<event>& out) = 0;
  virtual void close() = 0;
};

}  // namespace troupe::store
