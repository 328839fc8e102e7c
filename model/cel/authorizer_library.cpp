#include "model/cel/authorizer_library.hpp"

#include "model/cel/libraries.hpp"

#include <string>
#include <vector>

namespace troupe::model::cel {
namespace {

/// What authorizer, checks and decisions have in common: two of them are never equal.
class unprintable : public foreign {
 public:
  std::string text() const override { return type_name(); }
  bool equals(const foreign& other) const override { return this == &other; }
};

class decision_value final : public unprintable {
 public:
  explicit decision_value(opinion o) : opinion_(std::move(o)) {}
  const char* type_name() const override { return "kubernetes.authorization.Decision"; }

  std::optional<value> call(const std::string& name, const arguments& args) const override {
    if (args.size() != 1) return std::nullopt;
    if (name == "allowed") return boolean_value(opinion_.allowed);
    if (name == "reason") return string_value(opinion_.reason);
    // Our authorizers always come to a decision.
    if (name == "errored") return boolean_value(false);
    if (name == "error") return string_value("");
    return std::nullopt;
  }

 private:
  opinion opinion_;
};

struct asker {
  const authorizer* by;
  std::string name;
  std::vector<std::string> groups;
};

asker asker_of(const authorizer& by, const subject& who) {
  return {&by, std::string(who.name), {who.groups.begin(), who.groups.end()}};
}

value decided(const asker& a, const request_info& what) {
  return made(std::make_shared<const decision_value>(a.by->decide({a.name, a.groups}, what)));
}

class path_check final : public unprintable {
 public:
  path_check(asker a, std::string path) : asker_(std::move(a)), path_(std::move(path)) {}
  const char* type_name() const override { return "kubernetes.authorization.PathCheck"; }

  std::optional<value> call(const std::string& name, const arguments& args) const override {
    if (name != "check" || args.size() != 2) return std::nullopt;
    request_info what;
    what.path = path_;
    what.verb = text_arg(args[1]);
    return decided(asker_, what);
  }

 private:
  asker asker_;
  std::string path_;
};

class resource_check final : public unprintable {
 public:
  resource_check(asker a, request_info what) : asker_(std::move(a)), what_(std::move(what)) {}
  const char* type_name() const override { return "kubernetes.authorization.ResourceCheck"; }

  std::optional<value> call(const std::string& name, const arguments& args) const override {
    if (args.size() != 2) return std::nullopt;
    request_info what = what_;
    if (name == "check") {
      what.verb = text_arg(args[1]);
      return decided(asker_, what);
    }
    if (name == "subresource")
      what.subresource = text_arg(args[1]);
    else if (name == "namespace")
      what.ns = text_arg(args[1]);
    else if (name == "name")
      what.name = text_arg(args[1]);
    else if (name == "fieldSelector" || name == "labelSelector")
      static_cast<void>(text_arg(args[1]));  // they narrow a request; rights do not heed them
    else
      return std::nullopt;
    return made(std::make_shared<const resource_check>(asker_, std::move(what)));
  }

 private:
  asker asker_;
  request_info what_;
};

class group_check final : public unprintable {
 public:
  group_check(asker a, std::string group) : asker_(std::move(a)), group_(std::move(group)) {}
  const char* type_name() const override { return "kubernetes.authorization.GroupCheck"; }

  std::optional<value> call(const std::string& name, const arguments& args) const override {
    if (name != "resource" || args.size() != 2) return std::nullopt;
    request_info what;
    what.is_resource = true;
    what.group = group_;
    what.version = "*";
    what.resource = text_arg(args[1]);
    return made(std::make_shared<const resource_check>(asker_, std::move(what)));
  }

 private:
  asker asker_;
  std::string group_;
};

class authorizer_value final : public unprintable {
 public:
  explicit authorizer_value(asker a) : asker_(std::move(a)) {}
  const char* type_name() const override { return "kubernetes.authorization.Authorizer"; }

  std::optional<value> call(const std::string& name, const arguments& args) const override {
    if (name == "path" && args.size() == 2)
      return made(std::make_shared<const path_check>(asker_, text_arg(args[1])));
    if (name == "group" && args.size() == 2)
      return made(std::make_shared<const group_check>(asker_, text_arg(args[1])));
    if (name != "serviceAccount" || args.size() != 3) return std::nullopt;
    const std::string &ns = text_arg(args[1]), &account = text_arg(args[2]);
    asker a{asker_.by,
            "system:serviceaccount:" + ns + ":" + account,
            {"system:serviceaccounts", "system:serviceaccounts:" + ns, "system:authenticated"}};
    return made(std::make_shared<const authorizer_value>(std::move(a)));
  }

 private:
  asker asker_;
};

}  // namespace

value authorizer_of(const authorizer& by, const subject& who) {
  return made(std::make_shared<const authorizer_value>(asker_of(by, who)));
}

value resource_check_of(const authorizer& by, const subject& who, request_info what) {
  return made(std::make_shared<const resource_check>(asker_of(by, who), std::move(what)));
}

}  // namespace troupe::model::cel
