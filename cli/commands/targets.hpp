#pragma once

#include "cli/commands/session.hpp"
#include "model/patch/patch.hpp"

namespace troupe::cli {

/// Flags that say which objects a command works on.
struct target_flags : common_flags {
  std::vector<std::string> args, files;
  std::string labels, fields;
  bool all = false;
};

/// -l, --field-selector and --all; the positional arguments and -f are the command's own.
void add_selectors(CLI::App& command, target_flags& flags);

struct target {
  const model::kind_info* kind = nullptr;
  std::string ns, name;
  std::string path(const std::string& subresource = {}) const {
    return path_of(*kind, ns, name, subresource);
  }
};

/// The objects of files, of "KIND NAME" and "KIND/NAME" arguments, or all of a kind that a selector
/// or --all chooses. Throws command_failure.
std::vector<target> targets_of(session& s, const target_flags& flags);

/// How a command that changes objects shows the outcome, and whether it only tries.
struct change_flags : target_flags {
  std::string output;
  std::string dry_run = "none";  ///< none, client, server
  bool client_only() const { return dry_run == "client"; }
  /// What a request's query says of it.
  const char* dry_run_query() const { return dry_run == "server" ? "&dryRun=All" : ""; }
};

/// -o and --dry-run.
void add_change_flags(CLI::App& command, change_flags& flags);

/// Prints "pod/web labeled", or the object in the form that -o asks for.
void show_change(session& s, const change_flags& flags, const model::kind_info& kind,
                 const model::json& object, const std::string& what);

/// The document of a patch made here, for --dry-run=client. Throws command_failure.
model::json patched_here(model::patched result);

/// Patches what is at `path` in the name of a field manager; the object as it is then. The type is
/// strategic, merge or json.
model::json send_patch(session& s, const change_flags& flags, const std::string& path,
                       const model::json& patch, const std::string& type,
                       const std::string& manager);

}  // namespace troupe::cli
