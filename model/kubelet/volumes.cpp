#include "model/kubelet/volumes.hpp"

#include <algorithm>

namespace troupe::model::kubelet {

namespace {

bool is_optional(const json& source) {
  const auto& o = at(source, {"optional"});
  return o.is_boolean() && o.get<bool>();
}

int mode_of(const json& holder, const char* key, int fallback) {
  const auto& m = at(holder, {key});
  return m.is_number_integer() ? m.get<int>() & 0777 : fallback;
}

constexpr const char* claims = "persistentvolumeclaims";
constexpr const char* persistent_volumes = "persistentvolumes";

/// The claim of a volume, that which is made for an ephemeral one included; empty: it is none.
std::string claim_of(const json& pod, const json& volume) {
  if (at(volume, {"ephemeral"}).is_object())
    return string_at(pod, {"metadata", "name"}) + "-" + string_at(volume, {"name"});
  return string_at(volume, {"persistentVolumeClaim", "claimName"});
}

constexpr std::int64_t token_lifetime = 3600;

std::string token_name(const json& source) {
  const auto& seconds = at(source, {"expirationSeconds"});
  return string_at(source, {"audience"}) + " " +
         std::to_string(seconds.is_number_integer() ? seconds.get<std::int64_t>() : token_lifetime);
}

bool has_token(const json& volume) {
  for (const auto& s : at(volume, {"projected", "sources"}))
    if (at(s, {"serviceAccountToken"}).is_object()) return true;
  return false;
}

/// A relative path that stays below its volume.
bool stays_inside(const std::string& path) {
  return !path.empty() && path.front() != '/' &&
         ("/" + path + "/").find("/../") == std::string::npos;
}

struct planner {
  const json& pod;
  const pod_facts& facts;
  const object_lookup& objects;
  volume_plan& plan;
  bool on_disk;
  std::int64_t group = -1;  ///< spec.securityContext.fsGroup

  void fail(const std::string& volume, const std::string& why) {
    if (plan.error.empty())
      plan.error = "MountVolume.SetUp failed for volume \"" + volume + "\" : " + why;
  }

  void file(const std::string& volume, const std::string& dir, const std::string& path,
            std::string content, int mode) {
    if (!stays_inside(path))
      return fail(volume, "path \"" + path + "\" must stay within the volume");
    if (group >= 0) mode |= 0440;
    plan.files.push_back({dir + "/" + path, std::move(content), mode, group});
  }

  /// ConfigMap or Secret: all keys, or the items.
  void keys(const std::string& volume, const std::string& dir, const char* resource,
            const char* word, const std::string& name, const json& source, int mode) {
    const auto& object = objects(resource, name);
    if (object.is_null()) {
      if (!is_optional(source)) fail(volume, std::string(word) + " \"" + name + "\" not found");
      return;
    }
    const auto& items = at(source, {"items"});
    if (!items.is_array() || items.empty()) {
      for (const auto& key : keys_of(object))
        file(volume, dir, key, data_of(object, key).value_or(""), mode);
      return;
    }
    for (const auto& item : items) {
      const auto key = string_at(item, {"key"});
      auto data = data_of(object, key);
      if (data)
        file(volume, dir, string_at(item, {"path"}), std::move(*data), mode_of(item, "mode", mode));
      else if (!is_optional(source))
        fail(volume, std::string("references non-existent ") + word + " key: " + key);
    }
  }

  void downward(const std::string& volume, const std::string& dir, const json& source, int mode) {
    for (const auto& item : at(source, {"items"})) {
      resolved value;
      if (const auto& f = at(item, {"fieldRef"}); f.is_object()) {
        value = field_value(pod, string_at(f, {"fieldPath"}), facts);
      } else {
        const auto& r = at(item, {"resourceFieldRef"});
        auto c = container_named(pod, string_at(r, {"containerName"}));
        value = c.spec ? resource_value(*c.spec, r, facts) : resolved{{}, "container not found"};
      }
      if (!value) return fail(volume, value.error);
      file(volume, dir, string_at(item, {"path"}), value.text, mode_of(item, "mode", mode));
    }
  }

