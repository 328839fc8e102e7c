#include "cli/config/settings.hpp"

#include "net/tls/files.hpp"

#include <algorithm>
#include <charconv>

namespace troupe::cli {
namespace {

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const auto end = text.find(separator);
    if (end != 0) out.emplace_back(text.substr(0, end));
    if (end == text.npos) break;
    text.remove_prefix(end + 1);
  }
  return out;
}

config_error wrong(const option& o, const std::string& where, const std::string& needs) {
  return config_error(where + ": " + std::string(o.path) + " must be " + needs);
}

std::string shown(const option& o, std::int64_t bound) {
  return std::to_string(bound) + (o.kind == option_kind::duration ? "ms" : "");
}

}  // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
  static constexpr std::pair<std::string_view, std::int64_t> units[] = {
      {"ms", 1}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1000}};
  if (text == "0") return std::chrono::milliseconds{0};
  if (text.empty()) return std::nullopt;
  std::int64_t total = 0;
  while (!text.empty()) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || number < 0 || number > 1'000'000'000) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    const auto* unit = std::find_if(std::begin(units), std::end(units),
                                    [&](const auto& u) { return text.starts_with(u.first); });
    if (unit == std::end(units)) return std::nullopt;
    total += number * unit->second;
    text.remove_prefix(unit->first.size());
  }
  return std::chrono::milliseconds{total};
}

settings::settings() {
  for (const auto& o : options())
    values_.emplace(o.path, slot{parse(o, std::string(o.fallback), "default"), {}});
}

settings::value settings::parse(const option& o, const std::string& text,
                                const std::string& where) {
  switch (o.kind) {
    case option_kind::string:
      return text;
    case option_kind::integer: {
      std::int64_t number = 0;
      const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
      if (text.empty() || error != std::errc{} || end != text.data() + text.size())
        throw wrong(o, where, "an integer, not \"" + text + "\"");
      return number;
    }
    case option_kind::boolean:
      if (text != "true" && text != "false")
        throw wrong(o, where, "true or false, not \"" + text + "\"");
      return text == "true";
    case option_kind::duration: {
      const auto d = parse_duration(text);
      if (!d) throw wrong(o, where, "a duration such as 10s or 1m30s, not \"" + text + "\"");
      return *d;
    }
    case option_kind::list:
      return split(text, ',');
    case option_kind::map:
      break;
  }
  std::map<std::string, std::string> pairs;
  for (const auto& pair : split(text, ',')) {
    const auto equals = pair.find_first_of("=<");  // kubelet's thresholds: memory.available<100Mi
    if (equals == 0 || equals == pair.npos)
      throw wrong(o, where, "key=value pairs, not \"" + pair + "\"");
    pairs[pair.substr(0, equals)] = pair.substr(equals + 1);
  }
  return pairs;
}

void settings::check(const option& o, const value& v, const std::string& where) {
  std::optional<std::int64_t> number;
  if (const auto* n = std::get_if<std::int64_t>(&v)) number = *n;
  if (const auto* d = std::get_if<std::chrono::milliseconds>(&v)) number = d->count();
  if (number && (*number < o.min || *number > o.max))
    throw wrong(
        o, where,
        "between " + shown(o, o.min) + " and " + shown(o, o.max) + ", not " + shown(o, *number));
  if (o.choices.empty()) return;
  const auto known = split(o.choices, '|');
  auto one = [&](const std::string& text) {
    if (std::find(known.begin(), known.end(), text) != known.end()) return;
    const auto near = nearest(text, known);
    throw wrong(o, where,
                "one of " + std::string(o.choices) + ", not \"" + text + "\"" +
                    (near.empty() ? "" : "; did you mean \"" + near + "\"?"));
  };
  if (const auto* text = std::get_if<std::string>(&v)) one(*text);
  if (const auto* items = std::get_if<std::vector<std::string>>(&v))
    std::for_each(items->begin(), items->end(), one);
}

void settings::put(const option& o, value v, const std::string& where) {
  check(o, v, where);
  values_.find(o.path)->second = {std::move(v), where};
}

void settings::set(std::string_view path, const std::string& text, const std::string& where) {
  const auto* o = find_option(path);
  if (!o) throw config_error(where + ": there is no option " + std::string(path));
  put(*o, parse(*o, text, where), where);
}

void settings::preset(std::string_view path, const std::string& text) {
  if (!given(path)) values_.find(path)->second.v = parse(*find_option(path), text, "default");
}

void settings::merge_file(const std::filesystem::path& file) {
  std::string text;
  try {
    text = tls::read_file(file);
  } catch (const tls::pki_error& e) {
    throw config_error(e.what());
  }
  merge_yaml(text, file.string());
}

template <class T>
const T& settings::get(std::string_view path) const {
  const auto it = values_.find(path);
  if (it == values_.end()) throw std::logic_error("no option " + std::string(path));
  return std::get<T>(it->second.v);
}

const std::string& settings::string(std::string_view path) const {
  return get<std::string>(path);
}

std::int64_t settings::integer(std::string_view path) const {
  return get<std::int64_t>(path);
}

std::uint16_t settings::port(std::string_view path) const {
  return static_cast<std::uint16_t>(integer(path));
}

bool settings::boolean(std::string_view path) const {
  return get<bool>(path);
}

std::chrono::milliseconds settings::duration(std::string_view path) const {
  return get<std::chrono::milliseconds>(path);
}

const std::vector<std::string>& settings::list(std::string_view path) const {
  return get<std::vector<std::string>>(path);
}

const std::map<std::string, std::string>& settings::map(std::string_view path) const {
  return get<std::map<std::string, std::string>>(path);
}

bool settings::given(std::string_view path) const {
  const auto it = values_.find(path);
  return it != values_.end() && !it->second.where.empty();
}

config_error settings::error(std::string_view path, const std::string& message) const {
  const auto it = values_.find(path);
  const bool located = it != values_.end() && !it->second.where.empty();
  return config_error((located ? it->second.where + ": " : std::string{}) + std::string(path) +
                      " " + message);
}

}  // namespace troupe::cli
