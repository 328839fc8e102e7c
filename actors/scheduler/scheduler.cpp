#include "actors/scheduler/scheduler.hpp"

#include "messages/errors.hpp"
#include "model/binding.hpp"
#include "model/scheduling/offer_table.hpp"

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

#include <map>

namespace troupe::scheduler {
namespace {

// Refusals by node proxies in a row after which a pod goes back to the queue.
constexpr int most_declines = 16;

class scheduler final : public scheduler_host::base {
 public:
  scheduler(caf::actor_config& cfg, scheduler_options options)
      : scheduler_host::base(cfg), options_(std::move(options)), random_(options_.seed) {
    set_down_handler([this](const caf::down_msg& down) {
      if ((options_.store && down.source == options_.store.address()) ||
          (options_.registry && down.source == options_.registry.address()))
        quit(caf::exit_reason::unknown);
    });
  }

  const char* name() const override { return "scheduler"; }

  behavior_type make_behavior() override {
    monitor(options_.store);
    monitor(options_.registry);
    send(options_.registry, offers_atom::value, scheduler_actor{this});
    send(options_.registry, enlist_atom::value, options_.scheduler_name, queue_follower{this});
    return {[this](offers_atom, uint64_t number, uint64_t version, uint64_t releases,
                   const std::vector<offer>& offers, bool snapshot) {
              version_ = version;
              releases_ = releases;
              apply(offers, snapshot);
              send(options_.registry, ack_atom::value, scheduler_actor{this}, number);
              decide();
            },
            [this](place_atom, uint64_t, const std::vector<object_ref>& pods) {
              take(pods);
              decide();
            },
            [this](queue_atom, const std::string&, const queue_actor& queue) {
              queue_ = queue;
              // What the old queue had given is the new one's to give.
              pending_.clear();
              send(queue_, join_atom::value, scheduler_actor{this}, options_.capacity);
            },
            [this](stop_atom) { quit(); }};
  }

  void on_exit() override {
    queue_ = nullptr;
    options_.store = nullptr;
    options_.registry = nullptr;
    options_.recorder = nullptr;
  }

 private:
  struct task {
    model::object_ptr pod;
    model::pod_view_ptr view;
    int declines = 0;
  };

  void apply(const std::vector<offer>& offers, bool snapshot) {
    if (snapshot) {
      table_.clear();
      versions_.clear();
    }
    ready_ = true;
    for (const auto& o : offers) {
      if (o.removed) {
        table_.remove(o.node);
        versions_.erase(o.node);
        settled(o.node, UINT64_MAX);
        continue;
      }
      table_.set(o.node, o.object ? o.object->view<model::node_view>() : nullptr, o.used);
      versions_[o.node] = o.version;
      settled(o.node, o.version);
    }
    if (!snapshot) return;
    std::vector<std::string> gone;
    for (const auto& [node, pods] : settling_)
      if (!versions_.contains(node)) gone.push_back(node);
    for (const auto& node : gone) settled(node, UINT64_MAX);
  }

  // Pods bound there that an offer of this version counts are no assumptions any more.
  void settled(const std::string& node, uint64_t version) {
    const auto at = settling_.find(node);
    if (at == settling_.end()) return;
    std::erase_if(at->second, [&](const auto& s) {
      if (s.first > version) return false;
      table_.forget(s.second);
      return true;
    });
    if (at->second.empty()) settling_.erase(at);
  }

  // A new holder of the queue gives out again what the old one had given: what is being reserved is
  // answered when that is done, what is bound at once.
  void take(const std::vector<object_ref>& pods) {
    std::vector<pod_result> fates;
    for (const auto& pod : pods) {
      const std::string& uid = pod->header().uid;
      if (placed_.contains(uid)) continue;
      if (table_.assumes(uid))
        fates.push_back({uid, pod_outcome::bound});
      else
        pending_.push_back({pod.get(), pod->view<model::pod_view>()});
    }
    report(std::move(fates));
  }

  // Places all pending pods: like ones in one pass, in the order of the queue.
  void decide() {
    if (!ready_ || pending_.empty()) return;
    auto tasks = std::exchange(pending_, {});
    std::vector<std::vector<task>> groups;
    std::map<std::pair<int32_t, std::string_view>, std::size_t> group_of;
    for (auto& t : tasks) {
      const auto [at, fresh] =
          group_of.try_emplace({-t.view->priority, t.view->signature}, groups.size());
      if (fresh) groups.emplace_back();
      groups[at->second].push_back(std::move(t));
    }
    std::vector<reservation> wanted;
    std::vector<task> stuck;
    for (const auto& [key, index] : group_of) place(std::move(groups[index]), wanted, stuck);
    if (!wanted.empty()) reserve(std::move(wanted));
    // What is on its way may be counted twice for a moment, or be declined: nobody is told that a
    // pod fits nowhere before that is settled.
    if (table_.assumed() > 0)
      pending_ = std::move(stuck);
    else if (!stuck.empty())
      explain(std::move(stuck));
  }

  void place(std::vector<task> group, std::vector<reservation>& wanted, std::vector<task>& stuck) {
    std::vector<model::pod_view_ptr> views;
    for (const auto& t : group) views.push_back(t.view);
    const auto nodes = table_.place(views, random_);
    for (std::size_t i = 0; i < group.size(); ++i) {
      const auto& v = *group[i].view;
      if (nodes[i].empty()) {
        stuck.push_back(std::move(group[i]));
        continue;
      }
      wanted.push_back({nodes[i], v.ns, v.name, v.uid});
      placed_[v.uid] = {std::move(group[i]), nodes[i]};
    }
  }

