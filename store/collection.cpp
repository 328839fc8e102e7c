#include "store/collection.hpp"

#include "model/selector.hpp"

#include <algorithm>

namespace troupe::store {
namespace {

bool object_less(const object_ptr& a, const object_ptr& b) {
  return key_view::of(*a) < key_view::of(*b);
}

}  // namespace

key_view key_view::parse(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos) return {{}, text};
  return {text.substr(0, slash), text.substr(slash + 1)};
}

bool operator<(const key_view& a, const key_view& b) {
  const auto common = std::min(a.ns.size(), b.ns.size());
  if (const int order = a.ns.compare(0, common, b.ns, 0, common); order != 0) return order < 0;
  if (a.ns.size() == b.ns.size()) return a.name < b.name;
  // The shorter namespace goes on with the slash, which no namespace holds.
  return a.ns.size() < b.ns.size() ? '/' < b.ns[common] : a.ns[common] < '/';
}

std::size_t collection::slot_hash::operator()(const key_view& key) const {
  const std::hash<std::string_view> hash;
  return hash(key.name) + 31 * hash(key.ns);
}

template <class Before>
collection::position collection::partition_point(Before before) const {
  const auto earlier = [&](const slot* s) { return before(key_view::of(*s->object)); };
  const auto found = std::partition_point(leaves_.begin(), leaves_.end(),
                                          [&](const leaf& l) { return earlier(l.back()); });
  position p{static_cast<std::size_t>(found - leaves_.begin()), 0};
  if (found == leaves_.end()) return p;
  const auto at = std::partition_point(found->begin(), found->end(), earlier);
  p.index = static_cast<std::size_t>(at - found->begin());
  return p;
}

collection::position collection::lower_bound(key_view key) const {
  return partition_point([&](key_view k) { return k < key; });
}

collection::position collection::upper_bound(key_view key) const {
  return partition_point([&](key_view k) { return !(key < k); });
}

const object_ptr* collection::find(key_view key) const {
  const auto found = slots_.find(key);
  return found == slots_.end() ? nullptr : &found->object;
}

void collection::advance(position& p) const {
  if (++p.index < leaves_[p.leaf].size()) return;
  ++p.leaf;
  p.index = 0;
}

std::size_t collection::rank(position p) const {
  std::size_t before = p.index;
  for (std::size_t l = 0; l < p.leaf; ++l) before += leaves_[l].size();
  return before;
}

void collection::move_in_index(const slot* s, const model::object* before,
                               const model::object* after) {
  if (indexed_.empty()) return;
  const auto value = [&](const model::object* o) {
    const auto* found = o ? model::find(o->header().fields, indexed_) : nullptr;
    return found ? std::string_view(*found) : std::string_view();
  };
  const auto from = value(before), to = value(after);
  if (from == to) return;
  if (const auto at = by_value_.find(from); at != by_value_.end()) {
    auto& there = at->second;
    *std::find(there.begin(), there.end(), s) = there.back();
    there.pop_back();
    if (there.empty()) by_value_.erase(at);
  }
  if (to.empty()) return;
  auto at = by_value_.find(to);
  if (at == by_value_.end()) at = by_value_.try_emplace(std::string(to)).first;
  at->second.push_back(s);
}

std::vector<object_ptr> collection::with_value(std::string_view value) const {
  std::vector<object_ptr> out;
  const auto at = by_value_.find(value);
  if (at == by_value_.end()) return out;
  out.reserve(at->second.size());
  for (const slot* s : at->second) out.push_back(s->object);
  return out;
}

object_ptr collection::put(object_ptr object) {
  const auto key = key_view::of(*object);
  if (const auto known = slots_.find(key); known != slots_.end()) {
    move_in_index(&*known, known->object.get(), object.get());
    return std::exchange(known->object, std::move(object));
  }
  auto p = lower_bound(key);
  const slot* const made = &*slots_.insert({std::move(object)}).first;
  move_in_index(made, nullptr, made->object.get());
  if (leaves_.empty()) leaves_.emplace_back();
  if (at_end(p)) p = {leaves_.size() - 1, leaves_.back().size()};
  auto& into = leaves_[p.leaf];
  into.insert(into.begin() + static_cast<std::ptrdiff_t>(p.index), made);
  if (into.size() > leaf_limit) {
    const auto middle = into.begin() + leaf_limit / 2;
    leaf upper(middle, into.end());
    into.erase(middle, into.end());
    leaves_.insert(leaves_.begin() + static_cast<std::ptrdiff_t>(p.leaf) + 1, std::move(upper));
  }
  return nullptr;
}

object_ptr collection::take(key_view key) {
  const auto known = slots_.find(key);
  if (known == slots_.end()) return nullptr;
  move_in_index(&*known, known->object.get(), nullptr);
  const auto p = lower_bound(key);
  auto& from = leaves_[p.leaf];
  from.erase(from.begin() + static_cast<std::ptrdiff_t>(p.index));
  if (from.empty()) leaves_.erase(leaves_.begin() + static_cast<std::ptrdiff_t>(p.leaf));
  return std::move(slots_.extract(known).value().object);
}

void collection::assign(std::vector<object_ptr> objects) {
  std::sort(objects.begin(), objects.end(), object_less);
  leaves_.clear();
  slots_.clear();
  by_value_.clear();
  slots_.reserve(objects.size());
  constexpr std::size_t fill = leaf_limit * 3 / 4;  // room for what comes in between
  for (auto& o : objects) {
    if (leaves_.empty() || leaves_.back().size() == fill) leaves_.emplace_back();
    const slot* const made = &*slots_.insert({std::move(o)}).first;
    leaves_.back().push_back(made);
    move_in_index(made, nullptr, made->object.get());
  }
}

}  // namespace troupe::store
