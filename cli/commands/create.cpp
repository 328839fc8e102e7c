#include "cli/commands/command.hpp"
#include "cli/commands/targets.hpp"

namespace troupe::cli {

using model::json;

void add_create(CLI::App& app, const toolbox_ptr& tools) {
  auto& command = *app.add_subcommand("create", "Create resources from files or stdin");
  auto flags = std::make_shared<change_flags>();
  add_common(command, *flags, false);
  add_files(command, flags->files);
  add_change_flags(command, *flags);
  run_as(command, tools, [tools, flags] {
    session s(tools->factory, tools->io, *flags);
    return do_each(s, read_manifests(flags->files, s.io()), [&](const manifest& m) {
      const auto& kind = kind_of_manifest(s, m);
      const std::string ns = namespace_of(m, kind, s, !flags->ns.empty());
      if (flags->client_only()) return show_change(s, *flags, kind, m.document, "created");
      const json made =
          s.send({"POST",
                  path_of(kind, ns) + "?fieldManager=kubectl-create&fieldValidation=Strict" +
                      flags->dry_run_query(),
                  m.document.dump(-1, ' ', false, json::error_handler_t::replace)},
                 "error when creating \"" + m.source + "\"");
      show_change(s, *flags, kind, made, "created");
    });
  });
}

}  // namespace troupe::cli
