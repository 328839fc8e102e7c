#include "model/subresource.hpp"

#include <string>

namespace troupe::model {

const type_info* subresource_type(const subresource_info& s) {
  const schema& all = schema::instance();
  if (const kind_info* k = all.by_kind(s.group, s.version, s.kind)) return k->type;
  // A definition's name ends in the group's first word, version and kind.
  const std::string group =
      s.group.empty() ? "core" : std::string(s.group.substr(0, s.group.find('.')));
  return all.type("io.k8s.api." + group + "." + std::string(s.version) + "." + std::string(s.kind));
}

kind_info subresource_kind(const subresource_info& s) {
  kind_info out;
  out.group = s.group;
  out.version = s.version;
  out.kind = s.kind;
  out.plural = s.name;
  out.resource = s.name;
  out.type = subresource_type(s);
  return out;
}

}  // namespace troupe::model
