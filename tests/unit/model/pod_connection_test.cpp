// floors: model
#include "model/pod_connection.hpp"

#include <gmock/gmock.h>

namespace troupe::model {
namespace {

request_info info_of(const std::string& rest) {
  return std::get<request_info>(parse_request("GET", "/api/v1/namespaces/default/pods/p/" + rest));
}

TEST(PodConnection, ReadsTheOptionsOfACommand) {
  const auto info = info_of(
      "exec?command=sh&command=-c&command=a%20b&container=c&stdin=true&stdout=1&stderr=true&tty="
      "true");
  EXPECT_TRUE(connects(info));
  const auto got = std::get<pod_connection>(read_connection(info));
  EXPECT_THAT(got.command, testing::ElementsAre("sh", "-c", "a b"));
  EXPECT_EQ(got.container, "c");
  EXPECT_TRUE(got.in && got.out && got.tty);
  EXPECT_FALSE(got.err) << "a terminal has one output";
}

TEST(PodConnection, RefusesWhatCannotBe) {
  const struct {
    const char* request;
    const char* why;
  } cases[] = {
      {"exec?command=ls", "you must specify at least 1 of stdin, stdout, stderr"},
      {"exec?stdout=true", "you must specify a command"},
      {"attach", "you must specify at least 1 of stdin, stdout, stderr"},
      {"attach?stdin=false&stdout=0", "you must specify at least 1 of stdin, stdout, stderr"},
      {"portforward?ports=", "query parameter \"port\" cannot be empty"},
      {"portforward?ports=80,x", "unable to parse \"x\" as a port"},
      {"portforward?ports=65536", "unable to parse \"65536\" as a port"},
      {"portforward?ports=0", "port \"0\" must be > 0"},
  };
  for (const auto& c : cases) {
    const auto got = read_connection(info_of(c.request));
    ASSERT_TRUE(std::holds_alternative<status>(got)) << c.request;
    EXPECT_EQ(std::get<status>(got).code, 400);
    EXPECT_EQ(std::get<status>(got).message, c.why);
  }
}

TEST(PodConnection, ReadsPortsApartOrTogether) {
  for (const char* query : {"portforward?ports=80&ports=443", "portforward?ports=80,443"})
    EXPECT_THAT(std::get<pod_connection>(read_connection(info_of(query))).ports,
                testing::ElementsAre(80, 443));
}

TEST(PodConnection, OthersDoNotConnect) {
  for (const char* rest : {"log", "status", ""}) EXPECT_FALSE(connects(info_of(rest))) << rest;
}

}  // namespace
}  // namespace troupe::model
