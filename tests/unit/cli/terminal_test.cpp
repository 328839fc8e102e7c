// floors: cli
#include "cli/app.hpp"
#include "cli/completion/candidates.hpp"
#include "cli/output/colour.hpp"
#include "cli/output/table_printer.hpp"
#include "tests/unit/cli/scripted_cluster.hpp"

namespace troupe::cli {
namespace {

TEST(Colour, TellsWhatAStatusMeans) {
  const std::map<colour, std::vector<std::string>> meanings{
      {colour::green, {"Running", "Ready", "Active", "Bound", "Completed", "Normal"}},
      {colour::yellow,
       {"Pending", "ContainerCreating", "Terminating", "Init:0/2", "Ready,SchedulingDisabled",
        "Warning"}},
      {colour::red,
       {"CrashLoopBackOff", "ImagePullBackOff", "ErrImagePull", "Error", "NotReady", "Evicted",
        "NotReady,SchedulingDisabled", "OOMKilled", "Init:Error", "Init:CrashLoopBackOff",
        "CreateContainerConfigError", "Failed", "Unknown"}},
      {colour::none, {"", "web", "ClusterIP", "Opaque", "STATUS"}},
  };
  for (const auto& [meaning, statuses] : meanings)
    for (const auto& status : statuses) EXPECT_EQ(status_colour(status), meaning) << status;
}

TEST(Colour, IsForTerminalsUnlessToldOtherwise) {
  EXPECT_TRUE(wants_colour("auto", true));
  EXPECT_FALSE(wants_colour("auto", false));
  EXPECT_TRUE(wants_colour("always", false));
  EXPECT_FALSE(wants_colour("never", true));
  ::setenv("NO_COLOR", "1", 1);
  EXPECT_STREQ(default_colour(), "never");
  ::unsetenv("NO_COLOR");
  ::setenv("TERM", "xterm", 1);
  EXPECT_STREQ(default_colour(), "auto");
}

TEST(Colour, PaintsTheLeadingWordOfFailures) {
  EXPECT_EQ(painted_failure("Error from server (NotFound): pods \"x\" not found"),
            "\x1b[31mError from server (NotFound):\x1b[0m pods \"x\" not found");
  EXPECT_EQ(painted_failure("error: no"), "\x1b[31merror:\x1b[0m no");
  EXPECT_EQ(painted_failure("The Pod \"x\" is invalid: a"), "The Pod \"x\" is invalid: a");
}

TEST(Table, KeepsItsColumnsWhenPainted) {
  const json table = {{"columnDefinitions",
                       {{{"name", "Name"}, {"priority", 0}},
                        {{"name", "Status"}, {"priority", 0}},
                        {{"name", "Age"}, {"priority", 0}}}},
                      {"rows", {{{"cells", {"web", "Running", "1s"}}}}}};
  table_options options;
  options.colours = true;
  EXPECT_EQ(table_printer(options).print(table),
            "NAME   STATUS    AGE\nweb    \x1b[32mRunning\x1b[0m   1s\n");
}

TEST(Table, LetsNoCellSteerTheTerminal) {
  const json table = {{"columnDefinitions", {{{"name", "Name"}, {"priority", 0}}}},
                      {"rows", {{{"cells", {"a\x1b[2Jb"}}}}}};
  EXPECT_EQ(table_printer({}).print(table), "NAME\na^[[2Jb\n");
}

struct Completion : testing::Test {
  script cluster;
  client_factory factory = [this](const std::string&) {
    return std::make_unique<scripted_client>(cluster);
  };
  std::unique_ptr<CLI::App> app = make_app(factory);

