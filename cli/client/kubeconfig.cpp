#include "cli/client/kubeconfig.hpp"

#include "cli/client/role_error.hpp"
#include "model/base64.hpp"
#include "model/json.hpp"
#include "net/tls/files.hpp"

#include <cstdlib>
#include <sstream>

namespace troupe::cli {
namespace {

using model::json;
using model::string_at;

// The item called `name` of a kubeconfig's list.
const json& named(const json& config, std::string_view list, const std::string& name) {
  for (const auto& item : model::at(config, {list}))
    if (string_at(item, {"name"}) == name) return item;
  throw role_error("has no \"" + name + "\" in " + std::string(list));
}

// `key`-data (base64) or the file that `key` names.
std::string data_or_file(const json& section, const std::string& key,
                         const std::filesystem::path& dir) {
  if (const auto text = string_at(section, {key + "-data"}); !text.empty()) {
    auto bytes = model::from_base64(text);
    if (!bytes) throw role_error("has a " + key + "-data that is not base64");
    return *bytes;
  }
  const auto path = string_at(section, {key});
  return path.empty() ? std::string{} : tls::read_file(dir / path);
}

cluster_access read(const json& config, const std::filesystem::path& dir) {
  const auto& context =
      model::at(named(config, "contexts", string_at(config, {"current-context"})), {"context"});
  const auto& cluster =
      model::at(named(config, "clusters", string_at(context, {"cluster"})), {"cluster"});
  const auto& user = model::at(named(config, "users", string_at(context, {"user"})), {"user"});
  cluster_access out;
  out.server = string_at(cluster, {"server"});
  out.ca = data_or_file(cluster, "certificate-authority", dir);
  out.ns = string_at(context, {"namespace"}, "default");
  out.client = {data_or_file(user, "client-certificate", dir),
                data_or_file(user, "client-key", dir)};
  out.token = string_at(user, {"token"});
  for (const auto& extension : model::at(cluster, {"extensions"}))
    if (string_at(extension, {"name"}) == "troupe.io/edge")
      out.edge = string_at(extension, {"extension", "address"});
  return out;
}

}  // namespace

std::filesystem::path default_data_dir() {
  if (const char* xdg = std::getenv("XDG_DATA_HOME"); xdg && *xdg == '/')
    return std::filesystem::path(xdg) / "troupe";
  const char* home = std::getenv("HOME");
  if (!home || *home != '/') throw role_error("HOME is not set; give --data-dir");
  return std::filesystem::path(home) / ".local/share/troupe";
}

std::filesystem::path kubeconfig_path(const std::string& given, const std::string& data_dir) {
  namespace fs = std::filesystem;
  if (!given.empty()) return given;
  if (!data_dir.empty()) return fs::path(data_dir) / "kubeconfig";
  if (const char* listed = std::getenv("KUBECONFIG"); listed && *listed) {
    std::istringstream files(listed);
    fs::path first;
    for (std::string file; std::getline(files, file, ':');) {
      if (first.empty()) first = file;
      if (!file.empty() && fs::exists(file)) return file;
    }
    return first;
  }
  const auto own = default_data_dir() / "kubeconfig";
  const char* home = std::getenv("HOME");
  if (home && !fs::exists(own) && fs::exists(fs::path(home) / ".kube/config"))
    return fs::path(home) / ".kube/config";
  return own;
}

cluster_access load_kubeconfig(const std::filesystem::path& file) {
  if (!std::filesystem::exists(file))
    throw role_error("no kubeconfig at " + file.string() +
                     "; start a cluster with `troupe up`, or name one with --kubeconfig or "
                     "KUBECONFIG");
  try {
    const auto config = model::parse_yaml(tls::read_file(file));
    if (!config) throw role_error("is no kubeconfig: " + config.error);
    auto out = read(config.value, file.parent_path());
    out.file = file;
    return out;
  } catch (const role_error& e) {
    throw role_error(file.string() + " " + e.what());
  } catch (const tls::pki_error& e) {
    throw role_error(e.what());
  }
}

}  // namespace troupe::cli
