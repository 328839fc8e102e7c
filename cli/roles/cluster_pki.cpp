#include "cli/roles/cluster_pki.hpp"

#include "model/base64.hpp"
#include "net/tls/files.hpp"
#include "net/tls/jwt.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <sys/stat.h>

namespace troupe::cli {
namespace {

constexpr std::chrono::hours renew_before{24 * 30};

// Which file holds which credential, and what it says.
struct certificate_file {
  const char* name;
  const tls::credential& issuer;
  tls::subject subject;
  tls::usage usage;
  std::vector<std::string> names;
};

tls::credential ensure_ca(const std::filesystem::path& dir, const std::string& name,
                          model::time_point now) {
  if (std::filesystem::exists(dir / (name + ".crt"))) return tls::load(dir, name);
  auto ca = tls::make_ca("troupe-" + name, now);
  tls::save(dir, name, ca);
  return ca;
}

bool still_good(const tls::credential& c, const certificate_file& file, model::time_point now) {
  const auto info = tls::parse_certificate(c.certificate);
  const bool complete =
      std::all_of(file.names.begin(), file.names.end(), [&](const std::string& name) {
        return std::find(info.names.begin(), info.names.end(), name) != info.names.end();
      });
  return complete && info.subject == file.subject &&
         tls::refusal(c.certificate, file.issuer.certificate, file.usage, now + renew_before)
             .empty();
}

tls::credential ensure_certificate(const std::filesystem::path& dir, const certificate_file& file,
                                   model::time_point now) {
  if (std::filesystem::exists(dir / (std::string(file.name) + ".crt"))) {
    auto found = tls::load(dir, file.name);
    if (still_good(found, file, now)) return found;
    spdlog::info("renewing certificate {}", file.name);
  }
  auto made = tls::issue(file.issuer, tls::for_one_year(file.subject, file.usage, file.names, now));
  tls::save(dir, file.name, made);
  return made;
}

// Service accounts' tokens outlive their process: one key for the life of the cluster.
std::string ensure_token_key(const std::filesystem::path& dir) {
  if (std::filesystem::exists(dir / "sa.key")) return tls::read_file(dir / "sa.key");
  auto key = tls::make_key();
  tls::write_file(dir / "sa.key", key, true);
  tls::write_file(dir / "sa.pub", tls::token_key(key).public_key(), false);
  return key;
}

}  // namespace

cluster_pki ensure_cluster_pki(const std::filesystem::path& data_dir,
                               std::vector<std::string> names, model::time_point now) {
  cluster_pki out;
  out.dir = data_dir / "pki";
  std::filesystem::create_directories(out.dir);
  ::chmod(out.dir.c_str(), 0700);
  out.ca = ensure_ca(out.dir, "ca", now);
  out.peer_ca = ensure_ca(out.dir, "peer-ca", now);
  out.front_proxy_ca = ensure_ca(out.dir, "front-proxy-ca", now);
  out.token_key = ensure_token_key(out.dir);
  using enum tls::usage;
  out.api_server = ensure_certificate(
      out.dir, {"apiserver", out.ca, {"kube-apiserver", {}}, server, std::move(names)}, now);
  out.peer = ensure_certificate(
      out.dir, {"peer", out.peer_ca, {"troupe:control-plane", {}}, tls::usage::peer, {}}, now);
  out.front_proxy = ensure_certificate(
      out.dir, {"front-proxy-client", out.front_proxy_ca, {"front-proxy-client", {}}, client, {}},
      now);
  out.admin = ensure_certificate(
      out.dir, {"admin", out.ca, {"kubernetes-admin", {"system:masters"}}, client, {}}, now);
  return out;
}

std::string make_kubeconfig(const std::string& server, const std::string& edge,
                            const std::string& ca, const tls::credential& client,
                            const std::string& user) {
  std::string out =
      "apiVersion: v1\nkind: Config\ncurrent-context: troupe\nclusters:\n- name: troupe\n"
      "  cluster:\n    server: " +
      server + "\n    certificate-authority-data: " + model::to_base64(ca) + "\n";
  if (!edge.empty())
    out +=
        "    extensions:\n    - name: troupe.io/edge\n      extension:\n        address: " + edge +
        "\n";
  out += "contexts:\n- name: troupe\n  context:\n    cluster: troupe\n    user: " + user +
         "\nusers:\n- name: " + user +
         "\n  user:\n    client-certificate-data: " + model::to_base64(client.certificate) +
         "\n    client-key-data: " + model::to_base64(client.key) + "\n";
  return out;
}

}  // namespace troupe::cli
