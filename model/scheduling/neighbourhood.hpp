#pragma once

#include "model/object.hpp"
#include "model/pod_view.hpp"
#include "model/scheduling/matcher_index.hpp"
#include "model/time.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace troupe::model {

/// The pods on nodes, as decisions about other pods need them: those that are committed there, and
/// those that a scheduler has placed and believes to get there. Keeps standing counts, by node, of
/// the pods that matchers match and of the terms that pods have about others: a change of a pod
/// costs what concerns it, and a question that was asked before costs nothing.
class neighbourhood {
 public:
  using node_id = std::uint32_t;
  using pod_ptr = std::shared_ptr<const pod_view>;

  neighbourhood();
  neighbourhood(const neighbourhood&) = delete;
  neighbourhood& operator=(const neighbourhood&) = delete;

  /// Pods counted by node.
  struct counts {
    std::vector<std::int32_t> by_node;
    std::int32_t on(node_id node) const { return node < by_node.size() ? by_node[node] : 0; }
    void add(node_id node, std::int32_t change);
  };

  /// What pods want of others.
  enum class concern : std::uint8_t { affinity, anti_affinity, preferred, preferred_anti };
  struct standing_term {
    concern kind = concern::affinity;
    affinity_term term;
    counts pods;  ///< that have it
    std::size_t total = 0;
  };

  /// A pod on a node.
  struct entry {
    std::string ns;
    node_id node = 0;
    object_ptr object;   ///< as committed; null: placed, and not seen there yet
    pod_ptr placed;      ///< of one that is not committed
    bool living = true;  ///< not being deleted
    std::int32_t priority = 0;
    mutable std::size_t slot = 0;  ///< among the pods of its node
    /// When it started, read once a version; of one that is committed.
    time_point started() const;
    mutable std::optional<time_point> start;
    const string_pairs& labels() const;
    pod_ptr view() const { return object ? object->view<pod_view>() : placed; }
  };

  /// A claim ("NAMESPACE/NAME") that pods on a node have among their volumes, or a volume without
  /// one that a node counts (text_of(counted_volume)), and how many do.
  struct claim_use {
    const std::string* claim = nullptr;
    std::size_t pods = 0;
  };

  // What there is.
  /// A pod as committed: on its node, or on none (any more).
  void put(const object_ptr& pod);
  void remove(const std::string& ns, const std::string& uid);
  /// Forgets what is committed, before all of it is put again.
  void clear_committed();
  /// A pod that is going to be on the node.
  void assume(const pod_ptr& pod, const std::string& node);
  /// It is not, after all; one that is committed stays.
  void forget(const std::string& ns, const std::string& uid);
  void set_namespace(const std::string& name, const string_pairs& labels);
  void remove_namespace(const std::string& name);
  void clear_namespaces();

  // What is asked.
  node_id id_of(const std::string& node);
  /// How many pods match all of the matchers (at least one); `living`: but those that are being
  /// deleted. Goes on being right while it is held and asked for now and then.
  std::shared_ptr<const counts> count(const std::vector<const pod_matcher*>& all, bool living);
  /// The terms of pods on nodes that mean a pod like this.
  std::vector<const standing_term*> terms_about(const std::string& ns,
                                                const string_pairs& labels) const;
  /// How many pods have the claim ("NAMESPACE/NAME") among their volumes.
  std::size_t users_of(const std::string& claim) const;
  /// The claims of the pods on the node, each once.
  const std::vector<claim_use>& claims_on(node_id node) const;
  bool has_terms() const { return !terms_.empty(); }
  const std::vector<const entry*>& pods_on(node_id node) const;
  /// Grows with each change of a pod on the node.
  std::uint64_t changes_on(node_id node) const { return changes_on_[node]; }
  /// The labels of namespaces.
  const namespace_labels& namespaces() const { return known_; }
  std::size_t size() const { return size_; }
  /// Whether a pod of a lower priority is on any node.
  bool has_below(std::int32_t priority) const {
    return !priorities_.empty() && priorities_.begin()->first < priority;
  }

 private:
  using pods = std::unordered_map<std::string, entry>;  // by uid
  struct question {
    std::vector<pod_matcher> all;
    bool living = false;
    std::shared_ptr<counts> answer;
    std::uint64_t used = 0;
  };

  void count_in(entry& e);
  void count_out(entry& e);
  void tally(const entry& e, std::int32_t change);
  void add_claim(node_id node, const std::string& claim);
  void remove_claim(node_id node, const std::string& claim);
  void tally_claims(const entry& e, std::int32_t change);
  void tally_terms(const entry& e, std::int32_t change);
  void tally_term(concern kind, const affinity_term& t, node_id node, std::int32_t change);
  bool answers(const question& q, const std::string& ns, const string_pairs& labels,
               bool living) const;
  void answer_first(question& q) const;
  void drop_oldest();
  void drop_questions_about_namespaces();
  void erase(pods& in, pods::iterator at);

  std::unordered_map<std::string, pods> by_namespace_;
  std::size_t size_ = 0;
  std::map<std::int32_t, std::size_t> priorities_;  // of all, with how many have it
  std::unordered_map<std::string, node_id> ids_;
  std::vector<std::vector<const entry*>> on_node_;
  std::vector<std::vector<claim_use>> claims_on_;  // the claims are keys of users_
  std::vector<std::uint64_t> changes_on_;
  std::unordered_map<std::string, std::unique_ptr<question>> questions_;
  matcher_index<question> question_index_;
  std::unordered_map<std::string, std::size_t> users_;  // by claim
  std::unordered_map<std::string, std::unique_ptr<standing_term>> terms_;
  matcher_index<standing_term> term_index_;
  std::unordered_map<std::string, string_pairs> namespaces_;
  namespace_labels known_;
  std::uint64_t asked_ = 0;
};

}  // namespace troupe::model
