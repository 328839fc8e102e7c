#include "cli/client/edge_client.hpp"

#include "cli/client/edge_connection.hpp"

#include <spdlog/spdlog.h>

namespace troupe::cli {
namespace {

class edge_client : public api_client {
 public:
  explicit edge_client(edge_access access) : connection_(std::move(access), false, "troupe") {}

  client_response request(const client_request& r) override {
    return connection_.request(connection_.link(), r);
  }
  client_response stream(const std::string& target, const std::string& accept,
                         const std::function<bool(std::string_view)>& on_chunk) override {
    return connection_.stream(target, accept, on_chunk);
  }
  std::string default_namespace() const override { return connection_.ns(); }

 private:
  edge_connection connection_;
};

}  // namespace

std::unique_ptr<api_client> connect_to_edge(const std::string& kubeconfig) {
  const auto access = load_kubeconfig(kubeconfig_path(kubeconfig));
  // What goes wrong is said by the command that fails, in one line.
  spdlog::set_level(spdlog::level::off);
  return std::make_unique<edge_client>(edge_access_of(access));
}

}  // namespace troupe::cli
