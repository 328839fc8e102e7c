#include "actors/controllers/pod_control.hpp"

#include "model/json_text.hpp"
#include "model/workload/claim.hpp"
#include "model/workload/pod_template.hpp"

#include <algorithm>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using model::json;

std::string name_in(const api_response& r) {
  const auto text = model::member_text(model::member_text(r.body.bytes(), "metadata"), "name");
  return text.size() < 2 ? std::string{} : std::string(text.substr(1, text.size() - 2));
}

}  // namespace

bool ends_with_namespace(const model::status& s) {
  return std::ranges::any_of(s.causes,
                             [](const auto& c) { return c.reason == "NamespaceTerminating"; });
}

json workload::reference() const {
  return model::controller_reference(api_version, kind, *object);
}

void workload::tell(controller_host& host, std::string_view type, std::string_view reason,
                    std::string message) const {
  model::event_note note;
  note.about = model::reference_to(*object, kind, api_version);
  note.type = type;
  note.reason = reason;
  note.message = std::move(message);
  host.record(std::move(note));
}

void create_pod(const workload& owner, blob_ref pod, controller_host& host, ended_fn ended) {
  host.call("POST", "/api/v1/namespaces/" + owner.object->key().ns + "/pods", std::move(pod),
            [owner, &host, ended = std::move(ended)](const api_response& r) {
              if (r.code < 300) {
                owner.tell(host, "Normal", "SuccessfulCreate", "Created pod: " + name_in(r));
                return ended({});
              }
              const auto s = model::status_from_text(r.body.bytes());
              if (ends_with_namespace(s)) return ended({});
              owner.tell(host, "Warning", "FailedCreate", "Error creating: " + s.message);
              ended(s.message);
            });
}

void delete_pod(const workload& owner, const model::object& pod, controller_host& host,
                ended_fn ended) {
  const json options = {{"preconditions", {{"uid", pod.header().uid}}}};
  host.call("DELETE", path_of(pod.key()), options,
            [owner, &host, name = pod.key().name, ended = std::move(ended)](const api_response& r) {
              if (r.code < 300) {
                owner.tell(host, "Normal", "SuccessfulDelete", "Deleted pod: " + name);
                return ended({});
              }
              if (r.code == 404 || r.code == 409) return ended({});
              const auto s = model::status_from_text(r.body.bytes());
              owner.tell(host, "Warning", "FailedDelete", "Error deleting: " + s.message);
              ended("unable to delete pods: " + s.message);
            });
}

void carry_out(const workload& owner, const claims& c, controller_host& host,
               std::function<void(outcome)> done) {
  const auto now = host.cache().get(owner.object->key());
  if (!now || now->header().uid != owner.object->header().uid) return done({});
  std::vector<std::pair<model::object_key, json>> patches;
  for (const auto& o : c.released)
    patches.emplace_back(o->key(), model::release_patch(*owner.object, *o));
  if (!now->header().deleting)
    for (const auto& o : c.adopted) {
      auto patch = model::adoption_patch(owner.reference(), *o);
      if (!c.finalizer.empty()) patch["metadata"]["finalizers"] = json::array({c.finalizer});
      patches.emplace_back(o->key(), std::move(patch));
    }
  call_all(
      patches.size(),
      [&](std::size_t i, ended_fn ended) {
        host.call("PATCH", path_of(patches[i].first), patches[i].second,
                  [ended = std::move(ended)](const api_response& r) {
                    // 422: the reference is gone already, or the object is another.
                    ended(r.code == 422 ? std::string{} : outcome_of(r).failure);
                  });
      },
      [done = std::move(done)](const batch_result& r) {
        done(r.failure.empty() ? outcome{{}, 0ms} : outcome{r.failure, std::nullopt});
      });
}

bool status_is_another(const model::object& judged, const controller_host& host) {
  const auto stored = host.cache().get(judged.key());
  return stored && stored->version() != judged.version() &&
         stored->text_of(model::part::status) != judged.text_of(model::part::status);
}

void put_status(const model::object& judged, json status, controller_host& host,
                std::function<void(outcome)> done) {
  if (status_is_another(judged, host)) return done({{}, after_conflict});
  put_status(judged.key(), judged.header().uid, std::move(status), host,
             [done = std::move(done)](outcome o, const std::string&) { done(std::move(o)); });
}

void put_status(const model::object_key& key, const std::string& uid, json status,
                controller_host& host, std::function<void(outcome, std::string)> done) {
  const auto stored = host.cache().get(key);
  if (!stored || stored->header().uid != uid) return done({}, {});
  json document = stored->parse();
  if (model::at(document, {"status"}) == status)
    return done({}, std::string(stored->text_of(model::part::status)));
  document["status"] = std::move(status);
  host.call("PUT", path_of(key) + "/status", document,
            [done = std::move(done)](const api_response& r) {
              if (r.code == 409) return done({{}, after_conflict}, {});
              if (r.code >= 300) return done(outcome_of(r), {});
              done({}, std::string(model::member_text(r.body.bytes(), "status")));
            });
}

}  // namespace troupe
