#include "cli/commands/command.hpp"
#include "cli/commands/drain_plan.hpp"
#include "cli/commands/targets.hpp"
#include "cli/output/progress.hpp"
#include "model/api_path.hpp"

#include <ostream>
#include <thread>

namespace troupe::cli {

using model::at;
using model::json;
using model::string_at;
using namespace std::chrono_literals;

namespace {

constexpr auto retry_after = 5s;  // when a disruption budget holds a pod
constexpr auto poll_interval = 100ms;

struct node_flags : target_flags {
  std::string dry_run = "none";
};

void add_node_flags(CLI::App& command, node_flags& flags) {
  command.add_option("nodes", flags.args, "The nodes");
  command.add_option("-l,--selector", flags.labels, "The nodes with these labels");
  command.add_option("--dry-run", flags.dry_run, "client: only tell; server: let the server try")
      ->check(CLI::IsMember({"none", "client", "server"}));
}

std::vector<target> nodes_of(session& s, const node_flags& flags) {
  if (flags.args.empty() && flags.labels.empty())
    throw command_failure("error: name a node, or choose nodes with --selector");
  if (!flags.args.empty() && !flags.labels.empty())
    throw command_failure("error: cannot specify both a node name and a --selector option");
  target_flags wanted;
  wanted.labels = flags.labels;
  wanted.args = {"nodes"};
  for (const auto& name : flags.args) wanted.args.push_back(bare_name(name));
  return targets_of(s, wanted);
}

const char* dry_run_mark(const node_flags& flags) {
  return flags.dry_run == "client"   ? " (dry run)"
         : flags.dry_run == "server" ? " (server dry run)"
                                     : "";
}

void cordon(session& s, const node_flags& flags, const target& t, bool closed) {
  const bool is = at(s.get(t.path()), {"spec", "unschedulable"}) == true;
  if (is != closed && flags.dry_run != "client") {
    const json patch = {{"spec", {{"unschedulable", closed ? json(true) : json()}}}};
    s.send({"PATCH", t.path() + (flags.dry_run == "server" ? "?dryRun=All" : ""), patch.dump(),
            "application/strategic-merge-patch+json"});
  }
  s.io().out << "node/" << t.name << (is == closed ? " already " : " ")
             << (closed ? "cordoned" : "uncordoned") << dry_run_mark(flags) << '\n';
}

struct drain_flags : node_flags {
  drain_wishes wishes;
  std::string pods;
  int grace_period = -1;
  int timeout = 0;  ///< seconds; 0: for ever
  bool no_eviction = false;
};

class drainer {
 public:
  drainer(session& s, const drain_flags& flags) : s_(s), flags_(flags) {}

  int run() {
    const auto nodes = nodes_of(s_, flags_);
    if (const int failed =
            do_each(s_, nodes, [&](const target& t) { cordon(s_, flags_, t, true); }))
      return failed;
    std::string pending;
    for (const target& t : nodes) {
      if (const auto fault = drain(t); !fault.empty()) {
        tell(s_.io(), "error: unable to drain node \"" + t.name + "\" due to error: " + fault +
                          ", continuing command...");
        pending += " " + t.name + "\n" + fault + "\n";
        continue;
      }
      s_.io().out << "node/" << t.name << " drained" << dry_run_mark(flags_) << std::endl;
    }
    if (pending.empty()) return 0;
    s_.io().err << "There are pending nodes to be drained:\n" << pending;
    return 1;
  }

 private:
  /// Why it did not work, or "".
  std::string drain(const target& node) {
    const auto pods = s_.list(path_of(kind_of("pods"), "") + "?fieldSelector=" +
                              model::percent_encoded("spec.nodeName=" + node.name) +
                              "&labelSelector=" + model::percent_encoded(flags_.pods));
    const auto plan = plan_drain(pods, flags_.wishes, [&](const auto& ns, const auto& name) {
      try {
        s_.get(path_of(kind_of("daemonsets.apps"), ns, name));
        return std::string();
      } catch (const command_failure& f) {
        return std::string(f.what());
      }
    });
    if (!plan.fault.empty()) return plan.fault;
    if (!plan.warning.empty()) warn(s_.io(), plan.warning);
    end_ = progress::clock::now() + std::chrono::seconds(flags_.timeout);
    try {
      for (const json* pod : plan.pods) remove(*pod);
      if (flags_.dry_run == "none")
        for (const json* pod : plan.pods) await(*pod);
    } catch (const command_failure& f) {
      return f.what();
    }
    return "";
  }

