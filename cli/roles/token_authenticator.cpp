#include "cli/roles/token_authenticator.hpp"

#include "cli/roles/data_dir.hpp"
#include "model/bootstrap_token.hpp"
#include "model/legacy_token.hpp"
#include "model/service_account_token.hpp"
#include "net/tls/files.hpp"
#include "net/tls/pki.hpp"

#include <algorithm>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <unordered_map>

namespace troupe::cli {
namespace {

constexpr std::size_t kept_tokens = 4096;

// Claims of tokens whose signature was good.
class checked_tokens {
 public:
  using claims_ptr = std::shared_ptr<const model::json>;

  claims_ptr find(const std::string& token) const {
    const std::shared_lock lock(mutex_);
    const auto found = claims_.find(token);
    return found == claims_.end() ? nullptr : found->second;
  }
  void put(const std::string& token, claims_ptr claims) {
    const std::unique_lock lock(mutex_);
    if (claims_.size() >= kept_tokens) claims_.clear();
    claims_[token] = std::move(claims);
  }

 private:
  mutable std::shared_mutex mutex_;
  std::unordered_map<std::string, claims_ptr> claims_;
};

// Which Secrets' uses have been noted on a day.
class noted_uses {
 public:
  bool first_of_day(const std::string& uid, const std::string& day) {
    const std::lock_guard lock(mutex_);
    if (day != day_ || uids_.size() >= kept_tokens) {
      uids_.clear();
      day_ = day;
    }
    return uids_.insert(uid).second;
  }

 private:
  std::mutex mutex_;
  std::string day_;
  std::set<std::string> uids_;
};

class judge {
 public:
  explicit judge(token_sources s) : sources_(std::move(s)) {}

  std::optional<user_info> operator()(std::string_view token, std::vector<std::string>& audiences) {
    std::optional<user_info> user;
    if (const auto known = sources_.known.find(token); known != sources_.known.end())
      user = known->second;
    else if (const auto parsed = model::parse_bootstrap_token(token))
      user = bootstrap(*parsed);
    else
      return account(token, audiences);
    // Such tokens are for the API server.
    if (!audiences.empty() && std::ranges::find(audiences, sources_.issuer) == audiences.end())
      return std::nullopt;
    audiences = {sources_.issuer};
    return user;
  }

 private:
  std::optional<user_info> bootstrap(const model::bootstrap_token& token) const {
    const auto object = sources_.objects->get({"secrets", std::string(model::bootstrap_namespace),
                                               model::bootstrap_secret_name(token.id)});
    if (!object) return std::nullopt;
    auto secret = model::read_bootstrap_secret(object->parse(), sources_.clock());
    if (!secret || !secret->authenticates || secret->expired ||
        !tls::equal_in_constant_time(secret->token.secret, token.secret))
      return std::nullopt;
    return user_info{"system:bootstrap:" + token.id, std::move(secret->groups)};
  }

  std::optional<user_info> account(std::string_view token, std::vector<std::string>& audiences) {
    const std::string text(token);
    auto claims = checked_.find(text);
    if (!claims) {
      const auto payload = sources_.key ? sources_.key->verify(token) : std::nullopt;
      if (!payload) return std::nullopt;
      auto parsed = model::parse_json(*payload);
      if (!parsed) return std::nullopt;
      claims = std::make_shared<const model::json>(std::move(parsed.value));
      checked_.put(text, claims);
    }
    auto who = model::judge_claims(
        *claims, sources_.issuer, audiences,
        [this](const model::object_key& key) { return sources_.objects->get(key); },
        sources_.clock(), token, [this](const model::object_ptr& secret) { note_use(secret); });
    if (!who) return std::nullopt;
    audiences = std::move(who->audiences);
    return user_info{std::move(who->name), std::move(who->groups), std::move(who->uid),
                     std::move(who->extra)};
  }

  // The cache shows the note later: until then a busy token would be noted again and again.
  void note_use(const model::object_ptr& secret) {
    const auto now = sources_.clock();
    if (!sources_.used || !model::wants_use_noted(*secret, now)) return;
    if (noted_.first_of_day(secret->header().uid, model::day_of(now))) sources_.used(secret);
  }

  const token_sources sources_;
  checked_tokens checked_;
  noted_uses noted_;
};

// The fields of a line of comma-separated values; a quoted one may hold commas.
std::vector<std::string> fields_of(std::string_view line) {
  std::vector<std::string> out(1);
  bool quoted = false;
  for (const char c : line) {
    if (c == '"')
      quoted = !quoted;
    else if (c == ',' && !quoted)
      out.emplace_back();
    else if (!out.back().empty() || c != ' ')
      out.back() += c;
  }
  return out;
}

}  // namespace

static_tokens read_static_tokens(const std::filesystem::path& file) {
  static_tokens out;
  const std::string text = tls::read_file(file);
  std::size_t number = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find('\n', at), text.size());
    std::string_view line(text.data() + at, end - at);
    at = end + 1;
    ++number;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.starts_with('#')) continue;
    const auto fields = fields_of(line);
    if (fields.size() < 3 || fields[0].empty() || fields[1].empty())
      throw role_error(file.string() + ":" + std::to_string(number) +
                       ": a line must be token,user,uid and perhaps \"groups\"");
    user_info user{fields[1], {}, fields[2], {}};
    if (fields.size() > 3 && !fields[3].empty()) user.groups = fields_of(fields[3]);
    out[fields[0]] = std::move(user);
  }
  return out;
}

token_authenticator make_token_authenticator(token_sources sources) {
  auto by = std::make_shared<judge>(std::move(sources));
  return [by](std::string_view token, std::vector<std::string>& audiences) {
    return (*by)(token, audiences);
  };
}

}  // namespace troupe::cli
