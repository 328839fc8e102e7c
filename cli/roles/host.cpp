#include "cli/roles/host.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <ifaddrs.h>
#include <memory>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace troupe::cli {

std::vector<std::string> host_addresses() {
  std::vector<std::string> out;
  std::vector<std::string> loopback;
  ifaddrs* head = nullptr;
  if (::getifaddrs(&head) != 0) return {"127.0.0.1"};
  const std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> owner{head, ::freeifaddrs};
  for (const auto* i = head; i; i = i->ifa_next) {
    if (!i->ifa_addr || !(i->ifa_flags & IFF_UP)) continue;
    char text[INET6_ADDRSTRLEN] = {};
    if (i->ifa_addr->sa_family == AF_INET) {
      ::inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in*>(i->ifa_addr)->sin_addr, text,
                  sizeof text);
    } else if (i->ifa_addr->sa_family == AF_INET6) {
      const auto& six = reinterpret_cast<const sockaddr_in6*>(i->ifa_addr)->sin6_addr;
      if (IN6_IS_ADDR_LINKLOCAL(&six)) continue;
      ::inet_ntop(AF_INET6, &six, text, sizeof text);
    } else {
      continue;
    }
    ((i->ifa_flags & IFF_LOOPBACK) ? loopback : out).emplace_back(text);
  }
  std::stable_partition(out.begin(), out.end(),
                        [](const std::string& a) { return a.find(':') == a.npos; });
  out.insert(out.end(), loopback.begin(), loopback.end());
  return out;
}

bool is_wildcard(const std::string& address) {
  return address == "0.0.0.0" || address == "::";
}

}  // namespace troupe::cli
