#include "actors/scheduler/registrar.hpp"
#include "messages/errors.hpp"

#include <set>

namespace troupe::scheduler {
namespace {

// Rounds that a binding gets whose pod changed under it.
constexpr int bind_rounds = 4;
// Stands for those whose fate is unknown among the jobs that hold claims: no job has this number.
constexpr open_jobs::number limbo_job = 0;

}  // namespace

caf::typed_response_promise<std::vector<reserve_result>> registrar::reserve(
    std::vector<reservation> asked) {
  auto j = std::make_shared<job>();
  j->promise = make_response_promise<std::vector<reserve_result>>();
  j->number = jobs_.begin();
  ask(j, std::move(asked));
  return j->promise;
}

void registrar::ask(const job_ptr& j, std::vector<reservation> asked) {
  std::map<std::string, std::vector<reservation>> by_node;
  for (auto& r : asked) {
    j->asked[r.uid] = r;
    if (hold_claims(*j, r)) by_node[r.node].push_back(std::move(r));
  }
  ++j->waiting;  // until all are asked
  for (auto& [node, list] : by_node) {
    const auto proxy = proxies_.find(node);
    if (proxy == proxies_.end()) {
      refuse(j, list, "the node is gone");
      continue;
    }
    ++j->waiting;
    request(proxy->second, caf::infinite, reserve_atom::value, list)
        .then(
            [this, j](std::vector<verdict>& verdicts, offer& o) {
              for (auto& v : verdicts) judge(*j, std::move(v), o.version);
              posted(std::move(o));
              answered(j);
            },
            [this, j, list](const caf::error&) {
              refuse(j, list, "the node's proxy is down");
              answered(j);
            });
  }
  answered(j);
}

// A claim that one pod alone may have is given away here, for all nodes. Who comes second is tried
// again later: its scheduler sees the first by then.
bool registrar::hold_claims(job& j, const reservation& r) {
  const auto pod = options_.cache->get({"pods", r.ns, r.name});
  if (!pod || pod->header().uid != r.uid) return true;  // the node's proxy says so
  const bool judged = (r.filters & model::volume_restrictions) != 0;
  const auto taken = claims_.hold(j.number, *pod, *options_.cache, judged);
  if (!taken) return true;
  j.results.push_back({r.uid, reserve_outcome::failed,
                       "another pod has persistentvolumeclaim " + *taken +
                           ", whose access mode is ReadWriteOncePod"});
  return false;
}

void registrar::refuse(const job_ptr& j, const std::vector<reservation>& list, const char* why) {
  for (const auto& r : list) j->results.push_back({r.uid, reserve_outcome::declined, why});
  j->declined = true;
}

void registrar::judge(job& j, verdict v, uint64_t offer_version) {
  if (v.outcome == reserve_outcome::bound) {
    j.versions[v.uid] = offer_version;
    j.writes.push_back(std::move(v.bind));
    j.held.push_back(j.asked.at(v.uid));
    return;
  }
  j.declined = j.declined || v.outcome == reserve_outcome::declined;
  j.results.push_back({std::move(v.uid), v.outcome, std::move(v.reason)});
}

// Gangs of which a member was refused let go of what they hold.
void registrar::break_up_gangs(job& j) {
  std::set<std::string> broken;
  for (const auto& r : j.results)
    if (const auto& gang = j.asked.at(r.uid).gang;
        !gang.empty() && r.outcome != reserve_outcome::bound)
      broken.insert(gang);
  if (broken.empty()) return;
  for (std::size_t i = j.held.size(); i-- > 0;) {
    if (!broken.contains(j.held[i].gang)) continue;
    release(j.held[i]);
    j.results.push_back(
        {j.held[i].uid, reserve_outcome::declined, "another pod of its group was refused"});
    j.held.erase(j.held.begin() + static_cast<std::ptrdiff_t>(i));
    j.writes.erase(j.writes.begin() + static_cast<std::ptrdiff_t>(i));
  }
  j.declined = true;
}

void registrar::answered(const job_ptr& j) {
  if (--j->waiting > 0) return;
  break_up_gangs(*j);
  if (j->writes.empty()) return deliver(*j);
  auto writes = std::exchange(j->writes, {});
  auto held = std::exchange(j->held, {});
  request(options_.store, caf::infinite, write_atom::value, std::move(writes))
      .then([this, j, held](const std::vector<object_ref>&,
                            const std::vector<std::string>& errors) { committed(j, held, errors); },
            [this, j, held](const caf::error& e) {
              committed(j, held,
                        std::vector<std::string>(held.size(), model::to_text(to_status(e))));
            });
}

// A binding that met a change of its pod is tried again on the newer pod; one whose fate is
// unknown keeps its reservation until it is known.
void registrar::committed(const job_ptr& j, const std::vector<reservation>& held,
                          const std::vector<std::string>& errors) {
  std::vector<reservation> again;
  for (std::size_t i = 0; i < held.size(); ++i) {
    const auto& r = held[i];
    const std::string error = i < errors.size() ? errors[i] : std::string();
    if (error.empty()) {
      j->results.push_back({r.uid, reserve_outcome::bound, {}, j->versions[r.uid]});
      continue;
    }
    const auto s = model::status_from_text(error);
    if (s.code >= 429) {
      limbo_.push_back(r);
      if (const auto pod = options_.cache->get({"pods", r.ns, r.name}))
        claims_.hold(limbo_job, *pod, *options_.cache, false);
      if (limbo_.size() == 1) arm(limbo_timer, std::chrono::milliseconds(1000));
      j->results.push_back({r.uid, reserve_outcome::failed, s.message});
      continue;
    }
    const auto pod = options_.cache->get({"pods", r.ns, r.name});
    const bool same = pod && pod->header().uid == r.uid && !pod->header().deleting;
    const auto* node = pod ? node_of(*pod) : nullptr;
    if (same && node && *node == r.node) {
      j->results.push_back({r.uid, reserve_outcome::bound, {}, j->versions[r.uid]});
    } else if (same && !node && s.code == 409 && j->round < bind_rounds) {
      again.push_back(r);
    } else {
      release(r);
      j->results.push_back(
          {r.uid, same && !node ? reserve_outcome::failed : reserve_outcome::obsolete, s.message});
    }
  }
  if (again.empty()) return deliver(*j);
  ++j->round;
  ask(j, std::move(again));
}

void registrar::release(const reservation& r) {
  const auto proxy = proxies_.find(r.node);
  if (proxy == proxies_.end()) return;
  request(proxy->second, caf::infinite, release_atom::value, std::vector<std::string>{r.uid})
      .then(
          [this](offer& o) {
            posted(std::move(o));
            ++releases_;
            for (const auto& [scheduler, queue] : queues_)
              send(queue, release_atom::value, releases_);
          },
          [](const caf::error&) { /* the proxy is gone, and its node with it */ });
}

void registrar::release_claims(open_jobs::number number, const job& j) {
  for (const auto& [uid, r] : j.asked)
    if (claims_.holds(uid))
      claims_.release(number, uid, options_.cache->get({"pods", r.ns, r.name}));
}

void registrar::deliver(job& j) {
  release_claims(j.number, j);
  if (j.declined) publish();  // so that the next decision knows better
  j.promise.deliver(std::move(j.results));
  jobs_.end(j.number);
}

void registrar::retry_limbo() {
  auto held = std::exchange(limbo_, {});
  if (held.empty()) return;
  auto j = std::make_shared<job>();
  j->waiting = 1;
  j->number = jobs_.begin();
  for (const auto& r : held) j->asked[r.uid] = r;
  ask(j, std::move(held));
  release_claims(limbo_job, *j);
  answered(j);
}

}  // namespace troupe::scheduler
