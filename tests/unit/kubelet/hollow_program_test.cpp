// floors: model
#include "model/kubelet/hollow_program.hpp"

#include <gmock/gmock.h>

namespace troupe::model::kubelet {
namespace {

using words = std::vector<std::string>;

struct said {
  std::string out, err;
  std::optional<int> code;
};

said run(const words& command, std::string_view input = {}, bool tty = false) {
  hollow_program p(command, tty);
  p.input(input);
  p.end_input();
  said s;
  for (int i = 0; i < 10 && !p.code(); ++i) {
    p.run(s.out, s.err, 1000);
    if (p.sleeps()) p.wake();
  }
  s.code = p.code();
  return s;
}

TEST(HollowProgram, DoesWhatItKnows) {
  const struct {
    words command;
    const char* input;
    const char* out;
    const char* err;
    int code;
  } cases[] = {
      {{"echo", "a", "b"}, "", "a b\n", "", 0},
      {{"/bin/true"}, "", "", "", 0},
      {{"false"}, "", "", "", 1},
      {{"cat"}, "to and fro", "to and fro", "", 0},
      {{"head", "-c", "3", "/dev/zero"}, "", "\0\0\0", "", 0},
      {{"sleep", "5"}, "", "", "", 0},
      {{"stty", "size"}, "", "", "stty: standard input: Not a tty\n", 1},
      {{"sh", "-c", "echo a; echo b >&2; exit 3"}, "", "a\n", "b\n", 3},
      {{"sh", "-c", "false && echo never; echo then"}, "", "then\n", "", 0},
      {{"sh", "-c", "cat; echo end"}, "x", "xend\n", "", 0},
      {{"sh"}, "echo one\necho two\nexit 4\necho three\n", "one\ntwo\n", "", 4},
      {{"ls", "/"}, "", "", "this container is simulated and has no program \"ls\"\n", 127},
  };
  for (const auto& c : cases) {
    const auto got = run(c.command, c.input);
    const std::string out = c.command[0] == "head" ? std::string(3, '\0') : std::string(c.out);
    EXPECT_EQ(got.out, out) << c.command[0];
    EXPECT_EQ(got.err, c.err) << c.command[0];
    EXPECT_EQ(got.code, c.code) << c.command[0];
  }
}

TEST(HollowProgram, ATerminalEchoesAndHasASize) {
  hollow_program p({"sh"}, true);
  std::string out, err;
  p.run(out, err, 1000);
  EXPECT_EQ(out, "# ");
  p.resize(R"({"Width":132,"Height":50})");
  p.input("stty size\r");
  p.run(out, err, 1000);
  EXPECT_EQ(out, "# stty size\r\n50 132\r\n# ");
  p.input("exit 2\n");
  p.run(out, err, 1000);
  EXPECT_EQ(p.code(), 2);
}

TEST(HollowProgram, SaysNoMoreThanItMay) {
  hollow_program p({"head", "-c", "100", "/dev/zero"}, false);
  std::string out, err;
  p.run(out, err, 30);
  EXPECT_EQ(out.size(), 30u);
  EXPECT_FALSE(p.code());
}

TEST(HollowProgram, ReadsNoFurtherThanItSpeaks) {
  hollow_program p({"cat"}, false);
  p.input(std::string(100, 'x'));
  std::string out, err;
  p.run(out, err, 30);
  EXPECT_EQ(out.size(), 30u);
  EXPECT_FALSE(p.drained());
}

}  // namespace
}  // namespace troupe::model::kubelet
