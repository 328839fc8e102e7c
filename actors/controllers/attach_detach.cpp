#include "actors/controllers/batches.hpp"
#include "actors/controllers/controller.hpp"
#include "actors/controllers/owner_graph.hpp"
#include "actors/controllers/pods_by_node.hpp"
#include "actors/controllers/resource_names.hpp"
#include "actors/controllers/volume_index.hpp"
#include "model/json_text.hpp"
#include "model/storage_protection.hpp"
#include "model/volumes/attachment.hpp"
#include "net/tls/pki.hpp"

#include <map>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using model::json;

constexpr const char* attachments_path = "/apis/storage.k8s.io/v1/volumeattachments";

// The VolumeAttachments there are, by their nodes and volumes.
class attachment_index {
 public:
  struct facts {
    std::string node, volume, driver;
  };

  void clear() {
    facts_.clear();
    nodes_.clear();
    volumes_.clear();
  }

  // The facts of the event's attachment. An attachment's spec does not change.
  facts observe(const store::event& e) {
    const json document = e.object->parse();
    facts f{model::string_at(document, {"spec", "nodeName"}),
            model::string_at(document, {"spec", "source", "persistentVolumeName"}),
            model::string_at(document, {"spec", "attacher"})};
    const auto& name = e.object->key().name;
    if (e.type == store::event::kind::deleted) {
      facts_.erase(name);
      drop(nodes_, f.node, name);
      drop(volumes_, f.volume, name);
    } else {
      facts_[name] = f;
      nodes_[f.node].insert(name);
      volumes_[f.volume].insert(name);
    }
    return f;
  }

  const facts& of(const std::string& name) const { return facts_.at(name); }
  const std::set<std::string>& on(const std::string& node) const { return get(nodes_, node); }
  const std::set<std::string>& with(const std::string& volume) const {
    return get(volumes_, volume);
  }

 private:
  using names = std::unordered_map<std::string, std::set<std::string>>;
  static void drop(names& from, const std::string& key, const std::string& name) {
    const auto there = from.find(key);
    if (there == from.end()) return;
    there->second.erase(name);
    if (there->second.empty()) from.erase(there);
  }
  static const std::set<std::string>& get(const names& from, const std::string& key) {
    static const std::set<std::string> none;
    const auto there = from.find(key);
    return there == from.end() ? none : there->second;
  }

  std::unordered_map<std::string, facts> facts_;
  names nodes_, volumes_;
};

// Asks for the volumes of CSI drivers to be attached to the nodes whose pods use them, by
// VolumeAttachments, which the drivers' attachers carry out; takes back what no pod uses; and tells
// kubelets in their nodes' status what they may mount. Keys are the names of nodes.
struct attach_detach_controller : controller {
  std::string name() const override { return "attachdetach-controller"; }
  std::vector<std::string> resources() const override {
    return {resources::csi_drivers,
            resources::attachments,
            resources::volumes,
            resources::claims,
            "nodes",
            "pods"};
  }

  void relist(const std::string& resource, controller_host& host) override {
    if (resource == "pods") {
      users.clear();
      pods.clear();
    }
    if (resource == resources::attachments) {
      attachments.clear();
      progress.clear();
      since.clear();
    }
    for (const auto& node : host.cache().list("nodes").objects) host.visit(node->key().name, 0ms);
  }

  void observe(const store::event& e, controller_host& host) override {
    const auto& key = e.object->key();
    if (key.resource == "pods") {
      observe_pod(e, host);
    } else if (key.resource == "nodes") {
      observe_node(e, host);
    } else if (key.resource == resources::claims) {
      visit_users(key.ns + "/" + key.name, host);
    } else if (key.resource == resources::volumes) {
      if (model::mentions(e.object->bytes(), "\"csi\""))
        visit_users(model::volume_facts(*e.object).claim, host);
    } else if (key.resource == resources::attachments) {
      observe_attachment(e, host);
    } else {
      for (const auto& [node, there] : pods.nodes()) host.visit(node, 0ms);
    }
  }

