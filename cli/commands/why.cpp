#include "cli/commands/command.hpp"
#include "cli/commands/snapshot.hpp"
#include "cli/output/explanation_printer.hpp"
#include "model/random.hpp"

#include <ostream>

namespace troupe::cli {

using model::json;
using model::string_at;

namespace {

struct why_flags : common_flags {
  std::vector<std::string> args;
  std::string output;
  scheduler_flags scheduler;
};

std::string standing_of(const json& pod) {
  const auto phase = string_at(pod, {"status", "phase"});
  if (phase == "Succeeded" || phase == "Failed") return "for nothing: it has ended";
  if (pod["metadata"].contains("deletionTimestamp")) return "for its end: it is being deleted";
  if (!string_at(pod, {"spec", "nodeName"}).empty()) return {};
  std::string gates;
  for (const json& gate : model::at(pod, {"spec", "schedulingGates"}))
    gates += (gates.empty() ? "" : ", ") + string_at(gate, {"name"});
  return gates.empty() ? "" : "for its scheduling gates: " + gates;
}

std::string last_word_of(const json& pod) {
  for (const json& c : model::at(pod, {"status", "conditions"}))
    if (string_at(c, {"type"}) == "PodScheduled" && string_at(c, {"status"}) == "False")
      return string_at(c, {"message"});
  return {};
}

void explain(session& s, const json& document, const std::string& output,
             const scheduler_flags& scheduler) {
  const auto node = string_at(document, {"spec", "nodeName"});
  json free = document;  // as if it had no place yet
  free["spec"].erase("nodeName");
  const auto pod = model::seal(model::encode("pods", free), 1);
  const auto view = pod->view<model::pod_view>();
  auto judge = judge_for(
      scheduler, string_at(document, {"spec", "schedulerName"}, "default-scheduler"), s.io(), &s);
  model::cluster_snapshot cluster(std::move(judge.rules));
  read_cluster(s, cluster, pod->header().uid);
  cluster.finish();
  const auto situation = cluster.situation_of(*pod, *view);
  auto& table = cluster.table();
  const auto why = table.explain(*view, situation.given());
  model::preemption preemption;
  model::random_source random(0);
  if (why.feasible == 0 && why.obstacle.empty())
    preemption = table.preempt(*view, cluster.budgets(), random, situation.given());
  const pod_account a{*view, node,      standing_of(document), last_word_of(document), judge.whose,
                      why,   preemption};
  if (output == "json")
    s.io().out << explanation_json(a).dump(4, ' ', false, json::error_handler_t::replace) << '\n';
  else
    s.io().out << harmless(explanation_text(a, output == "wide"));
}

int run(session& s, const why_flags& flags) {
  const auto wanted = selections_of(s, flags.args);
  for (const auto& w : wanted)
    if (w.kind->resource != "pods" || w.name.empty())
      throw command_failure("error: troupe why is for pods by name: troupe why pod NAME");
  bool first = true;
  return do_each(s, wanted, [&](const selection& w) {
    const json pod = s.get(path_of(*w.kind, s.ns(), w.name));
    if (!first && flags.output != "json") s.io().out << '\n';
    first = false;
    explain(s, pod, flags.output, flags.scheduler);
  });
}

}  // namespace

void add_why(CLI::App& app, const toolbox_ptr& tools) {
  auto& command = *app.add_subcommand("why", "Show why a pod is on its node, or on none");
  auto flags = std::make_shared<why_flags>();
  add_common(command, *flags, false);
  command.add_option("pods", flags->args, "pod NAME ... | pod/NAME ...");
  command.add_option("-o,--output", flags->output, "json or wide (every node)")
      ->check(CLI::IsMember({"json", "wide"}));
  add_scheduler(command, flags->scheduler);
  run_as(command, tools, [tools, flags] {
    session s(tools->factory, tools->io, *flags);
    return run(s, *flags);
  });
}

}  // namespace troupe::cli
