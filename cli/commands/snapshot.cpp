#include "cli/commands/snapshot.hpp"

#include "model/object.hpp"

#include <algorithm>

namespace troupe::cli {

void read_cluster(session& s, model::cluster_snapshot& to, const std::string& without) {
  for (const auto& resource : model::cluster_snapshot::resources()) {
    const auto* kind = model::schema::instance().by_resource(resource);
    std::vector<model::json> items;
    try {
      items = s.list(path_of(*kind, ""));
    } catch (const command_failure& f) {
      if (f.code != 403 || resource == "nodes" || resource == "pods") throw;
      warn(s.io(), resource + " may not be read, and count as none");
    }
    for (const auto& item : items) {
      auto o = model::seal(model::encode(resource, item), 1);
      if (without.empty() || o->header().uid != without) to.put(o);
    }
  }
}

}  // namespace troupe::cli