  // What a node had mounted when it was deleted goes on to count: all else is detached at once.
  void observe_node(const store::event& e, controller_host& host) {
    const auto& node = e.object->key().name;
    if (!concerns(node)) return;
    if (e.type == store::event::kind::deleted)
      gone[node] = model::last_seen(e.object->parse());
    else
      gone.erase(node);
    host.visit(node, 0ms);
  }

  void observe_pod(const store::event& e, controller_host& host) {
    if (users.observe(e).empty()) return;
    pods.observe(e);
    if (const auto node = pods_by_node::node_of(*e.object); !node.empty()) host.visit(node, 0ms);
  }

  void observe_attachment(const store::event& e, controller_host& host) {
    const auto facts = attachments.observe(e);
    host.visit(facts.node, 0ms);
    if (e.type != store::event::kind::deleted) return;
    since.erase(e.object->key().name);
    progress.erase(e.object->key().name);
    if (attachments.on(facts.node).empty()) gone.erase(facts.node);
    visit_users_of(facts.volume, host);  // one may have waited for it to go
  }

  bool concerns(const std::string& node) const {
    return !pods.of(node).empty() || !attachments.on(node).empty();
  }

  void visit_users(const std::string& claim, controller_host& host) {
    for (const auto& user : users.of(claim))
      if (const auto pod = host.cache().get(key_in("pods", user)))
        if (const auto node = pods_by_node::node_of(*pod); !node.empty()) host.visit(node, 0ms);
  }

  void visit_users_of(const std::string& name, controller_host& host) {
    if (const auto volume = host.cache().get({resources::volumes, {}, name}))
      visit_users(model::volume_facts(*volume).claim, host);
  }

  struct wanted {
    model::attachable_volume volume;
    std::vector<model::object_ptr> pods;
  };

  // What the pods on a node need, by the names of the attachments.
  std::map<std::string, wanted> wanted_on(const std::string& node, const json& document,
                                          const controller_host& host) const {
    std::map<std::string, wanted> out;
    for (const auto& text : pods.of(node)) {
      const auto stored = host.cache().get(parse_key(text));
      if (!stored) continue;
      const json pod = stored->parse();
      if (!model::holds_volumes(pod, document)) continue;
      for (const auto& claim_name : model::claims_of_pod(pod)) {
        auto volume = volume_of(pod, {resources::claims, stored->key().ns, claim_name}, host);
        if (!volume) continue;
        auto& entry = out["csi-" + tls::sha256_hex(volume->identity(node))];
        entry.volume = std::move(*volume);
        entry.pods.push_back(stored);
      }
    }
    return out;
  }

  static std::optional<model::attachable_volume> volume_of(const json& pod,
                                                           const model::object_key& claim_key,
                                                           const controller_host& host) {
    const json claim = document_of(claim_key, host);
    if (model::string_at(claim, {"status", "phase"}) != "Bound" || !model::uses_claim(pod, claim))
      return std::nullopt;
    const json volume = document_of(
        {resources::volumes, {}, model::string_at(claim, {"spec", "volumeName"})}, host);
    const auto driver = model::string_at(volume, {"spec", "csi", "driver"});
    if (driver.empty()) return std::nullopt;
    return model::attachable(volume, document_of({resources::csi_drivers, {}, driver}, host));
  }

  static json document_of(const model::object_key& key, const controller_host& host) {
    const auto found = host.cache().get(key);
    return found ? found->parse() : json();
  }

  struct plan {
    json report = json::array();  // what the node may mount
    std::vector<std::pair<std::string, wanted>> create;
    std::vector<std::string> remove;
    std::set<std::string> refused;  // attachments that another node stands in the way of
    std::optional<std::chrono::milliseconds> again;

    void look_again(std::chrono::milliseconds after) {
      again = again ? std::min(*again, after) : after;
    }
    void allow(const std::string& reported) {
      report.push_back({{"name", reported}, {"devicePath", ""}});
    }
  };

