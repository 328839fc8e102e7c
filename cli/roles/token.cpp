#include "cli/client/kubeconfig.hpp"
#include "cli/config/settings.hpp"
#include "cli/roles/data_dir.hpp"
#include "cli/roles/roles.hpp"
#include "model/bootstrap_token.hpp"
#include "model/status.hpp"
#include "net/http/client.hpp"
#include "net/tls/files.hpp"

#include <cstdio>

namespace troupe::cli {
namespace {

struct token_flags {
  std::string role = "worker";
  std::string name;
  std::string ttl = "24h";
  std::string description;
  std::string kubeconfig;
  std::string data_dir;
  std::string print = "config";
};

// Of the tokens that may become this.
std::string group_of(const token_flags& flags) {
  if ((flags.role == "controller") == flags.name.empty())
    throw config_error("--name is for --role controller, which needs it");
  if (flags.role == "worker") return std::string(model::worker_bootstrap_group);
  if (flags.role == "scheduler") return std::string(model::scheduler_bootstrap_group);
  if (!model::is_controller_name(flags.name))
    throw config_error("--name must be of small letters, digits and hyphens, at most 63, not \"" +
                       flags.name + "\"");
  return model::controller_bootstrap_group(flags.name);
}

void create_token(const token_flags& flags) {
  const auto ttl = parse_duration(flags.ttl);
  if (!ttl) throw config_error("--ttl must be a duration such as 24h, not \"" + flags.ttl + "\"");
  const auto access = load_kubeconfig(kubeconfig_path(flags.kubeconfig, flags.data_dir));
  const auto token = model::make_bootstrap_token(tls::random_bytes(22));
  const auto group = group_of(flags);
  const auto now = std::chrono::system_clock::now();
  const auto secret = model::make_bootstrap_secret(
      token, group, flags.description,
      ttl->count() == 0 ? std::optional<model::time_point>{} : now + *ttl);
  http::client client{{.url = access.server,
                       .ca = access.ca,
                       .certificate = access.client.certificate,
                       .key = access.client.key,
                       .bearer_token = access.token}};
  const auto reply = client.post("/api/v1/namespaces/kube-system/secrets", secret.dump());
  if (!reply) throw role_error("cannot reach " + access.server + ": " + reply.error);
  if (reply.code != 201) throw role_error(model::status_from_text(reply.body).message);
  const auto text = token.id + "." + token.secret;
  if (flags.print == "token") {
    std::printf("%s\n", text.c_str());
    return;
  }
  std::printf("join:\n  server: %s\n  token: %s\n", access.server.c_str(), text.c_str());
  if (!access.ca.empty()) std::printf("  caCertHash: %s\n", tls::pin(access.ca).c_str());
  if (!flags.name.empty()) std::printf("  name: %s\n", flags.name.c_str());
}

}  // namespace

void add_token(CLI::App& app) {
  auto* token = app.add_subcommand(
      "token", "Manage the tokens that workers, schedulers and controllers join with");
  token->require_subcommand(1);
  auto* create = token->add_subcommand(
      "create", "Create a bootstrap token and print the join section of a role config");
  auto flags = std::make_shared<token_flags>();
  create
      ->add_option("--role", flags->role,
                   "What joins with it (worker|scheduler|controller) [worker]")
      ->check(CLI::IsMember({"worker", "scheduler", "controller"}));
  create->add_option("--name", flags->name,
                     "Of the controller that joins: user troupe:controller:NAME");
  create->add_option("--ttl", flags->ttl, "How long it holds; 0: for ever [24h]");
  create->add_option("--description", flags->description, "What it is for");
  create->add_option("--print", flags->print, "The join section or the token alone (config|token)")
      ->check(CLI::IsMember({"config", "token"}));
  create->add_option("--kubeconfig", flags->kubeconfig, "Kubeconfig of an administrator");
  create->add_option("--data-dir", flags->data_dir, "Data directory of the control plane");
  create->callback([flags] { create_token(*flags); });
}

void add_kubeconfig(CLI::App& app) {
  auto* command = app.add_subcommand("kubeconfig", "Print the administrator's kubeconfig");
  auto data_dir = std::make_shared<std::string>();
  command->add_option("--data-dir", *data_dir, "Data directory of the control plane");
  command->callback([data_dir] {
    const auto dir = data_dir_or_default(*data_dir);
    std::fputs(tls::read_file(dir / "kubeconfig").c_str(), stdout);
  });
}

}  // namespace troupe::cli
