#pragma once

#include "model/json.hpp"
#include "model/schema.hpp"

#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::cli {

/// The kinds that a cluster serves besides the built-in ones: custom ones and those of extension
/// servers. What schema::instance() is for the others.
class served_kinds {
 public:
  /// The document to ask for: GET /apis with this Accept.
  static constexpr const char* accept =
      "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

  served_kinds() = default;
  /// From an APIGroupDiscoveryList; preferred groups and versions come first in it.
  explicit served_kinds(const model::json& discovery);

  const model::kind_info* by_kind(std::string_view group, std::string_view version,
                                  std::string_view kind) const;
  /// What a user may type, as schema::by_argument takes it.
  const model::kind_info* by_argument(std::string_view argument) const;
  /// In their preferred version each.
  std::vector<const model::kind_info*> kinds() const;

 private:
  void add_group(const model::json& group);
  void add(std::string_view group, std::string_view version, const model::json& resource);
  std::string_view keep(std::string text) { return texts_.emplace_back(std::move(text)); }
  std::vector<std::string_view> keep_all(const model::json& texts);

  std::deque<std::string> texts_;  // what the kinds' views are of
  std::deque<model::kind_info> kinds_;
};

}  // namespace troupe::cli
