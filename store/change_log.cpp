#include "store/change_log.hpp"

#include <algorithm>
#include <map>

namespace troupe::store {
namespace {

template <class T>
void put_number(std::string& out, T value) {
  for (std::size_t i = 0; i < sizeof(T); ++i)
    out += static_cast<char>(static_cast<std::uint64_t>(value) >> (8 * i));
}

void put_text(std::string& out, std::string_view text) {
  put_number(out, static_cast<std::uint32_t>(text.size()));
  out += text;
}

struct reader {
  std::string_view rest;
  bool torn = false;

  template <class T>
  T number() {
    if (rest.size() < sizeof(T)) {
      torn = true;
      return {};
    }
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i)
      value |= std::uint64_t{static_cast<unsigned char>(rest[i])} << (8 * i);
    rest.remove_prefix(sizeof(T));
    return static_cast<T>(value);
  }

  std::string text() {
    const auto size = number<std::uint32_t>();
    if (torn || rest.size() < size) {
      torn = true;
      return {};
    }
    std::string out(rest.substr(0, size));
    rest.remove_prefix(size);
    return out;
  }
};

}  // namespace

std::string key_text(const model::object_key& key) {
  return key.ns + "/" + key.name;
}

void encode_change(const event& e, std::string& out) {
  const auto& key = e.object->key();
  put_number(out, static_cast<std::uint8_t>(e.type));
  put_number(out, e.version());
  put_text(out, key.resource);
  put_text(out, key.ns);
  put_text(out, key.name);
  put_text(out, e.previous ? std::string_view(e.previous->bytes()) : std::string_view());
}

std::optional<std::vector<change>> decode_changes(std::string_view bytes) {
  std::vector<change> out;
  reader in{bytes};
  while (!in.rest.empty()) {
    change c;
    const auto type = in.number<std::uint8_t>();
    c.type = static_cast<event::kind>(type);
    c.version = in.number<std::uint64_t>();
    c.key.resource = in.text();
    c.key.ns = in.text();
    c.key.name = in.text();
    c.previous = in.text();
    if (in.torn || type > static_cast<std::uint8_t>(event::kind::deleted)) return std::nullopt;
    out.push_back(std::move(c));
  }
  return out;
}

std::vector<event> replay(std::vector<change> changes,
                          const std::function<object_ptr(const model::object_key&)>& present) {
  std::map<model::object_key, object_ptr> after;
  std::vector<event> out;
  out.reserve(changes.size());
  for (auto at = changes.rbegin(); at != changes.rend(); ++at) {
    event e{at->type, nullptr, nullptr};
    if (!at->previous.empty())
      e.previous = model::decode(at->key.resource, std::move(at->previous));
    auto [known, fresh] = after.try_emplace(at->key);
    if (at->type == event::kind::deleted)
      e.object = e.previous ? model::with_version(*e.previous, at->version) : nullptr;
    else
      e.object = fresh ? present(at->key) : known->second;
    known->second = e.previous;
    // An entry that cannot be rebuilt cuts the log: what is before it is not shown either.
    if (!e.object || e.version() != at->version) break;
    out.push_back(std::move(e));
  }
  std::reverse(out.begin(), out.end());
  return out;
}

}  // namespace troupe::store
