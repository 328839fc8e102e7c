#pragma once

#include "model/key_order.hpp"

#include <algorithm>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <limits>
#include <map>
#include <memory>
#include <new>
#include <tuple>
#include <type_traits>
#include <utility>

namespace troupe::model {

/// The members of a JSON object: what std::map offers of it, in the same order and with references
/// and iterators as lasting, for a third of the allocations. Objects are small: members lie in a
/// few blocks, linked in the order of their keys, and are looked up one after the other; only past
/// `most_walked` of them is there an index. (docs/performance.md has what it gives.)
template <class Key, class Value, class Order, class Allocator>
class json_members {
  struct links {
    links* next;
    links* previous;
  };
  struct node;
  template <bool is_const>
  class position;

 public:
  using key_type = Key;
  using mapped_type = Value;
  using value_type = std::pair<const Key, Value>;
  using key_compare = key_order;
  using allocator_type = Allocator;
  using size_type = std::size_t;
  using difference_type = std::ptrdiff_t;
  using reference = value_type&;
  using const_reference = const value_type&;
  using iterator = position<false>;
  using const_iterator = position<true>;

  json_members() noexcept : ends_{&ends_, &ends_} {}
  json_members(const json_members& other) : json_members() {
    reserve(other.size_);
    for (const auto& member : other) append(member.first, member.second);
  }
  json_members(json_members&& other) noexcept : json_members() { swap(other); }
  template <std::input_iterator It>
  json_members(It first, It last) : json_members() {
    insert(first, last);
  }
  json_members(std::initializer_list<value_type> members)
      : json_members(members.begin(), members.end()) {}
  ~json_members() { clear(); }

  json_members& operator=(const json_members& other) {
    if (this != &other) json_members(other).swap(*this);
    return *this;
  }
  json_members& operator=(json_members&& other) noexcept {
    clear();
    swap(other);
    return *this;
  }

  iterator begin() noexcept { return iterator(ends_.next); }
  iterator end() noexcept { return iterator(&ends_); }
  const_iterator begin() const noexcept { return const_iterator(ends_.next); }
  const_iterator end() const noexcept { return const_iterator(const_cast<links*>(&ends_)); }
  const_iterator cbegin() const noexcept { return begin(); }
  const_iterator cend() const noexcept { return end(); }

  bool empty() const noexcept { return size_ == 0; }
  size_type size() const noexcept { return size_; }
  size_type max_size() const noexcept { return std::numeric_limits<std::uint32_t>::max(); }

  iterator find(const key_prefix& key) noexcept { return iterator(place_of(key)); }
  const_iterator find(const key_prefix& key) const noexcept {
    return const_iterator(place_of(key));
  }
  size_type count(const key_prefix& key) const noexcept { return contains(key) ? 1 : 0; }
  bool contains(const key_prefix& key) const noexcept { return place_of(key) != &ends_; }
  iterator lower_bound(const key_prefix& key) noexcept { return iterator(first_from(key)); }
  const_iterator lower_bound(const key_prefix& key) const noexcept {
    return const_iterator(first_from(key));
  }

  template <class K, class... Args>
  std::pair<iterator, bool> try_emplace(K&& key, Args&&... args) {
    links* const place = first_from(key_prefix(key));
    if (has(place, key_prefix(key))) return {iterator(place), false};
    return {iterator(put(place, std::forward<K>(key), std::forward<Args>(args)...)), true};
  }
  template <class K, class V>
  std::pair<iterator, bool> emplace(K&& key, V&& value) {
    return try_emplace(std::forward<K>(key), std::forward<V>(value));
  }
  /// Looks at `place` first: what lower_bound gave, or the end where keys come in order.
  template <class K, class V>
  iterator emplace_hint(const_iterator place, K&& key, V&& value) {
    if (!belongs(place.at_, key_prefix(key)))
      return try_emplace(std::forward<K>(key), std::forward<V>(value)).first;
    return iterator(put(place.at_, std::forward<K>(key), std::forward<V>(value)));
  }
  std::pair<iterator, bool> insert(const value_type& member) {
    return try_emplace(member.first, member.second);
  }
  std::pair<iterator, bool> insert(value_type&& member) {
    return try_emplace(member.first, std::move(member.second));
  }
  template <std::input_iterator It>
  void insert(It first, It last) {
    for (; first != last; ++first) try_emplace(first->first, first->second);
  }
  template <class K>
  Value& operator[](K&& key) {
    return try_emplace(std::forward<K>(key)).first->second;
  }

