#include "actors/scheduler/scheduler.hpp"

#include "actors/scheduler/cache_wake.hpp"
#include "actors/scheduler/cluster_reader.hpp"
#include "actors/scheduler/extender_workers.hpp"
#include "actors/scheduler/pod_writes.hpp"
#include "actors/scheduler/scheduling_metrics.hpp"
#include "messages/errors.hpp"
#include "model/scheduling/extension.hpp"
#include "model/scheduling/offer_table.hpp"
#include "model/scheduling/pod_group.hpp"

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

#include <iterator>
#include <map>

namespace troupe::scheduler {
namespace {

// Refusals by node proxies in a row after which a pod goes back to the queue.
constexpr int most_declines = 16;
// Writes of the end of a preempted pod that may meet other changes of it.
constexpr int preempting_attempts = 5;

class scheduler final : public scheduler_host::base {
 public:
  scheduler(caf::actor_config& cfg, scheduler_options options)
      : scheduler_host::base(cfg),
        options_(std::move(options)),
        profile_(options_.profile ? *options_.profile : model::profile{}),
        random_(options_.seed),
        metrics_(options_.metrics, options_.scheduler_name),
        reader_(options_.cache),
        table_(profile_) {
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
    wake_.watch(*options_.cache, "pods", scheduler_host{this});
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
              waiting_.clear();
              consulting_.clear();
              send(queue_, join_atom::value, scheduler_actor{this}, options_.capacity);
            },
            [this](changed_atom) {
              // Also when there is nothing to decide: the cache remembers so many changes only.
              wake_.taken();
              reader_.read(table_);
            },
            [this](stop_atom) { quit(); }};
  }

  void on_exit() override {
    wake_.drop();
    if (workers_) send_exit(workers_, caf::exit_reason::user_shutdown);
    workers_ = nullptr;
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
    uint64_t stuck_after = 0;  // the last assumption that was made when it fitted nowhere; 0: none
    model::time_point taken;
    std::string gang_fault;  // why its gang could not be placed
  };
  /// Where a pod is to go, and what has to be written before.
  struct decision {
    task what;
    std::string node;
    std::vector<std::pair<model::object_ptr, model::json>> before;
  };

