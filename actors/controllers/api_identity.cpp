#include "actors/controllers/controller.hpp"
#include "actors/controllers/resource_names.hpp"
#include "net/tls/pki.hpp"

namespace troupe {
namespace {

using namespace std::chrono_literals;
using model::json;
using model::string_at;

constexpr std::size_t digest_bytes = 16;

// RFC 4648's base32 in small letters, without padding, of bytes given in hexadecimal.
std::string base32_of_hex(std::string_view hex) {
  static constexpr char letters[] = "abcdefghijklmnopqrstuvwxyz234567";
  std::string out;
  unsigned bits = 0, held = 0;
  for (const char c : hex) {
    held = held << 4 | static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10);
    bits += 4;
    if (bits < 5) continue;
    bits -= 5;
    out += letters[held >> bits & 31];
    held &= (1u << bits) - 1;
  }
  if (bits > 0) out += letters[held << (5 - bits) & 31];
  return out;
}

// The Lease apiserver-HASH in kube-system, renewed every ten seconds and good for an hour, as
// kube-apiserver has it (feature APIServerIdentity).
struct api_identity_controller : controller {
  static constexpr auto renewal = 10s;
  static constexpr int duration_seconds = 3600;

  explicit api_identity_controller(api_identity_options o)
      : own(std::move(o)),
        id("apiserver-" + base32_of_hex(tls::sha256_hex(own.hostname).substr(0, 2 * digest_bytes))),
        key{resources::leases, "kube-system", id} {}

  std::string name() const override { return "apiserver-lease-controller"; }
  std::vector<std::string> resources() const override { return {}; }
  void start(controller_host& host) override { host.visit(id, 0ms); }
  void observe(const store::event&, controller_host&) override {}

  void reconcile(const std::string&, controller_host& host,
                 std::function<void(outcome)> done) override {
    const auto stored = host.cache().get(key);
    json lease = stored ? stored->parse()
                        : json{{"apiVersion", "coordination.k8s.io/v1"},
                               {"kind", "Lease"},
                               {"metadata", {{"name", id}}}};
    lease["metadata"]["labels"]["apiserver.kubernetes.io/identity"] = "kube-apiserver";
    lease["metadata"]["labels"]["kubernetes.io/hostname"] = own.hostname;
    const auto holder = id + "_" + own.holder;
    json& spec = lease["spec"];
    const auto now = model::to_rfc3339_micro(host.now());
    if (string_at(spec, {"holderIdentity"}) != holder) spec["acquireTime"] = now;
    spec["holderIdentity"] = holder;
    spec["leaseDurationSeconds"] = duration_seconds;
    spec["renewTime"] = now;
    const auto path = path_of(key);
    host.call(stored ? "PUT" : "POST", stored ? path : collection_of(path), lease,
              [done](const api_response& r) {
                auto o = outcome_of(r);
                // Its namespace is yet to be made, or somebody else has written it.
                o.again = r.code < 300 ? renewal : std::chrono::milliseconds(1000);
                done(std::move(o));
              });
  }

  const api_identity_options own;
  const std::string id;
  const model::object_key key;
};

}  // namespace

controller_actor spawn_api_identity_controller(caf::actor_system& sys, controller_options options,
                                               api_identity_options identity) {
  return spawn_controller(sys, std::move(options),
                          std::make_unique<api_identity_controller>(std::move(identity)));
}

}  // namespace troupe
