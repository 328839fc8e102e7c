#include "actors/controllers/service_account_tokens.hpp"

#include "actors/controllers/controller.hpp"
#include "model/base64.hpp"

#include <set>
#include <unordered_map>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using model::json;

constexpr const char* account_name = "kubernetes.io/service-account.name";
constexpr const char* account_uid = "kubernetes.io/service-account.uid";

// Keys are "ns/secret".
struct service_account_token_controller : controller {
  explicit service_account_token_controller(service_account_token_options o)
      : options(std::move(o)) {}

  std::string name() const override { return "tokens-controller"; }
  std::vector<std::string> resources() const override { return {"secrets", "serviceaccounts"}; }

  void relist(const std::string& resource, controller_host&) override {
    if (resource == "secrets") secrets.clear();
  }

  void observe(const store::event& e, controller_host& host) override {
    const auto& key = e.object->key();
    const bool deleted = e.type == store::event::kind::deleted;
    if (key.resource == "serviceaccounts") {
      const auto held = secrets.find(key.ns + "/" + key.name);
      if (held == secrets.end()) return;
      for (const auto& secret : held->second) host.visit(secret, 0ms);
      return;
    }
    if (!is_token(*e.object)) return;
    const std::string id = key.ns + "/" + key.name;
    const auto account =
        key.ns + "/" +
        model::string_at(e.object->parse(), {"metadata", "annotations", account_name});
    if (deleted) {
      if (const auto held = secrets.find(account); held != secrets.end()) {
        held->second.erase(id);
        if (held->second.empty()) secrets.erase(held);
      }
      return;
    }
    secrets[account].insert(id);
    host.visit(id, 0ms);
  }

  void reconcile(const std::string& id, controller_host& host,
                 std::function<void(outcome)> done) override {
    const auto slash = id.find('/');
    const model::object_key key{"secrets", id.substr(0, slash), id.substr(slash + 1)};
    const auto stored = host.cache().get(key);
    if (!stored || !is_token(*stored) || stored->header().deleting) return done({});
    json secret = stored->parse();
    json& notes = secret["metadata"]["annotations"];
    const auto account =
        host.cache().get({"serviceaccounts", key.ns, model::string_at(notes, {account_name})});
    const auto uid = model::string_at(notes, {account_uid});
    if (!account || (!uid.empty() && uid != account->header().uid)) {
      const json only = {{"preconditions", {{"uid", stored->header().uid}}}};
      return host.call("DELETE", path_of(key), only,
                       [done](const api_response& r) { done(outcome_of(r)); });
    }
    const json before = secret;
    notes[account_uid] = account->header().uid;
    fill(secret, *account, key);
    if (secret == before) return done({});
    host.call("PUT", path_of(key), secret, [done](const api_response& r) {
      if (r.code == 409) return done({{}, 50ms});
      done(outcome_of(r));
    });
  }

  // What is there stays, so that a token does not change under its users.
  void fill(json& secret, const model::object& account, const model::object_key& key) const {
    json& data = secret["data"];
    if (!data.is_object()) data = json::object();
    if (model::string_at(data, {"token"}).empty())
      data["token"] =
          model::to_base64(options.tokens->sign(model::legacy_claims(account, key.name)));
    data["ca.crt"] = model::to_base64(options.ca);
    data["namespace"] = model::to_base64(key.ns);
  }

  static bool is_token(const model::object& o) {
    for (const auto& [field, value] : o.header().fields)
      if (field == "type") return value == model::token_secret_type;
    return false;
  }

  const service_account_token_options options;
  std::unordered_map<std::string, std::set<std::string>> secrets;  // by account, "ns/name"
};

}  // namespace

controller_actor spawn_service_account_token_controller(caf::actor_system& sys,
                                                        controller_options options,
                                                        service_account_token_options own) {
  return spawn_controller(sys, std::move(options),
                          std::make_unique<service_account_token_controller>(std::move(own)));
}

}  // namespace troupe
