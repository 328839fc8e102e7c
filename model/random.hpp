#pragma once

#include <cstdint>
#include <string>

namespace troupe::model {

/// Random numbers from a seed (splitmix64): the same seed gives the same run.
class random_source {
 public:
  explicit random_source(std::uint64_t seed) : state_(seed) {}

  std::uint64_t next();
  /// Uniform in [0, bound); bound > 0.
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }
  /// A version-4 UUID.
  std::string uuid();
  /// What follows a generateName: letters and digits that spell no words (apimachinery's
  /// rand.String).
  std::string name_suffix(std::size_t length = 5);

 private:
  std::uint64_t state_;
};

/// A seed from the operating system.
std::uint64_t entropy_seed();

}  // namespace troupe::model
