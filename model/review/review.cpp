#include "model/review.hpp"

#include "model/review/kinds.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

using review_rule = std::optional<status> (*)(const review_request&, json&);

struct review {
  std::string_view resource;
  review_rule answer;
};

constexpr review reviews[] = {{"selfsubjectreviews.authentication.k8s.io", review_self},
                              {"tokenreviews.authentication.k8s.io", review_token},
                              {"subjectaccessreviews.authorization.k8s.io", review_access},
                              {"localsubjectaccessreviews.authorization.k8s.io", review_access},
                              {"selfsubjectaccessreviews.authorization.k8s.io", review_access},
                              {"selfsubjectrulesreviews.authorization.k8s.io", review_rules}};

const review* find_review(const kind_info& kind) {
  const auto found = std::ranges::find(reviews, kind.resource, &review::resource);
  return found == std::end(reviews) ? nullptr : found;
}

}  // namespace

bool is_review(const kind_info& kind) {
  return find_review(kind) != nullptr;
}

std::variant<json, status> answer_review(const review_request& r, json document) {
  const review* known = find_review(r.kind);
  if (!known) return method_not_supported(r.kind.resource, "create");
  if (auto bad = known->answer(r, document)) return std::move(*bad);
  return document;
}

}  // namespace troupe::model