  void reserve(std::vector<reservation> wanted) {
    std::vector<std::string> uids;
    for (const auto& r : wanted) uids.push_back(r.uid);
    request(options_.registry, options_.timeout, reserve_atom::value, std::move(wanted))
        .then([this](const std::vector<reserve_result>& results) { judge(results); },
              [this, uids](const caf::error& e) {
                std::vector<reserve_result> results;
                for (const auto& uid : uids)
                  results.push_back({uid, reserve_outcome::failed, to_status(e).message, 0});
                judge(results);
              });
  }

  void judge(const std::vector<reserve_result>& results) {
    std::vector<pod_result> fates;
    for (const auto& r : results) {
      const auto at = placed_.find(r.uid);
      if (at == placed_.end()) continue;
      auto [t, node] = std::move(at->second);
      placed_.erase(at);
      if (r.outcome == reserve_outcome::bound) {
        settle(r, node);
        tell(t, "Normal", "Scheduled",
             "Successfully assigned " + t.view->ns + "/" + t.view->name + " to " + node);
        fates.push_back({r.uid, pod_outcome::bound});
        continue;
      }
      table_.forget(r.uid);
      if (r.outcome == reserve_outcome::declined && ++t.declines < most_declines)
        pending_.push_back(std::move(t));
      else
        fates.push_back({r.uid, r.outcome == reserve_outcome::obsolete ? pod_outcome::obsolete
                                                                       : pod_outcome::failed});
    }
    report(std::move(fates));
    decide();
  }

  // The pod stays assumed until the table has an offer that counts it.
  void settle(const reserve_result& r, const std::string& node) {
    const auto have = versions_.find(node);
    if (have == versions_.end() || have->second >= r.offer_version)
      table_.forget(r.uid);
    else
      settling_[node].emplace_back(r.offer_version, r.uid);
  }

  // Pods that fit nowhere: the queue learns what refused them, the user why.
  void explain(std::vector<task> stuck) {
    std::vector<pod_result> fates;
    std::vector<write> conditions;
    std::map<std::string_view, model::diagnosis> by_signature;
    for (const auto& t : stuck) {
      const auto [at, fresh] = by_signature.try_emplace(t.view->signature);
      if (fresh) at->second = table_.diagnose(*t.view);
      const std::string message = at->second.message(*t.view);
      tell(t, "Warning", "FailedScheduling", message);
      if (auto w = condition(*t.pod, message)) conditions.push_back(std::move(*w));
      fates.push_back(
          {t.view->uid, pod_outcome::unschedulable, at->second.refused_by, version_, releases_});
    }
    report(std::move(fates));
    if (conditions.empty()) return;
    request(options_.store, options_.timeout, write_atom::value, std::move(conditions))
        .then([](const std::vector<object_ref>&,
                 const std::vector<std::string>&) { /* the next attempt sets what was refused */ },
              [](const caf::error& e) {
                spdlog::debug("PodScheduled=False not written: {}", to_status(e).message);
              });
  }

  std::optional<write> condition(const model::object& pod, const std::string& message) const {
    model::json document = pod.parse();
    for (const auto& c : model::at(document, {"status", "conditions"}))
      if (model::string_at(c, {"type"}) == "PodScheduled" &&
          model::string_at(c, {"status"}) == "False" && model::string_at(c, {"message"}) == message)
        return std::nullopt;
    model::set_condition(document, "PodScheduled", "False", options_.clock(), "Unschedulable",
                         message);
    write w;
    w.op = write_op::update;
    w.resource = "pods";
    w.ns = pod.key().ns;
    w.name = pod.key().name;
    w.object = model::encode("pods", document);
    w.if_version = pod.version();
    w.if_uid = pod.header().uid;
    return w;
  }

  void report(std::vector<pod_result> fates) {
    if (queue_ && !fates.empty())
      send(queue_, done_atom::value, scheduler_actor{this}, uint64_t{0}, std::move(fates));
  }

  void tell(const task& t, const char* type, const char* reason, std::string message) {
    if (!options_.recorder) return;
    model::event_note note;
    note.about = model::reference_to(*t.pod, "Pod");
    note.type = type;
    note.reason = reason;
    note.message = std::move(message);
    note.component = options_.scheduler_name;
    send(options_.recorder, record_atom::value, std::move(note));
  }

  scheduler_options options_;
  model::random_source random_;
  model::offer_table table_;
  std::unordered_map<std::string, uint64_t> versions_;  // of each node's offer in the table
  uint64_t version_ = 0;                                // of the store, as the offers reflect it
  uint64_t releases_ = 0;
  bool ready_ = false;  // has seen a snapshot
  queue_actor queue_;
  std::vector<task> pending_;
  struct placement {
    task what;
    std::string node;
  };
  std::unordered_map<std::string, placement> placed_;  // by uid; being reserved
  // Bound, but not yet counted by the node's offer: node to (offer version, uid).
  std::unordered_map<std::string, std::vector<std::pair<uint64_t, std::string>>> settling_;
};

}  // namespace

scheduler_host spawn_scheduler(caf::actor_system& system, scheduler_options options) {
  return system.spawn<scheduler>(std::move(options));
}

}  // namespace troupe::scheduler
