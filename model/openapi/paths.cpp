#include "model/api_path.hpp"
#include "model/openapi/schemas.hpp"

#include <algorithm>

namespace troupe::model {
namespace {

bool allows(const std::vector<std::string_view>& verbs, std::string_view verb) {
  return std::ranges::find(verbs, verb) != verbs.end();
}

/// One operation: HTTP method, the action Kubernetes names it by, what it takes and gives.
struct operation {
  std::string_view method;
  std::string_view action;
  std::string_view verb;  ///< the API verb that must be allowed
};

constexpr operation of_collection[] = {{"get", "list", "list"},
                                       {"post", "post", "create"},
                                       {"delete", "deletecollection", "deletecollection"}};
constexpr operation of_item[] = {{"get", "get", "get"},
                                 {"post", "post", "create"},
                                 {"put", "put", "update"},
                                 {"patch", "patch", "patch"},
                                 {"delete", "delete", "delete"}};

class path_writer {
 public:
  path_writer(json_writer& w, openapi_version v, const kind_info& kind)
      : w_(w), v_(v), kind_(kind) {
    base_ = version_path(kind.api_version());
    plural_ = "/" + std::string(kind.plural);
  }

  void run() {
    const std::string ns = kind_.namespaced ? "/namespaces/{namespace}" : "";
    const subresource_info self{"", kind_.group, kind_.version, kind_.kind, kind_.verbs};
    if (kind_.namespaced && allows(kind_.verbs, "list")) {
      w_.open(base_ + plural_, '{');
      write(of_collection[0], self);
      w_.close('}');
    }
    path(base_ + ns + plural_, of_collection, self);
    path(base_ + ns + plural_ + "/{name}", std::span(of_item), self, /*skip_post=*/true);
    for (const auto& s : kind_.subresource_kinds)
      path(base_ + ns + plural_ + "/{name}/" + std::string(s.name), of_item, s);
  }

 private:
  void path(const std::string& text, std::span<const operation> operations,
            const subresource_info& what, bool skip_post = false) {
    const auto served = [&](const operation& o) {
      return allows(what.verbs, o.verb) && !(skip_post && o.method == "post");
    };
    if (std::ranges::none_of(operations, served)) return;
    w_.open(text, '{');
    for (const operation& o : operations)
      if (served(o)) write(o, what);
    parameters(text);
    w_.close('}');
  }

  void parameters(const std::string& path) {
    w_.open("parameters", '[');
    for (const char* name : {"name", "namespace"}) {
      if (path.find("{" + std::string(name) + "}") == path.npos) continue;
      w_.open('{').text("name", name).text("in", "path").raw("required", "true");
      type("string");
      w_.close('}');
    }
    w_.close(']');
  }

  void write(const operation& o, const subresource_info& what) {
    w_.open(o.method, '{');
    w_.text("x-kubernetes-action", o.action);
    w_.open("x-kubernetes-group-version-kind", '{');
    write_gvk(w_, what.group, what.version, what.kind);
    w_.close('}');
    w_.open("parameters", '[');
    if (o.method == "post" || o.method == "put" || o.method == "patch")
      for (const char* name : {"dryRun", "fieldManager", "fieldValidation"}) query(name, "string");
    if (o.method == "patch") query("force", "boolean");
    if (o.method == "delete") query("dryRun", "string");
    if (o.action == "list") {
      for (const char* name : {"labelSelector", "fieldSelector", "resourceVersion", "continue"})
        query(name, "string");
      query("limit", "integer");
      query("watch", "boolean");
    }
    w_.close(']');
    w_.open("responses", '{').open("200", '{').text("description", "OK").close('}').close('}');
    w_.close('}');
  }

  void query(std::string_view name, std::string_view kind) {
    w_.open('{').text("name", name).text("in", "query");
    type(kind);
    w_.close('}');
  }

  /// OpenAPI 2 has a parameter's type in the parameter, OpenAPI 3 in its schema.
  void type(std::string_view kind) {
    if (v_ == openapi_version::v2)
      w_.text("type", kind);
    else
      w_.open("schema", '{').text("type", kind).close('}');
  }

  json_writer& w_;
  openapi_version v_;
  const kind_info& kind_;
  std::string base_, plural_;
};

}  // namespace

void write_paths(json_writer& w, openapi_version v, const kind_info& kind) {
  path_writer(w, v, kind).run();
}

}  // namespace troupe::model
