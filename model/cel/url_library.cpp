#include "model/cel/libraries.hpp"

#include <algorithm>
#include <map>

namespace troupe::model::cel {
namespace {

/// A URL as Go's net/url.ParseRequestURI reads it: absolute, or an absolute path.
struct parsed_url {
  std::string scheme, host, path, query;  ///< the path is decoded, the query is not
};

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

int hex_of(char c) {
  return c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
}

/// Decodes %XX; a text that is wrong is named in `fault`.
std::string decoded(std::string_view text, std::string& fault, bool plus = false) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus) {
      out += ' ';
    } else if (text[i] != '%') {
      out += text[i];
    } else if (i + 2 < text.size() && is_hex(text[i + 1]) && is_hex(text[i + 2])) {
      out += static_cast<char>(hex_of(text[i + 1]) * 16 + hex_of(text[i + 2]));
      i += 2;
    } else {
      fault = "invalid URL escape " + in_quotes(text.substr(i, 3));
      return out;
    }
  }
  return out;
}

bool is_ascii_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// Cuts "scheme:" off the front.
std::string take_scheme(std::string_view& rest, std::string& fault) {
  for (std::size_t i = 0; i < rest.size(); ++i) {
    const char c = rest[i];
    if (is_ascii_letter(c)) continue;
    if ((c >= '0' && c <= '9') || c == '+' || c == '-' || c == '.') {
      if (i == 0) return {};
      continue;
    }
    if (c != ':') return {};
    if (i == 0) {
      fault = "missing protocol scheme";
      return {};
    }
    std::string out(rest.substr(0, i));
    std::ranges::transform(out, out.begin(), [](char l) {
      return l >= 'A' && l <= 'Z' ? static_cast<char>(l | 0x20) : l;
    });
    rest.remove_prefix(i + 1);
    return out;
  }
  return {};
}

std::string host_fault(std::string_view host) {
  const auto close = host.rfind(']');
  std::string_view port;
  if (host.starts_with('[')) {
    if (close == host.npos) return "missing ']' in host";
    port = host.substr(close + 1);
  } else if (const auto colon = host.rfind(':'); colon != host.npos) {
    port = host.substr(colon);
  }
  const bool digits = std::ranges::all_of(port.substr(std::min<std::size_t>(1, port.size())),
                                          [](char c) { return c >= '0' && c <= '9'; });
  if (!port.empty() && (port[0] != ':' || !digits))
    return "invalid port " + in_quotes(port) + " after host";
  for (const char c : host)
    if (std::string_view(" \"<>\\^`{|}").find(c) != std::string_view::npos)
      return "invalid character " + in_quotes(std::string(1, c)) + " in host name";
  return {};
}

std::optional<parsed_url> parse_url(std::string_view text, std::string& fault) {
  const auto control = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7f; };
  if (std::ranges::any_of(text, control)) fault = "net/url: invalid control character in URL";
  if (text.empty()) fault = "empty url";
  if (!fault.empty()) return std::nullopt;
  parsed_url out;
  std::string_view rest = text;
  out.scheme = take_scheme(rest, fault);
  if (!fault.empty()) return std::nullopt;
  const auto question = rest.find('?');
  if (question != rest.npos) {
    out.query = rest.substr(question + 1);
    rest = rest.substr(0, question);
  }
  if (!rest.starts_with('/')) {
    // What has a scheme and no slash is opaque: it has neither a host nor a path.
    if (out.scheme.empty()) fault = "invalid URI for request";
    return fault.empty() ? std::optional(out) : std::nullopt;
  }
  if (!out.scheme.empty() && rest.starts_with("//")) {
    rest.remove_prefix(2);
    const auto slash = std::min(rest.find('/'), rest.size());
    auto authority = rest.substr(0, slash);
    rest.remove_prefix(slash);
    if (const auto at = authority.rfind('@'); at != authority.npos) authority.remove_prefix(at + 1);
    fault = host_fault(authority);
    out.host = decoded(authority, fault);
  }
  out.path = decoded(rest, fault);
  return fault.empty() ? std::optional(out) : std::nullopt;
}

/// Go's EscapedPath.
std::string escaped_path(const std::string& path) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (const char c : path) {
    const auto u = static_cast<unsigned char>(c);
    const bool plain = is_ascii_letter(c) || (c >= '0' && c <= '9') ||
                       std::string_view("-_.~$&+,/:;=@").find(c) != std::string_view::npos;
    if (plain) {
      out += c;
    } else {
      out += '%';
      out += digits[u >> 4];
      out += digits[u & 15];
    }
  }
  return out;
}

class url_value final : public foreign {
 public:
  url_value(parsed_url url, std::string text) : url_(std::move(url)), text_(std::move(text)) {}

  const char* type_name() const override { return "kubernetes.URL"; }
  std::string text() const override { return text_; }

  std::optional<value> call(const std::string& name, const arguments& args) const override {
    if (args.size() != 1) return std::nullopt;
    if (name == "getScheme") return string_value(url_.scheme);
    if (name == "getHost") return string_value(url_.host);
    if (name == "getHostname") return string_value(split_host().first);
    if (name == "getPort") return string_value(split_host().second);
    if (name == "getEscapedPath") return string_value(escaped_path(url_.path));
    if (name == "getQuery") return query();
    return std::nullopt;
  }

 private:
  /// The name without brackets, and the port.
  std::pair<std::string, std::string> split_host() const {
    const std::string& h = url_.host;
    const auto colon = h.rfind(':');
    const bool has_port = colon != h.npos && h.find(']', colon) == h.npos;
    std::string host = has_port ? h.substr(0, colon) : h;
    if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
    return {host, has_port ? h.substr(colon + 1) : ""};
  }

  value query() const {
    std::map<std::string, std::vector<value>> all;
    std::string_view rest = url_.query;
    while (!rest.empty()) {
      const auto end = std::min(rest.find('&'), rest.size());
      const auto pair = rest.substr(0, end);
      rest.remove_prefix(std::min(end + 1, rest.size()));
      if (pair.empty() || pair.find(';') != pair.npos) continue;
      const auto equals = std::min(pair.find('='), pair.size());
      std::string fault;
      const auto key = decoded(pair.substr(0, equals), fault, true);
      auto held = decoded(pair.substr(std::min(equals + 1, pair.size())), fault, true);
      if (fault.empty()) all[key].push_back(string_value(std::move(held)));
    }
    std::vector<std::pair<value, value>> out;
    for (auto& [key, items] : all)
      out.emplace_back(string_value(key), value::list(std::move(items)));
    return value::kinds(
        std::make_shared<const std::vector<std::pair<value, value>>>(std::move(out)));
  }

  parsed_url url_;
  std::string text_;
};

}  // namespace

std::optional<value> call_url(const std::string& name, arguments& args, meter& m) {
  if (name != "url" && name != "isURL") return std::nullopt;
  const std::string& text = text_arg(one_argument(args));
  m.walk(text.size());
  std::string fault;
  auto url = parse_url(text, fault);
  if (name == "isURL") return boolean_value(url.has_value());
  if (!url)
    throw failure{"URL parse error during conversion from string: parse " + in_quotes(text) + ": " +
                  fault};
  return made(std::make_shared<const url_value>(std::move(*url), text));
}

}  // namespace troupe::model::cel
