#include "actors/api/figures.hpp"

#include "actors/api/answer.hpp"
#include "model/metrics/figures.hpp"
#include "store/figures_board.hpp"

#include <algorithm>

namespace troupe::api {
namespace {

constexpr std::size_t longest_report = 1u << 20;

bool is_kubelet_of(const user_info& user, const std::string& node) {
  return user.name == "system:node:" + node &&
         std::ranges::find(user.groups, "system:nodes") != user.groups.end();
}

}  // namespace

std::optional<api_response> take_figures(const api_request& request, const store::cache& objects,
                                         model::time_point now) {
  if (request.method != "PUT" || !request.target.starts_with(figures_path)) return std::nullopt;
  const std::string node = request.target.substr(figures_path.size());
  if (!is_kubelet_of(request.user, node))
    return answer(model::forbidden({"nodes", "", node},
                                   "only the kubelet of a node reports its "
                                   "figures"));
  if (!objects.get({"nodes", "", node})) return answer(model::not_found({"nodes", "", node}));
  const std::string& text = request.body.bytes();
  if (text.empty()) {
    if (objects.figures().renew(node, now)) return api_response{};
    return answer(model::conflict({"nodes", "", node}, "there is no report to renew"));
  }
  if (text.size() > longest_report)
    return answer(model::request_too_large("the report of a node is too large"));
  auto parsed = model::parse_figures(text);
  if (auto* bad = std::get_if<status>(&parsed)) return answer(*bad);
  objects.figures().put(node, std::move(std::get<model::node_figures>(parsed)), now);
  return api_response{};
}

}  // namespace troupe::api
