#include "model/review.hpp"

#include "actors/api/call.hpp"

#include <algorithm>

namespace troupe::api {

decision review(call& c, environment& e) {
  if (auto bad = decode_document(c, *c.kind, c.body)) return *bad;
  std::function<std::optional<model::identity>(std::string_view, std::vector<std::string>&)>
      authenticate;
  if (e.authenticate)
    authenticate = [&e](std::string_view token,
                        std::vector<std::string>& audiences) -> std::optional<model::identity> {
      auto user = e.authenticate(token, audiences);
      if (!user) return std::nullopt;
      if (std::ranges::find(user->groups, "system:authenticated") == user->groups.end())
        user->groups.emplace_back("system:authenticated");
      return model::identity{std::move(user->name), std::move(user->groups), std::move(user->uid),
                             std::move(user->extra)};
    };
  const std::string now = model::to_rfc3339(e.now);
  const model::identity asker{c.user.name, c.user.groups, c.user.uid, c.user.extra};
  auto answered = model::answer_review({*c.kind, asker, e.rights, c.info.ns, now, authenticate},
                                       std::move(c.body));
  if (auto* bad = std::get_if<status>(&answered)) return std::move(*bad);
  decision d;
  d.code = 201;
  // Stored nowhere: an object without a version.
  d.object = std::make_shared<const model::object>(model::object_header{},
                                                   std::get<json>(answered).dump());
  return d;
}

}  // namespace troupe::api
