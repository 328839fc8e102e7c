#include "cli/client/join.hpp"

#include "model/base64.hpp"
#include "model/bootstrap_token.hpp"
#include "model/random.hpp"
#include "model/status.hpp"
#include "net/http/client.hpp"
#include "net/tls/files.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <optional>
#include <thread>

namespace troupe::cli {
namespace {

using namespace std::chrono_literals;
using model::json;
using model::string_at;
using clock = std::chrono::steady_clock;

constexpr std::chrono::hours renew_before{24 * 30};
constexpr auto poll_interval = 100ms;
constexpr const char* requests_path = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
constexpr std::string_view certificate_end = "-----END CERTIFICATE-----\n";

/// The control plane is out of reach: try again.
struct out_of_reach : std::runtime_error {
  using std::runtime_error::runtime_error;
};

std::string checked(const http::client_reply& reply, const std::string& what) {
  if (!reply) throw out_of_reach(what + ": " + reply.error);
  if (reply.code >= 500 || reply.code == 429)
    throw out_of_reach(what + ": " + model::status_from_text(reply.body).message);
  if (reply.code == 401)
    throw role_error(what +
                     ": the join token is wrong or has expired; make another with "
                     "`troupe token create`");
  if (reply.code >= 300)
    throw role_error(what + ": " + model::status_from_text(reply.body).message);
  return reply.body;
}

struct cluster_info {
  std::string ca;
  cluster_doors doors;
};

cluster_info fetch_cluster_info(const std::string& server, const std::string& ca) {
  http::client client{{.url = server, .ca = ca, .insecure = ca.empty()}};
  const auto body = checked(client.get("/api/v1/namespaces/kube-public/configmaps/cluster-info"),
                            "cannot read the cluster's cluster-info at " + server);
  const auto document = model::parse_json(body);
  const auto kubeconfig = model::parse_json(string_at(document.value, {"data", "kubeconfig"}));
  const auto& clusters = model::at(kubeconfig.value, {"clusters"});
  if (!clusters.is_array() || clusters.empty())
    throw role_error("the cluster-info at " + server + " is not one of Troupe");
  const auto& cluster = model::at(clusters.front(), {"cluster"});
  cluster_info out;
  out.ca = model::from_base64(string_at(cluster, {"certificate-authority-data"})).value_or("");
  out.doors.server = string_at(cluster, {"server"});
  for (const auto& extension : model::at(cluster, {"extensions"})) {
    const auto address = string_at(extension, {"extension", "address"});
    if (string_at(extension, {"name"}) == "troupe.io/edge") out.doors.edge = address;
    if (string_at(extension, {"name"}) == "troupe.io/peer") out.doors.peer = address;
  }
  return out;
}

/// The steps of one joining.
class joining {
 public:
  joining(const join_terms& terms, const std::filesystem::path& dir, const join_wish& wish)
      : terms_(terms), wish_(wish), pki_(dir / "pki"), server_(terms.server) {
    if (!server_.starts_with("https://"))
      throw join_fault("server", "must be the URL of the control plane: https://host:6443");
    std::filesystem::create_directories(pki_);
  }

  membership run() {
    const auto ca = trusted_ca();
    const auto info = known_cluster_info(ca);
    if (!still_good()) renew_or_request(ca);
    const bool peer = wish_.name == "peer";
    return {{pki_ / (wish_.name + ".crt"), pki_ / (wish_.name + ".key"),
             pki_ / (peer ? "peer-ca.crt" : "cluster-ca.crt")},
            info.doors};
  }

 private:
  // The CA known from an earlier start, or the one that fits the pin.
  std::string trusted_ca() {
    const auto& wanted = terms_.ca_pin;
    const auto file = pki_ / "cluster-ca.crt";
    if (std::filesystem::exists(file)) {
      auto known = tls::read_file(file);
      if (wanted.empty() || tls::pin(known) == wanted) return known;
    }
    if (wanted.empty())
      throw join_fault("caCertHash", "is missing; `troupe token create` prints it with the token");
    if (!tls::is_pin(wanted))
      throw join_fault("caCertHash", "must be sha256: and 64 hexadecimal digits");
    auto ca = fetch_cluster_info(server_, "").ca;
    if (ca.empty() || tls::pin(ca) != wanted)
      throw role_error("the CA of " + server_ +
                       " does not fit join.caCertHash: this is another cluster, or somebody in "
                       "between");
    tls::write_file(file, ca, false);
    return ca;
  }

  // What the server says of itself. Its failure is told apart when it is of another cluster: made
  // anew, perhaps, since this host joined.
  cluster_info known_cluster_info(const std::string& ca) const {
    try {
      return fetch_cluster_info(server_, ca);
    } catch (const out_of_reach&) {
      if (tls::pin(fetch_cluster_info(server_, "").ca) == tls::pin(ca)) throw;
      throw out_of_reach("the CA of " + server_ + " is not " + (pki_ / "cluster-ca.crt").string() +
                         ", which this host joined under; to join another cluster, or one made "
                         "anew, give its join.caCertHash and a join.token");
    }
  }

  std::filesystem::path certificate_file() const { return pki_ / (wish_.name + ".crt"); }

