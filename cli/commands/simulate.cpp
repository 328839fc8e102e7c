#include "cli/commands/command.hpp"
#include "cli/commands/snapshot.hpp"
#include "cli/output/progress.hpp"
#include "cli/output/simulation_printer.hpp"
#include "model/defaults/defaults.hpp"
#include "model/object.hpp"
#include "model/scheduling/simulated_workloads.hpp"
#include "model/system_priorities.hpp"
#include "model/validation/structural.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <memory>
#include <ostream>
#include <set>
#include <stdexcept>

namespace troupe::cli {

using model::json;
using model::simulated_role;
using model::string_at;

namespace {

struct simulate_flags : common_flags {
  std::vector<std::string> files, pods, nodes;
  std::string scheduler, output;
  std::uint64_t seed = 1;
  scheduler_flags configured;
};

// What admission asks for of a cluster, described or real.
class shelf {
 public:
  void put(const model::object_ptr& o) { objects_[o->key()] = o; }

  model::cluster_view view() {
    return {[this](const model::object_key& key) { return get(key); },
            [this](std::string_view resource, std::string_view ns) {
              std::vector<model::object_ptr> out;
              for (const auto& [key, o] : objects_)
                if (key.resource == resource && (ns.empty() || key.ns == ns)) out.push_back(o);
              return out;
            }};
  }

 private:
  // Namespaces are there when pods are said to be in them.
  model::object_ptr get(const model::object_key& key) {
    const auto at = objects_.find(key);
    if (at != objects_.end()) return at->second;
    if (key.resource != "namespaces") return nullptr;
    const json made{{"apiVersion", "v1"},
                    {"kind", "Namespace"},
                    {"metadata", {{"name", key.name}, {"uid", "simulated-" + key.name}}}};
    return objects_[key] = model::seal(model::encode(key.resource, made), 1);
  }

  std::map<model::object_key, model::object_ptr> objects_;
};

// A document as the API would take it: its fields known, its defaults set.
json checked(const manifest& m, const model::kind_info& kind) {
  json document = m.document;
  const auto found = model::decode_fields(kind, document);
  const auto name =
      std::string(kind.kind) + " \"" + string_at(document, {"metadata", "name"}) + "\"";
  if (!found) throw command_failure("error: " + m.source + ": " + name + ": " + found.error);
  if (!found.strict.empty())
    throw command_failure("error: " + m.source + ": " + name + ": " + found.strict.front());
  if (!model::simulated_count(document))
    throw command_failure("error: " + m.source + ": " + name + ": annotation " +
                          model::count_annotation + " must be a number from 1 to 10000000");
  model::apply_defaults(kind, document);
  return document;
}

class rehearsal {
 public:
  rehearsal(const toolbox_ptr& tools, const simulate_flags& flags) : tools_(tools), flags_(flags) {}

  int run() {
    const auto manifests = read_all(flags_.files, flags_.pods);
    described_ = std::any_of(flags_.nodes.begin(), flags_.nodes.end(),
                             [](const std::string& n) { return !n.empty(); });
    if (!described_)
      cluster_session_ = std::make_unique<session>(tools_->factory, tools_->io, flags_);
    snapshot_ = std::make_unique<model::cluster_snapshot>(rules_of(manifests));
    gather(manifests);
    cluster().finish();
    std::vector<model::simulated_pods> groups;
    for (const auto& [m, kind] : workloads_) add_group(*m, *kind, groups);
    if (groups.empty()) throw command_failure("error: no pods to place");
    model::simulation simulation(cluster(), flags_.seed);
    const auto before = simulation.now();
    progress line(tools_->io.err, tools_->io.terminal);
    const auto fates = simulation.place(groups, [&](std::size_t done) {
      line.update([&] { return std::to_string(done) + " pods decided"; });
    });
    const simulation_report report{simulation.nodes(), groups, fates, before, simulation.now()};
    auto& out = tools_->io.out;
    if (flags_.output == "json")
      out << simulation_json(report).dump(4, ' ', false, json::error_handler_t::replace) << '\n';
    else
      out << harmless(simulation_text(report, flags_.output == "wide"));
    return 0;
  }

