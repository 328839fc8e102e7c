#pragma once

#include "model/authorize.hpp"
#include "model/json.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace troupe::model {

/// A PriorityLevelConfiguration, as requests are judged by it.
struct flow_level {
  std::string name, uid;
  bool exempt = false;
  bool queues_requests = false;       ///< else what has no seat is refused
  unsigned shares = 0;                ///< of the server's seats
  unsigned seats = 0;                 ///< its part of them
  unsigned least = 0;                 ///< what it keeps of its part when it lends the rest
  unsigned most = 0;                  ///< what it has at most, with what it borrows
  unsigned lendable = 0;              ///< percent of its part
  std::optional<unsigned> borrowing;  ///< likewise; nothing: no limit
  unsigned queues = 0, hand = 0, length = 0;
  bool operator==(const flow_level&) const = default;
};

/// What a request belongs to.
struct flow_match {
  std::string_view schema_uid;
  const flow_level* level = nullptr;
  std::uint64_t flow = 0;  ///< hash of the schema and what tells its flows apart
};

/// The FlowSchemas and PriorityLevelConfigurations of a moment, ready to judge requests
/// (KEP-1040). Immutable.
class flow_table {
 public:
  /// From the objects; schemas whose level is missing are left out. `seats`: of the server, shared
  /// out by the levels' nominal shares.
  flow_table(const std::vector<json>& schemas, const std::vector<json>& levels, unsigned seats);
  ~flow_table();

  /// The first schema by precedence and name that matches; a null level when none does.
  flow_match classify(const subject& who, const request_info& what) const;
  const std::vector<std::unique_ptr<const flow_level>>& levels() const { return levels_; }

 private:
  struct schema;
  std::vector<std::unique_ptr<const flow_level>> levels_;
  std::vector<schema> schemas_;
};

/// Whether a request may go on for as long as it likes, so that it takes no seat: a watch, a
/// followed log, an exec and its kin.
bool is_long_running(const request_info& what);

}  // namespace troupe::model