  iterator erase(const_iterator place) noexcept {
    node* const gone = node_at(place.at_);
    links* const next = gone->next;
    if (index_) index_->erase(key_prefix(gone->member.first));
    gone->previous->next = next;
    next->previous = gone->previous;
    std::destroy_at(&gone->member);
    gone->next = std::exchange(spare_, gone);
    --size_;
    return iterator(next);
  }
  iterator erase(const_iterator first, const_iterator last) noexcept {
    while (first != last) first = erase(first);
    return iterator(last.at_);
  }
  size_type erase(const key_prefix& key) noexcept {
    links* const place = place_of(key);
    if (place == &ends_) return 0;
    erase(const_iterator(place));
    return 1;
  }
  template <class Predicate>
  friend size_type erase_if(json_members& members, Predicate gone) {
    const auto before = members.size();
    for (auto i = members.begin(); i != members.end();) i = gone(*i) ? members.erase(i) : ++i;
    return before - members.size();
  }

  void clear() noexcept {
    for (links* l = ends_.next; l != &ends_;) {
      node* const gone = node_at(l);
      l = l->next;
      std::destroy_at(&gone->member);
    }
    while (blocks_) ::operator delete(std::exchange(blocks_, blocks_->next));
    ends_ = {&ends_, &ends_};
    spare_ = nullptr;
    size_ = 0;
    index_.reset();
  }

  void swap(json_members& other) noexcept {
    std::swap(ends_, other.ends_);
    std::swap(blocks_, other.blocks_);
    std::swap(spare_, other.spare_);
    std::swap(size_, other.size_);
    std::swap(index_, other.index_);
    hold_ends();
    other.hold_ends();
  }
  friend void swap(json_members& a, json_members& b) noexcept { a.swap(b); }

  friend bool operator==(const json_members& a, const json_members& b) {
    if (a.size_ != b.size_) return false;
    for (auto i = a.begin(), k = b.begin(); i != a.end(); ++i, ++k)
      if (i->first != k->first || i->second != k->second) return false;
    return true;
  }
  friend std::partial_ordering operator<=>(const json_members& a, const json_members& b) {
    return std::lexicographical_compare_three_way(
        a.begin(), a.end(), b.begin(), b.end(),
        [](const value_type& x, const value_type& y) -> std::partial_ordering {
          if (const auto keys = x.first <=> y.first; keys != 0) return keys;
          return x.second <=> y.second;
        });
  }

 private:
  /// So many members are looked up one after the other.
  static constexpr size_type most_walked = 24;

  struct node : links {
    value_type member;
  };
  /// Room for members follows it.
  struct block {
    block* next;
    std::uint32_t room;
    std::uint32_t used;
  };

  static node* node_at(links* l) noexcept { return static_cast<node*>(l); }
  static node* room_of(block* b) noexcept {
    static_assert(sizeof(block) % alignof(node) == 0);
    return reinterpret_cast<node*>(b + 1);
  }

  bool has(links* place, const key_prefix& key) const noexcept {
    return place != &ends_ && key_prefix(node_at(place)->member.first) == key;
  }

  // Whether a member of that key, which is new, would stand before `place`.
  bool belongs(links* place, const key_prefix& key) const noexcept {
    const key_order before;
    links* const last = place->previous;
    return (place == &ends_ || before(key, key_prefix(node_at(place)->member.first))) &&
           (last == &ends_ || before(key_prefix(node_at(last)->member.first), key));
  }

  links* none() const noexcept { return const_cast<links*>(&ends_); }

  links* place_of(const key_prefix& key) const noexcept {
    if (index_) {
      const auto found = index_->find(key);
      return found == index_->end() ? none() : found->second;
    }
    // Most that are looked for are not there.
    for (links* l = ends_.next; l != &ends_; l = l->next) {
      const key_prefix there(node_at(l)->member.first);
      if (there.first < key.first) continue;
      if (there == key) return l;
      if (there.first > key.first) break;
    }
    return none();
  }

