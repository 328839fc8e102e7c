// floors: model net/rest
#include "net/rest/health.hpp"

#include <gmock/gmock.h>

namespace troupe::rest {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class Health : public ::testing::Test {
 protected:
  health_answer ask(const std::string& target) {
    const auto info = std::get<model::request_info>(model::parse_request("GET", target));
    const auto which = info.path.substr(1, info.path.find('/', 1) - 1);
    return judge_health(checks, info, which, record).value_or(health_answer{404, ""});
  }
  std::string slis() const { return record.text(checks); }

  std::string fault;
  std::vector<health_check> checks{
      {{"etcd"}, [this] { return fault; }},
      {{"informer-sync", "one-more"}, [] { return std::string(); }, true},
  };
  health_record record;
};

TEST_F(Health, SaysOkOrWhatFails) {
  EXPECT_EQ(ask("/readyz").text, "ok");
  EXPECT_EQ(ask("/readyz?verbose").text,
            "[+]ping ok\n[+]etcd ok\n[+]informer-sync ok\n[+]one-more ok\nreadyz check passed\n");
  EXPECT_EQ(ask("/livez/etcd").text, "ok");
  EXPECT_EQ(ask("/livez/informer-sync").code, 404);
  fault = "away";
  const auto failed = ask("/livez");
  EXPECT_EQ(failed.code, 500);
  EXPECT_EQ(failed.text, "[+]ping ok\n[-]etcd failed: away\nlivez check failed\n");
  EXPECT_EQ(ask("/livez?exclude=etcd").code, 200);
  EXPECT_EQ(ask("/livez/etcd").code, 500);
}

TEST_F(Health, WhatWasNeverAskedIsNotRecorded) {
  EXPECT_THAT(slis(), Not(HasSubstr("type=")));
  ask("/readyz/etcd");
  EXPECT_THAT(slis(), Not(HasSubstr("type="))) << "one check alone is none of an endpoint's";
}

TEST_F(Health, CountsWhatEachCheckSaid) {
  ask("/readyz");
  ask("/readyz?verbose");
  EXPECT_EQ(
      slis(),
      "# HELP kubernetes_healthcheck Whether a check was healthy when it was asked last.\n"
      "# TYPE kubernetes_healthcheck gauge\n"
      "kubernetes_healthcheck{name=\"ping\",type=\"readyz\"} 1\n"
      "kubernetes_healthcheck{name=\"etcd\",type=\"readyz\"} 1\n"
      "kubernetes_healthcheck{name=\"informer-sync\",type=\"readyz\"} 1\n"
      "kubernetes_healthcheck{name=\"one-more\",type=\"readyz\"} 1\n"
      "# HELP kubernetes_healthchecks_total How often a check was asked, by what it said.\n"
      "# TYPE kubernetes_healthchecks_total counter\n"
      "kubernetes_healthchecks_total{name=\"ping\",status=\"success\",type=\"readyz\"} 2\n"
      "kubernetes_healthchecks_total{name=\"etcd\",status=\"success\",type=\"readyz\"} 2\n"
      "kubernetes_healthchecks_total{name=\"informer-sync\",status=\"success\",type=\"readyz\"} 2\n"
      "kubernetes_healthchecks_total{name=\"one-more\",status=\"success\",type=\"readyz\"} 2\n");
  fault = "away";
  ask("/readyz");
  EXPECT_THAT(slis(), HasSubstr("kubernetes_healthcheck{name=\"etcd\",type=\"readyz\"} 0\n"));
  EXPECT_THAT(slis(), HasSubstr("{name=\"etcd\",status=\"error\",type=\"readyz\"} 1\n"));
  EXPECT_THAT(slis(), HasSubstr("{name=\"etcd\",status=\"success\",type=\"readyz\"} 2\n"));
  EXPECT_THAT(slis(), HasSubstr("{name=\"ping\",status=\"success\",type=\"readyz\"} 3\n"));
  fault.clear();
  ask("/readyz?exclude=ping");
  EXPECT_THAT(slis(), HasSubstr("kubernetes_healthcheck{name=\"etcd\",type=\"readyz\"} 1\n"));
  EXPECT_THAT(slis(), HasSubstr("{name=\"ping\",status=\"success\",type=\"readyz\"} 3\n"))
      << "it was not asked";
  EXPECT_THAT(slis(), Not(HasSubstr("livez")));
}

}  // namespace
}  // namespace troupe::rest
