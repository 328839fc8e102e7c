#pragma once

#include "cli/config/options.hpp"

#include <chrono>
#include <filesystem>
#include <map>
#include <optional>
#include <stdexcept>
#include <variant>

namespace troupe::cli {

/// A config or flag is wrong; what() begins with where: "configs/worker.yaml:7: ...".
struct config_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// "10s", "1m30s", "500ms", "24h" (Go's time.ParseDuration, without fractions and signs).
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

/// The values of all options: defaults, then a config file, then flags; each checked as it comes.
class settings {
 public:
  /// All at their defaults.
  settings();

  /// Takes a YAML role config. `file` names it in errors. Throws config_error.
  void merge_yaml(std::string_view text, const std::string& file);
  void merge_file(const std::filesystem::path& file);
  /// Takes one value as the command line gives it; `where` names it in errors.
  void set(std::string_view path, const std::string& text, const std::string& where);

  /// Another default for one command; what a file or flag gives still wins.
  void preset(std::string_view path, const std::string& text);

  const std::string& string(std::string_view path) const;
  std::int64_t integer(std::string_view path) const;
  std::uint16_t port(std::string_view path) const;
  bool boolean(std::string_view path) const;
  std::chrono::milliseconds duration(std::string_view path) const;
  const std::vector<std::string>& list(std::string_view path) const;
  const std::map<std::string, std::string>& map(std::string_view path) const;

  /// True when a file or flag gave it.
  bool given(std::string_view path) const;
  /// An error about this option that begins with where it was set, or with the option's name.
  config_error error(std::string_view path, const std::string& message) const;

 private:
  using value = std::variant<std::string, std::int64_t, bool, std::chrono::milliseconds,
                             std::vector<std::string>, std::map<std::string, std::string>>;
  struct slot {
    value v;
    std::string where;
  };
  static value parse(const option& o, const std::string& text, const std::string& where);
  static void check(const option& o, const value& v, const std::string& where);
  template <class T>
  const T& get(std::string_view path) const;
  void put(const option& o, value v, const std::string& where);
  friend class yaml_reader;

  std::map<std::string, slot, std::less<>> values_;
};

}  // namespace troupe::cli
