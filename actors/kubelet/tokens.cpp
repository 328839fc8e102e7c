#include "actors/kubelet/disk.hpp"
#include "actors/kubelet/worker.hpp"

namespace troupe {

using namespace model::kubelet;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

/// After how much of its life, and at the latest, a token is renewed, as kubelet does.
constexpr int renewed_after_percent = 80;
constexpr seconds longest_wait{24 * 3600};
constexpr seconds renewal_retry{30};

}  // namespace

void pod_worker::fetch_tokens(std::function<void(objects_ptr, const std::string&)> f) {
  auto wanted = context_->on_disk() ? token_requests(life_.pod()) : std::vector<token_request>{};
  struct gathering {
    std::shared_ptr<object_map> answers = std::make_shared<object_map>();
    std::string error;
    std::size_t open = 0;
  };
  auto all = std::make_shared<gathering>();
  all->open = wanted.size();
  if (wanted.empty()) return f(all->answers, {});
  const auto target = "/api/v1/namespaces/" + pod_ns() + "/serviceaccounts/" +
                      model::string_at(life_.pod(), {"spec", "serviceAccountName"}) + "/token";
  for (auto& r : wanted)
    ask_api(this, *context_, "POST", target, r.body, json_type,
            [all, f, name = r.name](const api_answer& a) {
              if (a.ok())
                (*all->answers)[{token_answers, name}] = a.document();
              else
                all->error = "failed to fetch token: " + a.message();
              if (--all->open == 0) f(all->answers, all->error);
            });
}

void pod_worker::keep_tokens_fresh() {
  if (renewing_ || !context_->on_disk()) return;
  seconds next = longest_wait;
  const auto wanted = token_requests(life_.pod());
  for (const auto& r : wanted) next = std::min(next, r.lifetime * renewed_after_percent / 100);
  if (wanted.empty()) return;
  renewing_ = true;
  later(next, [this] { renew_tokens(); });
}

// While the API gives none, the pod keeps those it has.
void pod_worker::renew_tokens() {
  if (finishing_) return;
  fetch_tokens([this](auto, const std::string& error) {
    if (!error.empty()) return later(renewal_retry, [this] { renew_tokens(); });
    renewing_ = false;
    prepare();  // writes everything anew; a file changes as a whole
  });
}

}  // namespace troupe
