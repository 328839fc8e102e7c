#include "cli/help.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

namespace troupe::cli {
namespace {

struct entry {
  std::string_view command;
  std::string_view group;     ///< of the commands right below `troupe`
  std::string_view examples;  ///< a line each
};

constexpr const char* clusters = "Run a cluster";
constexpr const char* looking = "See what there is";
constexpr const char* changing = "Change it";
constexpr const char* nodes = "Manage nodes";
constexpr const char* settings = "Other";

constexpr auto table = std::to_array<entry>({
    {"up", clusters,
     "troupe up\n"
     "troupe up --nodes 3 --runtime hollow --detach   # simulated nodes, left running"},
    {"down", clusters, "troupe down"},
    {"node", clusters, "troupe node --config configs/worker.yaml"},
    {"token", clusters, "troupe token create"},
    {"token create", "",
     "troupe token create                              # for a worker, good for a day\n"
     "troupe token create --role scheduler --ttl 1h"},
    {"kubeconfig", clusters, "troupe kubeconfig > ~/.kube/config"},
    {"bench", clusters, "troupe bench schedule --nodes 1000 --pods 10000"},
    {"bench api", "",
     "troupe bench api\n"
     "troupe bench api --kubeconfig ~/.kube/config --connections 32"},
    {"bench schedule", "",
     "troupe bench schedule --nodes 1000 --pods 10000 -o json\n"
     "troupe bench schedule --workload TopologySpreading/5000Nodes\n"
     "troupe bench schedule --workload all --in-process     # decisions alone"},
    {"bench controllers", "", "troupe bench controllers --replicas 10000 --deployments 1000"},
    {"bench startup", "", "troupe bench startup --runs 5"},

    {"get", looking,
     "troupe get pods\n"
     "troupe get pods -A -o wide\n"
     "troupe get pod web -o yaml\n"
     "troupe get nodes -l zone=a --watch\n"
     "troupe get pods -o custom-columns=NAME:.metadata.name,NODE:.spec.nodeName"},
    {"describe", looking,
     "troupe describe pod web\n"
     "troupe describe node/node1"},
    {"why", looking,
     "troupe why pod web                               # why on that node, or on none\n"
     "troupe why pod web -o wide                       # what every node says\n"
     "troupe why pod web --scheduler-config profiles.yaml  # by the profile of its schedulerName"},
    {"simulate", looking,
     "troupe simulate -f app.yaml                      # on the cluster as it is\n"
     "troupe simulate -f app.yaml --nodes count=100,cpu=4,memory=16Gi,zones=3\n"
     "troupe simulate --pods count=5000,cpu=250m,memory=256Mi --nodes nodes.yaml\n"
     "troupe simulate -f app.yaml --scheduler-config profiles.yaml --scheduler-name packing"},
    {"logs", looking,
     "troupe logs web\n"
     "troupe logs web -c writer --follow --tail 20\n"
     "troupe logs web --previous                       # of the run before"},
    {"events", looking,
     "troupe events\n"
     "troupe events --for pod/web --types Warning"},
    {"top", looking,
     "troupe top node\n"
     "troupe top pod -l app=web --containers --sort-by cpu"},
    {"top node", "", "troupe top node --sort-by memory"},
    {"top pod", "",
     "troupe top pod -A\n"
     "troupe top pod -l app=web --containers --sort-by cpu"},
    {"explain", looking,
     "troupe explain pods\n"
     "troupe explain pod.spec.containers"},
    {"api-resources", looking,
     "troupe api-resources\n"
     "troupe api-resources --api-group apps -o wide"},
    {"api-versions", looking, "troupe api-versions"},

    {"create", changing,
     "troupe create -f pod.yaml\n"
     "troupe create -f - < pod.yaml"},
    {"apply", changing,
     "troupe apply -f manifests/\n"
     "troupe apply -f pod.yaml --dry-run server"},
    {"patch", changing,
     "troupe patch node node1 -p '{\"spec\":{\"unschedulable\":true}}'\n"
     "troupe patch pod web --type json -p '[{\"op\":\"remove\",\"path\":\"/metadata/labels/a\"}]'"},
    {"label", changing,
     "troupe label pod web tier=front\n"
     "troupe label pods --all tier=back --overwrite\n"
     "troupe label pod web tier-                       # removes it"},
    {"annotate", changing, "troupe annotate pod web note='as it should be'"},
    {"scale", changing, "troupe scale deployment web --replicas 3"},
    {"delete", changing,
     "troupe delete pod web\n"
     "troupe delete -f pod.yaml\n"
     "troupe delete pods -l tier=back --wait=false"},

    {"bind", nodes, "troupe bind web node2"},
    {"cordon", nodes, "troupe cordon node1"},
    {"uncordon", nodes, "troupe uncordon node1"},
    {"drain", nodes, "troupe drain node1 --ignore-daemonsets"},
    {"taint", nodes,
     "troupe taint node node1 dedicated=db:NoSchedule\n"
     "troupe taint node node1 dedicated-               # removes it"},

    {"completion", settings,
     "source <(troupe completion bash)                 # for zsh too, with zsh\n"
     "troupe completion fish | source"},
    {"version", settings, "troupe version"},
});

void add_to(CLI::App& command, const std::string& path) {
  const auto it =
      std::find_if(table.begin(), table.end(), [&](const entry& e) { return e.command == path; });
  if (it == table.end()) throw std::logic_error("no help for troupe " + path);
  if (!it->group.empty()) command.group(std::string(it->group));
  std::string examples = "Examples:\n  ";
  for (const char c : it->examples) examples += c == '\n' ? std::string("\n  ") : std::string(1, c);
  command.footer(examples);
  for (CLI::App* below : command.get_subcommands([](const CLI::App*) { return true; }))
    add_to(*below, path + " " + below->get_name());
}

}  // namespace

void add_help(CLI::App& app) {
  app.footer("`troupe COMMAND --help` tells more about a command.");
  for (CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; }))
    add_to(*command, command->get_name());
}

}  // namespace troupe::cli
