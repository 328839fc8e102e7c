#include "cli/commands/command.hpp"
#include "model/api_path.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <ostream>

namespace troupe::cli {

using model::at;
using model::json;
using model::string_at;

namespace {

struct logs_flags : common_flags {
  std::string pod, container, since, container_argument, labels;
  long long tail = -1;
  bool follow = false, previous = false, timestamps = false;
  bool all_containers = false;
};

/// "1h30m", "10s", "500ms" in seconds, rounded up.
long long seconds_of(const std::string& text) {
  double total = 0;
  const char* at_char = text.data();
  const char* const end = text.data() + text.size();
  while (at_char != end) {
    double amount = 0;
    const auto [rest, fault] = std::from_chars(at_char, end, amount);
    const std::string_view unit(rest, static_cast<std::size_t>(end - rest));
    const double scale = unit.starts_with("ms")  ? 0.001
                         : unit.starts_with("s") ? 1
                         : unit.starts_with("m") ? 60
                         : unit.starts_with("h") ? 3600
                                                 : 0;
    if (fault != std::errc{} || scale == 0 || !(amount >= 0) || amount > 1e9)
      throw command_failure("error: invalid duration \"" + text + "\", e.g. 10s, 5m or 1h30m");
    total += amount * scale;
    at_char = rest + (unit.starts_with("ms") ? 2 : 1);
  }
  return static_cast<long long>(std::ceil(total));
}

/// The container to read when none was named: the annotated default or the first, which is told.
std::string default_container(session& s, const json& pod) {
  const json& containers = at(pod, {"spec", "containers"});
  const std::string wanted =
      string_at(pod, {"metadata", "annotations", "kubectl.kubernetes.io/default-container"});
  if (!wanted.empty()) return wanted;
  if (!containers.is_array() || containers.empty()) return "";
  const std::string first = string_at(containers[0], {"name"});
  if (containers.size() > 1) {
    std::string all;
    for (const json& c : containers) all += (all.empty() ? "" : ", ") + string_at(c, {"name"});
    for (const json& c : at(pod, {"spec", "initContainers"}))
      all += ", " + string_at(c, {"name"}) + " (init)";
    s.io().err << "Defaulted container \"" << first << "\" out of: " << all << '\n';
  }
  return first;
}

/// The names of a pod's containers, in the order they start in.
std::vector<std::string> containers_of(const json& pod) {
  std::vector<std::string> out;
  for (const char* list : {"initContainers", "containers", "ephemeralContainers"})
    for (const json& c : at(pod, {"spec", list})) out.push_back(string_at(c, {"name"}));
  return out;
}

std::vector<std::string> wanted_containers(session& s, const json& pod, const logs_flags& flags) {
  auto all = containers_of(pod);
  if (flags.all_containers) return all;
  const auto& given = flags.container.empty() ? flags.container_argument : flags.container;
  if (given.empty()) return {default_container(s, pod)};
  if (std::find(all.begin(), all.end(), given) == all.end())
    throw command_failure("error: container " + given + " is not valid for pod " +
                          string_at(pod, {"metadata", "name"}));
  return {given};
}

std::vector<json> wanted_pods(session& s, const logs_flags& flags) {
  const auto& pods = kind_of("pods");
  if (!flags.labels.empty()) {
    if (!flags.pod.empty())
      throw command_failure("error: only a selector (-l) or a POD name is allowed");
    auto out =
        s.list(path_of(pods, s.ns()) + "?labelSelector=" + model::percent_encoded(flags.labels));
    if (out.empty()) s.io().err << "No resources found in " << s.ns() << " namespace.\n";
    return out;
  }
  std::string name = flags.pod;
  if (name.empty())
    throw command_failure(
        "error: expected 'logs [-f] [-p] (POD | TYPE/NAME) [-c CONTAINER]'.\nPOD or TYPE/NAME is a "
        "required argument for the logs command\nSee 'troupe logs -h' for help and examples");
  if (const auto slash = name.find('/'); slash != std::string::npos) {
    if (kind_of(name.substr(0, slash)).resource != "pods")
      throw command_failure("error: logs are of pods; cannot get the logs from " + name);
    name.erase(0, slash + 1);
  }
  auto pod = s.find(path_of(pods, s.ns(), name));
  if (!pod)
    throw command_failure("error: error from server (NotFound): pods \"" + name +
                          "\" not found in namespace \"" + s.ns() + "\"");
  return {std::move(*pod)};
}

/// What the flags ask of each log.
std::string query_of(const logs_flags& flags) {
  // A selector may find many pods: then the last lines of each are enough.
  const auto tail = flags.tail < 0 && !flags.labels.empty() && !flags.follow ? 10 : flags.tail;
  std::string out;
  if (flags.follow) out += "&follow=true";
  if (flags.previous) out += "&previous=true";
  if (flags.timestamps) out += "&timestamps=true";
  if (tail >= 0) out += "&tailLines=" + std::to_string(tail);
  if (!flags.since.empty()) out += "&sinceSeconds=" + std::to_string(seconds_of(flags.since));
  return out;
}

int run(session& s, const logs_flags& flags) {
  const auto query = query_of(flags);
  std::vector<std::string> targets;
  for (const json& pod : wanted_pods(s, flags))
    for (const auto& container : wanted_containers(s, pod, flags))
      targets.push_back(path_of(kind_of("pods"), string_at(pod, {"metadata", "namespace"}),
                                string_at(pod, {"metadata", "name"}), "log") +
                        "?container=" + model::percent_encoded(container) + query);
  if (flags.follow && targets.size() > 1)
    throw command_failure("error: -f follows one container, not " + std::to_string(targets.size()) +
                          "; name it with -c");
  for (const auto& target : targets)
    s.stream(target, "*/*", [&](std::string_view chunk) {
      s.io().out << chunk << std::flush;
      return static_cast<bool>(s.io().out);
    });
  return 0;
}

}  // namespace

void add_logs(CLI::App& app, const toolbox_ptr& tools) {
  auto& command = *app.add_subcommand("logs", "Print the logs of a container in a pod");
  auto flags = std::make_shared<logs_flags>();
  add_common(command, *flags, false);
  command.add_option("pod", flags->pod, "The pod: NAME or pod/NAME");
  command.add_option("container-name", flags->container_argument, "The container");
  command.add_option("-c,--container", flags->container, "The container");
  command.add_option("-l,--selector", flags->labels, "The pods with these labels");
  command.add_flag("--all-containers", flags->all_containers, "All containers of the pod");
  command.add_flag("-f,--follow", flags->follow, "Go on as the log grows");
  command.add_flag("-p,--previous", flags->previous, "The log of the run before this one");
  command.add_flag("--timestamps", flags->timestamps, "Show each line's time");
  command.add_option("--tail", flags->tail, "Only so many lines from the end; -1: all");
  command.add_option("--since", flags->since, "Only what is newer than this: 10s, 5m, 1h");
  run_as(command, tools, [tools, flags] {
    session s(tools->factory, tools->io, *flags);
    return run(s, *flags);
  });
}

}  // namespace troupe::cli
