#include "model/request_info.hpp"
#include "tests/fuzz/target.hpp"

using namespace troupe::model;

void fuzz(std::string_view input) {
  for (const auto* method : {"GET", "POST", "DELETE"}) {
    const auto parsed = parse_request(method, input);
    const auto* info = std::get_if<request_info>(&parsed);
    if (!info) continue;
    require(!info->verb.empty(), "a request without a verb");
    info->group_resource();
    info->flag("watch");
  }
}

std::vector<std::string> seeds() {
  return {"/api/v1/namespaces/default/pods/web/log?follow=true&tailLines=5",
          "/apis/coordination.k8s.io/v1/leases?watch=1&fieldSelector=metadata.name%3Da",
          "/api/v1/nodes/%2e%2e/%2F?x=%zz&y=+",
          "/api//v1///pods?limit=18446744073709551616",
          "/%",
          "?",
          "/api/v1/watch/pods"};
}
