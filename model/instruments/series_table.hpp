#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace troupe::model {

/// Values of a kind (counters, histograms ...), one for each set of label values that was asked
/// for: made at the first time, never taken away. Any thread; nobody waits. Holds a bounded number:
/// past it all new sets share the one whose labels are all "other".
template <class T>
class series_table {
 public:
  using shape = typename T::shape;

  explicit series_table(std::size_t labels, std::size_t limit = 1024, shape s = {})
      : shape_(std::move(s)), limit_(limit), slots_(slots_for(limit)) {
    table_.reset(new std::atomic<series*>[slots_]());
    overflow_.values.assign(labels, "other");
    overflow_.value = std::make_unique<T>(shape_);
  }
  ~series_table() {
    for (std::size_t i = 0; i < slots_; ++i) delete table_[i].load();
  }
  series_table(const series_table&) = delete;
  series_table& operator=(const series_table&) = delete;

  /// Null when nobody has asked for it.
  T* find(std::span<const std::string_view> values) const {
    const auto hash = hash_of(values);
    for (std::size_t i = hash;; ++i) {
      series* s = table_[i & (slots_ - 1)].load(std::memory_order_acquire);
      if (!s) return nullptr;
      if (s->hash == hash && same(*s, values)) return s->value.get();
    }
  }

  T& with(std::span<const std::string_view> values) {
    const auto hash = hash_of(values);
    std::unique_ptr<series> fresh;
    for (std::size_t i = hash;; ++i) {
      auto& slot = table_[i & (slots_ - 1)];
      series* s = slot.load(std::memory_order_acquire);
      if (!s) {
        if (!fresh) {
          if (size_.fetch_add(1, std::memory_order_relaxed) >= limit_) {
            size_.fetch_sub(1, std::memory_order_relaxed);
            overflowed_.store(true, std::memory_order_relaxed);
            return *overflow_.value;
          }
          fresh = make(values, hash);
        }
        if (slot.compare_exchange_strong(s, fresh.get(), std::memory_order_acq_rel))
          return *fresh.release()->value;
      }  // else: somebody has just put one there
      if (s->hash != hash || !same(*s, values)) continue;
      if (fresh) size_.fetch_sub(1, std::memory_order_relaxed);
      return *s->value;
    }
  }
  template <class... Text>
  T& with(const Text&... values) {
    const std::array<std::string_view, sizeof...(Text)> all{std::string_view(values)...};
    return with(std::span<const std::string_view>(all));
  }

  /// In no order.
  void each(const std::function<void(const std::vector<std::string>&, const T&)>& f) const {
    for (std::size_t i = 0; i < slots_; ++i)
      if (const series* s = table_[i].load(std::memory_order_acquire)) f(s->values, *s->value);
    if (overflowed_.load(std::memory_order_relaxed)) f(overflow_.values, *overflow_.value);
  }

 private:
  struct series {
    std::vector<std::string> values;
    std::size_t hash = 0;
    std::unique_ptr<T> value;
  };

  // At most half full.
  static std::size_t slots_for(std::size_t limit) {
    std::size_t n = 2;
    while (n < 2 * limit + 2) n *= 2;
    return n;
  }
  static std::size_t hash_of(std::span<const std::string_view> values) {
    std::size_t h = 0;
    for (const auto v : values) h = (h ^ std::hash<std::string_view>{}(v)) * 0x9E3779B97F4A7C15u;
    return h ^ (h >> 32);
  }
  static bool same(const series& s, std::span<const std::string_view> values) {
    for (std::size_t i = 0; i < values.size(); ++i)
      if (s.values[i] != values[i]) return false;
    return true;
  }
  std::unique_ptr<series> make(std::span<const std::string_view> values, std::size_t hash) const {
    auto s = std::make_unique<series>();
    s->values.assign(values.begin(), values.end());
    s->hash = hash;
    s->value = std::make_unique<T>(shape_);
    return s;
  }

  const shape shape_;
  const std::size_t limit_;
  const std::size_t slots_;
  std::unique_ptr<std::atomic<series*>[]> table_;
  std::atomic<std::size_t> size_{0};
  series overflow_;
  std::atomic<bool> overflowed_{false};
};

}  // namespace troupe::model
