#include "cli/completion/candidates.hpp"

#include "cli/commands/session.hpp"
#include "cli/completion/command_line.hpp"
#include "model/schema.hpp"

#include <algorithm>
#include <array>
#include <sstream>

namespace troupe::cli {

using model::at;
using model::json;
using model::string_at;

namespace {

/// What a command's arguments are.
enum class takes : std::uint8_t { kind_and_names, kind, pods, nodes, node_kind, pod_and_node };

struct argument_rule {
  std::string_view command;
  takes what;
};
constexpr auto rules = std::to_array<argument_rule>({
    {"get", takes::kind_and_names},
    {"describe", takes::kind_and_names},
    {"delete", takes::kind_and_names},
    {"label", takes::kind_and_names},
    {"annotate", takes::kind_and_names},
    {"patch", takes::kind_and_names},
    {"scale", takes::kind_and_names},
    {"wait", takes::kind_and_names},
    {"explain", takes::kind},
    {"logs", takes::pods},
    {"why", takes::kind_and_names},
    {"cordon", takes::nodes},
    {"uncordon", takes::nodes},
    {"drain", takes::nodes},
    {"taint", takes::node_kind},
    {"bind", takes::pod_and_node},
});

/// Flags that name files.
constexpr auto file_flags =
    std::to_array<std::string_view>({"filename", "kubeconfig", "patch-file", "config", "data-dir"});

const argument_rule* rule_of(const std::string& command) {
  const auto it =
      std::find_if(rules.begin(), rules.end(), [&](const auto& r) { return r.command == command; });
  return it == rules.end() ? nullptr : &*it;
}

class completer {
 public:
  completer(const CLI::App& app, const std::vector<std::string>& words,
            const client_factory& factory)
      : line_(read_command_line(app, words)), factory_(factory) {}

  candidates run() {
    const auto equals = line_.current.find('=');
    if (line_.wants) {
      value_of(*line_.wants, line_.current, "");
    } else if (line_.current.starts_with("--") && equals != std::string::npos) {
      const std::string name = line_.current.substr(0, equals);
      if (const auto* flag = find_flag(*line_.command, name))
        value_of(*flag, line_.current.substr(equals + 1), name + "=");
    } else if (line_.current.starts_with("-")) {
      flags();
    } else {
      arguments();
    }
    return std::move(out_);
  }

 private:
  /// Offers a word that goes on as what is typed does.
  void offer(const std::string& typed, const std::string& word, const std::string& help = {},
             const std::string& lead = {}) {
    if (word.starts_with(typed)) out_.choices.push_back({lead + word, help});
  }

  void flags() {
    for (const CLI::Option* flag : line_.command->get_options())
      for (const std::string& name : flag->get_lnames())
        offer(line_.current, "--" + name, flag->get_description());
  }

  /// The values of a flag: those it is checked against, those its help lists in brackets, names or
  /// files.
  void value_of(const CLI::Option& flag, const std::string& typed, const std::string& lead) {
    const std::string name = name_of(flag);
    if (name == "namespace") return names("namespaces", typed, lead);
    if (name == "container") return containers(typed, lead);
    if (name == "for" && line_.name == "events") return kinds_or_names(typed, lead, true);
    if (std::find(file_flags.begin(), file_flags.end(), name) != file_flags.end()) {
      out_.files = true;
      return;
    }
    // "TEXT:{none,client,server}"; "where objects are kept (redis|memory) [redis]".
    const auto choices = [&](const std::string& text, char open, char shut, char between) {
      const auto begin = text.find(open), end = text.find(shut, begin);
      if (begin == std::string::npos || end == std::string::npos ||
          text.substr(begin, end - begin).find(between) == std::string::npos)
        return;
      for (const auto& word : split(text.substr(begin + 1, end - begin - 1), between))
        offer(typed, word, "", lead);
    };
    choices(flag.get_type_name(), '{', '}', ',');
    if (out_.choices.empty()) choices(flag.get_description(), '(', ')', '|');
    if (out_.choices.empty() && name == "output")
      for (const char* format : {"json", "yaml", "name", "wide", "jsonpath=", "jsonpath-file=",
                                 "custom-columns=", "custom-columns-file="})
        offer(typed, format, "", lead);
  }

