#include "cli/commands/command.hpp"
#include "cli/commands/targets.hpp"
#include "cli/output/progress.hpp"

#include <ostream>
#include <thread>

namespace troupe::cli {

using model::json;
using model::string_at;
using namespace std::chrono_literals;

namespace {

struct delete_flags : target_flags {
  int grace_period = -1;
  int timeout = 0;  ///< seconds to wait; 0: for ever
  bool force = false, wait = true, ignore_not_found = false;
};

struct doomed : target {
  std::string uid;
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
      warn(s_.io(),
           "Immediate deletion does not wait for confirmation that the running resource has been "
           "terminated. The resource may continue to run on the cluster indefinitely.");
    const auto targets = targets_of(s_, flags_);
    if (targets.empty()) s_.io().out << "No resources found\n";
    std::vector<doomed> waiting;
    const int failed = do_each(s_, targets, [&](const target& t) {
      try {
        remove(t, waiting);
      } catch (const command_failure& e) {
        if (e.code != 404 || !flags_.ignore_not_found) throw;
      }
    });
    s_.io().out.flush();
    if (flags_.wait && !flags_.force)
      for (const doomed& d : waiting) wait_for(d);
    return failed;
  }

 private:
  void remove(const target& t, std::vector<doomed>& waiting) {
    doomed d{t, ""};
    json options = {
        {"apiVersion", "v1"}, {"kind", "DeleteOptions"}, {"propagationPolicy", "Background"}};
    if (grace_ >= 0) options["gracePeriodSeconds"] = grace_;
    const json answer = s_.send({"DELETE", d.path(), options.dump()});
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
    progress line(s_.io().err, s_.io().terminal);
    for (;;) {
      const auto object = s_.find(d.path());
      if (!object || (!d.uid.empty() && string_at(*object, {"metadata", "uid"}) != d.uid)) return;
      const auto waited = std::chrono::steady_clock::now() - start;
      if (flags_.timeout > 0 && waited > std::chrono::seconds(flags_.timeout))
        throw command_failure("error: timed out waiting for the condition on " +
                              std::string(d.kind->plural) + "/" + d.name);
      line.update([&] {
        return "waiting for " + display_name(*d.kind, d.name) + " to end, " +
               std::to_string(static_cast<int>(line.seconds())) + " s";
      });
      std::this_thread::sleep_for(pause);
      pause = std::min<std::chrono::milliseconds>(pause * 2, 500ms);
    }
  }

  session& s_;
  const delete_flags& flags_;
  int grace_ = -1;
};

}  // namespace

void add_delete(CLI::App& app, const toolbox_ptr& tools) {
  auto& command = *app.add_subcommand("delete", "Delete resources by file, name or selector");
  auto flags = std::make_shared<delete_flags>();
  add_common(command, *flags, true);
  command.add_option("resources", flags->args, "Kinds and names: pod NAME | pod/NAME ...");
  add_files(command, flags->files);
  add_selectors(command, *flags);
  command.add_option("--grace-period", flags->grace_period, "Seconds a pod gets to end")
      ->check(CLI::Range(-1, 1 << 30));
  command.add_option("--timeout", flags->timeout, "Seconds to wait for the end; 0: no limit")
      ->check(CLI::Range(0, 1 << 30));
  command.add_option("--wait", flags->wait, "Whether to wait until the objects are gone");
  command.add_flag("--force", flags->force, "Delete at once, without waiting for the node");
  command.add_flag("--ignore-not-found", flags->ignore_not_found, "Do not fail on missing objects");
  run_as(command, tools, [tools, flags] {
    session s(tools->factory, tools->io, *flags);
    return deleter(s, *flags).run();
  });
}

}  // namespace troupe::cli
