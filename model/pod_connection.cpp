#include "model/pod_connection.hpp"

#include <algorithm>
#include <charconv>

namespace troupe::model {
namespace {

std::vector<std::string> names(const json& pod, const char* list) {
  std::vector<std::string> out;
  if (const json& containers = at(pod, {"spec", list}); containers.is_array())
    for (const json& c : containers) out.push_back(string_at(c, {"name"}));
  return out;
}

std::string in_brackets(const std::vector<std::string>& all) {
  std::string out = "[";
  for (const auto& s : all) {
    if (out.size() > 1) out += ' ';
    out += s;
  }
  return out + "]";
}

std::vector<std::string> values(const request_info& info, std::string_view name) {
  std::vector<std::string> out;
  const auto [begin, end] = info.query.equal_range(name);
  for (auto i = begin; i != end; ++i) out.push_back(i->second);
  return out;
}

std::variant<std::vector<std::uint16_t>, status> read_ports(const request_info& info) {
  std::vector<std::uint16_t> out;
  for (const auto& list : values(info, "ports")) {
    std::string_view rest = list;
    for (bool more = true; more;) {
      const auto comma = rest.find(',');
      const auto text = rest.substr(0, comma);
      more = comma != std::string_view::npos;
      if (more) rest.remove_prefix(comma + 1);
      if (text.empty()) return bad_request("query parameter \"port\" cannot be empty");
      std::uint16_t port = 0;
      const auto [end, bad] = std::from_chars(text.data(), text.data() + text.size(), port);
      if (bad != std::errc() || end != text.data() + text.size())
        return bad_request("unable to parse " + json(text).dump() + " as a port");
      if (port == 0) return bad_request("port " + json(text).dump() + " must be > 0");
      out.push_back(port);
    }
  }
  return out;
}

std::optional<status> check_connection(const pod_connection& c, bool runs) {
  if (!c.in && !c.out && !c.err)
    return bad_request("you must specify at least 1 of stdin, stdout, stderr");
  if (runs && c.command.empty()) return bad_request("you must specify a command");
  return std::nullopt;
}

}  // namespace

bool connects(const request_info& info) {
  return info.group.empty() && info.resource == "pods" &&
         (info.subresource == "exec" || info.subresource == "attach" ||
          info.subresource == "portforward");
}

std::variant<pod_connection, status> read_connection(const request_info& info) {
  pod_connection out;
  if (info.subresource == "portforward") {
    auto ports = read_ports(info);
    if (auto* bad = std::get_if<status>(&ports)) return std::move(*bad);
    out.ports = std::move(std::get<std::vector<std::uint16_t>>(ports));
    return out;
  }
  out.container = info.parameter("container");
  out.in = info.flag("stdin");
  out.out = info.flag("stdout");
  out.tty = info.flag("tty");
  // A terminal has one output.
  out.err = info.flag("stderr") && !out.tty;
  if (info.subresource == "exec") out.command = values(info, "command");
  if (auto bad = check_connection(out, info.subresource == "exec")) return *bad;
  return out;
}

json connection_document(const pod_connection& c, std::string_view kind) {
  json out = {{"kind", kind}, {"apiVersion", "v1"}};
  if (!c.ports.empty()) out["ports"] = c.ports;
  for (const auto& [name, on] :
       {std::pair{"stdin", c.in}, {"stdout", c.out}, {"stderr", c.err}, {"tty", c.tty}})
    if (on) out[name] = true;
  if (!c.container.empty()) out["container"] = c.container;
  if (!c.command.empty()) out["command"] = c.command;
  return out;
}

std::optional<status> change_connection(pod_connection& c, const json& document) {
  pod_connection out;
  out.ports = c.ports;
  const auto flag = [&](const char* name, bool& into) {
    const json& value = at(document, {name});
    into = value == true;
    return value.is_null() || value.is_boolean();
  };
  const json& command = at(document, {"command"});
  const json& container = at(document, {"container"});
  if (!flag("stdin", out.in) || !flag("stdout", out.out) || !flag("stderr", out.err) ||
      !flag("tty", out.tty) || !(container.is_null() || container.is_string()) ||
      !(command.is_null() || command.is_array()) ||
      std::ranges::any_of(command, [](const json& word) { return !word.is_string(); }))
    return bad_request("the options of the connection cannot be decoded");
  out.container = string_at(document, {"container"});
  for (const json& word : command) out.command.push_back(word.get<std::string>());
  out.err = out.err && !out.tty;
  if (auto bad = check_connection(out, !c.command.empty())) return bad;
  c = std::move(out);
  return std::nullopt;
}

std::variant<std::string, status> choose_container(const json& pod, std::string_view pod_name,
                                                   std::string_view wanted) {
  const auto containers = names(pod, "containers");
  const auto init = names(pod, "initContainers");
  const auto ephemeral = names(pod, "ephemeralContainers");
  if (wanted.empty()) {
    if (containers.size() == 1) return containers.front();
    std::string why = "a container name must be specified for pod " + std::string(pod_name) +
                      ", choose one of: " + in_brackets(containers);
    if (!init.empty()) why += " or one of the init containers: " + in_brackets(init);
    if (!ephemeral.empty()) why += " or one of the ephemeral containers: " + in_brackets(ephemeral);
    return bad_request(why);
  }
  for (const auto* all : {&containers, &init, &ephemeral})
    if (std::find(all->begin(), all->end(), wanted) != all->end()) return std::string(wanted);
  return bad_request("container " + std::string(wanted) + " is not valid for pod " +
                     std::string(pod_name));
}

}  // namespace troupe::model