  void subcommands() {
    for (const CLI::App* sub : line_.command->get_subcommands([](const CLI::App*) { return true; }))
      offer(line_.current, sub->get_name(), sub->get_description());
  }

  void arguments() {
    if (line_.positionals.empty()) subcommands();
    if (line_.name == "completion")
      for (const char* shell : {"bash", "zsh", "fish"}) offer(line_.current, shell);
    const auto* rule = rule_of(line_.name);
    if (!rule) return;
    const auto place = line_.positionals.size();
    switch (rule->what) {
      case takes::kind_and_names:
        if (place == 0 || line_.positionals[0].find('/') != std::string::npos)
          return kinds_or_names(line_.current, "", place != 0);
        return names(line_.positionals[0], line_.current, "");
      case takes::kind:
        return kinds(line_.current, "");
      case takes::pods:
        if (place == 0) return names("pods", line_.current, "");
        return;
      case takes::nodes:
        return names("nodes", line_.current, "");
      case takes::node_kind:
        if (place == 0) return offer(line_.current, "nodes");
        return names("nodes", line_.current, "");
      case takes::pod_and_node:
        if (place < 2) return names(place == 0 ? "pods" : "nodes", line_.current, "");
        return;
    }
  }

  /// "po" to kinds, "pod/w" to names.
  void kinds_or_names(const std::string& typed, const std::string& lead, bool slashed) {
    const auto slash = typed.find('/');
    if (slash == std::string::npos) return kinds(typed, lead, slashed ? "/" : "");
    names(typed.substr(0, slash), typed.substr(slash + 1), lead + typed.substr(0, slash + 1));
  }

  void kinds(const std::string& typed, const std::string& lead, const std::string& end = {}) {
    for (const auto& kind : model::schema::instance().kinds())
      if (kind.stored) offer(typed, std::string(kind.plural) + end, std::string(kind.kind), lead);
    try {
      auto s = open();
      for (const auto* kind : s.served().kinds())
        offer(typed, std::string(kind->plural) + end, std::string(kind->kind), lead);
    } catch (const std::exception&) {
      // A cluster that does not answer leaves the built-in ones.
    }
  }

  /// The cluster's objects of a kind that begin so. A cluster that does not answer has none: there
  /// is nobody to tell in the middle of a line.
  void names(const std::string& kind, const std::string& typed, const std::string& lead) {
    try {
      auto s = open();
      for (const json& o : s.list(path_of(kind_of(s, kind), s.ns())))
        offer(typed, string_at(o, {"metadata", "name"}), "", lead);
    } catch (const std::exception&) {
      out_.choices.clear();
    }
  }

  void containers(const std::string& typed, const std::string& lead) {
    if (line_.positionals.empty()) return;
    try {
      auto s = open();
      const std::string& pod = line_.positionals[0];
      const json object = s.get(path_of(kind_of("pods"), s.ns(), pod.substr(pod.find('/') + 1)));
      for (const char* list : {"initContainers", "containers"})
        for (const json& c : at(object, {"spec", list}))
          offer(typed, string_at(c, {"name"}), string_at(c, {"image"}), lead);
    } catch (const std::exception&) {
      out_.choices.clear();
    }
  }

  session open() {
    common_flags flags;
    flags.kubeconfig = line_.values["kubeconfig"];
    flags.ns = line_.values["namespace"];
    return {factory_, io_, flags};
  }

  command_line line_;
  const client_factory& factory_;
  std::ostringstream unheard_;
  std::istringstream nothing_;
  console io_{nothing_, unheard_, unheard_};
  candidates out_;
};

}  // namespace

std::string candidates::text() const {
  std::string out;
  for (const choice& c : choices) out += c.word + (c.help.empty() ? "" : "\t" + c.help) + "\n";
  return files ? out + ":files\n" : out;
}

candidates complete(const CLI::App& app, const std::vector<std::string>& words,
                    const client_factory& factory) {
  return completer(app, words, factory).run();
}

}  // namespace troupe::cli
