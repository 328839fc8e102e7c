#pragma once

#include "actors/calls/blocking_pool.hpp"
#include "actors/scheduler/cache_wake.hpp"
#include "actors/scheduler/cluster_reader.hpp"
#include "actors/scheduler/consultation.hpp"
#include "actors/scheduler/scheduler.hpp"
#include "actors/scheduler/scheduling_metrics.hpp"
#include "model/random.hpp"
#include "model/scheduling/offer_table.hpp"

#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace troupe::scheduler {

/// The scheduler actor: takes pods from the queue, decides by its table of offers, and has what it
/// decided reserved. A source file a subject: placer_decide, placer_gangs, placer_extenders,
/// placer_reserve, placer_explain, placer_promises; the rest is in scheduler.cpp.
class placer final : public scheduler_host::base {
 public:
  placer(caf::actor_config& cfg, scheduler_options options);

  const char* name() const override { return "scheduler"; }
  behavior_type make_behavior() override;
  void on_exit() override;

 private:
  struct task {
    model::object_ptr pod;
    model::pod_view_ptr view;
    int declines = 0;
    std::optional<model::offer_table::moment> stuck;  // when it was put off; none: it was not
    model::time_point taken;
    std::string gang_fault;    // why its gang could not be placed
    bool gang_barred = false;  // ... and nobody has to go for it
  };
  /// Where a pod is to go, and what has to be written before.
  struct decision {
    task what;
    std::string node;
    std::vector<std::pair<model::object_ptr, model::json>> before;
  };
  /// What decides about a pod beside itself, and is in the cache.
  struct situation {
    std::vector<model::spread_constraint> spread;
    model::volume_demand volumes;
    model::circumstances given() const { return {spread, volumes.empty() ? nullptr : &volumes}; }
  };
  struct explanation {
    model::diagnosis diagnosis;
    std::optional<std::string> preemption;  // why nobody can be preempted; none: somebody was
  };
  struct placement {
    task what;
    std::string node;
  };
  /// Pods of a gang about some of which extenders are being asked; the pods are in consulting_.
  struct gang_hearing {
    std::string gang;
    std::vector<std::string> uids;
    std::map<std::string, counsel> said;  // by uid
    std::size_t waiting = 0;
  };
  /// Room that a gang has been promised, while those who have to leave it do.
  struct gang_promise {
    model::time_point until;
    std::vector<model::object_key> pods;
  };

  // What is heard: offers, and pods of the queue.
  void apply(const std::vector<offer>& offers, bool snapshot);
  void settled(const std::string& node, uint64_t version);
  void take(const std::vector<object_ref>& pods, const std::vector<promised_room>& rooms);
  void commit(std::vector<write> writes);
  void report(std::vector<pod_result> fates);
  /// An Event about the pod; what is done to it by the plan or by another pod, `related`.
  void tell(const model::object& pod, const char* type, const char* reason, const char* action,
            std::string message, const model::object* related = nullptr);
  void tell_failure(const model::object& pod, std::string why);

  // Decisions.
  void decide();
  void put_off(std::vector<task> stuck);
  void resume();
  std::string kind_of(const task& t);
  situation situation_of(const task& t) const;
  std::vector<decision> choose(std::vector<task> group, std::vector<task>& stuck);
  void place(std::vector<task> group, std::vector<reservation>& wanted, std::vector<task>& stuck);

  // Extenders.
  std::vector<extender_ptr> interested_in(const task& t) const;
  void ask_aside(consultation_ptr c, std::function<void(counsel)> heard);
  void consult(task t, std::vector<extender_ptr> interested, std::vector<task>& stuck);
  void heed(const std::string& uid, const consultation& asked,
            const std::vector<std::pair<std::string, int64_t>>& ranked, counsel said);
  std::optional<std::string> place_heeding(
      const task& t, const situation& s, std::map<std::string, int64_t> scores,
      const std::vector<std::pair<std::string, int64_t>>& ranked);
  consultation_ptr question_about(const task& t, std::vector<extender_ptr> interested,
                                  const std::vector<std::pair<std::string, int64_t>>& ranked);
  void bind_by(const extender_ptr& e, decision d);
  void fail(const task& t, const std::string& why);
  void consult_about_victims(task t, std::vector<extender_ptr> interested,
                             std::vector<model::preemption_candidate> candidates);
  void heed_about_victims(const std::string& uid, counsel said);
  void refuse(const task& t, const counsel& said);

