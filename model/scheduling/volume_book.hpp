#pragma once

#include "model/object.hpp"
#include "model/volumes/csi_migration.hpp"
#include "model/volumes/volume.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace troupe::model {

/// Whether one pod alone may have the claim, wherever it is (access mode ReadWriteOncePod).
bool is_for_one_pod(const json& claim);

/// What a scheduler knows of claims, volumes, storage classes and CSINodes. An object is read once,
/// when it is put: decisions go over nodes by the thousand.
class volume_book {
 public:
  /// The resources that it is made of.
  static const std::vector<std::string>& resources();

  void put(const object_ptr& o);
  void remove(const object& o);
  /// Forgets all of one resource.
  void clear(std::string_view resource);

  struct claim {
    explicit claim(object_ptr o);

    object_ptr object;
    std::string volume;  ///< spec.volumeName
    std::string storage_class;
    bool bound = false;  ///< to that volume, by both
    bool lost = false;
    bool for_one_pod = false;
  };
  struct volume {
    volume(object_ptr o, const json& document);

    object_ptr object;
    volume_facts facts;
    bool zoned = false;      ///< its labels say in which zones or regions it is
    counted_volume counted;  ///< without a driver: nodes do not count it
  };
  struct storage_class {
    explicit storage_class(object_ptr o);

    object_ptr object;
    counted_volume counted;  ///< as what its volumes count, which have no handle yet
  };
  /// What attaching a claim's volume takes of a node; no driver: nothing that is counted. Good
  /// until the book changes, and as long as the text.
  using attachment = counted_text;

  /// By "NAMESPACE/NAME"; null: there is none.
  const claim* find_claim(const std::string& text) const;
  const volume* find_volume(const std::string& name) const;
  const storage_class* find_class(const std::string& name) const;
  /// Also of a volume without a claim, by its text.
  attachment attachment_of(const std::string& text) const;
  /// The volumes of a storage class that a claim may ever get: nobody's, and those that are
  /// reserved for it; by name.
  std::vector<const volume_facts*> volumes_for(const std::string& text,
                                               const std::string& class_name) const;
  /// How many volumes the node takes, by driver; null: it does not say.
  const std::map<std::string, std::int64_t>* limits_of(const std::string& node) const;
  /// Whether volumes that count only where their plugin is migrated count there.
  bool migrates(const std::string& node) const { return migrating_.contains(node); }
  /// The least that a node says of the driver; none: no node says anything.
  std::optional<std::int64_t> least_limit(std::string_view driver) const;

 private:
  using shelf = std::map<std::string, const volume_facts*>;  // by name

  shelf& shelf_of(const volume_facts& v);
  void put_volume(const object_ptr& o);
  void remove_volume(const std::string& name);
  void put_node(const object_ptr& o);
  void remove_node(const std::string& name);
  attachment provisioned(const claim& c, const std::string& text) const;

  std::unordered_map<std::string, claim> claims_;  // "ns/name"
  std::unordered_map<std::string, volume> volumes_;
  std::unordered_map<std::string, shelf> free_;      // by storage class
  std::unordered_map<std::string, shelf> reserved_;  // by claim
  std::unordered_map<std::string, storage_class> classes_;
  std::unordered_map<std::string, std::map<std::string, std::int64_t>> limits_;  // by node
  std::map<std::string, std::multiset<std::int64_t>, std::less<>> all_limits_;   // by driver
  std::set<std::string> migrating_;                                              // nodes
};

}  // namespace troupe::model