  void token(const std::string& volume, const std::string& dir, const json& source, int mode) {
    const auto text = string_at(objects(token_answers, token_name(source)), {"status", "token"});
    if (text.empty()) return fail(volume, "failed to fetch token: the API server gave none");
    file(volume, dir, string_at(source, {"path"}), text, mode);
  }

  void projected(const std::string& volume, const std::string& dir, const json& source, int mode) {
    for (const auto& s : at(source, {"sources"})) {
      if (const auto& m = at(s, {"configMap"}); m.is_object())
        keys(volume, dir, "configmaps", "configmap", string_at(m, {"name"}), m, mode);
      else if (const auto& k = at(s, {"secret"}); k.is_object())
        keys(volume, dir, "secrets", "secret", string_at(k, {"name"}), k, mode);
      else if (const auto& d = at(s, {"downwardAPI"}); d.is_object())
        downward(volume, dir, d, mode);
      else if (const auto& t = at(s, {"serviceAccountToken"}); t.is_object())
        token(volume, dir, t, mode);
      else
        fail(volume, "this kubelet cannot project " + (s.empty() ? "nothing" : s.begin().key()));
    }
  }

  void host_path(const std::string& volume, const json& source, bool read_only) {
    const auto path = string_at(source, {"path"});
    plan.volumes[volume] = {path, read_only};
    plan.host_paths.push_back({volume, path, string_at(source, {"type"})});
  }

  /// The volume that the claim is bound to; a directory of this node, whatever it is called there.
  void claimed(const std::string& volume, const std::string& claim_name, bool read_only) {
    const auto refuse = [&](const std::string& why) {
      fail(volume, "error processing PVC " + string_at(pod, {"metadata", "namespace"}) + "/" +
                       claim_name + ": " + why);
    };
    const auto& claim = objects(claims, claim_name);
    if (claim.is_null())
      return refuse("failed to fetch PVC from API server: persistentvolumeclaims \"" + claim_name +
                    "\" not found");
    const auto name = string_at(claim, {"spec", "volumeName"});
    if (string_at(claim, {"status", "phase"}) != "Bound" || name.empty())
      return refuse("PVC is not bound");
    const auto& bound = objects(persistent_volumes, name);
    if (at(bound, {"spec", "claimRef", "uid"}) != at(claim, {"metadata", "uid"}))
      return refuse("PV " + name + " is not bound to the claim");
    for (const char* source : {"hostPath", "local"})
      if (const auto& s = at(bound, {"spec", source}); s.is_object())
        return host_path(volume, s, read_only);
    fail(volume, "no volume plugin matched");
  }

  /// With a group of its own a volume is open to it, and passes it on to what is made there.
  int mode_of_directory(int mode, int for_group) const {
    return group < 0 ? mode : mode | for_group | 02000;
  }

