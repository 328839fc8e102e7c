#pragma once

#include "cli/client/api_client.hpp"

#include <CLI/CLI.hpp>

#include <string>
#include <vector>

namespace troupe::cli {

/// What may stand where the last word of a command line is typed.
struct candidates {
  struct choice {
    std::string word;
    std::string help;
  };
  std::vector<choice> choices;
  bool files = false;  ///< the shell's own completion of files

  /// A line each, "WORD\tHELP"; ":files" for files. What the completion scripts read.
  std::string text() const;
};

/// `words` are those behind "troupe", the last one as far as it is typed. Names of objects come
/// from the cluster; where it does not answer there are none.
candidates complete(const CLI::App& app, const std::vector<std::string>& words,
                    const client_factory& factory);

}  // namespace troupe::cli
