#include "model/service_account_token.hpp"

#include "model/base64.hpp"
#include "model/legacy_token.hpp"
#include "model/selector.hpp"
#include "model/validation/path.hpp"

#include <algorithm>
#include <utility>

namespace troupe::model {
namespace {

using std::chrono::seconds;

constexpr std::int64_t default_lifetime = 3600;
constexpr std::int64_t shortest_lifetime = 600;
constexpr std::int64_t longest_lifetime = std::int64_t{1} << 32;
// What kubelets ask for pods. Such a token lives longer, so that clients that never read the file
// again go on, and says by when it should have been renewed.
constexpr std::int64_t kubelet_lifetime = 3607;
constexpr std::int64_t extended_lifetime = 365LL * 24 * 3600;
// A pod that is being deleted keeps its token a little longer.
constexpr seconds deletion_leeway{60};
constexpr seconds clock_leeway{60};

constexpr const char* extra_prefix = "authentication.kubernetes.io/";

std::int64_t unix_seconds(time_point t) {
  return std::chrono::duration_cast<seconds>(t.time_since_epoch()).count();
}

std::vector<std::string> texts_of(const json& list) {
  std::vector<std::string> out;
  if (list.is_string()) out.push_back(list.get<std::string>());
  if (!list.is_array()) return out;
  for (const json& item : list)
    if (item.is_string()) out.push_back(item.get<std::string>());
  return out;
}

std::optional<status> check_request(const object& account, const json& request) {
  faults f;
  const field_path spec("spec");
  const json& lifetime = at(request, {"spec", "expirationSeconds"});
  if (lifetime.is_number_integer()) {
    const auto asked = lifetime.get<std::int64_t>();
    if (asked < shortest_lifetime)
      f.invalid(spec.child("expirationSeconds"), lifetime,
                "may not specify a duration less than 10 minutes");
    if (asked > longest_lifetime)
      f.invalid(spec.child("expirationSeconds"), lifetime,
                "may not specify a duration larger than 2^32 seconds");
  }
  if (f.empty()) return std::nullopt;
  return invalid("authentication.k8s.io", "TokenRequest", account.key().name, f.take());
}

json named(const object& o) {
  return {{"name", o.key().name}, {"uid", o.header().uid}};
}

// The object that the token is bound to, added to the claims "kubernetes.io".
std::optional<status> bind_claims(const object& account, const json& reference,
                                  const token_lookup& lookup, json& private_claims) {
  const std::string kind = string_at(reference, {"kind"});
  const std::string version = string_at(reference, {"apiVersion"});
  const std::string name = string_at(reference, {"name"});
  const std::string ns = account.key().ns;
  object_key key;
  if (version == "v1" && kind == "Pod") key = {"pods", ns, name};
  if (version == "v1" && kind == "Secret") key = {"secrets", ns, name};
  if (version == "v1" && kind == "Node") key = {"nodes", "", name};
  if (key.resource.empty()) {
    const auto slash = version.find('/');
    const std::string group = slash == version.npos ? "" : version.substr(0, slash);
    const std::string rest = slash == version.npos ? version : version.substr(slash + 1);
    return bad_request("cannot bind token to object of type " + group + "/" + rest +
                       ", Kind=" + kind);
  }
  const object_ptr bound = lookup(key);
  if (!bound) return not_found(key);
  if (const std::string uid = string_at(reference, {"uid"});
      !uid.empty() && uid != bound->header().uid)
    return conflict({kind, ns, name}, "the UID in the bound object reference (" + uid +
                                          ") does not match the UID in record. The object might "
                                          "have been deleted and then recreated");
  if (kind == "Pod") {
    const json pod = bound->parse();
    if (string_at(pod, {"spec", "serviceAccountName"}) != account.key().name)
      return bad_request("cannot bind token for serviceaccount \"" + account.key().name +
                         "\" to pod running with different serviceaccount name.");
    if (const std::string node = string_at(pod, {"spec", "nodeName"}); !node.empty()) {
      const object_ptr runs_on = lookup({"nodes", "", node});
      private_claims["node"] = runs_on ? named(*runs_on) : json{{"name", node}};
    }
  }
  std::string claim = kind;
  claim.front() = static_cast<char>(claim.front() | 0x20);
  private_claims[claim] = named(*bound);
  return std::nullopt;
}

bool is_alive(const object_ptr& o, const json& claim, time_point now, seconds leeway = {}) {
  if (!o || o->header().uid != string_at(claim, {"uid"})) return false;
  if (!o->header().deleting) return true;
  const auto since = from_rfc3339(string_at(o->parse(), {"metadata", "deletionTimestamp"}));
  return since && now < *since + leeway;
}

account_identity identify(const object& account) {
  const auto& key = account.key();
  return {"system:serviceaccount:" + key.ns + ":" + key.name,
          account.header().uid,
          {"system:serviceaccounts", "system:serviceaccounts:" + key.ns},
          {},
          {}};
}

// What a token is bound to must be there, and becomes a part of who it speaks for.
bool take_bindings(const json& claims, const std::string& ns, const token_lookup& lookup,
                   time_point now, account_identity& out) {
  const json& pod = at(claims, {"pod"});
  const json& node = at(claims, {"node"});
  const json& secret = at(claims, {"secret"});
  if (pod.is_object()) {
    const auto name = string_at(pod, {"name"});
    if (!is_alive(lookup({"pods", ns, name}), pod, now, deletion_leeway)) return false;
    out.extra[std::string(extra_prefix) + "pod-name"] = {name};
    out.extra[std::string(extra_prefix) + "pod-uid"] = {string_at(pod, {"uid"})};
  }
  if (secret.is_object() &&
      !is_alive(lookup({"secrets", ns, string_at(secret, {"name"})}), secret, now))
    return false;
  if (!node.is_object()) return true;
  const auto name = string_at(node, {"name"});
  // Of a pod's token the node is only told.
  if (!pod.is_object() && !is_alive(lookup({"nodes", "", name}), node, now)) return false;
  out.extra[std::string(extra_prefix) + "node-name"] = {name};
  if (const auto uid = string_at(node, {"uid"}); !uid.empty())
    out.extra[std::string(extra_prefix) + "node-uid"] = {uid};
  return true;
}

std::optional<account_identity> judge_legacy(const json& claims, const std::string& issuer,
                                             const std::vector<std::string>& audiences,
                                             const token_lookup& lookup, std::string_view raw,
                                             const token_use& used) {
  const auto ns = string_at(claims, {"kubernetes.io/serviceaccount/namespace"});
  const auto name = string_at(claims, {"kubernetes.io/serviceaccount/service-account.name"});
  const auto secret_name = string_at(claims, {"kubernetes.io/serviceaccount/secret.name"});
  const object_ptr account = lookup({"serviceaccounts", ns, name});
  if (!account || account->header().deleting ||
      account->header().uid !=
          string_at(claims, {"kubernetes.io/serviceaccount/service-account.uid"}))
    return std::nullopt;
  const object_ptr secret = lookup({"secrets", ns, secret_name});
  if (!secret || secret->header().deleting) return std::nullopt;
  if (from_base64(string_at(secret->parse(), {"data", "token"})) != std::string(raw))
    return std::nullopt;
  account_identity out = identify(*account);
  for (const auto& a : audiences)
    if (a == issuer) out.audiences.push_back(a);
  if (!audiences.empty() && out.audiences.empty()) return std::nullopt;
  if (used) used(secret);
  const auto* invalid = find(secret->header().labels, invalid_since_label);
  return invalid && !invalid->empty() ? std::nullopt : std::optional{std::move(out)};
}

}  // namespace

std::variant<json, status> issue_token(const token_issuer& by, const object& account, json request,
                                       const token_lookup& lookup, time_point now,
                                       const std::string& jti) {
  const auto& key = account.key();
  json& meta = request["metadata"];
  for (const auto& [field, own] : {std::pair{"name", key.name}, std::pair{"namespace", key.ns}}) {
    const std::string given = string_at(meta, {field}, own);
    if (given != own)
      return bad_request("the " + std::string(field) + " of the provided object does not match " +
                         "the " + field + " sent on the request");
    meta[field] = own;
  }
  meta["creationTimestamp"] = to_rfc3339(now);
  if (auto bad = check_request(account, request)) return std::move(*bad);
  json& spec = request["spec"];
  if (!spec.is_object()) spec = json::object();
  if (!at(spec, {"expirationSeconds"}).is_number_integer())
    spec["expirationSeconds"] = default_lifetime;
  auto audiences = texts_of(at(spec, {"audiences"}));
  if (audiences.empty()) audiences = {by.issuer};
  spec["audiences"] = audiences;
  json own = {{"namespace", key.ns}, {"serviceaccount", named(account)}};
  if (const json& reference = at(spec, {"boundObjectRef"}); reference.is_object())
    if (auto bad = bind_claims(account, reference, lookup, own)) return std::move(*bad);
  const std::int64_t begin = unix_seconds(now);
  const auto asked = spec["expirationSeconds"].get<std::int64_t>();
  std::int64_t lifetime = asked;
  if (asked == kubelet_lifetime && own.contains("pod") &&
      audiences == std::vector<std::string>{by.issuer}) {
    lifetime = extended_lifetime;
    own["warnafter"] = begin + asked;
  }
  const json claims = {
      {"aud", audiences}, {"exp", begin + lifetime},
      {"iat", begin},     {"iss", by.issuer},
      {"jti", jti},       {"kubernetes.io", own},
      {"nbf", begin},     {"sub", "system:serviceaccount:" + key.ns + ":" + key.name}};
  request["status"] = {{"token", by.sign(claims)},
                       {"expirationTimestamp", to_rfc3339(now + seconds(asked))}};
  return request;
}

json legacy_claims(const object& account, const std::string& secret) {
  const auto& key = account.key();
  return {{"iss", legacy_issuer},
          {"kubernetes.io/serviceaccount/namespace", key.ns},
          {"kubernetes.io/serviceaccount/secret.name", secret},
          {"kubernetes.io/serviceaccount/service-account.name", key.name},
          {"kubernetes.io/serviceaccount/service-account.uid", account.header().uid},
          {"sub", "system:serviceaccount:" + key.ns + ":" + key.name}};
}

std::optional<account_identity> judge_claims(const json& claims, const std::string& issuer,
                                             const std::vector<std::string>& audiences,
                                             const token_lookup& lookup, time_point now,
                                             std::string_view raw, const token_use& used) {
  const std::vector<std::string> wanted =
      audiences.empty() ? std::vector<std::string>{issuer} : audiences;
  const auto by = string_at(claims, {"iss"});
  if (by == legacy_issuer) return judge_legacy(claims, issuer, wanted, lookup, raw, used);
  if (by != issuer) return std::nullopt;
  const json& end = at(claims, {"exp"});
  const json& begin = at(claims, {"nbf"});
  if (!end.is_number_integer() || unix_seconds(now) >= end.get<std::int64_t>()) return std::nullopt;
  if (begin.is_number_integer() && unix_seconds(now + clock_leeway) < begin.get<std::int64_t>())
    return std::nullopt;
  const json& own = at(claims, {"kubernetes.io"});
  const auto ns = string_at(own, {"namespace"});
  const object_ptr account =
      lookup({"serviceaccounts", ns, string_at(own, {"serviceaccount", "name"})});
  if (!is_alive(account, at(own, {"serviceaccount"}), now)) return std::nullopt;
  account_identity out = identify(*account);
  for (const auto& a : texts_of(at(claims, {"aud"})))
    if (std::ranges::find(wanted, a) != wanted.end()) out.audiences.push_back(a);
  if (out.audiences.empty()) return std::nullopt;
  if (const auto id = string_at(claims, {"jti"}); !id.empty())
    out.extra[std::string(extra_prefix) + "credential-id"] = {"JTI=" + id};
  if (!take_bindings(own, ns, lookup, now, out)) return std::nullopt;
  return out;
}

}  // namespace troupe::model
