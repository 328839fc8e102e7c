#include "store/collection.hpp"

#include <algorithm>

namespace troupe::store {
namespace {

bool same(const key_view& a, const key_view& b) {
  return a.ns == b.ns && a.name == b.name;
}

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

template <class Before>
collection::position collection::partition_point(Before before) const {
  const auto leaf = std::partition_point(leaves_.begin(), leaves_.end(), [&](const auto& l) {
    return before(key_view::of(*l.back()));
  });
  position p{static_cast<std::size_t>(leaf - leaves_.begin()), 0};
  if (leaf == leaves_.end()) return p;
  const auto at = std::partition_point(
      leaf->begin(), leaf->end(), [&](const object_ptr& o) { return before(key_view::of(*o)); });
  p.index = static_cast<std::size_t>(at - leaf->begin());
  return p;
}

collection::position collection::lower_bound(key_view key) const {
  return partition_point([&](key_view k) { return k < key; });
}

collection::position collection::upper_bound(key_view key) const {
  return partition_point([&](key_view k) { return !(key < k); });
}

const object_ptr* collection::find(key_view key) const {
  const auto p = lower_bound(key);
  if (at_end(p) || !same(key_view::of(*at(p)), key)) return nullptr;
  return &at(p);
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

object_ptr collection::put(object_ptr object) {
  const auto key = key_view::of(*object);
  auto p = lower_bound(key);
  if (!at_end(p) && same(key_view::of(*at(p)), key))
    return std::exchange(leaves_[p.leaf][p.index], std::move(object));
  if (leaves_.empty()) leaves_.emplace_back();
  if (at_end(p)) p = {leaves_.size() - 1, leaves_.back().size()};
  auto& leaf = leaves_[p.leaf];
  leaf.insert(leaf.begin() + static_cast<std::ptrdiff_t>(p.index), std::move(object));
  ++size_;
  if (leaf.size() > leaf_limit) {
    const auto middle = leaf.begin() + leaf_limit / 2;
    std::vector<object_ptr> upper(std::make_move_iterator(middle),
                                  std::make_move_iterator(leaf.end()));
    leaf.erase(middle, leaf.end());
    leaves_.insert(leaves_.begin() + static_cast<std::ptrdiff_t>(p.leaf) + 1, std::move(upper));
  }
  return nullptr;
}

object_ptr collection::take(key_view key) {
  const auto p = lower_bound(key);
  if (at_end(p) || !same(key_view::of(*at(p)), key)) return nullptr;
  auto& leaf = leaves_[p.leaf];
  object_ptr taken = std::move(leaf[p.index]);
  leaf.erase(leaf.begin() + static_cast<std::ptrdiff_t>(p.index));
  --size_;
  if (leaf.empty()) leaves_.erase(leaves_.begin() + static_cast<std::ptrdiff_t>(p.leaf));
  return taken;
}

void collection::assign(std::vector<object_ptr> objects) {
  std::sort(objects.begin(), objects.end(), object_less);
  leaves_.clear();
  size_ = objects.size();
  constexpr std::size_t fill = leaf_limit * 3 / 4;  // room for what comes in between
  for (std::size_t at = 0; at < objects.size(); at += fill) {
    const auto from = objects.begin() + static_cast<std::ptrdiff_t>(at);
    const auto to = objects.begin() + static_cast<std::ptrdiff_t>(std::min(at + fill, size_));
    leaves_.emplace_back(std::make_move_iterator(from), std::make_move_iterator(to));
  }
}

}  // namespace troupe::store
