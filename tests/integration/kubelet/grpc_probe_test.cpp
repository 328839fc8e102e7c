// floors: net/cri
#include "net/cri/grpc_probe.hpp"

#include <gmock/gmock.h>
#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/grpcpp.h>
#include <grpcpp/health_check_service_interface.h>

#include <future>

namespace troupe::net::cri {
namespace {

using testing::HasSubstr;
using testing::StartsWith;
using namespace std::chrono_literals;

struct server {
  explicit server(bool tells_health) {
    grpc::EnableDefaultHealthCheckService(tells_health);
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterCallbackGenericService(&others);
    running = builder.BuildAndStart();
  }
  int port = 0;
  grpc::CallbackGenericService others;  // knows no method
  std::unique_ptr<grpc::Server> running;
};

std::string probe(const std::string& host, int port, const std::string& service,
                  std::chrono::seconds timeout) {
  auto told = std::make_shared<std::promise<std::string>>();
  probe_grpc(host, port, service, timeout, [told](std::string why) { told->set_value(why); });
  return told->get_future().get();
}

TEST(GrpcProbe, AsksTheServerOrOneOfItsServices) {
  server s(true);
  auto& health = *s.running->GetHealthCheckService();
  EXPECT_EQ(probe("127.0.0.1", s.port, "", 2s), "");
  health.SetServingStatus("web", true);
  health.SetServingStatus(std::string(200, 'x'), true);
  EXPECT_EQ(probe("127.0.0.1", s.port, "web", 2s), "");
  EXPECT_EQ(probe("127.0.0.1", s.port, std::string(200, 'x'), 2s), "");
  health.SetServingStatus("web", false);
  EXPECT_EQ(probe("127.0.0.1", s.port, "web", 2s),
            "service unhealthy (responded with \"NOT_SERVING\")");
  EXPECT_THAT(probe("127.0.0.1", s.port, "unknown", 2s),
              StartsWith("error: health rpc probe failed"));
}

TEST(GrpcProbe, SaysWhatIsWrongWithTheServer) {
  server s(false);
  EXPECT_THAT(probe("127.0.0.1", s.port, "", 2s),
              HasSubstr("does not implement the grpc health protocol (grpc.health.v1.Health)"));
  const int gone = s.port;
  s.running->Shutdown();
  EXPECT_THAT(probe("127.0.0.1", gone, "", 1s),
              StartsWith("timeout: failed to connect service \"127.0.0.1:" + std::to_string(gone) +
                         "\" within 1s"));
}

}  // namespace
}  // namespace troupe::net::cri
