#include "net/cri/grpc_probe.hpp"

#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <array>
#include <memory>
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

/// One question under way; held by its answer.
struct question {
  std::string where, within;
  std::shared_ptr<grpc::Channel> channel;
  grpc::ClientContext context;
  grpc::ByteBuffer request, answer;
};

// With the last channel that a callback was asked of, gRPC 1.51 ends the threads that run
// callbacks, and channels of probes are dropped on those: so one that was asked stays.
void keep_callback_threads() {
  static const question& kept = []() -> const question& {
    auto& q = *new question;
    q.channel = grpc::CreateChannel("127.0.0.1:1", grpc::InsecureChannelCredentials());
    q.context.set_deadline(std::chrono::system_clock::now());  // nobody is called
    q.request = request_for({});
    grpc::GenericStub(q.channel).UnaryCall(&q.context, check, {}, &q.request, &q.answer,
                                           [](const grpc::Status&) {});
    return q;
  }();
  (void)kept;
}

std::string verdict_of_answer(const question& q, const grpc::Status& status) {
  if (status.error_code() == grpc::StatusCode::DEADLINE_EXCEEDED &&
      q.channel->GetState(false) != GRPC_CHANNEL_READY)
    return "timeout: failed to connect service \"" + q.where + "\" within " + q.within +
           ": context deadline exceeded";
  if (!status.ok()) return failure_of(status, q.within);
  const auto said = status_in(q.answer);
  return said == serving
             ? std::string{}
             : "service unhealthy (responded with \"" + std::string(names[said]) + "\")";
}

}  // namespace

void probe_grpc(const std::string& host, int port, const std::string& service,
                std::chrono::seconds timeout, std::function<void(std::string)> told) {
  keep_callback_threads();
  const bool six = host.find(':') != std::string::npos;
  auto q = std::make_shared<question>();
  q->where = (six ? "[" + host + "]" : host) + ":" + std::to_string(port);
  q->within = std::to_string(timeout.count()) + "s";
  q->channel = grpc::CreateChannel(q->where, grpc::InsecureChannelCredentials());
  q->context.set_deadline(std::chrono::system_clock::now() + timeout);
  q->context.set_wait_for_ready(true);
  q->request = request_for(service);
  grpc::GenericStub(q->channel)
      .UnaryCall(&q->context, check, {}, &q->request, &q->answer,
                 [q, told = std::move(told)](const grpc::Status& status) {
                   told(verdict_of_answer(*q, status));
                 });
}

}  // namespace troupe::net::cri
