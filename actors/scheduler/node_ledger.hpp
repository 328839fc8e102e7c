#pragma once

#include "model/name_hash.hpp"
#include "model/pod_view.hpp"
#include "model/scheduling/filters.hpp"
#include "model/scheduling/node_admission.hpp"

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace troupe::scheduler {

/// What one node has given away: pods reserved (being bound) and bound. The truth that every
/// placement is checked against.
class node_ledger {
 public:
  using pod_view_ptr = std::shared_ptr<const model::pod_view>;

  /// The Node as committed; null when it is gone.
  void set_node(model::object_ptr node);
  const model::object_ptr& node() const { return node_; }
  std::shared_ptr<const model::node_view> view() const { return view_; }

  /// Holds the pod's resources, or says why not. A pod that is held already is accepted again.
  std::optional<model::refusal> reserve(pod_view_ptr pod,
                                        const model::filter_rules& rules = model::all_filters());
  bool holds(const std::string& uid) const { return pods_.contains(uid); }
  /// Takes a reservation back; bound pods stay.
  void release(const std::string& uid);

  /// A pod of this node as committed. False when an equal or newer state is known.
  bool commit(const model::object_ptr& pod);
  /// A pod is gone from the store; false when it was not known.
  bool remove(const std::string& uid);

  /// Why the kubelet is not to run a bound pod that was not reserved here: somebody named the node
  /// without asking. Null: it is to. Decided once, when the Node is known, of older pods first; a
  /// pod that has begun to run stays.
  const model::node_objection* objection(const std::string& uid);

  std::vector<model::object_ptr> bound() const;
  const model::usage& used() const { return used_; }
  /// Grows whenever the offer would look different.
  std::uint64_t version() const { return version_; }

 private:
  struct entry {
    pod_view_ptr view;
    model::object_ptr object;  // null: only reserved
    bool counted = true;       // false once it has run to its end, or when it does not fit
    bool judged = false;
    std::optional<model::node_objection> objection;
  };
  void count(entry& e, bool counted);
  void judge();
  bool meets_its_disks(const model::pod_view& pod) const;

  model::object_ptr node_;
  std::shared_ptr<const model::node_view> view_;
  model::usage used_;
  std::unordered_map<std::string, entry, model::name_hash> pods_;  // by uid
  std::uint64_t version_ = 1;
};

}  // namespace troupe::scheduler
