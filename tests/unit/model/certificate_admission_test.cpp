// floors: model
#include "model/certificate_admission.hpp"

#include "default_rights.hpp"
#include "model/base64.hpp"

#include <gmock/gmock.h>

namespace troupe::model::rbac {
namespace {

TEST(Certificates, AreApprovedAndSignedByWhoMay) {
  default_rights rights;
  rights.add({{"kind", "ClusterRole"},
              {"metadata", {{"name", "approver"}}},
              {"rules", json::array({to_json({{"approve"}, {"*"}, {"signers"}, {"a.io/*"}, {}}),
                                     to_json({{"sign"}, {"*"}, {"signers"}, {"b.io/x"}, {}})})}});
  rights.add({{"kind", "ClusterRoleBinding"},
              {"metadata", {{"name", "ann"}}},
              {"roleRef", {{"kind", "ClusterRole"}, {"name", "approver"}}},
              {"subjects", json::array({{{"kind", "User"}, {"name", "ann"}}})}});
  const struct {
    const char* signer;
    const char* subresource;
    const char* certificate;
    std::string refusal;
  } cases[] = {
      {"a.io/one", "approval", "", ""},
      {"b.io/x", "approval", "",
       "certificatesigningrequests.certificates.k8s.io \"r\" is forbidden: user not permitted to "
       "approve requests with signerName \"b.io/x\""},
      {"b.io/x", "status", "PEM", ""},
      {"b.io/x", "status", "", ""},  // a condition is no signature
      {"b.io/x", "", "", ""},
      {"a.io/one", "status", "PEM",
       "certificatesigningrequests.certificates.k8s.io \"r\" is forbidden: user not permitted to "
       "sign requests with signerName \"a.io/one\""},
  };
  const object_key key{"certificatesigningrequests.certificates.k8s.io", "", "r"};
  for (const auto& c : cases) {
    const json old = {{"spec", {{"signerName", c.signer}}}};
    json wanted = old;
    if (*c.certificate) wanted["status"]["certificate"] = c.certificate;
    const auto bad = refuse_certificate(rights, {"ann", {}}, key, c.subresource, old, wanted);
    EXPECT_EQ(bad ? bad->message : "", c.refusal) << c.signer << c.subresource;
  }
}

TEST(Certificates, OfTheAdministratorsAreNotForTheAsking) {
  const std::string refusal =
      "certificatesigningrequests.certificates.k8s.io \"r\" is forbidden: use of "
      "kubernetes.io/kube-apiserver-client signer with system:masters group is not allowed";
  const struct {
    const char* resource;
    const char* signer;
    std::vector<std::string> groups;
    bool refused;
  } cases[] = {
      {"certificatesigningrequests.certificates.k8s.io",
       "kubernetes.io/kube-apiserver-client",
       {"dev", "system:masters"},
       true},
      {"certificatesigningrequests.certificates.k8s.io",
       "kubernetes.io/kube-apiserver-client",
       {"dev"},
       false},
      {"certificatesigningrequests.certificates.k8s.io",
       "kubernetes.io/kube-apiserver-client",
       {},
       false},
      {"certificatesigningrequests.certificates.k8s.io",
       "example.com/signer",
       {"system:masters"},
       false},
      {"configmaps", "kubernetes.io/kube-apiserver-client", {"system:masters"}, false},
  };
  for (const auto& c : cases) {
    const json request = {{"spec", {{"signerName", c.signer}, {"request", to_base64("PEM")}}}};
    const auto bad =
        restrict_certificate_subject({c.resource, "", "r"}, request, [&](const std::string& pem) {
          EXPECT_EQ(pem, "PEM");
          return c.groups;
        });
    EXPECT_EQ(bad ? bad->message : "", c.refused ? refusal : "") << c.resource << c.signer;
  }
}

}  // namespace
}  // namespace troupe::model::rbac
