#include "cli/completion/scripts.hpp"

#include "cli/commands/command.hpp"

#include <ostream>
#include <stdexcept>

namespace troupe::cli {
namespace {

// Bash breaks words at = and : too; they are put together again for troupe, and what is before the
// last mark is taken off the answers, because bash completes only what is behind it.
constexpr const char* bash_script =
    R"(# bash completion for troupe: source <(troupe completion bash)
_troupe() {
  local words=() word help i
  for ((i = 1; i <= COMP_CWORD; i++)); do
    word="${COMP_WORDS[i]}"
    if ((${#words[@]})) && [[ "$word" =~ ^[=:]+$ || "${COMP_WORDS[i-1]}" =~ ^[=:]+$ ]]; then
      words[${#words[@]}-1]+="$word"
    else
      words+=("$word")
    fi
  done
  local current="${words[${#words[@]}-1]}"
  local prefix="${current%"${current##*[=:]}"}"
  COMPREPLY=()
  while IFS=$'\t' read -r word help; do
    if [[ "$word" == :files ]]; then
      compopt -o default
    else
      COMPREPLY+=("${word#"$prefix"}")
      [[ "$word" == *[=/] ]] && compopt -o nospace
    fi
  done < <("${COMP_WORDS[0]}" __complete "${words[@]}" 2>/dev/null)
}
complete -F _troupe troupe
)";

constexpr const char* zsh_script = R"(#compdef troupe
# zsh completion for troupe: source <(troupe completion zsh)
_troupe() {
  local -a whole open shown
  local line word files
  while IFS= read -r line; do
    word="${line%%$'\t'*}"
    case "$word" in
      :files) files=1 ;;
      *[=/]) open+=("$word") ;;
      *)
        whole+=("$word")
        shown+=("${line/$'\t'/  -- }")
        ;;
    esac
  done < <("${(Q)words[1]}" __complete "${(@Q)words[2,CURRENT-1]}" "$PREFIX" 2>/dev/null)
  (( ${#whole} )) && compadd -l -d shown -a whole
  (( ${#open} )) && compadd -S '' -a open
  [[ -n "$files" ]] && _files
  return 0
}
if [[ "${funcstack[1]}" == _troupe ]]; then
  _troupe
else
  compdef _troupe troupe
fi
)";

constexpr const char* fish_script = R"(# fish completion for troupe: troupe completion fish | source
function __troupe_complete
  set -l typed (commandline -opc)
  set -l program $typed[1]
  set -e typed[1]
  set -l current (commandline -ct)
  for line in ($program __complete $typed "$current" 2>/dev/null)
    if test "$line" = :files
      __fish_complete_path "$current"
    else
      echo $line
    end
  end
end
complete -c troupe -f -a '(__troupe_complete)'
)";

}  // namespace

std::string completion_script(const std::string& shell) {
  if (shell == "bash") return bash_script;
  if (shell == "zsh") return zsh_script;
  if (shell == "fish") return fish_script;
  throw std::invalid_argument("no completion for the shell \"" + shell +
                              "\"; there is bash, zsh and fish");
}

void add_completion(CLI::App& app, const toolbox_ptr& tools) {
  auto& command = *app.add_subcommand("completion", "Print a completion script for a shell");
  auto shell = std::make_shared<std::string>();
  command.add_option("shell", *shell, "bash, zsh or fish")->required();
  run_as(command, tools, [tools, shell] {
    tools->io.out << completion_script(*shell);
    return 0;
  });
}

}  // namespace troupe::cli