  void remove(const json& pod) {
    const auto ns = string_at(pod, {"metadata", "namespace"});
    const auto name = string_at(pod, {"metadata", "name"});
    s_.io().out << (flags_.no_eviction ? "deleting pod " : "evicting pod ") << ns << '/' << name
                << dry_run_mark(flags_) << std::endl;
    if (flags_.dry_run == "client") return;
    json options = json::object();
    if (flags_.grace_period >= 0) options["gracePeriodSeconds"] = flags_.grace_period;
    if (flags_.dry_run == "server") options["dryRun"] = json::array({"All"});
    while (!try_remove(ns, name, options)) {
      check_time();
      std::this_thread::sleep_for(retry_after);
    }
  }

  /// False while a disruption budget holds the pod.
  bool try_remove(const std::string& ns, const std::string& name, const json& options) {
    const auto& kind = kind_of("pods");
    try {
      if (flags_.no_eviction)
        s_.send({"DELETE", path_of(kind, ns, name), options.dump()});
      else
        s_.send({"POST", path_of(kind, ns, name, "eviction"),
                 json({{"apiVersion", "policy/v1"},
                       {"kind", "Eviction"},
                       {"metadata", {{"name", name}, {"namespace", ns}}},
                       {"deleteOptions", options}})
                     .dump()});
    } catch (const command_failure& f) {
      if (f.code == 404) return true;
      if (f.code != 429) throw;
      std::string text = f.what();
      text.erase(0, text.find(": ") + 2);
      tell(s_.io(), "error when evicting pods/\"" + name + "\" -n \"" + ns +
                        "\" (will retry after 5s): " + text);
      return false;
    }
    return true;
  }

  /// Until the pod is gone or another of its name has taken its place.
  void await(const json& pod) {
    const auto name = string_at(pod, {"metadata", "name"});
    const auto path = path_of(kind_of("pods"), string_at(pod, {"metadata", "namespace"}), name);
    progress line(s_.io().err, s_.io().terminal);
    for (;;) {
      const auto now = s_.find(path);
      if (!now || at(*now, {"metadata", "uid"}) != at(pod, {"metadata", "uid"})) break;
      check_time();
      line.update([&] {
        return "waiting for pod/" + name + " to end, " +
               std::to_string(static_cast<int>(line.seconds())) + " s";
      });
      std::this_thread::sleep_for(poll_interval);
    }
    line.clear();
    s_.io().out << "pod/" << name << (flags_.no_eviction ? " deleted" : " evicted") << std::endl;
  }

  void check_time() const {
    if (flags_.timeout > 0 && progress::clock::now() > end_)
      throw command_failure("error when waiting for pods to terminate: global timeout reached: " +
                            std::to_string(flags_.timeout) + "s");
  }

  session& s_;
  const drain_flags& flags_;
  progress::clock::time_point end_;
};

}  // namespace

void add_cordon(CLI::App& app, const toolbox_ptr& tools) {
  for (const bool closed : {true, false}) {
    auto& command = *app.add_subcommand(
        closed ? "cordon" : "uncordon",
        closed ? "Mark nodes as taking no new pods" : "Mark nodes as taking pods again");
    auto flags = std::make_shared<node_flags>();
    add_common(command, *flags, false);
    add_node_flags(command, *flags);
    run_as(command, tools, [tools, flags, closed] {
      session s(tools->factory, tools->io, *flags);
      return do_each(s, nodes_of(s, *flags),
                     [&](const target& t) { cordon(s, *flags, t, closed); });
    });
  }
}

void add_drain(CLI::App& app, const toolbox_ptr& tools) {
  auto& command = *app.add_subcommand("drain", "Cordon nodes and move their pods away");
  auto flags = std::make_shared<drain_flags>();
  add_common(command, *flags, false);
  add_node_flags(command, *flags);
  command.add_option("--pod-selector", flags->pods, "Only the pods with these labels");
  command.add_option("--grace-period", flags->grace_period, "Seconds each pod gets to end");
  command.add_option("--timeout", flags->timeout, "Seconds to wait; 0: no limit")
      ->check(CLI::Range(0, 1 << 30));
  command.add_flag("--force", flags->wishes.force, "Pods, too, that no controller makes again");
  command.add_flag("--ignore-daemonsets", flags->wishes.ignore_daemon_sets,
                   "Leave the pods of DaemonSets");
  command.add_flag("--delete-emptydir-data", flags->wishes.delete_empty_dirs,
                   "Pods, too, that lose the data of an emptyDir");
  command.add_flag("--disable-eviction", flags->no_eviction,
                   "Delete the pods, whatever disruption budgets say");
  run_as(command, tools, [tools, flags] {
    session s(tools->factory, tools->io, *flags);
    return drainer(s, *flags).run();
  });
}

}  // namespace troupe::cli
