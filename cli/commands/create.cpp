#include "cli/commands/command.hpp"
#include "cli/output/object_printer.hpp"

#include <ostream>

namespace troupe::cli {

using model::json;
using model::string_at;

namespace {

struct create_flags : common_flags {
  std::vector<std::string> files;
  std::string output;
};

}  // namespace

void add_create(CLI::App& app, const toolbox_ptr& tools) {
  auto& command = *app.add_subcommand("create", "Create resources from files or stdin");
  auto flags = std::make_shared<create_flags>();
  add_common(command, *flags, false);
  command.add_option("-f,--filename", flags->files, "Files, directories or -");
  command.add_option("-o,--output", flags->output, "json, yaml, name, jsonpath=TEMPLATE");
  run_as(command, tools, [tools, flags] {
    session s(tools->factory, tools->io, *flags);
    int failed = 0;
    for (const manifest& m : read_manifests(flags->files, s.io())) {
      try {
        const auto& kind = kind_of_manifest(m);
        const json made = s.send({"POST",
                                  path_of(kind, namespace_of(m, kind, s, !flags->ns.empty())) +
                                      "?fieldManager=kubectl-create&fieldValidation=Strict",
                                  m.document.dump(-1, ' ', false, json::error_handler_t::replace)},
                                 "error when creating \"" + m.source + "\"");
        if (flags->output.empty())
          s.io().out << display_name(kind, string_at(made, {"metadata", "name"})) << " created\n";
        else
          s.io().out << print_objects(flags->output, {made}, false);
      } catch (const command_failure& e) {
        s.io().err << e.what() << '\n';
        failed = 1;
      }
    }
    return failed;
  });
}

}  // namespace troupe::cli
