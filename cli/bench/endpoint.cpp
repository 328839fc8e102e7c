#include "cli/bench/endpoint.hpp"

#include "model/base64.hpp"
#include "model/json.hpp"

#include <charconv>
#include <fstream>
#include <sstream>

namespace troupe::cli::bench {
namespace {

using model::json;

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw bench_error("cannot read " + path);
  std::ostringstream out;
  out << in.rdbuf();
  return std::move(out).str();
}

// The entry of a kubeconfig's list with this name: contexts, clusters, users.
const json& named(const json& config, std::string_view list, std::string_view name,
                  const std::string& path) {
  const auto& entries = model::at(config, {list});
  if (entries.is_array())
    for (const auto& entry : entries)
      if (model::string_at(entry, {"name"}) == name) return entry;
  throw bench_error(path + ": no entry " + std::string(name) + " in " + std::string(list));
}

// A credential is given in place ("KEY-data", base64) or as a file ("KEY").
std::string credential(const json& of, const std::string& key, const std::string& path) {
  const auto data = model::string_at(of, {key + "-data"});
  if (!data.empty()) {
    auto bytes = model::from_base64(data);
    if (!bytes) throw bench_error(path + ": " + key + "-data is not base64");
    return std::move(*bytes);
  }
  const auto file = model::string_at(of, {key});
  return file.empty() ? std::string() : read_file(file);
}

}  // namespace

endpoint parse_server(std::string_view url) {
  endpoint to;
  auto rest = url;
  if (rest.starts_with("https://")) {
    to.tls = true;
    rest.remove_prefix(8);
  } else if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
  } else {
    throw bench_error("not a URL of an API server: " + std::string(url));
  }
  rest = rest.substr(0, rest.find('/'));
  const auto colon = rest.rfind(':');
  to.host = rest.substr(0, colon);
  if (colon == std::string_view::npos) {
    to.port = to.tls ? 443 : 80;
    return to;
  }
  const auto port = rest.substr(colon + 1);
  const auto end = port.data() + port.size();
  if (const auto [last, fault] = std::from_chars(port.data(), end, to.port);
      fault != std::errc() || last != end || to.port == 0)
    throw bench_error("no port number in " + std::string(url));
  return to;
}

endpoint read_kubeconfig(const std::string& path) {
  const auto parsed = model::parse_yaml(read_file(path));
  if (!parsed) throw bench_error(path + ": " + parsed.error);
  const auto& config = parsed.value;
  const auto& context =
      named(config, "contexts", model::string_at(config, {"current-context"}), path);
  const auto& cluster =
      named(config, "clusters", model::string_at(context, {"context", "cluster"}), path);
  const auto& user = named(config, "users", model::string_at(context, {"context", "user"}), path);
  auto to = parse_server(model::string_at(cluster, {"cluster", "server"}));
  const auto& identity = model::at(user, {"user"});
  to.ca = credential(model::at(cluster, {"cluster"}), "certificate-authority", path);
  to.certificate = credential(identity, "client-certificate", path);
  to.key = credential(identity, "client-key", path);
  to.token = model::string_at(identity, {"token"});
  return to;
}

std::string make_request(const endpoint& to, std::string_view method, std::string_view target,
                         std::string_view body, std::string_view content_type) {
  std::string out;
  out.reserve(256 + to.token.size() + body.size());
  out.append(method).append(" ").append(target).append(" HTTP/1.1\r\nHost: ").append(to.host);
  out.append("\r\nUser-Agent: troupe-bench\r\nAccept: application/json\r\n");
  if (!to.token.empty()) out.append("Authorization: Bearer ").append(to.token).append("\r\n");
  if (!body.empty())
    out.append("Content-Type: ").append(content_type).append("\r\nContent-Length: ");
  if (!body.empty()) out.append(std::to_string(body.size())).append("\r\n");
  return out.append("\r\n").append(body);
}

}  // namespace troupe::cli::bench
