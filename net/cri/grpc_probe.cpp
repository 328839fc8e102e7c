#include "net/cri/grpc_probe.hpp"

#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <array>
#include <vector>

namespace troupe::net::cri {
namespace {

constexpr const char* check = "/grpc.health.v1.Health/Check";
constexpr std::array names{"UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN"};
constexpr std::size_t serving = 1;

// The messages have a field each, numbered 1: they are not worth a compiled proto.
grpc::ByteBuffer request_for(const std::string& service) {
  std::string bytes;
  if (!service.empty()) {
    bytes = "\x0a";
    for (std::size_t n = service.size();; n >>= 7) {
      bytes += static_cast<char>(n < 0x80 ? n : (n & 0x7f) | 0x80);
      if (n < 0x80) break;
    }
    bytes += service;
  }
  const grpc::Slice slice(bytes);
  return {&slice, 1};
}

std::size_t status_in(const grpc::ByteBuffer& answer) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (answer.Dump(&slices).ok())
    for (const auto& s : slices) bytes.append(reinterpret_cast<const char*>(s.begin()), s.size());
  if (bytes.size() < 2 || bytes[0] != '\x08') return 0;
  const auto status = static_cast<std::size_t>(static_cast<unsigned char>(bytes[1]));
  return status < names.size() ? status : 0;
}

std::string failure_of(const grpc::Status& status, const std::string& within) {
  switch (status.error_code()) {
    case grpc::StatusCode::UNIMPLEMENTED:
      return "error: this server does not implement the grpc health protocol "
             "(grpc.health.v1.Health): " +
             status.error_message();
    case grpc::StatusCode::DEADLINE_EXCEEDED:
      return "timeout: health rpc did not complete within " + within;
    default:
      return "error: health rpc probe failed: " + status.error_message();
  }
}

}  // namespace

std::string probe_grpc(const std::string& host, int port, const std::string& service,
                       std::chrono::seconds timeout) {
  const bool six = host.find(':') != std::string::npos;
  const auto where = (six ? "[" + host + "]" : host) + ":" + std::to_string(port);
  const auto within = std::to_string(timeout.count()) + "s";
  const auto deadline = std::chrono::system_clock::now() + timeout;
  const auto channel = grpc::CreateChannel(where, grpc::InsecureChannelCredentials());
  if (!channel->WaitForConnected(deadline))
    return "timeout: failed to connect service \"" + where + "\" within " + within +
           ": context deadline exceeded";
  grpc::GenericStub stub(channel);
  grpc::ClientContext context;
  context.set_deadline(deadline);
  grpc::CompletionQueue queue;
  const auto call = stub.PrepareUnaryCall(&context, check, request_for(service), &queue);
  call->StartCall();
  grpc::ByteBuffer answer;
  grpc::Status status;
  call->Finish(&answer, &status, nullptr);
  void* tag = nullptr;
  bool ok = false;
  queue.Next(&tag, &ok);
  if (!status.ok()) return failure_of(status, within);
  const auto said = status_in(answer);
  return said == serving
             ? std::string{}
             : "service unhealthy (responded with \"" + std::string(names[said]) + "\")";
}

}  // namespace troupe::net::cri
