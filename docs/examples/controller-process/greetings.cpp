// A controller as a process of its own: each Greeting (greeting.yaml) gets a ConfigMap of its name
// with the text to be read, and its status says what has been said. Beside it runs the controller
// of ../custom-controller/pod_limits.cpp, of which not a word is changed.
#include "actors/controllers/plugin.hpp"
#include "cli/client/remote_cluster.hpp"

namespace {

using namespace std::chrono_literals;
using troupe::controller_host;
using troupe::outcome;
using troupe::model::json;
using troupe::model::object_key;
using troupe::model::string_at;

constexpr const char* greetings = "greetings.example.com";

// Keys are "namespace/name" of Greetings; the ConfigMap of one is called the same.
struct greeter : troupe::controller {
  std::string name() const override { return "greeter"; }
  std::vector<std::string> resources() const override { return {greetings, "configmaps"}; }

  // Events were missed: a ConfigMap that is gone by now tells nobody.
  void relist(const std::string&, controller_host& host) override {
    for (const auto& g : host.cache().list(greetings).objects)
      host.visit(g->key().ns + "/" + g->key().name, 0ms);
  }

  void observe(const troupe::store::event& e, controller_host& host) override {
    host.visit(e.object->key().ns + "/" + e.object->key().name, 0ms);
  }

  void reconcile(const std::string& key, controller_host& host,
                 std::function<void(outcome)> done) override {
    const auto slash = key.find('/');
    const auto ns = key.substr(0, slash), name = key.substr(slash + 1);
    const auto greeting = host.cache().get({greetings, ns, name});
    if (!greeting || greeting->header().deleting) return done({});
    const auto document = greeting->parse();
    const auto text = "Hello, " + string_at(document, {"spec", "to"}) + "!";
    const auto reply = [done](const troupe::api_response& r) { done(troupe::outcome_of(r)); };

    const std::string maps = "/api/v1/namespaces/" + ns + "/configmaps";
    const auto map = host.cache().get({"configmaps", ns, name});
    if (!map) return host.call("POST", maps, config_map(document, text), reply);
    if (string_at(map->parse(), {"data", "text"}) != text)
      return host.call("PATCH", maps + "/" + name, json{{"data", {{"text", text}}}}, reply);

    if (string_at(document, {"status", "said"}) == text) return done({});
    host.record({troupe::model::reference_to(*greeting, "Greeting", "example.com/v1"), "Normal",
                 "Greeted", "said: " + text});
    host.call("PATCH", "/apis/example.com/v1/namespaces/" + ns + "/greetings/" + name + "/status",
              json{{"status", {{"said", text}}}}, reply);
  }

  // It goes with its Greeting.
  static json config_map(const json& greeting, const std::string& text) {
    const auto& meta = greeting["metadata"];
    return {{"apiVersion", "v1"},
            {"kind", "ConfigMap"},
            {"metadata",
             {{"name", meta["name"]},
              {"ownerReferences",
               {{{"apiVersion", greeting["apiVersion"]},
                 {"kind", "Greeting"},
                 {"name", meta["name"]},
                 {"uid", meta["uid"]},
                 {"controller", true}}}}}},
            {"data", {{"text", text}}}};
  }
};

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::unique_ptr<troupe::controller>> rules;
  troupe_controller_plugin_make(rules);  // those of pod_limits.cpp
  rules.push_back(std::make_unique<greeter>());
  return troupe::run_controllers(argc, argv, std::move(rules));
}
