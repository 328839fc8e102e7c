#pragma once

#include "cli/commands/session.hpp"

namespace troupe::cli {

/// What the functions that add commands share.
struct toolbox {
  client_factory factory;
  console io;
};
using toolbox_ptr = std::shared_ptr<toolbox>;

/// Adds -n, --kubeconfig and, where it means something, -A.
void add_common(CLI::App& command, common_flags& flags, bool all_namespaces);
/// Adds -f, which takes one file, directory or "-" each time.
void add_files(CLI::App& command, std::vector<std::string>& files);
/// Makes `body` the command: prints what it throws and turns its exit code into the process's.
void run_as(CLI::App& command, const toolbox_ptr& tools, std::function<int()> body);

// One command each.
void add_get(CLI::App& app, const toolbox_ptr& tools);
void add_describe(CLI::App& app, const toolbox_ptr& tools);
void add_create(CLI::App& app, const toolbox_ptr& tools);
void add_apply(CLI::App& app, const toolbox_ptr& tools);
void add_delete(CLI::App& app, const toolbox_ptr& tools);
void add_label(CLI::App& app, const toolbox_ptr& tools);  ///< and annotate
void add_taint(CLI::App& app, const toolbox_ptr& tools);
void add_patch(CLI::App& app, const toolbox_ptr& tools);
void add_logs(CLI::App& app, const toolbox_ptr& tools);
void add_bind(CLI::App& app, const toolbox_ptr& tools);
void add_cordon(CLI::App& app, const toolbox_ptr& tools);  ///< and uncordon
void add_drain(CLI::App& app, const toolbox_ptr& tools);
void add_scale(CLI::App& app, const toolbox_ptr& tools);
void add_api(CLI::App& app, const toolbox_ptr& tools);  ///< api-resources, api-versions, explain
void add_events(CLI::App& app, const toolbox_ptr& tools);
void add_top(CLI::App& app, const toolbox_ptr& tools);
void add_simulate(CLI::App& app, const toolbox_ptr& tools);
void add_why(CLI::App& app, const toolbox_ptr& tools);
void add_completion(CLI::App& app, const toolbox_ptr& tools);

}  // namespace troupe::cli
