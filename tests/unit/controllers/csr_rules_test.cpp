// floors: actors/controllers
#include "actors/controllers/csr_rules.hpp"

#include "model/bootstrap_token.hpp"

#include <gtest/gtest.h>

namespace troupe {
namespace {

using strings = std::vector<std::string>;

struct sample {
  const char* what;
  bool approved;
  std::string signer;
  std::string user;
  strings groups;
  strings usages;
  std::string common_name;
  strings organizations;
  strings names;
};

const strings client{"digital signature", "client auth"};
const strings joining{"system:bootstrappers", std::string(model::worker_bootstrap_group)};
const strings scheduling{"system:bootstrappers", std::string(model::scheduler_bootstrap_group)};
const std::string kubelet(kubelet_client_signer);
const std::string peer(peer_signer);
const std::string program(client_signer);
const strings nodes{"system:nodes"};
const strings controllers{std::string(model::controllers_group)};
const strings joining_as_a{"system:bootstrappers", model::controller_bootstrap_group("a")};

TEST(CsrRules, ApproveJoiningAndRenewingMembersOnly) {
  const sample table[] = {
      {"a joining node",
       true,
       kubelet,
       "system:bootstrap:x",
       joining,
       client,
       "system:node:n1",
       nodes,
       {}},
      {"a renewing node",
       true,
       kubelet,
       "system:node:n1",
       nodes,
       client,
       "system:node:n1",
       nodes,
       {}},
      {"a node that would be another",
       false,
       kubelet,
       "system:node:n2",
       nodes,
       client,
       "system:node:n1",
       nodes,
       {}},
      {"a stranger",
       false,
       kubelet,
       "joe",
       {"system:authenticated"},
       client,
       "system:node:n1",
       nodes,
       {}},
      {"a scheduler's token",
       false,
       kubelet,
       "system:bootstrap:x",
       scheduling,
       client,
       "system:node:n1",
       nodes,
       {}},
      {"an administrator's certificate",
       false,
       kubelet,
       "system:bootstrap:x",
       joining,
       client,
       "kubernetes-admin",
       {"system:masters"},
       {}},
      {"another group besides",
       false,
       kubelet,
       "system:bootstrap:x",
       joining,
       client,
       "system:node:n1",
       {"system:nodes", "system:masters"},
       {}},
      {"no node name",
       false,
       kubelet,
       "system:bootstrap:x",
       joining,
       client,
       "system:node:",
       nodes,
       {}},
      {"a serving certificate",
       false,
       kubelet,
       "system:bootstrap:x",
       joining,
       {"client auth", "server auth"},
       "system:node:n1",
       nodes,
       {}},
      {"no usage for clients",
       false,
       kubelet,
       "system:bootstrap:x",
       joining,
       {"digital signature"},
       "system:node:n1",
       nodes,
       {}},
      {"names in it",
       false,
       kubelet,
       "system:bootstrap:x",
       joining,
       client,
       "system:node:n1",
       nodes,
       {"n1.example"}},
      {"a joining scheduler",
       true,
       peer,
       "system:bootstrap:x",
       scheduling,
       client,
       "scheduler",
       {},
       {}},
      {"a joining controller",
       true,
       program,
       "system:bootstrap:x",
       joining_as_a,
       client,
       "troupe:controller:a",
       controllers,
       {}},
      {"a controller with the token of another",
       false,
       program,
       "system:bootstrap:x",
       joining_as_a,
       client,
       "troupe:controller:b",
       controllers,
       {}},
      {"a worker that would be a controller",
       false,
       program,
       "system:bootstrap:x",
       joining,
       client,
       "troupe:controller:a",
       controllers,
       {}},
      {"a controller in another group",
       false,
       program,
       "system:bootstrap:x",
       joining_as_a,
       client,
       "troupe:controller:a",
       {"system:masters"},
       {}},
      {"a controller that would be a node",
       false,
       kubelet,
       "system:bootstrap:x",
       joining_as_a,
       client,
       "system:node:n1",
       nodes,
       {}},
      {"a renewing controller",
       true,
       program,
       "troupe:controller:a",
       controllers,
       client,
       "troupe:controller:a",
       controllers,
       {}},
      {"a controller that would be another",
       false,
       program,
       "troupe:controller:b",
       controllers,
       client,
       "troupe:controller:a",
       controllers,
       {}},
      {"a worker at the peer door",
       false,
       peer,
       "system:bootstrap:x",
       joining,
       client,
       "system:node:n1",
       nodes,
       {}},
      {"another signer",
       false,
       "example.com/x",
       "system:bootstrap:x",
       joining,
       client,
       "system:node:n1",
       nodes,
       {}},
  };
  for (const auto& s : table) {
    const model::json document{{"spec",
                                {{"signerName", s.signer},
                                 {"username", s.user},
                                 {"groups", s.groups},
                                 {"usages", s.usages}}}};
    const csr_view csr(document);
    EXPECT_EQ(!approval_reason(csr, s.common_name, s.organizations, s.names).empty(), s.approved)
        << s.what;
  }
}

TEST(CsrRules, WhatASignerDoesNotSignEvenWhenItIsApproved) {
  const std::string user(client_signer);
  const sample table[] = {
      {"a person", true, user, "joe", {}, client, "joe", {"developers"}, {}},
      {"an administrator of everything",
       false,
       user,
       "joe",
       {},
       client,
       "joe",
       {"system:masters"},
       {}},
      {"a server", false, user, "joe", {}, {"server auth"}, "joe", {}, {}},
      {"a node", true, kubelet, "joe", {}, client, "system:node:n1", nodes, {}},
      {"a node of a name that is none", false, kubelet, "joe", {}, client, "n1", nodes, {}},
      {"a scheduler", true, peer, "joe", {}, client, "anything", {}, {}},
  };
  for (const auto& s : table) {
    const csr_view csr(model::json({{"spec", {{"signerName", s.signer}, {"usages", s.usages}}}}));
    EXPECT_EQ(signing_fault(csr, s.common_name, s.organizations, s.names).empty(), s.approved)
        << s.what;
  }
}

}  // namespace
}  // namespace troupe
