#include "cli/client/remote_cluster.hpp"
#include "model/bootstrap_token.hpp"
#include "model/go_duration.hpp"
#include "net/tls/files.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <csignal>
#include <cstdio>
#include <map>
#include <optional>
#include <unistd.h>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using model::json;
using model::string_at;

constexpr auto join_patience = 24h;

constexpr const char* usage = R"(
  --join FILE        join by what `troupe token create --role controller --name NAME` printed
  --data-dir DIR     where the certificate is kept that joining gives [.]
  --kubeconfig FILE  or use the client certificate of a kubeconfig
  --namespace NS     follow this namespace alone [all]
  --log-level LEVEL  debug, info, warn, err [info]

Of several processes of one controller, one leads:
  --leader-elect                       run the controllers only while a Lease is held [false]
  --leader-elect-resource-name NAME    of the Lease [the controller's]
  --leader-elect-resource-namespace NS of the Lease [kube-system]
  --leader-elect-lease-duration TIME   after which a Lease that nobody renewed is free [15s]
  --leader-elect-renew-deadline TIME   after which a leader that could not renew it ends [10s]
  --leader-elect-retry-period TIME     between two tries to get or to renew it [2s]
)";

constexpr const char* leader_elect = "--leader-elect";

struct flags {
  std::map<std::string, std::string> values{{"--join", ""},
                                            {"--data-dir", "."},
                                            {"--kubeconfig", ""},
                                            {"--namespace", ""},
                                            {"--log-level", "info"},
                                            {leader_elect, "false"},
                                            {"--leader-elect-resource-name", ""},
                                            {"--leader-elect-resource-namespace", "kube-system"},
                                            {"--leader-elect-lease-duration", "15s"},
                                            {"--leader-elect-renew-deadline", "10s"},
                                            {"--leader-elect-retry-period", "2s"}};
  const std::string& operator[](const char* name) const { return values.at(name); }
};

// "--name value" and "--name=value"; a switch has no value, or "=false". Throws role_error.
flags read_flags(int argc, char** argv) {
  flags out;
  for (int i = 1; i < argc; ++i) {
    std::string name = argv[i];
    std::optional<std::string> value;
    if (const auto equals = name.find('='); equals != name.npos) {
      value = name.substr(equals + 1);
      name.resize(equals);
    }
    const auto at = out.values.find(name);
    if (at == out.values.end()) throw cli::role_error("unknown flag " + name);
    if (!value && name == leader_elect) value = "true";
    if (!value && ++i < argc) value = argv[i];
    if (!value) throw cli::role_error(name + " needs a value");
    at->second = *value;
  }
  if (out["--join"].empty() == out["--kubeconfig"].empty())
    throw cli::role_error("give either --join or --kubeconfig");
  if (out[leader_elect] != "true" && out[leader_elect] != "false")
    throw cli::role_error(std::string(leader_elect) + " is true or false");
  return out;
}

std::chrono::milliseconds read_duration(const flags& f, const char* name) {
  double seconds = 0;
  if (const auto fault = model::parse_go_duration(f[name], seconds); !fault.empty())
    throw cli::role_error(std::string(name) + ": " + fault);
  return std::chrono::milliseconds(static_cast<std::int64_t>(seconds * 1000));
}

// Throws role_error.
model::leader_election::options read_election(const flags& f) {
  model::leader_election::options out{f["--leader-elect-resource-namespace"],
                                      f["--leader-elect-resource-name"],
                                      {},
                                      read_duration(f, "--leader-elect-lease-duration"),
                                      read_duration(f, "--leader-elect-renew-deadline"),
                                      read_duration(f, "--leader-elect-retry-period")};
  if (const auto fault = model::leader_election::fault_of(out); !fault.empty())
    throw cli::role_error(fault);
  return out;
}

cli::membership join(const flags& f, std::string& name) {
  const auto& file = f["--join"];
  const auto config = model::parse_yaml(tls::read_file(file));
  if (!config) throw cli::role_error(file + ": " + config.error);
  const auto& section = model::at(config.value, {"join"});
  name = string_at(section, {"name"});
  if (!model::is_controller_name(name))
    throw cli::role_error(file + ": join.name must be the controller's name, as given to `troupe " +
                          "token create --role controller --name NAME`");
  const cli::join_terms terms{string_at(section, {"server"}), string_at(section, {"token"}),
                              string_at(section, {"caCertHash"})};
  try {
    return cli::join_cluster(terms, f["--data-dir"], cli::controller_wish(name), join_patience);
  } catch (const cli::join_fault& e) {
    throw cli::role_error(file + ": join." + e.field + " " + e.what());
  }
}

// Of the threads made from here on, too.
sigset_t block_stop_signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  sigaddset(&set, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  return set;
}

// As a worker's, the process waits while nobody answers; nothing when it is told to stop.
std::unique_ptr<remote_cluster> enter(const cli::membership& member, const client_options& options,
                                      const sigset_t& stop) {
  const timespec no_time{};
  while (sigtimedwait(&stop, nullptr, &no_time) < 0) {
    try {
      return std::make_unique<remote_cluster>(member, options);
    } catch (const cli::role_error& e) {
      spdlog::warn("{}", e.what());
    }
  }
  return nullptr;
}

void run(const flags& f, std::vector<std::unique_ptr<controller>> rules) {
  spdlog::set_default_logger(
      std::make_shared<spdlog::logger>("", std::make_shared<spdlog::sinks::stderr_sink_mt>()));
  spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %^%L%$ %v", spdlog::pattern_time_type::utc);
  spdlog::set_level(spdlog::level::from_str(f["--log-level"]));
  client_options options{rules.empty() ? "" : rules.front()->name(), f["--namespace"]};
  auto election = read_election(f);
  std::unique_ptr<remote_cluster> entered;
  sigset_t stop{};
  if (const auto& file = f["--kubeconfig"]; !file.empty()) {
    const auto access = cli::load_kubeconfig(file);
    stop = block_stop_signals();
    entered = std::make_unique<remote_cluster>(access, options);
  } else {
    const auto member = join(f, options.name);
    stop = block_stop_signals();
    entered = enter(member, options, stop);
  }
  if (!entered) return;
  const auto start = [&] {
    for (auto& rule : rules) {
      spdlog::info("controller {} runs", rule->name());
      entered->run(std::move(rule));
    }
  };
  std::atomic<bool> lost = false;
  if (election.name.empty()) election.name = options.name;
  if (f[leader_elect] == "true")
    entered->elect(std::move(election), start, [&lost](const std::string&) {
      lost = true;
      ::kill(::getpid(), SIGTERM);  // which the wait below takes
    });
  else
    start();
  int which = 0;
  sigwait(&stop, &which);
  if (!lost) spdlog::info("stopping");
  entered.reset();  // before what its callbacks refer to
  // What it led may be led by another by now; who starts it again makes it one of those who wait.
  if (lost) throw cli::role_error("leader election lost");
}

}  // namespace

int run_controllers(int argc, char** argv, std::vector<std::unique_ptr<controller>> rules) {
  if (argc > 1 && (std::string(argv[1]) == "--help" || std::string(argv[1]) == "-h")) {
    std::printf("Usage: %s FLAGS\n%s", argv[0], usage);
    return 0;
  }
  try {
    run(read_flags(argc, argv), std::move(rules));
    return 0;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "error: %s\n", e.what());
    return 1;
  }
}

}  // namespace troupe
