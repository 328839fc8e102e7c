#include "cli/commands/command.hpp"

#include <ostream>
#include <thread>

namespace troupe::cli {

using model::json;
using model::string_at;
using namespace std::chrono_literals;

namespace {

struct delete_flags : common_flags {
  std::vector<std::string> args, files;
  std::string labels, fields;
  int grace_period = -1;
  int timeout = 0;  ///< seconds to wait; 0: for ever
  bool force = false, all = false, wait = true, ignore_not_found = false;
};

struct doomed {
  const model::kind_info* kind;
  std::string ns, name, uid;
};

class deleter {
 public:
  deleter(session& s, const delete_flags& flags) : s_(s), flags_(flags) {
    grace_ = flags.grace_period;
    // A pod is killed without notice only when --force says so, too.
    if (flags.force && grace_ < 0) grace_ = 0;
    if (!flags.force && grace_ == 0) grace_ = 1;
  }

  int run() {
    if (flags_.force)
      s_.io().err << "Warning: Immediate deletion does not wait for confirmation that the running "
                     "resource has been terminated. The resource may continue to run on the "
                     "cluster indefinitely.\n";
    const auto targets = targets_of();
    if (targets.empty() && failed_ == 0) s_.io().out << "No resources found\n";
    std::vector<doomed> waiting;
    for (const doomed& d : targets) {
      try {
        remove(d, waiting);
      } catch (const command_failure& e) {
        if (e.code == 404 && flags_.ignore_not_found) continue;
        s_.io().err << e.what() << '\n';
        failed_ = 1;
      }
    }
    s_.io().out.flush();
    if (flags_.wait && !flags_.force)
      for (const doomed& d : waiting) wait_for(d);
    return failed_;
  }

 private:
  std::vector<doomed> targets_of() {
    std::vector<doomed> out;
    if (!flags_.files.empty()) {
      for (const manifest& m : read_manifests(flags_.files, s_.io())) {
        const auto& kind = kind_of_manifest(m);
        out.push_back({&kind, namespace_of(m, kind, s_, !flags_.ns.empty()),
                       string_at(m.document, {"metadata", "name"}), ""});
      }
      return out;
    }
    if (flags_.args.empty())
      throw command_failure(
          "error: You must provide one or more resources by argument or filename.\n"
          "Example resource specifications include:\n   '-f rsrc.yaml'\n   "
          "'--filename=rsrc.json'\n   '<resource> <name>'\n   '<resource>'");
    for (const selection& w : selections_of(flags_.args)) {
      if (!w.name.empty()) {
        out.push_back({w.kind, s_.ns(), w.name, ""});
        continue;
      }
      if (!flags_.all && flags_.labels.empty() && flags_.fields.empty())
        throw command_failure("error: resource(s) were provided, but no name was specified");
      const std::string target = path_of(*w.kind, s_.ns()) +
                                 "?labelSelector=" + escaped(flags_.labels) +
                                 "&fieldSelector=" + escaped(flags_.fields);
      for (const json& o : s_.list(target))
        out.push_back({w.kind, string_at(o, {"metadata", "namespace"}),
                       string_at(o, {"metadata", "name"}), ""});
    }
    return out;
  }

  void remove(doomed d, std::vector<doomed>& waiting) {
    json options = {
        {"apiVersion", "v1"}, {"kind", "DeleteOptions"}, {"propagationPolicy", "Background"}};
    if (grace_ >= 0) options["gracePeriodSeconds"] = grace_;
    const json answer = s_.send({"DELETE", path_of(*d.kind, d.ns, d.name), options.dump()});
    std::string what(d.kind->singular);
    if (!d.kind->group.empty()) what.append(".").append(d.kind->group);
    s_.io().out << what << " \"" << d.name << "\" " << (flags_.force ? "force deleted" : "deleted")
                << '\n';
    const std::string from_status = string_at(answer, {"details", "uid"});
    d.uid = from_status.empty() ? string_at(answer, {"metadata", "uid"}) : from_status;
    waiting.push_back(std::move(d));
  }

  /// Until the object is gone or another of its name has taken its place.
  void wait_for(const doomed& d) {
    const auto start = std::chrono::steady_clock::now();
    auto pause = 20ms;
    bool told = false;
    for (;;) {
      const auto object = s_.find(path_of(*d.kind, d.ns, d.name));
      if (!object || (!d.uid.empty() && string_at(*object, {"metadata", "uid"}) != d.uid)) return;
      const auto waited = std::chrono::steady_clock::now() - start;
      if (flags_.timeout > 0 && waited > std::chrono::seconds(flags_.timeout))
        throw command_failure("error: timed out waiting for the condition on " +
                              std::string(d.kind->plural) + "/" + d.name);
      if (!told && waited > 1s && s_.io().terminal) {
        s_.io().err << "waiting for " << display_name(*d.kind, d.name) << " to end...\n";
        told = true;
      }
      std::this_thread::sleep_for(pause);
      pause = std::min<std::chrono::milliseconds>(pause * 2, 500ms);
    }
  }

  session& s_;
  const delete_flags& flags_;
  int grace_ = -1;
  int failed_ = 0;
};

}  // namespace

void add_delete(CLI::App& app, const toolbox_ptr& tools) {
  auto& command = *app.add_subcommand("delete", "Delete resources by file, name or selector");
  auto flags = std::make_shared<delete_flags>();
  add_common(command, *flags, true);
  command.add_option("resources", flags->args, "Kinds and names: pod NAME | pod/NAME ...");
  command.add_option("-f,--filename", flags->files, "Files, directories or -");
  command.add_option("-l,--selector", flags->labels, "A label selector");
  command.add_option("--field-selector", flags->fields, "A field selector");
  command.add_option("--grace-period", flags->grace_period, "Seconds a pod gets to end")
      ->check(CLI::Range(-1, 1 << 30));
  command.add_option("--timeout", flags->timeout, "Seconds to wait for the end; 0: no limit")
      ->check(CLI::Range(0, 1 << 30));
  command.add_option("--wait", flags->wait, "Whether to wait until the objects are gone");
  command.add_flag("--force", flags->force, "Delete at once, without waiting for the node");
  command.add_flag("--all", flags->all, "All objects of the kind in the namespace");
  command.add_flag("--ignore-not-found", flags->ignore_not_found, "Do not fail on missing objects");
  run_as(command, tools, [tools, flags] {
    session s(tools->factory, tools->io, *flags);
    return deleter(s, *flags).run();
  });
}

}  // namespace troupe::cli
