#include "cli/bench/workload.hpp"

#include "cli/bench/connection.hpp"

#include <charconv>
#include <unistd.h>

namespace troupe::cli::bench {
namespace {

// A scan for one field is all that a watcher needs; parsing each line would cost more than sending
// it.
std::int64_t number_after(std::string_view line, std::string_view mark) {
  const auto at = line.find(mark);
  if (at == line.npos) return -1;
  std::int64_t number = -1;
  std::from_chars(line.data() + at + mark.size(), line.data() + line.size(), number);
  return number;
}

void expect(std::pair<int, std::string> answer, const char* what) {
  if (answer.first / 100 != 2)
    throw bench_error(std::string(what) + ": " + std::to_string(answer.first) + " " +
                      answer.second.substr(0, 500));
}

}  // namespace

workload::workload(const endpoint& to, std::string_view suffix) : to_(to) {
  name_ = "bench-" + std::to_string(getpid()) + std::string(suffix);
  pods_ = "/api/v1/namespaces/" + name_ + "/pods";
  const auto body =
      R"({"apiVersion":"v1","kind":"Namespace","metadata":{"name":")" + name_ + R"("}})";
  expect(ask(to, "POST", "/api/v1/namespaces", body), "making a namespace");
}

std::string workload::pod_path(std::size_t number) const {
  return pods_ + "/bench-" + std::to_string(number);
}

std::string workload::create_pod(std::size_t number, std::string_view scheduler) const {
  return create(number, scheduler, "1.35");
}

std::string workload::create_unlike_pod(std::size_t number, std::string_view scheduler) const {
  return create(number, scheduler, std::to_string(number));
}

std::string workload::create(std::size_t number, std::string_view scheduler,
                             std::string_view image_tag) const {
  std::string body = R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"bench-)";
  body.append(std::to_string(number)).append(R"(","labels":{"app":"bench"}},"spec":{)");
  body.append(R"("schedulerName":")")
      .append(scheduler)
      .append(R"(","containers":[{"name":"main","image":"busybox:)")
      .append(image_tag)
      .append(R"(","resources":{"requests":{"cpu":"10m","memory":"16Mi"}}}]}})");
  return make_request(to_, "POST", pods_, body);
}

std::string workload::patch_pod(std::size_t number, std::int64_t nanoseconds) const {
  std::string body = R"({"metadata":{"annotations":{"bench/sent":")";
  body.append(std::to_string(nanoseconds)).append(R"("}}})");
  return make_request(to_, "PATCH", pod_path(number), body, "application/merge-patch+json");
}

std::string workload::apply_pod(std::size_t number, std::size_t round) const {
  std::string body = R"({"apiVersion":"v1","kind":"Pod","metadata":{"name":"bench-)";
  body.append(std::to_string(number)).append(R"(","labels":{"round":")");
  body.append(std::to_string(round)).append(R"("}}})");
  return make_request(to_, "PATCH", pod_path(number) + "?fieldManager=bench", body,
                      "application/apply-patch+yaml");
}

void workload::remove() const {
  expect(ask(to_, "DELETE", pods_ + "?gracePeriodSeconds=0"), "deleting the pods");
  expect(ask(to_, "DELETE", "/api/v1/namespaces/" + name_), "deleting the namespace");
}

std::int64_t pod_number(std::string_view line) {
  return number_after(line, R"("name":"bench-)");
}

std::int64_t sent_nanoseconds(std::string_view line) {
  return number_after(line, R"("bench/sent":")");
}

}  // namespace troupe::cli::bench