  // Gangs.
  std::string gang_of(const task& t);
  std::optional<std::size_t> least_of(const std::string& gang) const;
  std::size_t there_of(const std::string& gang);
  std::string gap_of(const std::string& gang);
  void begin_gang(const std::string& gang, std::vector<task> members,
                  std::vector<reservation>& wanted, std::vector<task>& stuck);
  void consult_about_gang(const std::string& gang, std::vector<task> members,
                          std::vector<reservation>& wanted, std::vector<task>& stuck);
  void heed_about_gang(gang_hearing hearing);
  std::vector<decision> choose_for_gang(std::vector<task> members,
                                        const std::map<std::string, counsel>& said,
                                        std::vector<task>& left);
  void place_gang(const std::string& gang, std::vector<task> members,
                  const std::map<std::string, counsel>& said, std::vector<reservation>& wanted,
                  std::vector<task>& stuck);
  static int32_t priority_of(const std::vector<task>& members);
  std::chrono::seconds patience_of(const std::string& gang) const;
  std::map<std::string, promised_room> make_room_for_gangs(const std::vector<task>& stuck);
  void make_room_for_gang(const std::string& gang, std::vector<const task*> members,
                          std::map<std::string, promised_room>& promised);
  void hold_promise(const std::string& gang, const std::vector<const task*>& members);
  void end_promises();

  // Reservations.
  reservation promise(decision d, const std::string& gang);
  void reserve_after(std::vector<std::pair<model::object_ptr, model::json>> before,
                     std::vector<reservation> reservations);
  void reserve(std::vector<reservation> wanted);
  void judge(const std::vector<reserve_result>& results);
  void settle(const reserve_result& r, const std::string& node);

  // Pods that fit nowhere.
  void explain(std::vector<task> stuck, bool exact);
  void preempt(const model::object_ptr& pod, int attempts);

  // Room that is promised.
  promised_room make_room(const task& t, const model::preemption_candidate& chosen);
  static std::optional<std::string> node_to_write(const task& t,
                                                  const caf::optional<promised_room>& room);
  model::pod_view_ptr heed_promise(const model::object& pod, const promised_room& room);
  void forget_borrowed(const std::string& uid);

  double seconds_since(model::time_point start) const {
    return std::chrono::duration<double>(options_.clock() - start).count();
  }

  scheduler_options options_;
  model::profile profile_;
  model::random_source random_;
  scheduling_metrics metrics_;
  cluster_reader reader_;
  cache_wake wake_;
  model::offer_table table_;
  std::unordered_map<std::string, uint64_t> versions_;  // of each node's offer in the table
  uint64_t version_ = 0;                                // of the store, as the offers reflect it
  uint64_t releases_ = 0;
  bool ready_ = false;  // has seen a snapshot
  queue_actor queue_;
  std::vector<task> pending_;
  std::vector<task> waiting_;  // put off: fitted nowhere, while something was under way
  std::unordered_map<std::string, placement> placed_;  // by uid; being reserved
  std::unordered_map<std::string, task> consulting_;   // by uid; extenders are being asked
  std::map<std::string, gang_promise> gang_promises_;
  // Victims of pods in hand that others sent away, by the pod.
  std::unordered_map<std::string, std::vector<std::string>> borrowed_;
  calls::blocking_pool extender_threads_{{.threads = 16, .of_one = 8, .waiting = 4096}};
  // Bound, but not yet counted by the node's offer: node to (offer version, uid).
  std::unordered_map<std::string, std::vector<std::pair<uint64_t, std::string>>> settling_;
};

}  // namespace troupe::scheduler
