#include "model/workload/pod_template.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

// A pod's name is a DNS subdomain, and so is what is put before the generated part.
constexpr std::size_t longest_prefix = 253;
constexpr std::string_view safe_letters = "bcdfghjklmnpqrstvwxz2456789";

std::uint32_t fnv1a(std::string_view text, std::uint32_t hash) {
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 16777619u;
  }
  return hash;
}

}  // namespace

json controller_reference(std::string_view api_version, std::string_view kind,
                          const object& owner) {
  return {{"apiVersion", api_version}, {"kind", kind},       {"name", owner.key().name},
          {"uid", owner.header().uid}, {"controller", true}, {"blockOwnerDeletion", true}};
}

json pod_from_template(const json& template_, const object& owner, const json& owner_reference) {
  const std::string& name = owner.key().name;
  json metadata = {{"namespace", owner.key().ns},
                   {"generateName", name.size() < longest_prefix ? name + "-" : name},
                   {"ownerReferences", json::array({owner_reference})}};
  for (const char* member : {"labels", "annotations", "finalizers"})
    if (const json& found = at(template_, {"metadata", member}); !found.empty())
      metadata[member] = found;
  return {{"apiVersion", "v1"},
          {"kind", "Pod"},
          {"metadata", std::move(metadata)},
          {"spec", at(template_, {"spec"})}};
}

std::string template_hash(const json& template_, std::int64_t collisions) {
  auto hash = fnv1a(template_.dump(), 2166136261u);
  if (collisions != 0) hash = fnv1a("#" + std::to_string(collisions), hash);
  // rand.SafeEncodeString of the decimal number.
  std::string out = std::to_string(hash);
  for (char& c : out) c = safe_letters[static_cast<unsigned char>(c) % safe_letters.size()];
  return out;
}

}  // namespace troupe::model
