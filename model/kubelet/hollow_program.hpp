#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::model::kubelet {

/// What a container that only pretends to run makes of a command that is executed in it. It knows
///   echo ARGS [>&2], true, false, :, sleep TIME, cat (of its input), head -c N /dev/zero,
///   stty size (of the terminal), and sh or bash with these: -c "SCRIPT" with ;, && and lines, or
///   with commands as its input.
/// Of anything else it says on standard error that it is simulated, and ends with 127.
class hollow_program {
 public:
  hollow_program(const std::vector<std::string>& command_line, bool tty);

  /// Whether it knows what this program does.
  static bool knows(const std::vector<std::string>& command_line);

  void input(std::string_view bytes) { input_ += bytes; }
  void end_input() { input_ended_ = true; }
  /// The terminal's size as Kubernetes tells it: {"Width":80,"Height":25}.
  void resize(std::string_view document);
  /// A sleep is over.
  void wake() { asleep_.reset(); }

  /// Goes on as far as it can and appends what it says, some `limit` bytes at most.
  void run(std::string& out, std::string& err, std::size_t limit);

  /// It has read all input that has come.
  bool drained() const { return input_.empty(); }
  /// How long it sleeps, from when it fell asleep.
  std::optional<std::chrono::milliseconds> sleeps() const { return asleep_; }
  /// Its exit code, once it has ended.
  std::optional<int> code() const { return code_; }

 private:
  struct statement {
    std::vector<std::string> words;
    bool only_on_success = false;  ///< of the one before
  };

  void read_script(std::string_view script);
  bool step(std::string& out, std::string& err, std::size_t limit);
  bool read_line(std::string& out);
  bool begin(statement s, std::string& out, std::string& err);
  void say(std::string_view text, std::string& to) const;

  bool tty_;
  bool shell_ = false;  ///< reads statements from its input
  std::deque<statement> script_;
  std::string input_;
  bool input_ended_ = false;
  bool copying_ = false;     ///< a cat is under way
  std::uint64_t zeros_ = 0;  ///< that are still to be said
  std::optional<std::chrono::milliseconds> asleep_;
  std::string prompt_;  ///< to be said before the next line is read
  int columns_ = 80, rows_ = 24;
  int last_ = 0;  ///< exit code of the statement before
  std::optional<int> code_;
};

}  // namespace troupe::model::kubelet
