#pragma once

#include "model/ip_address.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace troupe::model {

/// Pieces of a range of addresses, each given to one node (kube's cidrset).
class cidr_set {
 public:
  /// No range is split into more than 2^16 pieces.
  static constexpr int most_bits = 16;

  /// `text` ("10.244.0.0/16") in pieces of prefix length `mask`; nothing and `fault` when that
  /// cannot be.
  static std::optional<cidr_set> parse(std::string_view text, int mask, std::string& fault);

  /// A free piece, those after the last one given out first; nothing: all are taken.
  std::optional<std::string> take();
  /// Marks a piece as taken or free; what is none of this set's is left alone.
  void occupy(std::string_view cidr) { mark(cidr, true); }
  void release(std::string_view cidr) { mark(cidr, false); }

 private:
  cidr_set(ip_network range, int mask);
  void mark(std::string_view cidr, bool taken);
  std::string piece(std::size_t index) const;

  ip_network range_;
  int mask_ = 0;
  std::vector<bool> taken_;
  std::size_t next_ = 0;
};

}  // namespace troupe::model