  // Our certificate from an earlier start, unless it has ended, is another's or of another CA; then
  // `fault` says so.
  std::optional<tls::credential> own(std::string& fault) const {
    if (!std::filesystem::exists(certificate_file())) return std::nullopt;
    try {
      auto c = tls::load(pki_, wish_.name);
      const auto subject = tls::parse_certificate(c.certificate).subject;
      const auto* ca_file = wish_.name == "peer" ? "peer-ca.crt" : "cluster-ca.crt";
      if (subject != wish_.subject)
        fault = "it is of " + subject.common_name + ", not of " + wish_.subject.common_name;
      else
        fault = tls::refusal(c.certificate, tls::read_file(pki_ / ca_file), tls::usage::client,
                             std::chrono::system_clock::now());
      if (fault.empty()) return c;
    } catch (const std::exception& e) {
      fault = e.what();  // not a whole one
    }
    return std::nullopt;
  }

  bool still_good() const {
    std::string fault;
    const auto c = own(fault);
    return c && tls::parse_certificate(c->certificate).not_after >
                    std::chrono::system_clock::now() + renew_before;
  }

  void renew_or_request(const std::string& ca) {
    http::client_options o{.url = server_, .ca = ca};
    std::string fault;
    if (const auto old = own(fault)) {
      o.certificate = old->certificate;
      o.key = old->key;
    } else {
      const auto& token = terms_.token;
      if (!fault.empty())
        fault = "the certificate " + certificate_file().string() + " cannot be used: " + fault;
      if (token.empty())
        throw join_fault("token", "is missing" + (fault.empty() ? "" : ", and " + fault) +
                                      "; make one with `troupe token create`");
      if (!fault.empty()) spdlog::warn("{}; asking for another", fault);
      if (!model::parse_bootstrap_token(token))
        throw join_fault("token", "must look like abcdef.0123456789abcdef");
      o.bearer_token = token;
    }
    http::client client{o};
    const auto key = tls::make_key();
    const auto name =
        "troupe-" + wish_.name + "-" + model::random_source{model::entropy_seed()}.name_suffix(10);
    submit(client, name, tls::make_request(key, wish_.subject));
    keep(await_certificate(client, name), key);
    spdlog::info("{} has a certificate of the cluster now", wish_.subject.common_name);
  }

  void submit(http::client& client, const std::string& name, const std::string& request) {
    const json csr = {{"apiVersion", "certificates.k8s.io/v1"},
                      {"kind", "CertificateSigningRequest"},
                      {"metadata", {{"name", name}}},
                      {"spec",
                       {{"request", model::to_base64(request)},
                        {"signerName", wish_.signer},
                        {"usages", wish_.usages}}}};
    checked(client.post(requests_path, csr.dump()), "cannot ask " + server_ + " for a certificate");
  }

  std::string await_certificate(http::client& client, const std::string& name) {
    const auto end = clock::now() + 60s;
    while (clock::now() < end) {
      const auto body = checked(client.get(std::string(requests_path) + "/" + name),
                                "cannot follow the certificate request " + name);
      const auto csr = model::parse_json(body);
      if (const auto text = string_at(csr.value, {"status", "certificate"}); !text.empty())
        return model::from_base64(text).value_or("");
      for (const auto& condition : model::at(csr.value, {"status", "conditions"}))
        if (const auto type = string_at(condition, {"type"}); type == "Denied" || type == "Failed")
          throw role_error("the certificate request " + name + " was " + type + ": " +
                           string_at(condition, {"message"}));
      std::this_thread::sleep_for(poll_interval);
    }
    throw role_error("nobody approved the certificate request " + name +
                     "; does the token fit this role?");
  }

  // A peer's certificate comes with the CA of the peer door behind it.
  void keep(const std::string& chain, const std::string& key) {
    const auto end = chain.find(certificate_end);
    if (end == chain.npos) throw role_error(server_ + " answered with no certificate");
    const auto first = end + certificate_end.size();
    if (wish_.name == "peer") {
      if (first >= chain.size()) throw role_error(server_ + " did not send the peer CA");
      tls::write_file(pki_ / "peer-ca.crt", chain.substr(first), false);
    }
    tls::save(pki_, wish_.name, {chain.substr(0, first), key});
  }

  const join_terms& terms_;
  const join_wish& wish_;
  std::filesystem::path pki_;
  std::string server_;
};

}  // namespace

join_wish kubelet_wish(const std::string& node_name) {
  return {"kubelet",
          "kubernetes.io/kube-apiserver-client-kubelet",
          {"system:node:" + node_name, {"system:nodes"}},
          {"digital signature", "client auth"}};
}

join_wish scheduler_wish(const std::string& scheduler_name) {
  return {"peer",
          "troupe.io/peer",
          {"troupe:scheduler:" + scheduler_name, {}},
          {"digital signature", "client auth", "server auth"}};
}

join_wish controller_wish(const std::string& controller_name) {
  return {"controller",
          "kubernetes.io/kube-apiserver-client",
          {std::string(model::controller_user) + controller_name,
           {std::string(model::controllers_group)}},
          {"digital signature", "client auth"}};
}

membership join_cluster(const join_terms& terms, const std::filesystem::path& dir,
                        const join_wish& wish, std::chrono::milliseconds patience) {
  joining steps{terms, dir, wish};
  const auto end = clock::now() + patience;
  std::chrono::milliseconds pause{200};
  while (true) {
    try {
      return steps.run();
    } catch (const out_of_reach& e) {
      if (clock::now() + pause > end) throw role_error(e.what());
      spdlog::warn("{}; trying again in {} ms", e.what(), pause.count());
    }
    std::this_thread::sleep_for(pause);
    pause = std::min(pause * 2, std::chrono::milliseconds{5'000});
  }
}

}  // namespace troupe::cli
