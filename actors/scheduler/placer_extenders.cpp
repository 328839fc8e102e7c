#include "actors/scheduler/placer.hpp"
#include "actors/scheduler/pod_writes.hpp"
#include "messages/errors.hpp"
#include "model/scheduling/extension.hpp"

#include <caf/all.hpp>

#include <algorithm>

namespace troupe::scheduler {

std::vector<extender_ptr> placer::interested_in(const task& t) const {
  std::vector<extender_ptr> out;
  if (options_.extenders.empty()) return out;
  const auto document = t.pod->parse();
  for (const auto& e : options_.extenders)
    if (model::is_interested(*e, document)) out.push_back(e);
  return out;
}

// On a thread that may block. Others go on meanwhile.
void placer::ask_aside(consultation_ptr c, std::function<void(counsel)> heard) {
  auto whom = name_of(*c);
  extender_threads_.run<counsel>(
      this, std::move(whom), [c = std::move(c)] { return troupe::scheduler::consult(*c); }, heard,
      [heard](std::string why) {
        counsel failed;
        failed.error = std::move(why);
        heard(std::move(failed));
      });
}

// Extenders are asked about the nodes that would take the pod.
void placer::consult(task t, std::vector<extender_ptr> interested, std::vector<task>& stuck) {
  const auto s = situation_of(t);
  auto ranked = table_.ranked(*t.view, s.given());
  if (ranked.empty()) {
    stuck.push_back(std::move(t));
    return;
  }
  const auto c = question_about(t, std::move(interested), ranked);
  const auto uid = t.view->uid;
  consulting_.insert_or_assign(uid, std::move(t));
  ask_aside(c, [this, uid, c, ranked](counsel said) { heed(uid, *c, ranked, std::move(said)); });
}

consultation_ptr placer::question_about(
    const task& t, std::vector<extender_ptr> interested,
    const std::vector<std::pair<std::string, int64_t>>& ranked) {
  auto c = std::make_shared<consultation>();
  c->pod = t.pod;
  c->extenders = std::move(interested);
  for (const auto& [name, score] : ranked)
    if (auto node = options_.cache->get({"nodes", "", name})) c->nodes.push_back(std::move(node));
  return c;
}

// The best node of those that extenders left (`scores`: theirs) that takes the pod now; it is there
// from now on. `ranked`: our own scores.
std::optional<std::string> placer::place_heeding(
    const task& t, const situation& s, std::map<std::string, int64_t> scores,
    const std::vector<std::pair<std::string, int64_t>>& ranked) {
  for (const auto& [name, score] : ranked)
    if (const auto own = scores.find(name); own != scores.end()) own->second += score;
  std::vector<std::pair<std::string, int64_t>> order(scores.begin(), scores.end());
  for (std::size_t i = order.size(); i > 1; --i)  // among equals chance decides
    std::swap(order[i - 1], order[random_.below(i)]);
  std::stable_sort(order.begin(), order.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  for (const auto& [name, score] : order)
    if (table_.place_on(t.view, name, s.given())) return name;
  return std::nullopt;
}

void placer::heed(const std::string& uid, const consultation& asked,
                  const std::vector<std::pair<std::string, int64_t>>& ranked, counsel said) {
  const auto at = consulting_.find(uid);
  if (at == consulting_.end()) return;  // another queue gives it out
  task t = std::move(at->second);
  consulting_.erase(at);
  if (!said.error.empty()) return fail(t, said.error);
  if (said.scores.empty()) return refuse(t, said);
  reader_.read(table_);
  const auto s = situation_of(t);
  if (auto name = place_heeding(t, s, std::move(said.scores), ranked)) {
    decision d{std::move(t), std::move(*name), {}};
    if (profile_.binds_volumes) d.before = s.volumes.reservations(*table_.node(d.node));
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
void placer::bind_by(const extender_ptr& e, decision d) {
  auto c = std::make_shared<consultation>();
  c->pod = d.what.pod;
  c->binder = e;
  c->node = d.node;
  auto r = promise(std::move(d), {});
  ask_aside(c, [this, e, r](const counsel& said) {
    if (said.error.empty()) return judge({{r.uid, reserve_outcome::bound, {}, 0}});
    if (e->ignorable) return reserve({r});
    if (const auto at = placed_.find(r.uid); at != placed_.end()) {
      const task t = std::move(at->second.what);
      placed_.erase(at);
      table_.forget(r.uid);
      fail(t, said.error);
    }
  });
}

// The extenders have a say in who has to go.
void placer::consult_about_victims(task t, std::vector<extender_ptr> interested,
                                   std::vector<model::preemption_candidate> candidates) {
  auto c = std::make_shared<consultation>();
  c->pod = t.pod;
  c->extenders = std::move(interested);
  c->candidates = std::move(candidates);
  const auto uid = t.view->uid;
  consulting_.insert_or_assign(uid, std::move(t));
  ask_aside(c, [this, uid](counsel said) { heed_about_victims(uid, std::move(said)); });
}

void placer::heed_about_victims(const std::string& uid, counsel said) {
  const auto at = consulting_.find(uid);
  if (at == consulting_.end()) return;  // another queue gives it out
  const task t = std::move(at->second);
  consulting_.erase(at);
  reader_.read(table_);
  const auto s = situation_of(t);
  const auto d = table_.diagnose(*t.view, s.given());
  std::string why = said.error;
  caf::optional<promised_room> promised = promised_room{uid, {}, {}};
  if (said.error.empty() && !said.candidates.empty()) {
    std::vector<const model::preemption_candidate*> left;
    for (const auto& c : said.candidates)
      if (table_.is_exact(c.node)) left.push_back(&c);
    if (left.empty())
      promised = caf::none;  // something is under way there: what was promised is kept
    else
      promised = make_room(t, model::pick_candidate(left));
  } else if (said.error.empty()) {
    why = model::no_nodes_message(d.nodes,
                                  {{"No preemption victims found for incoming pod", d.nodes}});
  }
  const auto message = d.message(why);
  tell_failure(*t.pod, message);
  if (auto w = unschedulable_write(*t.pod, message, node_to_write(t, promised), options_.clock()))
    commit({std::move(*w)});
  const bool exact = table_.is_exact();
  report({{t.view->uid, exact ? pod_outcome::unschedulable : pod_outcome::failed,
           d.refused_by | model::extender, std::min(version_, reader_.version()), releases_,
           std::move(promised)}});
}

// Something went wrong: the pod is tried again later.
void placer::fail(const task& t, const std::string& why) {
  tell_failure(*t.pod, why);
  if (auto w = unschedulable_write(*t.pod, why, std::nullopt, options_.clock(), "SchedulerError"))
    commit({std::move(*w)});
  report({{t.view->uid, pod_outcome::failed}});
}

// The extenders leave no node.
void placer::refuse(const task& t, const counsel& said) {
  const auto s = situation_of(t);
  auto d = table_.diagnose(*t.view, s.given());
  const auto nodes = d.nodes;
  for (const auto& [node, why] : said.unresolvable) d.add({model::extender, {why}, true});
  for (const auto& [node, why] : said.failed)
    if (!said.unresolvable.contains(node)) d.add({model::extender, {why}, false});
  d.nodes = nodes;
  const auto message = d.message("");
  tell_failure(*t.pod, message);
  if (auto w = unschedulable_write(*t.pod, message, std::nullopt, options_.clock()))
    commit({std::move(*w)});
  report({{t.view->uid, pod_outcome::unschedulable, d.refused_by | model::extender,
           std::min(version_, reader_.version()), releases_}});
}

}  // namespace troupe::scheduler