  // Documents mostly come in order, so the last is asked first.
  links* first_from(const key_prefix& key) const noexcept {
    const key_order before;
    if (empty() || before(key_prefix(node_at(ends_.previous)->member.first), key)) return none();
    if (index_) return index_->lower_bound(key)->second;
    links* l = ends_.next;
    while (before(key_prefix(node_at(l)->member.first), key)) l = l->next;
    return l;
  }

  template <class K, class... Args>
  void append(K&& key, Args&&... args) {
    put(&ends_, std::forward<K>(key), std::forward<Args>(args)...);
  }

  template <class K, class... Args>
  node* put(links* place, K&& key, Args&&... args) {
    node* const made = spare();
    std::construct_at(&made->member, std::piecewise_construct,
                      std::forward_as_tuple(std::forward<K>(key)),
                      std::forward_as_tuple(std::forward<Args>(args)...));
    take();
    made->next = place;
    made->previous = place->previous;
    place->previous->next = made;
    place->previous = made;
    if (++size_ > most_walked || index_) note(made);
    return made;
  }

  // The next free room; take() has it used.
  node* spare() {
    if (spare_) return spare_;
    if (!blocks_ || blocks_->used == blocks_->room) reserve(blocks_ ? 2 * blocks_->room + 1 : 3);
    return room_of(blocks_) + blocks_->used;
  }
  void take() noexcept {
    if (spare_)
      spare_ = node_at(spare_->next);
    else
      ++blocks_->used;
  }

  void reserve(size_type members) {
    if (members == 0) return;
    auto* made = static_cast<block*>(::operator new(sizeof(block) + members * sizeof(node)));
    *made = {blocks_, static_cast<std::uint32_t>(members), 0};
    blocks_ = made;
  }

  void note(node* made) {
    if (index_) {
      index_->emplace(made->member.first, made);
      return;
    }
    index_ = std::make_unique<index>();
    for (links* l = ends_.next; l != &ends_; l = l->next)
      index_->emplace_hint(index_->end(), node_at(l)->member.first, node_at(l));
  }

  // After a swap: the first and the last member are linked with what they came from.
  void hold_ends() noexcept {
    if (empty()) {
      ends_ = {&ends_, &ends_};
      return;
    }
    ends_.next->previous = &ends_;
    ends_.previous->next = &ends_;
  }

  using index = std::map<key_prefix, node*, key_order>;

  links ends_;
  block* blocks_ = nullptr;
  node* spare_ = nullptr;
  size_type size_ = 0;
  std::unique_ptr<index> index_;
};

template <class Key, class Value, class Order, class Allocator>
template <bool is_const>
class json_members<Key, Value, Order, Allocator>::position {
 public:
  using iterator_category = std::bidirectional_iterator_tag;
  using value_type = json_members::value_type;
  using difference_type = std::ptrdiff_t;
  using reference = std::conditional_t<is_const, const value_type&, value_type&>;
  using pointer = std::conditional_t<is_const, const value_type*, value_type*>;

  position() = default;
  // NOLINTNEXTLINE(google-explicit-constructor): as every container's
  template <bool other_const>
  requires(is_const && !other_const) position(const position<other_const>& other)
  noexcept : at_(other.at_) {}

  reference operator*() const noexcept { return node_at(at_)->member; }
  pointer operator->() const noexcept { return &node_at(at_)->member; }
  position& operator++() noexcept {
    at_ = at_->next;
    return *this;
  }
  position& operator--() noexcept {
    at_ = at_->previous;
    return *this;
  }
  position operator++(int) noexcept { return position(std::exchange(at_, at_->next)); }
  position operator--(int) noexcept { return position(std::exchange(at_, at_->previous)); }
  friend bool operator==(const position& a, const position& b) noexcept { return a.at_ == b.at_; }

 private:
  friend json_members;
  template <bool>
  friend class position;
  explicit position(links* at) noexcept : at_(at) {}

  links* at_ = nullptr;
};

}  // namespace troupe::model