 private:
  model::cluster_snapshot& cluster() { return *snapshot_; }

  // One profile decides, since pods of several would be placed by schedulers side by side.
  model::profile rules_of(const std::vector<manifest>& manifests) {
    auto name = flags_.scheduler;
    auto names = schedulers_of(manifests);
    if (name.empty() && names.size() == 1) name = *names.begin();
    if (name.empty() && names.size() > 1) {
      if (!flags_.configured.config.empty())
        throw command_failure(
            "error: pods of several schedulers: --scheduler-name says whose to place");
      return judge_for(flags_.configured, name, tools_->io, nullptr).rules;
    }
    if (name.empty()) name = "default-scheduler";
    return judge_for(flags_.configured, name, tools_->io, cluster_session_.get()).rules;
  }

  static std::set<std::string> schedulers_of(const std::vector<manifest>& manifests) {
    std::set<std::string> names;
    for (const auto& m : manifests) {
      if (model::role_in_simulation(kind_of_manifest(m)) != simulated_role::pods) continue;
      for (const json* spec :
           {&model::at(m.document, {"spec"}), &model::at(m.document, {"spec", "template", "spec"})})
        if (spec->contains("containers"))
          names.insert(string_at(*spec, {"schedulerName"}, "default-scheduler"));
    }
    return names;
  }

  std::vector<manifest> read_all(const std::vector<std::string>& files,
                                 const std::vector<std::string>& shorts) {
    std::vector<manifest> out;
    if (!files.empty()) out = read_manifests(files, tools_->io);
    for (const auto& text : shorts) out.push_back({"--pods", model::pods_in_short(text)});
    return out;
  }

  void gather(const std::vector<manifest>& manifests) {
    if (described_)
      describe_cluster();
    else
      read_real_cluster();
    for (const auto& m : manifests) {
      const auto& kind = kind_of_manifest(m);
      switch (model::role_in_simulation(kind)) {
        case simulated_role::pods:
          workloads_.emplace_back(
              &kept_.emplace_back(manifest{m.source, placed(checked(m, kind), kind)}), &kind);
          break;
        case simulated_role::node:
          add_nodes(checked(m, kind));
          break;
        case simulated_role::context:
          add(kind, placed(checked(m, kind), kind));
          break;
        case simulated_role::other:
          break;
      }
    }
  }

  void read_real_cluster() {
    auto& s = *cluster_session_;
    ns_ = s.ns();
    read_cluster(s, cluster());
    for (const char* resource :
         {"priorityclasses.scheduling.k8s.io", "limitranges", "runtimeclasses.node.k8s.io",
          "storageclasses.storage.k8s.io", "namespaces"})
      for (const auto& item : s.list(path_of(*model::schema::instance().by_resource(resource), "")))
        shelf_.put(model::seal(model::encode(resource, item), 1));
  }

  void describe_cluster() {
    ns_ = flags_.ns.empty() ? "default" : flags_.ns;
    for (const auto& [name, value, description] : model::system_priorities)
      shelf_.put(model::seal(model::encode("priorityclasses.scheduling.k8s.io",
                                           {{"apiVersion", "scheduling.k8s.io/v1"},
                                            {"kind", "PriorityClass"},
                                            {"metadata", {{"name", name}}},
                                            {"value", value}}),
                             1));
    for (const auto& text : flags_.nodes) {
      if (text.find('=') != std::string::npos) {
        for (const auto& node : model::nodes_in_short(text)) put_node(node);
        continue;
      }
      for (const auto& m : read_manifests({text}, tools_->io)) {
        const auto& kind = kind_of_manifest(m);
        if (kind.resource == "nodes")
          add_nodes(checked(m, kind));
        else
          add(kind, placed(checked(m, kind), kind));
      }
    }
  }