  void reconcile(const std::string& node, controller_host& host,
                 std::function<void(outcome)> done) override {
    const json document = document_of({"nodes", {}, node}, host);
    if (document.is_object() && !model::leaves_attaching(document)) return done({});
    if (!concerns(node) && model::at(document, {"status", "volumesAttached"}).empty()) {
      refused.erase(node);
      return done({});
    }
    const auto last = gone.find(node);
    const json& known = last == gone.end() ? document : last->second;
    std::map<std::string, wanted> all;
    if (known.is_object()) all = wanted_on(node, known, host);
    auto p = std::make_shared<plan>();
    for (const auto& [attachment, w] : all)
      if (document.is_object())
        plan_attaching(attachment, node, w, *p, host);
      else
        since.erase(attachment);  // pods that outlive their node keep what they have
    if (p->refused.empty())
      refused.erase(node);
    else
      refused[node] = p->refused;
    for (const auto& attachment : attachments.on(node))
      if (!all.contains(attachment) && model::is_attachment_name(attachment))
        plan_detaching(attachment, known, *p, host);
    if (document.is_null() || p->report == model::at(document, {"status", "volumesAttached"}) ||
        (p->report.empty() && model::at(document, {"status", "volumesAttached"}).empty()))
      return carry_out(node, p, host, std::move(done));
    // A kubelet learns that a volume goes before it goes.
    host.call("PATCH", "/api/v1/nodes/" + node + "/status",
              json{{"status", {{"volumesAttached", p->report}}}},
              [this, node, p, &host, done](const api_response& r) {
                if (r.code < 300 || r.code == 404) return carry_out(node, p, host, done);
                for (const auto& [attachment, w] : p->create) asking.erase(w.volume.name);
                auto o = outcome_of(r);
                if (o.failure.empty()) o.again = after_conflict;
                done(o);
              });
  }

  void plan_attaching(const std::string& attachment, const std::string& node, const wanted& w,
                      plan& p, controller_host& host) {
    since.erase(attachment);
    const json there = document_of({resources::attachments, {}, attachment}, host);
    if (there.is_object()) return follow(attachment, there, w, p, host);
    std::set<std::string> elsewhere;
    for (const auto& other : attachments.with(w.volume.name))
      elsewhere.insert(attachments.of(other).node);
    if (const auto at = asking.find(w.volume.name); at != asking.end())
      elsewhere.insert(at->second);
    elsewhere.erase(node);
    if (w.volume.exclusive && !elsewhere.empty()) {
      const auto before = refused.find(node);
      if (before == refused.end() || !before->second.contains(attachment))
        tell_refusal(w, elsewhere, host);
      p.refused.insert(attachment);
      return;
    }
    if (w.volume.exclusive) asking[w.volume.name] = node;
    p.create.emplace_back(attachment, w);
  }

  // Says how the driver's attacher does with an attachment.
  void follow(const std::string& attachment, const json& there, const wanted& w, plan& p,
              controller_host& host) {
    const bool going = model::at(there, {"metadata", "deletionTimestamp"}).is_string();
    if (model::at(there, {"status", "attached"}) == true) {
      if (!going) p.allow(w.volume.reported());
      if (progress.erase(attachment) > 0)
        tell(w.pods, false, model::attach_success(w.volume.name), host);
      return;
    }
    if (going) return;
    auto& state = progress.try_emplace(attachment, progress_of{host.now(), {}}).first->second;
    const auto error = model::string_at(there, {"status", "attachError", "message"});
    if (!error.empty() && error != state.error)
      tell(w.pods, true, model::attach_failure(w.volume.name, error), host);
    state.error = error;
    const auto waited =
        std::chrono::duration_cast<std::chrono::milliseconds>(host.now() - state.since);
    if (waited < model::longest_attach) return p.look_again(model::longest_attach - waited);
    // An error that stands is told of again, so that it is not forgotten with its Event.
    state.since = host.now();
    tell(w.pods, true,
         model::attach_failure(w.volume.name, error.empty() ? no_answer(w.volume) : error), host);
    p.look_again(model::longest_attach);
  }

  static std::string no_answer(const model::attachable_volume& volume) {
    return "timed out waiting for external-attacher of " + volume.driver +
           " CSI driver to attach volume " + volume.handle;
  }

