#include "model/describe/describe.hpp"

#include "cli/commands/command.hpp"
#include "model/api_path.hpp"

#include <ostream>

namespace troupe::cli {

using model::json;
using model::string_at;

namespace {

struct describe_flags : common_flags {
  std::vector<std::string> args;
  std::string labels;
  bool events = true;
};

/// The events about an object.
std::vector<json> events_of(session& s, const model::kind_info& kind, const json& object) {
  const std::string ns = string_at(object, {"metadata", "namespace"});
  std::string fields = "involvedObject.name=" + string_at(object, {"metadata", "name"}) +
                       ",involvedObject.kind=" + std::string(kind.kind);
  if (kind.namespaced) fields += ",involvedObject.namespace=" + ns;
  // Events of nodes carry the node's name or its uid as uid, so they are found by name alone.
  if (const auto uid = string_at(object, {"metadata", "uid"}); kind.namespaced && !uid.empty())
    fields += ",involvedObject.uid=" + uid;
  return s.list(path_of(kind_of("events"), kind.namespaced ? ns : "") +
                "?fieldSelector=" + model::percent_encoded(fields));
}

std::string describe(session& s, const model::kind_info& kind, const json& object,
                     bool with_events) {
  const std::vector<json> events = with_events ? events_of(s, kind, object) : std::vector<json>();
  const model::described d{object, with_events ? &events : nullptr, s.now()};
  if (kind.resource == "pods") return model::describe_pod(d);
  if (kind.resource == "namespaces") return model::describe_namespace(d);
  if (kind.resource == "configmaps") return model::describe_config_map(d);
  if (kind.resource == "secrets") return model::describe_secret(d);
  if (kind.resource != "nodes") return model::describe_generic(d);
  const std::string name = string_at(object, {"metadata", "name"});
  const auto pods = s.list(path_of(kind_of("pods"), "") + "?fieldSelector=" +
                           model::percent_encoded("spec.nodeName=" + name +
                                                  ",status.phase!=Failed,status.phase!=Succeeded"));
  const auto lease = s.find(path_of(kind_of("leases"), "kube-node-lease", name));
  return model::describe_node(d, pods, lease.value_or(json()));
}

/// The object of that name or, when there is none, those whose names begin with it.
std::vector<json> named(session& s, const selection& w, bool& exact) {
  try {
    return {s.get(path_of(*w.kind, s.ns(), w.name))};
  } catch (const command_failure& e) {
    if (e.code != 404) throw;
    auto out = s.list(path_of(*w.kind, s.ns()));
    std::erase_if(out, [&](const json& o) {
      return !string_at(o, {"metadata", "name"}).starts_with(w.name);
    });
    if (out.empty()) throw;
    exact = false;
    return out;
  }
}

int run(session& s, const describe_flags& flags) {
  bool first = true;
  auto show = [&](const model::kind_info& kind, const json& object) {
    if (!first) s.io().out << "\n\n";
    first = false;
    s.io().out << harmless(describe(s, kind, object, flags.events));
  };
  if (flags.args.empty())
    throw command_failure(
        "error: You must specify the type of resource to describe. Use \"troupe api-resources\" "
        "for "
        "a complete list of supported resources.");
  const auto wanted = selections_of(s, flags.args);
  const int failed = do_each(s, wanted, [&](const selection& w) {
    if (!w.name.empty()) {
      bool exact = true;
      for (const json& o : named(s, w, exact)) show(*w.kind, o);
      if (!exact) s.io().out << '\n';
      return;
    }
    std::string target = path_of(*w.kind, s.ns());
    if (!flags.labels.empty()) target += "?labelSelector=" + model::percent_encoded(flags.labels);
    for (const json& o : s.list(target)) show(*w.kind, o);
  });
  if (first && failed == 0)
    s.io().err << "No resources found"
               << (wanted[0].kind->namespaced && !s.ns().empty() ? " in " + s.ns() + " namespace.\n"
                                                                 : std::string("\n"));
  return failed;
}

}  // namespace

void add_describe(CLI::App& app, const toolbox_ptr& tools) {
  auto& command = *app.add_subcommand("describe", "Show details of a resource and its events");
  auto flags = std::make_shared<describe_flags>();
  add_common(command, *flags, true);
  command.add_option("resources", flags->args, "Kinds and names: pods | pod NAME | pod/NAME ...");
  command.add_option("-l,--selector", flags->labels, "A label selector");
  command.add_option("--show-events", flags->events, "Whether to show the object's events");
  run_as(command, tools, [tools, flags] {
    session s(tools->factory, tools->io, *flags);
    return run(s, *flags);
  });
}

}  // namespace troupe::cli
