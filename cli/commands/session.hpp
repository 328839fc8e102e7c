#pragma once

#include "cli/commands/commands.hpp"
#include "cli/commands/served_kinds.hpp"
#include "cli/output/progress.hpp"
#include "model/json.hpp"
#include "model/schema.hpp"

#include <memory>
#include <optional>
#include <stdexcept>

namespace troupe::cli {

/// A command that cannot go on; the text is printed as it is.
struct command_failure : std::runtime_error {
  using std::runtime_error::runtime_error;
  int code = 0;  ///< of the server's answer; 0 for faults found here
};

/// What all commands that talk to a cluster take.
struct common_flags {
  std::string kubeconfig;
  std::string ns;
  bool all_namespaces = false;
  std::string colour = "auto";
};

/// One command's conversation with the cluster. Failed requests throw command_failure in kubectl's
/// words.
class session {
 public:
  session(const client_factory& factory, console& io, const common_flags& flags);

  const std::string& ns() const { return ns_; }
  console& io() { return io_; }
  model::time_point now() const { return io_.clock(); }

  /// The parsed answer; `context` ("error when creating ...") goes before the server's message.
  model::json send(const client_request& request, const std::string& context = {});
  model::json get(const std::string& target, const std::string& accept = {});
  /// The answer's bytes.
  std::string raw(const std::string& target);
  /// The object, or nothing when there is none.
  std::optional<model::json> find(const std::string& target);
  /// Streams until the end, or until `on_chunk` returns false.
  void stream(const std::string& target, const std::string& accept,
              const std::function<bool(std::string_view)>& on_chunk);
  /// All items of a list, read in chunks of 500. Items carry apiVersion and kind.
  std::vector<model::json> list(const std::string& target);
  /// What the cluster serves besides the built-in kinds; asked for once.
  const served_kinds& served();

 private:
  std::unique_ptr<api_client> client_;
  console& io_;
  std::string ns_;
  std::optional<served_kinds> served_;
};

/// "/api/v1/namespaces/NS/pods/NAME/SUBRESOURCE"; empty parts are left out.
std::string path_of(const model::kind_info& kind, const std::string& ns,
                    const std::string& name = {}, const std::string& subresource = {});
/// Prints why something did not work, on standard error.
void tell(console& io, const std::string& failure);
/// Prints "Warning: ..." there.
void warn(console& io, const std::string& warning);
/// Does `f` to each; what fails is told and the others go on. Returns the exit code.
template <class Range, class F>
int do_each(session& s, Range&& range, F&& f) {
  int failed = 0;
  std::size_t done = 0;
  // On a terminal the lines of the outcome are progress enough.
  progress line(s.io().err, s.io().terminal && !s.io().out_terminal);
  for (auto&& one : range) {
    line.update([&] { return std::to_string(done) + " of " + std::to_string(std::size(range)); });
    ++done;
    try {
      f(one);
    } catch (const command_failure& e) {
      tell(s.io(), e.what());
      failed = 1;
    }
  }
  return failed;
}

/// "pod/web", "lease.coordination.k8s.io/a": how kubectl names an object.
std::string display_name(const model::kind_info& kind, const std::string& name);

/// The name in "node1" or "node/node1".
std::string bare_name(const std::string& argument);

/// A failed answer's text as kubectl prints it: `Error from server (NotFound): pods "x" not found`.
std::string failure_text(const std::string& body, const std::string& context = {});

/// The parts between the marks that are not empty.
std::vector<std::string> split(const std::string& text, char at);

/// Kinds and names as a user gives them.
struct selection {
  const model::kind_info* kind = nullptr;
  std::string name;  ///< empty: all
};
/// "pods", "pods,svc", "pod web db", "pod/web node/n1". Throws command_failure.
std::vector<selection> selections_of(session& s, const std::vector<std::string>& args);
/// A kind that a user names. Throws command_failure when the cluster has none such.
const model::kind_info& kind_of(session& s, const std::string& argument);
/// A built-in kind.
const model::kind_info& kind_of(const std::string& argument);

/// The documents of -f arguments: files, directories (.json, .yaml, .yml) or "-".
struct manifest {
  std::string source;
  model::json document;
};
std::vector<manifest> read_manifests(const std::vector<std::string>& files, console& io);
/// The kind of a manifest's document; throws when the cluster, or without a session Troupe, has
/// none such, or when it is not told.
const model::kind_info& kind_of_manifest(session& s, const manifest& m);
const model::kind_info& kind_of_manifest(const manifest& m);
/// The namespace a manifest goes to; throws when it contradicts -n.
std::string namespace_of(const manifest& m, const model::kind_info& kind, const session& s,
                         bool given);

}  // namespace troupe::cli