  /// The words offered, in their order.
  std::vector<std::string> words(std::vector<std::string> typed) {
    std::vector<std::string> out;
    for (const auto& c : complete(*app, typed, factory).choices) out.push_back(c.word);
    return out;
  }
};
using offered = std::vector<std::string>;

TEST_F(Completion, OffersCommandsAndFlags) {
  EXPECT_EQ(words({"unc"}), offered{"uncordon"});
  EXPECT_EQ(words({"token", ""}), offered{"create"});
  EXPECT_EQ(words({"delete", "--grace"}), offered{"--grace-period"});
  EXPECT_EQ(words({"nonsense", ""}), offered{});
}

TEST_F(Completion, OffersValuesOfFlags) {
  EXPECT_EQ(words({"get", "pods", "-o", "js"}), (offered{"json", "jsonpath=", "jsonpath-file="}));
  EXPECT_EQ(words({"get", "pods", "--output=ya"}), offered{"--output=yaml"});
  EXPECT_EQ(words({"apply", "--dry-run", "s"}), offered{"server"});
  EXPECT_EQ(words({"up", "--store", ""}), (offered{"redis", "memory"}));
  EXPECT_EQ(words({"completion", "z"}), offered{"zsh"});
  EXPECT_TRUE(complete(*app, {"apply", "-f", ""}, factory).files);
}

TEST_F(Completion, OffersKindsAndTheClustersNames) {
  const auto list = [](const char* kind, const offered& names) {
    json items = json::array();
    for (const auto& n : names) items.push_back({{"metadata", {{"name", n}}}});
    return client_response{200, json({{"kind", kind}, {"items", items}}).dump(), {}};
  };
  cluster.answers["GET /api/v1/namespaces/default/pods"] = {list("PodList", {"web", "wide", "db"})};
  cluster.answers["GET /api/v1/namespaces/dark/pods"] = {list("PodList", {"hidden"})};
  cluster.answers["GET /api/v1/nodes"] = {list("NodeList", {"node1"})};
  EXPECT_EQ(words({"get", "configm"}), offered{"configmaps"});
  EXPECT_EQ(words({"get", "pods", "w"}), (offered{"web", "wide"}));
  EXPECT_EQ(words({"describe", "pod/d"}), offered{"pod/db"});
  EXPECT_EQ(words({"get", "-n", "dark", "po", ""}), offered{"hidden"});
  EXPECT_EQ(words({"logs", "d"}), offered{"db"});
  EXPECT_EQ(words({"cordon", ""}), offered{"node1"});
  EXPECT_EQ(words({"bind", "web", ""}), offered{"node1"});
  EXPECT_EQ(words({"taint", "node", "n"}), offered{"node1"});
}

TEST_F(Completion, OffersNothingWithoutACluster) {
  factory = [](const std::string&) -> std::unique_ptr<api_client> {
    throw std::runtime_error("no cluster answers");
  };
  EXPECT_EQ(words({"get", "pods", ""}), offered{});
}

/// All commands with their words: "token create".
void each(const CLI::App& app, const std::string& path,
          const std::function<void(const CLI::App&, const std::string&)>& f) {
  for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
    const std::string words = path.empty() ? sub->get_name() : path + " " + sub->get_name();
    f(*sub, words);
    each(*sub, words, f);
  }
}

TEST_F(Completion, HelpHasAnExampleOfEachCommandWhoseFlagsExist) {
  each(*app, "", [&](const CLI::App& command, const std::string& words) {
    const std::string footer = command.get_footer();
    ASSERT_NE(footer.find("troupe " + words), std::string::npos) << words;
    const auto options = command.get_options();
    const bool leaf = command.get_subcommands([](const CLI::App*) { return true; }).empty();
    std::istringstream in(footer);
    for (std::string word; in >> word;) {
      if (!leaf || !word.starts_with("--")) continue;
      EXPECT_TRUE(
          std::any_of(options.begin(), options.end(),
                      [&](const auto* o) { return o->check_name(word.substr(0, word.find('='))); }))
          << words << ": " << word;
    }
    EXPECT_FALSE(command.get_description().empty()) << words;
  });
  const std::string help = app->help();
  for (const char* group : {"Run a cluster:", "See what there is:", "Change it:", "Manage nodes:"})
    EXPECT_NE(help.find(group), std::string::npos) << group;
}

}  // namespace
}  // namespace troupe::cli