  void apply(const std::vector<offer>& offers, bool snapshot) {
    if (snapshot) {
      table_.clear();
      versions_.clear();
    }
    ready_ = true;
    metrics_.offers.add(offers.size());
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
      table_.settle(s.second);
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
      if (placed_.contains(uid) || consulting_.contains(uid)) continue;
      if (table_.assumes(uid))
        fates.push_back({uid, pod_outcome::bound});
      else
        pending_.push_back({pod.get(), pod->view<model::pod_view>(), 0, 0, options_.clock()});
    }
    report(std::move(fates));
  }

  // Places all pending pods: like ones in one pass, in the order of the queue.
  void decide() {
    resume();
    if (!ready_ || pending_.empty()) return;
    reader_.read(table_);
    auto tasks = std::exchange(pending_, {});
    std::vector<std::vector<task>> groups;
    std::map<std::pair<int32_t, std::string>, std::size_t> group_of;
    std::map<std::string, std::vector<task>> gangs;
    std::vector<task> stuck;
    for (auto& t : tasks) {
      if (auto gang = gang_of(t); !gang.empty()) {
        gangs[std::move(gang)].push_back(std::move(t));
        continue;
      }
      if (auto interested = interested_in(t); !interested.empty()) {
        consult(std::move(t), std::move(interested), stuck);
        continue;
      }
      const auto [at, fresh] = group_of.try_emplace({-t.view->priority, kind_of(t)}, groups.size());
      if (fresh) groups.emplace_back();
      groups[at->second].push_back(std::move(t));
    }
    std::vector<reservation> wanted;
    // A gang goes before what matters less than its most important pod.
    std::multimap<int32_t, std::string> gangs_in_order;
    for (const auto& [name, members] : gangs) gangs_in_order.emplace(-priority_of(members), name);
    auto next = gangs_in_order.begin();
    const auto place_gangs = [&](int32_t until) {
      for (; next != gangs_in_order.end() && next->first <= until; ++next)
        place_gang(next->second, std::move(gangs[next->second]), wanted, stuck);
    };
    for (const auto& [key, index] : group_of) {
      place_gangs(key.first);
      place(std::move(groups[index]), wanted, stuck);
    }
    place_gangs(INT32_MAX);
    if (!wanted.empty()) reserve(std::move(wanted));
    if (!stuck.empty()) put_off(std::move(stuck));
  }

  // What is on its way may be counted twice for a moment, or be declined: a pod that fits nowhere
  // waits until all is settled that was under way, and is tried once more.
  void put_off(std::vector<task> stuck) {
    const bool exact = table_.assumed() == 0;
    std::vector<task> known;
    for (auto& t : stuck)
      if (exact || t.stuck_after != 0) {
        known.push_back(std::move(t));
      } else {
        t.stuck_after = table_.last_assumption();
        waiting_.push_back(std::move(t));
      }
    if (!known.empty()) explain(std::move(known), exact);
  }

  void resume() {
    const auto oldest = table_.oldest_assumption();
    std::erase_if(waiting_, [&](task& t) {
      if (t.stuck_after >= oldest) return false;
      pending_.push_back(std::move(t));
      return true;
    });
  }

  // Pods of one kind are placed in one pass. Where other pods matter, their labels and owners do.
  std::string kind_of(const task& t) {
    std::string kind = t.view->signature;
    if (!t.view->nominated_node.empty()) kind.append("\n>").append(t.view->nominated_node);
    // What plugins of others go by nobody knows.
    if (t.view->has_claims || !profile_.custom.empty())
      return kind.append("\n=").append(t.view->uid);
    const bool in_workload = reader_.workloads().concerns(*t.pod);
    if (!in_workload && !table_.is_ruled(*t.view)) return kind;
    kind.append("\n@").append(t.view->ns);
    for (const auto& [key, value] : t.view->labels)
      kind.append("\n@").append(key).append("=").append(value);
    if (const auto* owner = t.pod->header().controller()) kind.append("\n@").append(*owner);
    return kind;
  }

  /// What decides about a pod beside itself, and is in the cache.
  struct situation {
    std::vector<model::spread_constraint> spread;
    model::volume_demand volumes;
    model::circumstances given() const { return {spread, volumes.empty() ? nullptr : &volumes}; }
  };
  situation situation_of(const task& t) const {
    situation s;
    const bool own_spread = t.view->rules && !t.view->rules->spread.empty();
    if (!own_spread && reader_.workloads().concerns(*t.pod))
      s.spread = reader_.workloads().spread_of(*t.pod, profile_.default_spread);
    if (t.view->has_claims) s.volumes = model::volume_demand(*t.pod, reader_.volumes());
    return s;
  }

  // Places pods of one kind; what fits nowhere is stuck.
  std::vector<decision> choose(std::vector<task> group, std::vector<task>& stuck) {
    std::vector<model::pod_view_ptr> views;
    for (const auto& t : group) views.push_back(t.view);
    const auto s = situation_of(group.front());
    const auto start = options_.clock();
    const auto nodes = table_.place(views, random_, s.given());
    std::vector<decision> out;
    metrics_.decided(views.size(), seconds_since(start));
    for (std::size_t i = 0; i < group.size(); ++i) {
      if (nodes[i].empty()) {
        stuck.push_back(std::move(group[i]));
        continue;
      }
      out.push_back({std::move(group[i]), nodes[i], {}});
      if (profile_.binds_volumes)
        out.back().before = s.volumes.reservations(*table_.node(nodes[i]));
    }
    return out;
  }

  void place(std::vector<task> group, std::vector<reservation>& wanted, std::vector<task>& stuck) {
    for (auto& d : choose(std::move(group), stuck)) {
      auto before = std::move(d.before);
      auto r = promise(std::move(d), {});
      if (before.empty())
        wanted.push_back(std::move(r));
      else
        reserve_after(std::move(before), {std::move(r)});
    }
  }

  // --- extenders

  std::vector<extender_ptr> interested_in(const task& t) const {
    std::vector<extender_ptr> out;
    if (options_.extenders.empty()) return out;
    const auto document = t.pod->parse();
    for (const auto& e : options_.extenders)
      if (model::is_interested(*e, document)) out.push_back(e);
    return out;
  }

  const caf::actor& workers() {
    if (!workers_) workers_ = spawn_extender_workers(system());
    return workers_;
  }

  // Extenders are asked about the nodes that would take the pod. Others go on meanwhile.
  void consult(task t, std::vector<extender_ptr> interested, std::vector<task>& stuck) {
    const auto s = situation_of(t);
    auto ranked = table_.ranked(*t.view, s.given());
    if (ranked.empty()) {
      stuck.push_back(std::move(t));
      return;
    }
    auto c = std::make_shared<consultation>();
    c->pod = t.pod;
    c->extenders = std::move(interested);
    for (const auto& [name, score] : ranked)
      if (auto node = options_.cache->get({"nodes", "", name})) c->nodes.push_back(std::move(node));
    const auto uid = t.view->uid;
    consulting_.insert_or_assign(uid, std::move(t));
    request(workers(), caf::infinite, consult_atom::value, consultation_ptr(c))
        .then([this, uid, c, ranked](counsel& said) { heed(uid, *c, ranked, std::move(said)); },
              [this, uid, c, ranked](const caf::error& e) {
                counsel failed;
                failed.error = to_status(e).message;
                heed(uid, *c, ranked, std::move(failed));
              });
  }

  void heed(const std::string& uid, const consultation& asked,
            const std::vector<std::pair<std::string, int64_t>>& ranked, counsel said) {
    const auto at = consulting_.find(uid);
    if (at == consulting_.end()) return;  // another queue gives it out
    task t = std::move(at->second);
    consulting_.erase(at);
    if (!said.error.empty()) return fail(t, said.error);
    if (said.scores.empty()) return refuse(t, said);
    for (const auto& [name, score] : ranked)
      if (const auto own = said.scores.find(name); own != said.scores.end()) own->second += score;
    std::vector<std::pair<std::string, int64_t>> order(said.scores.begin(), said.scores.end());
    for (std::size_t i = order.size(); i > 1; --i)  // among equals chance decides
      std::swap(order[i - 1], order[random_.below(i)]);
    std::stable_sort(order.begin(), order.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    reader_.read(table_);
    const auto s = situation_of(t);
    for (const auto& [name, score] : order) {
      if (!table_.place_on(t.view, name, s.given())) continue;
      decision d{std::move(t), name, {}};
      if (profile_.binds_volumes) d.before = s.volumes.reservations(*table_.node(name));
      for (const auto& e : asked.extenders)
        if (!e->bind_verb.empty()) return bind_by(e, std::move(d));
      auto before = std::move(d.before);
      auto r = promise(std::move(d), {});
      if (before.empty()) return reserve({std::move(r)});
      return reserve_after(std::move(before), {std::move(r)});
    }
    pending_.push_back(std::move(t));  // what they allowed has been taken meanwhile
    decide();
  }

  // The extender tells the API by itself.
  void bind_by(const extender_ptr& e, decision d) {
    auto c = std::make_shared<consultation>();
    c->pod = d.what.pod;
    c->binder = e;
    c->node = d.node;
    auto r = promise(std::move(d), {});
    request(workers(), caf::infinite, consult_atom::value, consultation_ptr(c))
        .then(
            [this, e, r](const counsel& said) {
              if (said.error.empty()) return judge({{r.uid, reserve_outcome::bound, {}, 0}});
              if (e->ignorable) return reserve({r});
              if (const auto at = placed_.find(r.uid); at != placed_.end()) {
                const task t = std::move(at->second.what);
                placed_.erase(at);
                table_.forget(r.uid);
                fail(t, said.error);
              }
            },
            [this, r](const caf::error& fault) {
              judge({{r.uid, reserve_outcome::failed, to_status(fault).message, 0}});
            });
  }

  // Something went wrong: the pod is tried again later.
  void fail(const task& t, const std::string& why) {
    tell(*t.pod, "Warning", "FailedScheduling", why);
    if (auto w = unschedulable_write(*t.pod, why, std::nullopt, options_.clock(), "SchedulerError"))
      commit({std::move(*w)});
    report({{t.view->uid, pod_outcome::failed}});
  }

  // The extenders leave no node.
  void refuse(const task& t, const counsel& said) {
    const auto s = situation_of(t);
    auto d = table_.diagnose(*t.view, s.given());
    const auto nodes = d.nodes;
    for (const auto& [node, why] : said.unresolvable) d.add({model::extender, {why}, true});
    for (const auto& [node, why] : said.failed)
      if (!said.unresolvable.contains(node)) d.add({model::extender, {why}, false});
    d.nodes = nodes;
    const auto message = d.message("");
    tell(*t.pod, "Warning", "FailedScheduling", message);
    if (auto w = unschedulable_write(*t.pod, message, std::nullopt, options_.clock()))
      commit({std::move(*w)});
    report({{t.view->uid, pod_outcome::unschedulable, d.refused_by | model::extender,
             std::min(version_, reader_.version()), releases_}});
  }

  // --- gangs

  static int32_t priority_of(const std::vector<task>& members) {
    int32_t most = INT32_MIN;
    for (const auto& t : members) most = std::max(most, t.view->priority);
    return most;
  }

  // The gang that the pod has to be placed with; none if enough of it are on nodes.
  std::string gang_of(const task& t) {
    auto gang = model::pod_group_of(t.view->ns, t.view->labels);
    if (gang.empty()) return gang;
    const auto least = least_of(gang);
    return least && there_of(gang) >= *least ? std::string() : gang;
  }

  std::optional<std::size_t> least_of(const std::string& gang) const {
    const auto slash = gang.find('/');
    const auto group = options_.cache->get(
        {model::pod_groups_resource, gang.substr(0, slash), gang.substr(slash + 1)});
    if (!group) return std::nullopt;
    return model::min_member_of(*group);
  }

  // Its pods that are on nodes or on their way.
  std::size_t there_of(const std::string& gang) {
    const auto slash = gang.find('/');
    model::label_selector label;
    label.terms.push_back(
        {model::pod_group_label, model::requirement::operation::in, {gang.substr(slash + 1)}});
    const auto members = model::matcher_in(gang.substr(0, slash), std::move(label));
    std::size_t out = 0;
    for (const auto n : table_.pods().count({&members}, true)->by_node)
      out += static_cast<std::size_t>(std::max(0, n));
    return out;
  }

  // Enough pods at once, or none.
  void place_gang(const std::string& gang, std::vector<task> members,
                  std::vector<reservation>& wanted, std::vector<task>& stuck) {
    const auto least = least_of(gang);
    const auto there = there_of(gang);
    std::map<std::pair<int32_t, std::string>, std::vector<task>> kinds;
    for (auto& t : members) kinds[{-t.view->priority, kind_of(t)}].push_back(std::move(t));
    std::vector<decision> chosen;
    std::vector<task> left;
    for (auto& [key, tasks] : kinds)
      for (auto& d : choose(std::move(tasks), left)) chosen.push_back(std::move(d));
    if (!least || there + chosen.size() < *least) {
      const auto fault = !least ? "pod group " + gang + " not found"
                                : "pod group " + gang + " needs " + std::to_string(*least) +
                                      " pods placed at once, there is room for " +
                                      std::to_string(there + chosen.size());
      for (auto& d : chosen) {
        table_.forget(d.what.view->uid);
        left.push_back(std::move(d.what));
      }
      for (auto& t : left) t.gang_fault = fault;
    }
    std::move(left.begin(), left.end(), std::back_inserter(stuck));
    if (!least || there + chosen.size() < *least) return;
    std::vector<std::pair<model::object_ptr, model::json>> before;
    std::vector<reservation> reservations;
    for (auto& d : chosen) {
      std::move(d.before.begin(), d.before.end(), std::back_inserter(before));
      reservations.push_back(promise(std::move(d), gang));
    }
    if (before.empty())
      std::move(reservations.begin(), reservations.end(), std::back_inserter(wanted));
    else
      reserve_after(std::move(before), std::move(reservations));
  }

  // The pod is being reserved from now on. The node's proxy goes by the filters that it was placed
  // by.
  reservation promise(decision d, const std::string& gang) {
    const auto& pod = *d.what.view;
    reservation r{d.node, pod.ns, pod.name, pod.uid};
    r.gang = gang;
    r.filters = profile_.filters.enabled;
    for (const auto& [name, amount] : pod.requests.extended)
      if (profile_.filters.ignores(name)) r.ignored.push_back(name);
    d.what.gang_fault.clear();
    placed_[r.uid] = {std::move(d.what), std::move(d.node)};
    return r;
  }

  // The volumes of pods are settled before the pods are.
  void reserve_after(std::vector<std::pair<model::object_ptr, model::json>> before,
                     std::vector<reservation> reservations) {
    std::vector<write> writes;
    for (const auto& [stored, document] : before) writes.push_back(update_of(*stored, document));
    const auto patience = std::min<std::chrono::milliseconds>(
        options_.timeout, std::max(profile_.volume_timeout, std::chrono::seconds(1)));
    const auto failed = [this, reservations](const std::string& why) {
      std::vector<reserve_result> results;
      for (const auto& r : reservations)
        results.push_back({r.uid, reserve_outcome::failed, why, 0});
      judge(results);
    };
    request(options_.store, patience, write_atom::value, std::move(writes))
        .then(
            [this, reservations, failed](const std::vector<object_ref>&,
                                         const std::vector<std::string>& errors) {
              const auto bad = std::find_if(errors.begin(), errors.end(),
                                            [](const auto& e) { return !e.empty(); });
              if (bad == errors.end()) return reserve(reservations);
              failed(*bad);
            },
            [failed](const caf::error& e) { failed(to_status(e).message); });
  }

  void reserve(std::vector<reservation> wanted) {
    std::vector<std::string> uids;
    for (const auto& r : wanted) uids.push_back(r.uid);
    metrics_.reservations.add(wanted.size());
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
        metrics_.attempted("scheduled", seconds_since(t.taken));
        tell(*t.pod, "Normal", "Scheduled",
             "Successfully assigned " + t.view->ns + "/" + t.view->name + " to " + node);
        fates.push_back({r.uid, pod_outcome::bound});
        continue;
      }
      table_.forget(r.uid);
      if (r.outcome == reserve_outcome::declined) metrics_.declines.add();
      if (r.outcome == reserve_outcome::failed) metrics_.attempted("error", seconds_since(t.taken));
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
      table_.settle(r.uid);
    else
      settling_[node].emplace_back(r.offer_version, r.uid);
  }

  struct explanation {
    model::diagnosis diagnosis;
    std::optional<std::string> preemption;  // why nobody can be preempted; none: somebody was
  };

  // Pods that fit nowhere: others make room for them, or the user learns why; the queue learns what
  // refused them, if that is exact: else it lets them try again.
  void explain(std::vector<task> stuck, bool exact) {
    std::vector<pod_result> fates;
    std::vector<write> writes;
    std::map<std::pair<int32_t, std::string>, explanation> known;
    const auto seen = std::min(version_, reader_.version());
    for (auto& t : stuck) {
      const bool in_gang = !model::pod_group_of(t.view->ns, t.view->labels).empty();
      auto [at, fresh] =
          known.try_emplace({t.view->priority, kind_of(t) + (in_gang ? "\ngang" : "")});
      auto& e = at->second;
      const auto s = situation_of(t);
      metrics_.attempted("unschedulable", seconds_since(t.taken));
      if (fresh) e.diagnosis = table_.diagnose(*t.view, s.given());
      std::optional<std::string> promised;
      if (in_gang) {
        e.preemption = "";  // room for one of them is no room for all
      } else if (!e.preemption) {
        metrics_.preemptions.add();
        auto found = table_.preempt(*t.view, reader_.budgets(), random_, s.given());
        if (found.chosen && !table_.is_exact(found.chosen->node)) found.chosen.reset();
        if (found.chosen)
          promised = make_room(t, *found.chosen);
        else
          e.preemption = std::move(found.message);
        if (e.preemption && !e.preemption->starts_with("not eligible")) promised = "";
      }
      const bool alone_it_fits = !t.gang_fault.empty() && !table_.best(*t.view, s.given()).empty();
      const std::string message =
          alone_it_fits ? t.gang_fault : e.diagnosis.message(e.preemption.value_or(""));
      tell(*t.pod, "Warning", "FailedScheduling", message);
      if (auto w = unschedulable_write(*t.pod, message, promised, options_.clock()))
        writes.push_back(std::move(*w));
      // What helps any of a gang helps the gang.
      fates.push_back({t.view->uid, exact ? pod_outcome::unschedulable : pod_outcome::failed,
                       in_gang ? 0 : e.diagnosis.refused_by, seen, releases_});
    }
    report(std::move(fates));
    commit(std::move(writes));
  }

  void commit(std::vector<write> writes) {
    if (writes.empty()) return;
    request(options_.store, options_.timeout, write_atom::value, std::move(writes))
        .then([](const std::vector<object_ref>&,
                 const std::vector<std::string>&) { /* the next attempt sets what was refused */ },
              [](const caf::error& e) {
                spdlog::debug("pods' conditions not written: {}", to_status(e).message);
              });
  }

  // The victims begin to end, the pod is promised the room, and pods that matter less lose such
  // promises. Returns the node.
  std::string make_room(const task& t, const model::preemption_candidate& chosen) {
    spdlog::info("pod {}/{} preempts {} pods on node {}", t.view->ns, t.view->name,
                 chosen.victims.size(), chosen.node);
    std::vector<write> writes;
    for (const auto& other : table_.nominated_below(chosen.node, t.view->priority)) {
      table_.forget_nomination(other->uid);
      const auto pod = options_.cache->get({"pods", other->ns, other->name});
      if (pod && pod->header().uid == other->uid) writes.push_back(denominating_write(*pod));
    }
    commit(std::move(writes));
    for (const auto& v : chosen.victims)
      if (!v.pod->header().deleting) {
        preempt(v.pod, preempting_attempts);
        tell(*v.pod, "Normal", "Preempted",
             "Preempted by pod " + t.view->uid + " on node " + chosen.node);
      }
    metrics_.victims.observe(static_cast<double>(chosen.victims.size()));
    table_.nominate(t.view, chosen.node);
    return chosen.node;
  }

  // A victim that changed meanwhile is ended as it is now.
  void preempt(const model::object_ptr& pod, int attempts) {
    request(options_.store, options_.timeout, write_atom::value,
            preempting_write(*pod, options_.scheduler_name, options_.clock()))
        .then([](const object_ref&) {},
              [this, key = pod->key(), uid = pod->header().uid, attempts](const caf::error& e) {
                const auto now = options_.cache ? options_.cache->get(key) : nullptr;
                const bool there = now && now->header().uid == uid && !now->header().deleting;
                if (there && to_status(e).code == 409 && attempts > 1)
                  preempt(now, attempts - 1);
                else if (there)
                  spdlog::warn("pod {} was not preempted: {}", to_string(key),
                               to_status(e).message);
              });
  }

  double seconds_since(model::time_point start) const {
    return std::chrono::duration<double>(options_.clock() - start).count();
  }

  void report(std::vector<pod_result> fates) {
    if (queue_ && !fates.empty())
      send(queue_, done_atom::value, scheduler_actor{this}, uint64_t{0}, std::move(fates));
  }

  void tell(const model::object& pod, const char* type, const char* reason, std::string message) {
    if (!options_.recorder) return;
    model::event_note note;
    note.about = model::reference_to(pod, "Pod");
    note.type = type;
    note.reason = reason;
    note.message = std::move(message);
    note.component = options_.scheduler_name;
    send(options_.recorder, record_atom::value, std::move(note));
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
  std::vector<task> waiting_;  // fitted nowhere, while something was under way
  struct placement {
    task what;
    std::string node;
  };
  std::unordered_map<std::string, placement> placed_;  // by uid; being reserved
  std::unordered_map<std::string, task> consulting_;   // by uid; extenders are being asked
  caf::actor workers_;                                 // once an extender was asked
  // Bound, but not yet counted by the node's offer: node to (offer version, uid).
  std::unordered_map<std::string, std::vector<std::pair<uint64_t, std::string>>> settling_;
};

}  // namespace

std::vector<std::string> resources_to_mirror() {
  auto all = cluster_reader::resources();  // those of queues, pods beside, are not among them
  all.insert(all.end(), {"nodes", "leases.coordination.k8s.io", "poddisruptionbudgets.policy",
                         model::pod_groups_resource});
  return all;
}

scheduler_host spawn_scheduler(caf::actor_system& system, scheduler_options options) {
  return system.spawn<scheduler>(std::move(options));
}

}  // namespace troupe::scheduler
