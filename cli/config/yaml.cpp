#include "cli/config/settings.hpp"

#include <yaml-cpp/yaml.h>

#include <set>

namespace troupe::cli {

/// Walks a YAML document along the table of options.
class yaml_reader {
 public:
  yaml_reader(settings& out, const std::string& file) : out_(out), file_(file) {}

  void read_map(const YAML::Node& node, const std::string& prefix) {
    std::set<std::string> seen;
    for (const auto& entry : node) {
      const auto where = at(entry.first);
      if (!entry.first.IsScalar()) throw config_error(where + ": a key must be a word");
      const auto& key = entry.first.Scalar();
      if (!seen.insert(key).second) throw config_error(where + ": \"" + key + "\" comes twice");
      read_entry(prefix + key, key, prefix, entry.second, where);
    }
  }

 private:
  // Lines count from 1 for people, from 0 for the parser.
  std::string at(const YAML::Node& node) const {
    return file_ + ":" + std::to_string(node.Mark().line + 1);
  }

  static bool is_section(const std::string& path) {
    for (const auto& o : options())
      if (o.path.starts_with(path + ".")) return true;
    return false;
  }

  // The keys that may stand directly below `prefix`.
  static std::vector<std::string> keys_below(const std::string& prefix) {
    std::set<std::string> keys;
    for (const auto& o : options())
      if (o.path.starts_with(prefix)) {
        const auto rest = o.path.substr(prefix.size());
        keys.emplace(rest.substr(0, rest.find('.')));
      }
    return {keys.begin(), keys.end()};
  }

  void read_entry(const std::string& path, const std::string& key, const std::string& prefix,
                  const YAML::Node& node, const std::string& where) {
    if (const auto* o = find_option(path)) return read_option(*o, node, where);
    if (is_section(path)) {
      if (!node.IsMap()) throw config_error(where + ": " + path + " must be a map of options");
      return read_map(node, path + ".");
    }
    const auto near = nearest(key, keys_below(prefix));
    throw config_error(where + ": unknown key \"" + key + "\"" +
                       (near.empty() ? "" : "; did you mean \"" + near + "\"?"));
  }

  void read_option(const option& o, const YAML::Node& node, const std::string& where) {
    const auto path = std::string(o.path);
    if (o.kind == option_kind::list) {
      if (!node.IsSequence()) throw config_error(where + ": " + path + " must be a list");
      std::vector<std::string> items;
      for (const auto& item : node) {
        if (!item.IsScalar()) throw config_error(at(item) + ": " + path + " must hold strings");
        items.push_back(item.Scalar());
      }
      return out_.put(o, std::move(items), where);
    }
    if (o.kind == option_kind::map) {
      if (!node.IsMap()) throw config_error(where + ": " + path + " must be a map of strings");
      std::map<std::string, std::string> pairs;
      for (const auto& entry : node) {
        if (!entry.first.IsScalar() || !entry.second.IsScalar())
          throw config_error(at(entry.first) + ": " + path + " must hold strings");
        pairs[entry.first.Scalar()] = entry.second.Scalar();
      }
      return out_.put(o, std::move(pairs), where);
    }
    if (!node.IsScalar())
      throw config_error(where + ": " + path + " must be one value, not " +
                         (node.IsSequence() ? "a list"
                          : node.IsMap()    ? "a map"
                                            : "nothing"));
    const bool quoted = node.Tag() == "!";
    if (quoted && (o.kind == option_kind::integer || o.kind == option_kind::boolean))
      throw config_error(where + ": " + path + " must be " +
                         (o.kind == option_kind::integer ? "an integer" : "true or false") +
                         ", not the string \"" + node.Scalar() + "\"");
    out_.put(o, settings::parse(o, node.Scalar(), where), where);
  }

  settings& out_;
  const std::string& file_;
};

void settings::merge_yaml(std::string_view text, const std::string& file) {
  auto next = *this;  // all or nothing
  try {
    const auto document = YAML::Load(std::string(text));
    if (document.IsNull()) return;
    if (!document.IsMap()) throw config_error(file + ":1: a config must be a map of options");
    yaml_reader{next, file}.read_map(document, "");
  } catch (const YAML::Exception& e) {
    throw config_error(file + ":" + std::to_string(e.mark.is_null() ? 1 : e.mark.line + 1) + ": " +
                       e.msg);
  }
  *this = std::move(next);
}

}  // namespace troupe::cli
