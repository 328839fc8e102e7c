#include "actors/scheduler/scheduler.hpp"

#include "actors/scheduler/placer.hpp"
#include "actors/scheduler/pod_writes.hpp"
#include "messages/errors.hpp"
#include "model/scheduling/pod_group.hpp"

#include <caf/all.hpp>
#include <spdlog/spdlog.h>

namespace troupe::scheduler {

placer::placer(caf::actor_config& cfg, scheduler_options options)
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

placer::behavior_type placer::make_behavior() {
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
            table_.offers_reflect(version);
            send(options_.registry, ack_atom::value, scheduler_actor{this}, number);
            decide();
          },
          [this](place_atom, uint64_t, const std::vector<object_ref>& pods,
                 const std::vector<promised_room>& rooms) {
            take(pods, rooms);
            decide();
          },
          [this](queue_atom, const std::string&, const queue_actor& queue) {
            if (!queue) return;  // it ended before the registry had heard so; another will come
            queue_ = queue;
            // What the old queue had given is the new one's to give.
            pending_.clear();
            waiting_.clear();
            consulting_.clear();
            while (!borrowed_.empty()) forget_borrowed(std::string(borrowed_.begin()->first));
            send(queue_, join_atom::value, scheduler_actor{this}, options_.capacity);
          },
          [](gone_atom, const std::string&, const queue_actor&) {
            // What it gave out is decided all the same; the next queue takes it over.
          },
          [this](changed_atom) {
            // Also when there is nothing to decide: the cache remembers so many changes only.
            wake_.taken();
            reader_.read(table_);
            end_promises();
          },
          [this](stop_atom) { quit(); }};
}

void placer::on_exit() {
  wake_.drop();
  extender_threads_.stop();
  queue_ = nullptr;
  options_.store = nullptr;
  options_.registry = nullptr;
  options_.recorder = nullptr;
}

void placer::apply(const std::vector<offer>& offers, bool snapshot) {
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
void placer::settled(const std::string& node, uint64_t version) {
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
void placer::take(const std::vector<object_ref>& pods, const std::vector<promised_room>& rooms) {
  std::vector<pod_result> fates;
  for (const auto& pod : pods) {
    const std::string& uid = pod->header().uid;
    if (placed_.contains(uid) || consulting_.contains(uid)) continue;
    if (table_.assumes(uid))
      fates.push_back({uid, pod_outcome::bound});
    else
      pending_.push_back({pod.get(), pod->view<model::pod_view>(), 0, {}, options_.clock()});
  }
  for (const auto& room : rooms)
    for (auto& t : pending_)
      if (t.view->uid == room.uid) t.view = heed_promise(*t.pod, room);
  report(std::move(fates));
}

void placer::commit(std::vector<write> writes) {
  if (writes.empty()) return;
  request(options_.store, options_.timeout, write_atom::value, std::move(writes))
      .then([](const std::vector<object_ref>&,
               const std::vector<std::string>&) { /* the next attempt sets what was refused */ },
            [](const caf::error& e) {
              spdlog::debug("pods' conditions not written: {}", to_status(e).message);
            });
}

void placer::report(std::vector<pod_result> fates) {
  for (const auto& f : fates) forget_borrowed(f.uid);
  if (queue_ && !fates.empty())
    send(queue_, done_atom::value, scheduler_actor{this}, uint64_t{0}, std::move(fates));
}

void placer::tell(const model::object& pod, const char* type, const char* reason,
                  const char* action, std::string message, const model::object* related) {
  if (!options_.recorder) return;
  model::event_note note;
  note.about = model::reference_to(pod, "Pod");
  note.type = type;
  note.reason = reason;
  note.action = action;
  note.message = std::move(message);
  note.component = options_.scheduler_name;
  note.host = options_.instance;
  if (related) note.related.push_back(model::reference_to(*related, "Pod"));
  send(options_.recorder, record_atom::value, std::move(note));
}

void placer::tell_failure(const model::object& pod, std::string why) {
  if (!options_.recorder) return;
  send(options_.recorder, record_atom::value,
       failure_of(pod, std::move(why), options_.scheduler_name, options_.instance));
}

std::vector<std::string> resources_to_mirror() {
  auto all = cluster_reader::resources();  // those of queues, pods beside, are not among them
  all.insert(all.end(), {"nodes", "leases.coordination.k8s.io", "poddisruptionbudgets.policy",
                         model::pod_groups_resource});
  return all;
}

scheduler_host spawn_scheduler(caf::actor_system& system, scheduler_options options) {
  return system.spawn<placer>(std::move(options));
}

}  // namespace troupe::scheduler