  void one(const json& v, const std::string& pod_dir) {
    const auto name = string_at(v, {"name"});
    auto below = [&](const char* plugin) {
      return pod_dir + "/volumes/kubernetes.io~" + plugin + "/" + name;
    };
    if (!on_disk && has_token(v)) {
      plan.volumes[name] = {below("projected"), true};
      return;
    }
    if (const auto& host = at(v, {"hostPath"}); host.is_object())
      return host_path(name, host, false);
    if (const auto claim = claim_of(pod, v); !claim.empty())
      return claimed(name, claim, at(v, {"persistentVolumeClaim", "readOnly"}) == true);
    struct writer {
      const char* field;
      const char* plugin;
    };
    for (const auto& w :
         {writer{"configMap", "configmap"}, writer{"secret", "secret"},
          writer{"downwardAPI", "downward-api"}, writer{"projected", "projected"}}) {
      const auto& source = at(v, {w.field});
      if (!source.is_object()) continue;
      const auto dir = below(w.plugin);
      const int mode = mode_of(source, "defaultMode", 0644);
      plan.volumes[name] = {dir, true};
      // Secrets and tokens stay off the disk.
      const bool in_memory = std::string(w.field) == "secret" || has_token(v);
      plan.directories.push_back({dir, mode_of_directory(0755, 0550), in_memory, 0, group, true});
      if (std::string(w.field) == "configMap")
        keys(name, dir, "configmaps", "configmap", string_at(source, {"name"}), source, mode);
      else if (std::string(w.field) == "secret")
        keys(name, dir, "secrets", "secret", string_at(source, {"secretName"}), source, mode);
      else if (std::string(w.field) == "downwardAPI")
        downward(name, dir, source, mode);
      else
        projected(name, dir, source, mode);
      return;
    }
    if (const auto& empty = at(v, {"emptyDir"}); empty.is_object() || v.size() == 1) {
      const auto dir = below("empty-dir");
      const auto limit = quantity::parse(string_at(empty, {"sizeLimit"}));
      plan.volumes[name] = {dir, false};
      plan.directories.push_back({dir, mode_of_directory(0777, 0770),
                                  string_at(empty, {"medium"}) == "Memory",
                                  limit ? limit->value() : 0, group});
      return;
    }
    fail(name, "no volume plugin matched");
  }
};

}  // namespace

std::vector<token_request> token_requests(const json& pod) {
  std::vector<token_request> out;
  for (const auto& v : at(pod, {"spec", "volumes"}))
    for (const auto& s : at(v, {"projected", "sources"})) {
      const auto& source = at(s, {"serviceAccountToken"});
      if (!source.is_object()) continue;
      const auto& lifetime = at(source, {"expirationSeconds"});
      token_request r{
          token_name(source), json::object(),
          std::chrono::seconds(lifetime.is_number_integer() ? lifetime.get<std::int64_t>()
                                                            : token_lifetime)};
      json& spec = r.body["spec"];
      spec["expirationSeconds"] = r.lifetime.count();
      spec["audiences"] = json::array();
      if (auto audience = string_at(source, {"audience"}); !audience.empty())
        spec["audiences"].push_back(std::move(audience));
      spec["boundObjectRef"] = {{"apiVersion", "v1"},
                                {"kind", "Pod"},
                                {"name", string_at(pod, {"metadata", "name"})},
                                {"uid", string_at(pod, {"metadata", "uid"})}};
      out.push_back(std::move(r));
    }
  return out;
}

std::vector<data_reference> volume_references(const json& pod, bool on_disk) {
  std::vector<data_reference> out;
  auto add = [&](const json& source, const char* resource, const char* key) {
    if (source.is_object())
      out.push_back({resource, string_at(source, {key}), is_optional(source)});
  };
  for (const auto& v : at(pod, {"spec", "volumes"})) {
    if (!on_disk && has_token(v)) continue;
    add(at(v, {"configMap"}), "configmaps", "name");
    add(at(v, {"secret"}), "secrets", "secretName");
    if (auto claim = claim_of(pod, v); !claim.empty()) out.push_back({claims, std::move(claim)});
    for (const auto& s : at(v, {"projected", "sources"})) {
      add(at(s, {"configMap"}), "configmaps", "name");
      add(at(s, {"secret"}), "secrets", "name");
    }
  }
  std::sort(out.begin(), out.end());
  out.erase(std::unique(out.begin(), out.end()), out.end());
  return out;
}

std::vector<data_reference> bound_volumes(const json& pod, const object_lookup& lookup) {
  std::vector<data_reference> out;
  for (const auto& v : at(pod, {"spec", "volumes"}))
    if (const auto claim = claim_of(pod, v); !claim.empty())
      if (auto name = string_at(lookup(claims, claim), {"spec", "volumeName"}); !name.empty())
        out.push_back({persistent_volumes, std::move(name)});
  return out;
}

bool follows_objects(const json& pod) {
  for (const auto& v : at(pod, {"spec", "volumes"}))
    for (const char* kind : {"configMap", "secret", "downwardAPI", "projected"})
      if (v.contains(kind)) return true;
  return false;
}

volume_plan plan_volumes(const json& pod, const std::string& pod_dir, const pod_facts& facts,
                         const object_lookup& objects, bool on_disk) {
  volume_plan plan;
  planner p{pod, facts, objects, plan, on_disk};
  if (const auto& g = at(pod, {"spec", "securityContext", "fsGroup"}); g.is_number_integer())
    p.group = g.get<std::int64_t>();
  for (const auto& v : at(pod, {"spec", "volumes"})) p.one(v, pod_dir);
  return plan;
}

}  // namespace troupe::model::kubelet
