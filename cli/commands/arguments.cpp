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
  if (!kind)
    throw command_failure("error: the server doesn't have a resource type \"" + argument + "\"");
  return *kind;
}

/// The kinds of a category ("all"), else the one kind.
std::vector<const model::kind_info*> kinds_of(const std::string& word) {
  std::vector<const model::kind_info*> out;
  for (const auto& kind : model::schema::instance().kinds())
    if (kind.stored &&
        std::find(kind.categories.begin(), kind.categories.end(), word) != kind.categories.end())
      out.push_back(&kind);
  if (out.empty()) out.push_back(&kind_of(word));
  return out;
}

std::vector<selection> selections_of(const std::vector<std::string>& args) {
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
      out.push_back({&kind_of(a.substr(0, slash)), a.substr(slash + 1)});
    }
    return out;
  }
  for (const std::string& word : split(args[0], ',')) {
    if (args.size() == 1)
      for (const auto* kind : kinds_of(word)) out.push_back({kind, ""});
    for (std::size_t i = 1; i < args.size(); ++i) out.push_back({&kind_of(word), args[i]});
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
  const std::string version = string_at(m.document, {"apiVersion"});
  const std::string kind = string_at(m.document, {"kind"});
  if (kind.empty() || version.empty())
    throw command_failure("error: unable to decode \"" + m.source + "\": Object '" +
                          (kind.empty() ? "Kind" : "apiVersion") + "' is missing");
  const auto slash = version.find('/');
  const std::string group = slash == std::string::npos ? "" : version.substr(0, slash);
  const std::string bare = slash == std::string::npos ? version : version.substr(slash + 1);
  const auto* info = model::schema::instance().by_kind(group, bare, kind);
  if (!info)
    throw command_failure("error: resource mapping not found from \"" + m.source +
                          "\": no matches for kind \"" + kind + "\" in version \"" + version +
                          "\"");
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
