#include "actors/controllers/controller.hpp"
#include "actors/controllers/csr_rules.hpp"
#include "model/base64.hpp"
#include "net/tls/pki.hpp"

#include <algorithm>

namespace troupe {
namespace {

using namespace std::chrono_literals;
using model::json;

// CertificateSigningRequests: approves those that csr_rules.hpp speaks of, signs what anybody has
// approved.
struct csr_controller : controller {
  explicit csr_controller(csr_options o) : options(std::move(o)) {}

  std::string name() const override { return "certificate-controller"; }
  std::vector<std::string> resources() const override {
    return {"certificatesigningrequests.certificates.k8s.io"};
  }

  void observe(const store::event& e, controller_host& host) override {
    if (e.type != store::event::kind::deleted) host.visit(e.object->key().name, 0ms);
  }

  void reconcile(const std::string& name, controller_host& host,
                 std::function<void(outcome)> done) override {
    const auto object =
        host.cache().get({"certificatesigningrequests.certificates.k8s.io", "", name});
    if (!object) return done({});
    json document = object->parse();
    const csr_view csr(document);
    const bool ours = std::find(options.signers.begin(), options.signers.end(), csr.signer) !=
                      options.signers.end();
    if (!ours || csr.denied || csr.failed || csr.issued) return done({});
    tls::request_info asked;
    try {
      asked = tls::parse_request(csr.request);
    } catch (const std::exception& e) {
      return put(name, "status",
                 with_condition(document, "Failed", "InvalidRequest", e.what(), host), host,
                 std::move(done));
    }
    if (!csr.approved) {
      const auto why =
          approval_reason(csr, asked.subject.common_name, asked.subject.organizations, asked.names);
      if (why.empty()) return done({});
      return put(name, "approval", with_condition(document, "Approved", "AutoApproved", why, host),
                 host, std::move(done));
    }
    if (const auto why =
            signing_fault(csr, asked.subject.common_name, asked.subject.organizations, asked.names);
        !why.empty())
      return put(name, "status",
                 with_condition(document, "Failed", "SignerValidationFailure", why, host), host,
                 std::move(done));
    try {
      const auto certificate =
          options.sign({csr.signer, csr.request, asked.subject.common_name,
                        asked.subject.organizations, std::chrono::seconds(csr.expiration_seconds)});
      document["status"]["certificate"] = model::to_base64(certificate);
    } catch (const std::exception& e) {
      document = with_condition(document, "Failed", "SigningFailed", e.what(), host);
    }
    put(name, "status", document, host, std::move(done));
  }

  static json with_condition(json document, const char* type, const char* reason,
                             const std::string& message, const controller_host& host) {
    const auto now = model::to_rfc3339(host.now());
    document["status"]["conditions"].push_back({{"type", type},
                                                {"status", "True"},
                                                {"reason", reason},
                                                {"message", message},
                                                {"lastUpdateTime", now},
                                                {"lastTransitionTime", now}});
    return document;
  }

  static void put(const std::string& name, const std::string& subresource, const json& document,
                  controller_host& host, std::function<void(outcome)> done) {
    host.call(
        "PUT",
        path_of({"certificatesigningrequests.certificates.k8s.io", "", name}) + "/" + subresource,
        document, [done](const api_response& r) {
          if (r.code == 409) return done({{}, 50ms});  // changed in between
          done(outcome_of(r));
        });
  }

  const csr_options options;
};

}  // namespace

controller_actor spawn_csr_controller(caf::actor_system& sys, controller_options options,
                                      csr_options csr) {
  return spawn_controller(sys, std::move(options),
                          std::make_unique<csr_controller>(std::move(csr)));
}

}  // namespace troupe
