#include "actors/kubelet/worker.hpp"
#include "model/kubelet/pull_secrets.hpp"

namespace troupe {

using namespace model::kubelet;
using model::at;
using model::json;
using model::string_at;
using std::chrono::milliseconds;

namespace {

/// "850ms", "1.25s": as Go prints durations cut to milliseconds.
std::string duration_text(milliseconds d) {
  const auto ms = d.count();
  if (ms < 1000) return std::to_string(ms) + "ms";
  auto fraction = std::to_string(1000 + ms % 1000).substr(1);
  while (!fraction.empty() && fraction.back() == '0') fraction.pop_back();
  return std::to_string(ms / 1000) + (fraction.empty() ? "" : "." + fraction) + "s";
}

}  // namespace

void pod_worker::pull(const bring_up_ptr& l, const std::string& image) {
  std::vector<data_reference> wanted;
  for (const auto& s : at(l->pod(), {"spec", "imagePullSecrets"}))
    if (auto name = string_at(s, {"name"}); !name.empty())
      wanted.push_back({"secrets", std::move(name), true});
  fetch(wanted, [this, l, image, wanted](const objects_ptr& objects, const std::string&) {
    std::vector<json> secrets;
    std::string missing;
    for (const auto& r : wanted) {
      const auto found = objects->find({r.resource, r.name});
      if (found != objects->end())
        secrets.push_back(found->second);
      else
        missing += (missing.empty() ? "" : ", ") + r.name;
    }
    if (!missing.empty())
      note("Warning", "FailedToRetrieveImagePullSecret",
           "Unable to retrieve some image pull secrets (" + missing +
               "); attempting to pull the image may not succeed.");
    note("Normal", "Pulling", "Pulling image \"" + image + "\"", l->spec.name);
    auto logins = logins_for(image, secrets);
    // Without one the registry is asked as anybody.
    pull_as(l, image,
            logins.empty()
                ? std::vector<std::optional<registry_login>>{std::nullopt}
                : std::vector<std::optional<registry_login>>(logins.begin(), logins.end()),
            0);
  });
}

// One login after the other, until the registry takes one.
void pod_worker::pull_as(const bring_up_ptr& l, const std::string& image,
                         std::vector<std::optional<registry_login>> logins, std::size_t next) {
  const auto as = logins[next];
  rt().pull(image, as,
            back<std::string>(
                [this, l, image, logins = std::move(logins), next](const outcome<std::string>& o) {
                  if (o) return pulled(l, image);
                  if (next + 1 < logins.size()) return pull_as(l, image, logins, next + 1);
                  const auto why = rpc_text(o.error);
                  note("Warning", "Failed", "Failed to pull image \"" + image + "\": " + why,
                       l->spec.name);
                  failed(l, "ErrImagePull", why);
                }));
}

void pod_worker::pulled(const bring_up_ptr& l, const std::string& image) {
  rt().image(
      image, back<std::optional<image_state>>([this, l, image](const auto& i) {
        l->image = i.value;
        const auto took =
            duration_text(std::chrono::duration_cast<milliseconds>(context_->now() - l->began));
        note("Normal", "Pulled",
             "Successfully pulled image \"" + image + "\" in " + took + " (" + took +
                 " including waiting). Image size: " + std::to_string(i.value ? i.value->size : 0) +
                 " bytes.",
             l->spec.name);
        configure(l);
      }));
}

}  // namespace troupe
