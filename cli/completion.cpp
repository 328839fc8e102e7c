#include "cli/completion.hpp"

#include "cli/commands/command.hpp"

#include <ostream>
#include <stdexcept>

namespace troupe::cli {
namespace {

struct choice {
  std::string word;
  std::string help;
};

/// The subcommands and options that may follow `command`.
std::vector<choice> choices_of(const CLI::App& command) {
  std::vector<choice> out;
  for (const CLI::App* sub : command.get_subcommands([](const CLI::App*) { return true; }))
    out.push_back({sub->get_name(), sub->get_description()});
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames())
      out.push_back({"--" + name, option->get_description()});
    for (const std::string& name : option->get_snames())
      out.push_back({"-" + name, option->get_description()});
  }
  return out;
}

std::string words_of(const CLI::App& command) {
  std::string out;
  for (const choice& c : choices_of(command)) out += (out.empty() ? "" : " ") + c.word;
  return out;
}

/// Calls f(path, command) for all commands below `app`; a path is "token create".
template <class F>
void each_command(const CLI::App& app, const std::string& path, F&& f) {
  f(path, app);
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; }))
    each_command(*sub, path.empty() ? sub->get_name() : path + " " + sub->get_name(), f);
}

std::string in_quotes(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

/// The body that bash and zsh share: finds the command typed so far and sets `choices`.
std::string find_choices(const CLI::App& app) {
  std::string cases;
  each_command(app, "", [&](const std::string& path, const CLI::App& command) {
    cases += "    " + in_quotes(path) + ") choices=" + in_quotes(words_of(command)) + " ;;\n";
  });
  std::string commands;
  each_command(app, "", [&](const std::string& path, const CLI::App&) {
    if (!path.empty()) commands += "      " + in_quotes(path) + ") path=\"$next\" ;;\n";
  });
  return "  local path='' next word choices=''\n"
         "  for word in \"${typed[@]}\"; do\n"
         "    next=\"${path:+$path }$word\"\n"
         "    case \"$next\" in\n" +
         commands + "    esac\n  done\n  case \"$path\" in\n" + cases + "  esac\n";
}

std::string bash_script(const CLI::App& app) {
  return "# bash completion for troupe: source <(troupe completion bash)\n"
         "_troupe() {\n"
         "  local current=\"${COMP_WORDS[COMP_CWORD]}\"\n"
         "  local typed=(\"${COMP_WORDS[@]:1:COMP_CWORD-1}\")\n" +
         find_choices(app) +
         "  COMPREPLY=($(compgen -W \"$choices\" -- \"$current\"))\n"
         "}\n"
         "complete -o default -F _troupe troupe\n";
}

std::string zsh_script(const CLI::App& app) {
  return "#compdef troupe\n"
         "# zsh completion for troupe: source <(troupe completion zsh)\n"
         "_troupe() {\n"
         "  local -a typed=(\"${(@)words[2,CURRENT-1]}\")\n" +
         find_choices(app) +
         "  compadd -- ${=choices}\n"
         "}\n"
         "compdef _troupe troupe\n";
}

std::string fish_script(const CLI::App& app) {
  std::string out = "# fish completion for troupe: troupe completion fish | source\n";
  each_command(app, "", [&](const std::string& path, const CLI::App& command) {
    std::string when = "__fish_use_subcommand";
    if (!path.empty()) {
      when.clear();
      for (std::size_t start = 0; start < path.size();) {
        const auto end = std::min(path.find(' ', start), path.size());
        when += (when.empty() ? "" : "; and ") + std::string("__fish_seen_subcommand_from ") +
                path.substr(start, end - start);
        start = end + 1;
      }
    }
    for (const choice& c : choices_of(command)) {
      std::string word = "-a " + in_quotes(c.word);
      if (c.word.starts_with("--")) {
        word = "-l " + in_quotes(c.word.substr(2));
      } else if (c.word.starts_with("-")) {
        word = "-s " + in_quotes(c.word.substr(1));
      }
      out += "complete -c troupe -n " + in_quotes(when) + " " + word + " -d " + in_quotes(c.help) +
             "\n";
    }
  });
  return out;
}

}  // namespace

std::string completion_script(const CLI::App& app, const std::string& shell) {
  if (shell == "bash") return bash_script(app);
  if (shell == "zsh") return zsh_script(app);
  if (shell == "fish") return fish_script(app);
  throw std::invalid_argument("no completion for the shell \"" + shell +
                              "\"; there is bash, zsh and fish");
}

void add_completion(CLI::App& app, const toolbox_ptr& tools) {
  auto& command = *app.add_subcommand("completion", "Print a completion script for a shell");
  auto shell = std::make_shared<std::string>();
  command.add_option("shell", *shell, "bash, zsh or fish")->required();
  run_as(command, tools, [tools, shell, &app] {
    tools->io.out << completion_script(app, *shell);
    return 0;
  });
}

}  // namespace troupe::cli
