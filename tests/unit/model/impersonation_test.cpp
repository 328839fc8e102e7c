// floors: model
#include "model/impersonation.hpp"

#include "default_rights.hpp"

#include <gmock/gmock.h>

namespace troupe::model {
namespace {

using strings = std::vector<std::string>;

const strings masters{"system:masters", "system:authenticated"};
const strings nobody{"system:authenticated"};

TEST(Impersonation, OfUsersGroupsAndAccounts) {
  struct {
    impersonation_headers headers;
    strings groups;
  } const cases[] = {
      {{{"user", "jane"}}, {"system:authenticated"}},
      {{{"user", "jane"}, {"group", "a"}, {"group", "b"}}, {"a", "b", "system:authenticated"}},
      {{{"user", "jane"}, {"uid", "1"}, {"extra-scopes", "x"}}, {"system:authenticated"}},
      {{{"user", "system:anonymous"}}, {"system:unauthenticated"}},
      {{{"user", "system:serviceaccount:web:bot"}},
       {"system:serviceaccounts", "system:serviceaccounts:web", "system:authenticated"}},
      {{{"group", "system:authenticated"}, {"user", "jane"}}, {"system:authenticated"}},
  };
  for (const auto& c : cases) {
    const auto got = impersonate(default_rights(), {"admin", masters}, c.headers);
    ASSERT_TRUE(std::holds_alternative<impersonated>(got)) << std::get<status>(got).message;
    EXPECT_EQ(std::get<impersonated>(got).groups, c.groups) << c.headers.front().second;
  }
  const auto got = impersonate(default_rights(), {"admin", masters},
                               {{"user", "jane"}, {"uid", "1"}, {"extra-scopes", "x"}});
  EXPECT_EQ(std::get<impersonated>(got).uid, "1");
  EXPECT_EQ(std::get<impersonated>(got).extra.at("scopes"), strings{"x"});
}

TEST(Impersonation, IsRefusedWithAReason) {
  struct {
    strings groups;
    impersonation_headers headers;
    int code;
    const char* message;
  } const cases[] = {
      {nobody,
       {{"user", "jane"}},
       403,
       "users \"jane\" is forbidden: User \"joe\" cannot impersonate resource \"users\" in API "
       "group "
       "\"\" at the cluster scope"},
      {nobody,
       {{"user", "system:serviceaccount:web:bot"}},
       403,
       "serviceaccounts \"bot\" is forbidden: User \"joe\" cannot impersonate resource "
       "\"serviceaccounts\" in API group \"\" in the namespace \"web\""},
      {masters, {{"group", "a"}}, 400, "requested group without impersonating a user"},
  };
  for (const auto& c : cases) {
    const auto got = impersonate(default_rights(), {"joe", c.groups}, c.headers);
    ASSERT_TRUE(std::holds_alternative<status>(got)) << c.message;
    EXPECT_EQ(std::get<status>(got).code, c.code);
    EXPECT_EQ(std::get<status>(got).message, c.message);
  }
}

}  // namespace
}  // namespace troupe::model
