#include "cli/commands/session.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

namespace troupe::cli {

using model::json;
using model::string_at;

namespace {

std::string read_file(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) throw command_failure("error: the path \"" + file.string() + "\" does not exist");
  return {std::istreambuf_iterator<char>(in), {}};
}

void parse(const std::string& source, const std::string& text, std::vector<manifest>& out) {
  for (model::parsed_json& p : model::parse_documents(text)) {
    if (!p) throw command_failure("error: error parsing " + source + ": " + p.error);
    if (string_at(p.value, {"kind"}) == "List" && model::at(p.value, {"items"}).is_array()) {
      for (json& item : p.value["items"]) out.push_back({source, std::move(item)});
    } else {
      out.push_back({source, std::move(p.value)});
    }
  }
}

command_failure no_such_type(const std::string& argument) {
  return command_failure("error: the server doesn't have a resource type \"" + argument + "\"");
}

bool in_category(const model::kind_info& kind, const std::string& word) {
  return kind.stored && std::ranges::find(kind.categories, word) != kind.categories.end();
}

/// The kinds of a category ("all"), else the one kind.
std::vector<const model::kind_info*> kinds_of(session& s, const std::string& word) {
  if (const auto* kind = model::schema::instance().by_argument(word)) return {kind};
  std::vector<const model::kind_info*> out;
  for (const auto& kind : model::schema::instance().kinds())
    if (in_category(kind, word)) out.push_back(&kind);
  for (const auto* kind : s.served().kinds())
    if (in_category(*kind, word)) out.push_back(kind);
  if (out.empty()) out.push_back(&kind_of(s, word));
  return out;
}

struct type_meta {
  std::string group, version, kind;
};

type_meta type_of(const manifest& m) {
  const std::string version = string_at(m.document, {"apiVersion"});
  const std::string kind = string_at(m.document, {"kind"});
  if (kind.empty() || version.empty())
    throw command_failure("error: unable to decode \"" + m.source + "\": Object '" +
                          (kind.empty() ? "Kind" : "apiVersion") + "' is missing");
  const auto slash = version.find('/');
  return {slash == std::string::npos ? "" : version.substr(0, slash),
          version.substr(slash == std::string::npos ? 0 : slash + 1), kind};
}

command_failure no_match(const manifest& m) {
  return command_failure("error: resource mapping not found for name: \"" +
                         string_at(m.document, {"metadata", "name"}) + "\" namespace: \"" +
                         string_at(m.document, {"metadata", "namespace"}) + "\" from \"" +
                         m.source + "\": no matches for kind \"" + string_at(m.document, {"kind"}) +
                         "\" in version \"" + string_at(m.document, {"apiVersion"}) +
                         "\"\nensure CRDs are installed first");
}

}  // namespace

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> out;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, at);)
    if (!part.empty()) out.push_back(part);
  return out;
}

const model::kind_info& kind_of(const std::string& argument) {
  const auto* kind = model::schema::instance().by_argument(argument);
  if (!kind) throw no_such_type(argument);
  return *kind;
}

const model::kind_info& kind_of(session& s, const std::string& argument) {
  if (const auto* kind = model::schema::instance().by_argument(argument)) return *kind;
  const auto* kind = s.served().by_argument(argument);
  if (!kind) throw no_such_type(argument);
  return *kind;
}

std::vector<selection> selections_of(session& s, const std::vector<std::string>& args) {
  std::vector<selection> out;
  if (args.empty())
    throw command_failure("error: You must specify the type of resource, e.g. pods or pod/NAME");
  const bool slashes = std::any_of(args.begin(), args.end(), [](const std::string& a) {
    return a.find('/') != std::string::npos;
  });
  if (slashes) {
    for (const std::string& a : args) {
      const auto slash = a.find('/');
      if (slash != std::string::npos && a.find('/', slash + 1) != std::string::npos)
        throw command_failure(
            "error: arguments in resource/name form may not have more than one slash");
      if (slash == std::string::npos || slash + 1 >= a.size())
        throw command_failure(
            "error: there is no need to specify a resource type as a separate argument when "
            "passing arguments in resource/name form (e.g. 'troupe get resource/<resource_name>' "
            "instead of 'troupe get resource resource/<resource_name>'");
      out.push_back({&kind_of(s, a.substr(0, slash)), a.substr(slash + 1)});
    }
    return out;
  }
  for (const std::string& word : split(args[0], ',')) {
    if (args.size() == 1)
      for (const auto* kind : kinds_of(s, word)) out.push_back({kind, ""});
    for (std::size_t i = 1; i < args.size(); ++i) out.push_back({&kind_of(s, word), args[i]});
  }
  return out;
}

std::vector<manifest> read_manifests(const std::vector<std::string>& files, console& io) {
  namespace fs = std::filesystem;
  std::vector<manifest> out;
  if (files.empty()) throw command_failure("error: must specify -f with a file, a directory or -");
  for (const std::string& name : files) {
    if (name == "-") {
      parse("STDIN", {std::istreambuf_iterator<char>(io.in), {}}, out);
    } else if (fs::is_directory(name)) {
      std::vector<fs::path> inside;
      for (const auto& entry : fs::directory_iterator(name)) {
        const auto ext = entry.path().extension();
        if (ext == ".json" || ext == ".yaml" || ext == ".yml") inside.push_back(entry.path());
      }
      std::sort(inside.begin(), inside.end());
      for (const auto& file : inside) parse(file.string(), read_file(file), out);
    } else {
      parse(name, read_file(name), out);
    }
  }
  if (out.empty()) throw command_failure("error: no objects passed");
  return out;
}

const model::kind_info& kind_of_manifest(const manifest& m) {
  const auto type = type_of(m);
  const auto* info = model::schema::instance().by_kind(type.group, type.version, type.kind);
  if (!info) throw no_match(m);
  return *info;
}

const model::kind_info& kind_of_manifest(session& s, const manifest& m) {
  const auto type = type_of(m);
  const auto* info = model::schema::instance().by_kind(type.group, type.version, type.kind);
  if (!info) info = s.served().by_kind(type.group, type.version, type.kind);
  if (!info) throw no_match(m);
  return *info;
}

std::string namespace_of(const manifest& m, const model::kind_info& kind, const session& s,
                         bool given) {
  if (!kind.namespaced) return {};
  const std::string own = string_at(m.document, {"metadata", "namespace"});
  if (given && !own.empty() && own != s.ns())
    throw command_failure("error: the namespace from the provided object \"" + own +
                          "\" does not match the namespace \"" + s.ns() +
                          "\". You must pass '--namespace=" + own + "' to perform this operation.");
  return own.empty() ? s.ns() : own;
}

}  // namespace troupe::cli
