#pragma once

#include "net/tls/pki.hpp"

#include <filesystem>
#include <string>

namespace troupe::cli {

/// How to reach a cluster, from a kubeconfig.
struct cluster_access {
  std::filesystem::path file;  ///< the kubeconfig
  std::string server;          ///< https://host:port
  std::string ca;              ///< PEM; empty: the insecure port
  std::string edge;            ///< host:port of the worker door; empty: unknown
  std::string ns = "default";
  tls::credential client;  ///< empty when the user has a token or nothing
  std::string token;
};

/// Below the user's data directory: $XDG_DATA_HOME/troupe, or ~/.local/share/troupe. Throws
/// role_error when there is no home.
std::filesystem::path default_data_dir();

/// `given` (--kubeconfig) if not empty, else the one in `data_dir` if that is not empty, else
/// $KUBECONFIG (of several files the first that exists), else the one in the default data
/// directory, else ~/.kube/config if only that exists.
std::filesystem::path kubeconfig_path(const std::string& given, const std::string& data_dir = {});

/// The current context of a kubeconfig. Throws role_error that names the file.
cluster_access load_kubeconfig(const std::filesystem::path& file);

}  // namespace troupe::cli
