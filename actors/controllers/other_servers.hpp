#pragma once

#include "actors/controllers/controller.hpp"
#include "model/custom/owners.hpp"

#include <functional>
#include <string>
#include <vector>

namespace troupe {

/// A resource that another server serves (by an APIService), as its discovery tells it.
struct other_resource {
  std::string group_version;  ///< "wardrobe.example.com/v1"
  std::string plural, kind;
  bool namespaced = false;
  std::vector<std::string> verbs;

  bool has(std::string_view verb) const;
  /// "widgets.wardrobe.example.com"
  std::string resource() const;
  /// The path of all of them (in a namespace, when one is given), or of one.
  std::string path(const std::string& ns, const std::string& name = {}) const;
};

/// What is known of the other servers now.
struct other_servers {
  std::vector<other_resource> resources;
  std::vector<std::string> unknown;  ///< groups and versions that give no answer
};

/// Asks each other server for its resources; at once when there is none.
void discover_others(controller_host& host, std::function<void(const other_servers&)> done);

/// Whether a reference means an object of a group and version that another server serves.
bool is_of_others(const model::owner_reference& owner, const controller_host& host);

/// Looks for those owners that other servers have. What cannot be found out for sure is left out:
/// that an owner is absent, only its server can say.
void find_owners(controller_host& host, const other_servers& servers,
                 const std::vector<model::owner_reference>& owners, const std::string& ns,
                 std::function<void(model::known_owners)> done);

}  // namespace troupe
