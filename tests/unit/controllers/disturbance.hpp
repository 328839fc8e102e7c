#pragma once

#include "tests/unit/controllers/workloads.hpp"

#include <map>
#include <set>

namespace troupe {

// What may happen to a controller's write. "Stopped" controllers are killed and started anew.
enum class disturbance : std::uint8_t {
  stopped_before,  // it is lost
  stopped_after,   // it is done, but they never hear of it
  refused,         // it fails
  unanswered,      // it is done, but its answer says that it failed
  accompanied      // somebody else adds a condition to disturbed_scenario::company right before
};
constexpr disturbance all_disturbances[] = {disturbance::stopped_before, disturbance::stopped_after,
                                            disturbance::refused, disturbance::unanswered};

// A scenario, and what it is about.
struct disturbed_scenario {
  // Starts the controllers that are disturbed: with these options.
  std::function<std::vector<controller_actor>(caf::actor_system&, const controller_options&)> spawn;
  // What users do, and the time they leave for it (virtual_cluster::pass).
  std::function<void(virtual_cluster&)> run;
  // What is compared at the end: "/api/v1/namespaces/default/pods".
  std::vector<std::string> collections;
  kubelet_options kubelet = {};
  model::object_key company = {};
};

inline constexpr const char* added_condition = "example.com/Noted";

// An API that lets a write through as it is told to.
class disturbing_api {
 public:
  disturbing_api(virtual_cluster& c, std::size_t at, disturbance what, model::object_key company,
                 std::function<void()> restart)
      : cluster_(c),
        at_(at),
        what_(what),
        company_(std::move(company)),
        restart_(std::move(restart)) {}

  std::size_t writes() const { return writes_; }
  bool noted() const { return noted_; }

  api_actor spawn() {
    return cluster_.sys.spawn([this](api_actor::pointer self) -> api_actor::behavior_type {
      return {[this, self](request_atom, api_request& r) { return handle(self, std::move(r)); },
              [](open_atom, const api_request&, uint64_t, const stream_sink&) {
                return caf::result<api_response, stream_source>(caf::sec::unexpected_message);
              }};
    });
  }

 private:
  caf::result<api_response> handle(api_actor::pointer self, api_request r) {
    auto promise = self->make_response_promise<api_response>();
    const bool struck = r.method != "GET" && ++writes_ == at_;
    if (struck && what_ == disturbance::refused) {
      promise.deliver(failure());
      return promise;
    }
    if (struck && what_ == disturbance::stopped_before) {
      restart_();
      return promise;
    }
    if (struck && what_ == disturbance::accompanied) {
      self->request(cluster_.options.api, caf::infinite, request_atom::value, note())
          .then([this, self, promise, r](const api_response& a) {
            noted_ = a.code < 300;
            pass_on(self, r, promise, false);
          });
      return promise;
    }
    pass_on(self, std::move(r), promise, struck);
    return promise;
  }

  void pass_on(api_actor::pointer self, api_request r,
               caf::typed_response_promise<api_response> promise, bool struck) {
    self->request(cluster_.options.api, caf::infinite, request_atom::value, std::move(r))
        .then([this, promise, struck](const api_response& a) mutable {
          if (!struck)
            promise.deliver(a);
          else if (what_ == disturbance::unanswered)
            promise.deliver(failure());
          else
            restart_();
        });
  }

  // What somebody else writes.
  api_request note() const {
    api_request r;
    r.method = "PATCH";
    r.target = path_of(company_) + "/status";
    r.content_type = "application/merge-patch+json";
    r.user = {"admin", {"system:masters", "system:authenticated"}, {}, {}};
    const auto stored = cluster_.cache->get(company_);
    json conditions = stored ? model::at(stored->parse(), {"status", "conditions"}) : json();
    if (!conditions.is_array()) conditions = json::array();
    conditions.push_back({{"type", added_condition}, {"status", "True"}});
    r.body = blob_ref(json{{"status", {{"conditions", conditions}}}}.dump());
    return r;
  }

  static api_response failure() {
    api_response a;
    a.code = 500;
    a.body = blob_ref(model::to_text(model::internal_error("disturbed")));
    return a;
  }

  virtual_cluster& cluster_;
  const std::size_t at_;
  const disturbance what_;
  const model::object_key company_;
  const std::function<void()> restart_;
  std::size_t writes_ = 0;
  bool noted_ = false;
};

// Takes away what differs from run to run: uids, versions, times, the ends of generated names, the
// order of conditions, and how often something was changed.
class end_state {
 public:
  explicit end_state(virtual_cluster& c, const std::vector<std::string>& collections) {
    for (const auto& path : collections)
      for (auto& o : items(c, path)) objects_.insert(canonical(std::move(o)).dump(1));
  }
  const std::multiset<std::string>& objects() const { return objects_; }

