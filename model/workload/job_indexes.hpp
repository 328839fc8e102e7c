#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::model {

/// Completion indexes of an Indexed Job as status.completedIndexes writes them: "1,3-5,7".
class job_indexes {
 public:
  job_indexes() = default;
  /// What cannot be read, and what is not below `completions`, is passed over.
  static job_indexes parse(std::string_view text, std::int64_t completions);
  /// In any order, repeated or not.
  static job_indexes of(std::vector<std::int64_t> indexes);

  std::string text() const;
  std::int64_t total() const;
  bool has(std::int64_t index) const;
  bool empty() const { return ranges_.empty(); }
  /// Those of either.
  job_indexes with(const job_indexes& other) const;
  /// How many are in both.
  std::int64_t common(const job_indexes& other) const;
  /// The first `count` below `completions` that are missing.
  std::vector<std::int64_t> missing(std::size_t count, std::int64_t completions) const;

 private:
  struct range {
    std::int64_t first;
    std::int64_t last;
  };
  void append(range r);

  std::vector<range> ranges_;  // in order, with gaps in between
};

}  // namespace troupe::model
