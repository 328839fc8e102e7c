#include "actors/api/precedents.hpp"

#include "actors/api/hook_table.hpp"
#include "model/generated_name.hpp"
#include "model/validation/names.hpp"

#include <algorithm>
#include <functional>
#include <utility>

namespace troupe::api {
namespace {

constexpr std::size_t most_kept = 16;
// Lists longer than this would cost more to compare than the precedent saves.
constexpr std::size_t longest_list = 32;
constexpr std::size_t longest_body = std::size_t{64} * 1024;

std::uint64_t version_of(const object_ptr& o) {
  return o ? o->version() : 0;
}

std::vector<std::uint64_t> versions_of(const std::vector<object_ptr>& objects) {
  std::vector<std::uint64_t> out(objects.size());
  std::ranges::transform(objects, out.begin(), version_of);
  return out;
}

std::chrono::sys_seconds second_of(model::time_point t) {
  return std::chrono::floor<std::chrono::seconds>(t);
}

std::string as_value(std::string_view name) {
  return std::string(1, '"').append(name).append(1, '"');
}

// Where a text is, if it is there once.
std::size_t only_place(std::string_view in, std::string_view text) {
  const auto at = in.find(text);
  return at != in.npos && in.find(text, at + 1) == in.npos ? at : in.npos;
}

// No rule for pods makes a difference between two such names.
bool is_plain(std::string_view name) {
  return model::dns_label_fault(name).empty();
}

}  // namespace

model::cluster_view lookups::noting(model::cluster_view view) {
  return {[this, get = std::move(view.get)](const object_key& key) {
            auto found = get(key);
            objects_.emplace_back(key, version_of(found));
            return found;
          },
          [this, list = std::move(view.list)](std::string_view resource, std::string_view ns) {
            auto found = list(resource, ns);
            lists_.push_back({std::string(resource), std::string(ns), versions_of(found)});
            return found;
          }};
}

bool lookups::hold(const store::cache& objects) const {
  const auto is_same = [&](const auto& one) {
    return version_of(objects.get(one.first)) == one.second;
  };
  const auto are_same = [&](const list& l) {
    return l.versions.size() <= longest_list &&
           versions_of(objects.list(l.resource, l.ns).objects) == l.versions;
  };
  return std::ranges::all_of(objects_, is_same) && std::ranges::all_of(lists_, are_same);
}

bool precedents::concerns(const call& c) {
  return c.info.verb == "create" && c.kind->resource == "pods" && c.info.subresource.empty() &&
         c.content_type == "application/json";
}

bool precedents::precedent::asks_the_same(const call& c) const {
  return ns == c.info.ns && manager == c.manager && user == c.user.name &&
         groups == c.user.groups && query == c.info.query;
}

std::optional<std::string_view> precedents::precedent::name_in(std::string_view text) const {
  const std::string_view whole = body.bytes();
  const auto before = whole.substr(0, name.begin), after = whole.substr(name.end);
  if (text.size() < before.size() + after.size() || !text.starts_with(before) ||
      !text.ends_with(after))
    return std::nullopt;
  const auto other = text.substr(before.size(), text.size() - before.size() - after.size());
  if (name.begin == name.end ? !other.empty() : !is_plain(other)) return std::nullopt;
  return other;
}

model::draft precedents::precedent::made_for(std::string_view new_name,
                                             const std::string& uid) const {
  const std::size_t size = pod.header.key.name.size();
  model::draft out;
  out.header = pod.header;
  out.header.key.name = new_name;
  out.header.uid = uid;
  for (auto& [field, value] : out.header.fields)
    if (field == "metadata.name") value = new_name;
  out.head.reserve(pod.head.size() - size + new_name.size());
  out.head.append(pod.head, 0, name_at).append(new_name).append(pod.head, name_at + size);
  out.tail = pod.tail;
  out.tail.replace(uid_at, uid.size(), uid);
  out.places = pod.places;
  out.places.version += static_cast<std::uint32_t>(new_name.size() - size);
  return out;
}

std::optional<decision> precedents::follow(call& c, environment& e) const {
  if (e.hooks.any()) return std::nullopt;
  std::string_view name;
  const auto fits = [&](const precedent& p) {
    const auto found = p.second == second_of(e.now) ? p.name_in(c.text.bytes()) : std::nullopt;
    name = found.value_or("");
    return found && p.asks_the_same(c) && p.seen.hold(e.objects);
  };
  const auto at = std::ranges::find_if(kept_, fits);
  if (at == kept_.end()) return std::nullopt;
  decision d;
  d.code = 201;
  d.retry = name.empty();
  d.generated = at->generated;
  std::string made = d.retry ? model::generated_name(at->base, e.random) : std::string(name);
  write w{write_op::create, std::string(c.kind->resource), c.info.ns, made};
  w.object = at->made_for(made, e.random.uuid());
  d.change = std::move(w);
  c.warnings = at->warnings;
  c.audit_annotations = at->audit_annotations;
  c.named = at->named;
  c.named.name = name;
  return d;
}

std::optional<precedents::place> precedents::place_of(std::string_view name,
                                                      std::string_view text) {
  if (name.empty()) return place{};
  const auto at = only_place(text, as_value(name));
  // With an escape in it the name could be written in another way, and these be other words.
  if (at == text.npos || text.find('\\') != text.npos) return std::nullopt;
  return place{at + 1, at + 1 + name.size()};
}

bool precedents::recurs(const call& c) {
  const std::string_view text = c.text.bytes();
  if (text.size() > longest_body) return false;
  const auto name = place_of(model::string_at(c.body, {"metadata", "name"}), text);
  if (!name) return false;
  const std::hash<std::string_view> hash;
  const auto of_both = hash(text.substr(0, name->begin)) * 31 + hash(text.substr(name->end));
  return std::exchange(seen_[of_both % seen_.size()], of_both) == of_both;
}

std::optional<precedents::precedent> precedents::of(const call& c, const decision& d) {
  precedent p;
  p.pod = *d.change->object;
  const std::string& name = p.pod.header.key.name;
  const auto in_body = place_of(d.retry ? "" : name, c.text.bytes());
  const auto in_head = only_place(p.pod.head, as_value(name));
  p.uid_at = only_place(p.pod.tail, p.pod.header.uid);
  if (!is_plain(name) || !in_body || in_head == p.pod.head.npos || p.uid_at == p.pod.tail.npos ||
      p.pod.tail.find(as_value(name)) != p.pod.tail.npos)
    return std::nullopt;
  p.name = *in_body;
  p.name_at = in_head + 1;
  if (d.retry) p.base = name.substr(0, name.size() - model::generated_length);
  return p;
}

void precedents::keep(const call& c, const environment& e, const decision& d, lookups seen) {
  if (!d.change || e.hooks.any() || c.attempts != 1) return;
  auto p = of(c, d);
  if (!p) return;
  p->query = c.info.query;
  p->ns = c.info.ns;
  p->user = c.user.name;
  p->manager = c.manager;
  p->groups = c.user.groups;
  p->body = c.text;
  p->generated = d.generated;
  p->second = second_of(e.now);
  p->seen = std::move(seen);
  p->warnings = c.warnings;
  p->audit_annotations = c.audit_annotations;
  p->named = c.named;
  const auto same = std::ranges::find_if(kept_, [&](const precedent& old) {
    return old.name_in(c.text.bytes()) && old.asks_the_same(c);
  });
  if (same != kept_.end()) {
    *same = std::move(*p);
  } else if (kept_.size() < most_kept) {
    kept_.push_back(std::move(*p));
  } else {
    kept_[oldest_] = std::move(*p);
    oldest_ = (oldest_ + 1) % most_kept;
  }
}

}  // namespace troupe::api
