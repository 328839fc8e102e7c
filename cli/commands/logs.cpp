#include "cli/commands/command.hpp"

#include <charconv>
#include <cmath>
#include <ostream>

namespace troupe::cli {

using model::at;
using model::json;
using model::string_at;

namespace {

struct logs_flags : common_flags {
  std::string pod, container, since, container_argument;
  long long tail = -1;
  bool follow = false, previous = false, timestamps = false;
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

int run(session& s, const logs_flags& flags) {
  std::string name = flags.pod;
  if (const auto slash = name.find('/'); slash != std::string::npos) {
    if (kind_of(name.substr(0, slash)).resource != "pods")
      throw command_failure("error: logs are of pods; cannot get the logs from " + name);
    name.erase(0, slash + 1);
  }
  const auto& pods = kind_of("pods");
  std::string container = flags.container.empty() ? flags.container_argument : flags.container;
  const auto pod = s.find(path_of(pods, s.ns(), name));
  if (!pod)
    throw command_failure("error: error from server (NotFound): pods \"" + name +
                          "\" not found in namespace \"" + s.ns() + "\"");
  if (container.empty()) container = default_container(s, *pod);
  std::string target = path_of(pods, s.ns(), name, "log") + "?container=" + escaped(container);
  if (flags.follow) target += "&follow=true";
  if (flags.previous) target += "&previous=true";
  if (flags.timestamps) target += "&timestamps=true";
  if (flags.tail >= 0) target += "&tailLines=" + std::to_string(flags.tail);
  if (!flags.since.empty()) target += "&sinceSeconds=" + std::to_string(seconds_of(flags.since));
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
  command.add_option("pod", flags->pod, "The pod: NAME or pod/NAME")->required();
  command.add_option("container-name", flags->container_argument, "The container");
  command.add_option("-c,--container", flags->container, "The container");
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