  void put_node(const json& node) { cluster().put(model::seal(model::encode("nodes", node), 1)); }

  void add_nodes(const json& node) {
    const auto count = model::simulated_count(node).value_or(1);
    const auto name = string_at(node, {"metadata", "name"});
    for (std::size_t i = 0; i < count; ++i) {
      json one = node;
      const auto own = count == 1 ? name : name + std::to_string(i + 1);
      one["metadata"]["name"] = own;
      one["metadata"]["uid"] = "simulated-node-" + own;
      if (count > 1 || !one["metadata"]["labels"].contains("kubernetes.io/hostname"))
        one["metadata"]["labels"]["kubernetes.io/hostname"] = own;
      if (!model::at(one, {"status", "allocatable"}).is_object())
        one["status"]["allocatable"] = model::at(one, {"status", "capacity"});
      put_node(one);
    }
  }

  void add(const model::kind_info& kind, json document) {
    if (string_at(document, {"metadata", "uid"}).empty())
      document["metadata"]["uid"] = "simulated-" + std::string(kind.singular) + "-" +
                                    string_at(document, {"metadata", "name"});
    const auto o = model::seal(model::encode(kind.resource, document), 1);
    shelf_.put(o);
    const auto& known = model::cluster_snapshot::resources();
    if (std::find(known.begin(), known.end(), kind.resource) != known.end()) cluster().put(o);
  }

  json placed(json document, const model::kind_info& kind) const {
    if (kind.namespaced && string_at(document, {"metadata", "namespace"}).empty())
      document["metadata"]["namespace"] = ns_;
    return document;
  }

  void add_group(const manifest& m, const model::kind_info& kind,
                 std::vector<model::simulated_pods>& groups) {
    try {
      auto g = model::pods_of(kind, m.document, cluster(), shelf_.view());
      if (!flags_.scheduler.empty() &&
          string_at(g.pod, {"spec", "schedulerName"}, "default-scheduler") != flags_.scheduler)
        return;
      groups.push_back(std::move(g));
    } catch (const std::runtime_error& e) {
      throw command_failure("error: " + m.source + ": " + std::string(kind.kind) + " \"" +
                            string_at(m.document, {"metadata", "name"}) + "\": " + e.what());
    }
  }

  const toolbox_ptr& tools_;
  const simulate_flags& flags_;
  std::unique_ptr<session> cluster_session_;  // null: the cluster is described
  std::unique_ptr<model::cluster_snapshot> snapshot_;
  shelf shelf_;
  std::string ns_;
  bool described_ = false;
  std::deque<manifest> kept_;
  std::vector<std::pair<const manifest*, const model::kind_info*>> workloads_;
};

}  // namespace

void add_simulate(CLI::App& app, const toolbox_ptr& tools) {
  auto& command = *app.add_subcommand(
      "simulate", "Show where pods would go, without making any, and how full nodes would be");
  auto flags = std::make_shared<simulate_flags>();
  add_common(command, *flags, false);
  add_files(command, flags->files);
  command.add_option("--pods", flags->pods, "Pods in short: count=1000,cpu=100m,memory=128Mi")
      ->allow_extra_args(false);
  command
      .add_option("--nodes", flags->nodes,
                  "Instead of the cluster's nodes: a file of Nodes, or "
                  "count=100,cpu=4,memory=16Gi,zones=3")
      ->allow_extra_args(false);
  command.add_option("--scheduler-name", flags->scheduler, "Only pods for this scheduler");
  add_scheduler(command, flags->configured);
  command.add_option("--seed", flags->seed, "Of the choice among nodes that are as good");
  command.add_option("-o,--output", flags->output, "json or wide (every pod)")
      ->check(CLI::IsMember({"json", "wide"}));
  run_as(command, tools, [tools, flags] { return rehearsal(tools, *flags).run(); });
}

}  // namespace troupe::cli