 private:
  static json canonical(json o) {
    json& metadata = o["metadata"];
    if (metadata.contains("generateName")) metadata.erase("name");
    for (const char* member : {"resourceVersion", "managedFields"}) metadata.erase(member);
    const auto status = o.find("status");
    if (status != o.end() && status->contains("observedGeneration"))
      (*status)["observedGeneration"] = (*status)["observedGeneration"] == metadata["generation"];
    metadata.erase("generation");
    if (status != o.end() && status->contains("conditions")) {
      auto& conditions = (*status)["conditions"].get_ref<json::array_t&>();
      std::sort(conditions.begin(), conditions.end(),
                [](const json& x, const json& y) { return x["type"] < y["type"]; });
    }
    blur(o);
    return o;
  }

  // Uids and times differ wherever they are.
  static void blur(json& value) {
    if (value.is_structured()) {
      for (auto& member : value) blur(member);
    } else if (value.is_string()) {
      const auto& text = value.get_ref<const std::string&>();
      static const std::string uid = "00000000-0000-0000-0000-000000000000";
      const bool is_uid = text.size() == uid.size() && text[8] == '-' && text[13] == '-' &&
                          text[18] == '-' && text[23] == '-';
      if (is_uid || model::from_rfc3339(text)) value = is_uid ? "a uid" : "a time";
    }
  }

  std::multiset<std::string> objects_;
};

struct disturbed_end {
  std::multiset<std::string> objects;
  std::size_t writes = 0;  // of the controllers
  bool noted = false;      // the added condition was taken
};

// Runs the scenario once. `at` 0: undisturbed.
inline disturbed_end run_disturbed(const disturbed_scenario& s, std::size_t at, disturbance what,
                                   std::size_t window = 16384) {
  virtual_cluster cluster(window);
  make_default_namespace(cluster);
  start_kubelet(cluster, s.kubelet);
  auto disturbed = std::make_shared<std::vector<controller_actor>>();
  controller_options options = cluster.options;
  auto restart = [&cluster, &s, &options, disturbed] {
    for (auto& c : *disturbed) caf::anon_send_exit(c, caf::exit_reason::kill);
    *disturbed = s.spawn(cluster.sys, options);
  };
  disturbing_api api(cluster, at, what, s.company, restart);
  options.api = api.spawn();
  restart();
  s.run(cluster);
  auto end = end_state(cluster, s.collections).objects();
  for (auto& c : *disturbed) caf::anon_send_exit(c, caf::exit_reason::kill);
  caf::anon_send_exit(options.api, caf::exit_reason::kill);
  options.api = nullptr;
  cluster.stop_controllers();
  return {std::move(end), api.writes(), api.noted()};
}

// The end is the same whatever happens to any one write, and when events are missed all the time.
inline void expect_undisturbed(const disturbed_scenario& s) {
  const auto [expected, writes, noted] = run_disturbed(s, 0, disturbance::refused);
  ASSERT_FALSE(expected.empty());
  for (const auto what : all_disturbances)
    for (std::size_t k = 1; k <= writes; ++k)
      EXPECT_EQ(run_disturbed(s, k, what).objects, expected)
          << "write " << k << " of " << writes << ", disturbance " << static_cast<int>(what);
  // A window of a few events: who is woken has missed some, and starts over from a list.
  EXPECT_EQ(run_disturbed(s, 0, disturbance::refused, 2).objects, expected) << "events are missed";
}

// What somebody else writes of a status is there at the end, whenever it comes.
inline void expect_company_kept(const disturbed_scenario& s) {
  const auto writes = run_disturbed(s, 0, disturbance::accompanied).writes;
  std::size_t noted = 0;
  for (std::size_t k = 1; k <= writes; ++k) {
    const auto end = run_disturbed(s, k, disturbance::accompanied);
    if (!end.noted) continue;  // it is not there yet
    ++noted;
    const auto kept = std::count_if(end.objects.begin(), end.objects.end(), [](const auto& o) {
      return o.find(added_condition) != std::string::npos;
    });
    EXPECT_EQ(kept, 1) << "before write " << k << " of " << writes;
  }
  EXPECT_GT(noted, 0U);
}

}  // namespace troupe