  void plan_detaching(const std::string& attachment, const json& node, plan& p,
                      const controller_host& host) {
    const json there = document_of({resources::attachments, {}, attachment}, host);
    if (there.is_null() || model::at(there, {"metadata", "deletionTimestamp"}).is_string()) return;
    const auto& facts = attachments.of(attachment);
    const json volume = document_of({resources::volumes, {}, facts.volume}, host);
    const model::attachable_volume meant{facts.volume, facts.driver,
                                         model::string_at(volume, {"spec", "csi", "volumeHandle"})};
    const auto begun = since.emplace(attachment, host.now()).first->second;
    const auto wait = model::until_detach(
        node, meant.reported(),
        std::chrono::duration_cast<std::chrono::milliseconds>(host.now() - begun));
    if (wait && *wait == 0ms) return p.remove.push_back(attachment);
    if (wait) p.look_again(*wait);
    if (model::at(there, {"status", "attached"}) == true && !meant.handle.empty())
      p.allow(meant.reported());
  }

  void carry_out(const std::string& node, const std::shared_ptr<plan>& p, controller_host& host,
                 std::function<void(outcome)> done) {
    call_all(
        p->create.size() + p->remove.size(),
        [this, node, p, &host](std::size_t i, std::function<void(std::string)> ended) {
          if (i < p->create.size())
            return attach(node, p->create[i].first, p->create[i].second, host, std::move(ended));
          host.call("DELETE", attachments_path + ("/" + p->remove[i - p->create.size()]), nullptr,
                    [ended](const api_response& r) { ended(outcome_of(r).failure); });
        },
        [p, done = std::move(done)](const batch_result& r) {
          done({r.failure, p->again});
        });
  }

  void attach(const std::string& node, const std::string& attachment, const wanted& w,
              controller_host& host, std::function<void(std::string)> ended) {
    host.call("POST", attachments_path, model::volume_attachment(w.volume, node, attachment),
              [this, w, &host, ended](const api_response& r) {
                asking.erase(w.volume.name);
                const auto failure = outcome_of(r).failure;
                if (!failure.empty()) {
                  tell(w.pods, true, model::attach_failure(w.volume.name, failure), host);
                  visit_users_of(w.volume.name, host);
                }
                ended(failure);
              });
  }

  void tell_refusal(const wanted& w, const std::set<std::string>& elsewhere,
                    controller_host& host) const {
    std::vector<model::pod_name> have;
    const auto volume = host.cache().get({resources::volumes, {}, w.volume.name});
    for (const auto& user : users.of(volume ? model::volume_facts(*volume).claim : std::string())) {
      const auto pod = host.cache().get(key_in("pods", user));
      if (pod && elsewhere.contains(pods_by_node::node_of(*pod)) &&
          model::holds_volumes(pod->parse(), json()))
        have.emplace_back(pod->key().ns, pod->key().name);
    }
    for (const auto& pod : w.pods)
      tell({pod}, true, model::multi_attach_error(w.volume.name, pod->key().ns, have), host);
  }

  static void tell(const std::vector<model::object_ptr>& about, bool failed,
                   const std::string& message, controller_host& host) {
    for (const auto& pod : about)
      host.record({model::reference_to(*pod, "Pod"),
                   failed ? "Warning" : "Normal",
                   failed ? "FailedAttachVolume" : "SuccessfulAttachVolume",
                   message,
                   {},
                   {}});
  }

  struct progress_of {
    model::time_point since;
    std::string error;  // what was told last
  };

  claim_users users;
  pods_by_node pods;  // that have claims
  attachment_index attachments;
  std::unordered_map<std::string, std::string> asking;    // volumes: the node of a write under way
  std::unordered_map<std::string, progress_of> progress;  // attachments that are not done
  std::unordered_map<std::string, model::time_point> since;  // when an attachment was not wanted
  std::unordered_map<std::string, json> gone;  // nodes that still have attachments, or pods
  std::unordered_map<std::string, std::set<std::string>> refused;  // of each node, as it was told
};

}  // namespace

controller_actor spawn_attach_detach_controller(caf::actor_system& sys,
                                                controller_options options) {
  return spawn_controller(sys, std::move(options), std::make_unique<attach_detach_controller>());
}

}  // namespace troupe
